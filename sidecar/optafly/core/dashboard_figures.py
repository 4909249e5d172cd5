"""The figures of the dashboard as HTML: cards, and charts over time with what they come to."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Final

from optafly.core.dashboard_charts import Row, bars, lines
from optafly.stats.report import Report
from optafly.stats.series import Point
from optafly.stats.words import (
    NO_DATA,
    dollars,
    duration,
    interval,
    key_figures,
    milliseconds,
    of_requests,
    percent,
    share_in_words,
)

_UNITS: Final = ((86_400_000.0, "d"), (3_600_000.0, "h"), (60_000.0, "min"), (1000.0, "s"))


def saved_cards(report: Report) -> str:
    """What was saved, and what was spent."""
    saved, rates = report.savings, report.hit_rate
    time = NO_DATA if saved.hits_ms is None else duration(saved.hits_ms)
    return _cards(
        "saved",
        (
            ("answered from the cache", share_in_words(rates.total), interval(rates.total)),
            ("time saved by hits", time, _of_hits(report)),
            ("money saved by hits", dollars(saved.hits), of_requests(saved.hits)),
            ("by prompt cache reads", dollars(saved.prompt_cache_reads), of_requests(saved.prompt_cache_reads)),
            ("less what its writes cost", dollars(saved.prompt_cache_writes), of_requests(saved.prompt_cache_writes)),
            ("spent", dollars(saved.spent), of_requests(saved.spent)),
        ),
    )


def key_cards(report: Report) -> str:
    """The key figures of the original design beside their targets."""
    return _cards(
        "keys",
        (
            (figure.name, figure.measured, f"target {figure.target}{f'; {figure.basis}' if figure.basis else ''}")
            for figure in key_figures(report)
        ),
    )


def _cards(kind: str, cards: Iterable[tuple[str, str, str]]) -> str:
    made = "".join(
        f"<div><dt>{escape(name)}</dt><dd{' class=nothing' if value == NO_DATA else ''}>{escape(value)}</dd>"
        + (f'<dd class="small">{escape(more)}</dd>' if more else "")
        + "</div>"
        for name, value, more in cards
    )
    return f'<dl class="cards {kind}">{made}</dl>'


def charts(report: Report, points: Sequence[Point], times: Sequence[str]) -> str:
    """The same over time."""
    return f'<div class="charts">{"".join(_charts(report, points, times))}</div>'


def _charts(report: Report, points: Sequence[Point], times: Sequence[str]) -> Iterator[str]:
    def row(name: str, style: str, field: str, per: float = 1.0) -> Row:
        found = (getattr(point, field) for point in points)
        return Row(name, style, tuple(None if value is None else value / per for value in found))

    def total(field: str) -> float:
        return math.fsum(getattr(point, field) for point in points)

    outcomes = [
        row("hits", "a", "hits"),
        row("misses", "b", "misses"),
        row("not looked up", "e", "not_looked_up"),
        row("bypasses", "c", "bypasses"),
        row("failed or refused", "d", "failures"),
        row("stopped", "f", "stopped"),
    ]
    all_of_them = sum(report.requests.values())
    yield bars("Requests by outcome", times, outcomes, _number, summary=f"{_number(all_of_them)} in all", whole=True)

    yield lines(
        "Hit rate", times, [row("hit rate", "a", "hit_rate")], percent,
        summary=share_in_words(report.hit_rate.total), top=1.0,
    )  # fmt: skip

    size, unit = _unit(max((abs(point.saved_ms) for point in points), default=0.0))
    saved = [row("saved", "a", "saved_ms", size)]
    summary = duration(total("saved_ms"))
    yield bars("Time saved by hits", times, saved, lambda value: f"{value:,.3g} {unit}", summary=summary)

    say = _amount(max((abs(point.saved_usd) for point in points), default=0.0))
    summary = _amount(abs(total("saved_usd")))(total("saved_usd"))
    money = [row("saved", "a", "saved_usd")]
    yield bars("Money saved by hits and the prompt cache", times, money, say, summary=summary)

    decided = [row("approved", "a", "approved"), row("rejected", "d", "rejected")]
    summary = f"{_number(total('approved'))} approved, {_number(total('rejected'))} rejected"
    if total("by_setting"):
        decided.append(row("by a setting", "c", "by_setting"))
        summary += f", {_number(total('by_setting'))} by a setting"
    yield bars("Decisions", times, decided, _number, summary=summary, whole=True)

    latency = [row("hits", "a", "hit_p50_ms"), row("misses", "e", "miss_p50_ms")]
    yield lines(
        "Time of an answer, median", times, latency, milliseconds, summary=_medians(report), scale=_power
    )  # fmt: skip


def _medians(report: Report) -> str:
    found = ((path, report.latency.get(path)) for path in ("hit", "miss"))
    return ", ".join(f"{path} {milliseconds(item.total_ms.p50)}" for path, item in found if item is not None)


def _of_hits(report: Report) -> str:
    hits = report.latency.get("hit")
    if hits is None:
        return ""
    return "1 hit" if hits.total_ms.count == 1 else f"{hits.total_ms.count:,} hits"


def _unit(most_ms: float) -> tuple[float, str]:
    """The largest unit of time that the value fills, in ms, and its name; seconds at least."""
    return next(((size, name) for size, name in _UNITS if most_ms >= size), _UNITS[-1])


def _amount(most: float) -> Callable[[float], str]:
    """How amounts of money up to that are written, all alike."""
    places = 2 if most >= 1 else 3 if most >= 0.01 else 6
    return lambda usd: f"{'-' if usd < 0 else ''}${abs(usd):,.{places}f}"


def _power(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


def _number(value: float) -> str:
    return f"{value:,.6g}"
