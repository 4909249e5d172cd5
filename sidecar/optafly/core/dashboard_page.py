"""The pages of the dashboard, as HTML without scripts; all that came from outside is escaped."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from optafly.core.dashboard_charts import Row, bars, lines
from optafly.core.dashboard_data import SPANS, Counted, Kept
from optafly.core.dashboard_sessions import Session
from optafly.core.dashboard_style import STYLE
from optafly.core.wire_decide import EntryRow
from optafly.stats.events import Refined
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
    share_in_words,
)

_SHOWN: Final = 160
# What makes text read in another order than it is written, or is no letter at all.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def dashboard_page(session: Session, counted: Counted, kept: Kept) -> str:
    """The dashboard."""
    span = SPANS[counted.span]
    links = "".join(
        f'<a href="?span={name}"{" aria-current=page" if name == counted.span else ""}>{escape(other.words)}</a>'
        for name, other in SPANS.items()
    )
    times = [time.strftime(span.form, time.localtime(point.at)) for point in counted.points]
    body = [
        f"<header><h1>OptaFly</h1><nav>{links}</nav></header>",
        _note(counted.trouble),
        _cards("Key figures", _key_cards(counted.report)),
        _cards("Saved", _saved_cards(counted.report)),
        f'<h2>Over time</h2><div class="charts">{"".join(_charts(counted.points, times))}</div>',
        "<h2>Latest refinements</h2>",
        _refinements(counted.latest),
        "<h2>Kept answers</h2>",
        _note(kept.trouble) or _entries(kept.rows, session),
        "<footer>Counted on this machine alone, without a word of any text; requests are shown where their answers are"
        " kept. Figures are explained in docs/metrics.md.</footer>",
    ]
    return _document("OptaFly", "".join(body))


def opening_page(path: str) -> str:
    """What leads on to the dashboard: a step of the same site, so that the browser takes its new cookie along."""
    place = escape(path)
    lead = f'<meta http-equiv="refresh" content="0;url={place}">'
    return _document("OptaFly", f'<h1>OptaFly</h1><p>Opening <a href="{place}">the dashboard</a>.</p>', lead)


def message_page(text: str) -> str:
    """A page that says one thing."""
    return _document("OptaFly", f"<h1>OptaFly</h1><p>{escape(_plain(text))}</p>")


def _document(title: str, body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}<style>{STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )


def _note(text: str) -> str:
    return f'<p class="note">{escape(_plain(text))}</p>' if text else ""


def _cards(title: str, cards: Iterable[tuple[str, str, str]]) -> str:
    made = "".join(
        f"<div><dt>{escape(name)}</dt><dd{' class=nothing' if value == NO_DATA else ''}>{escape(value)}</dd>"
        f'<dd class="small">{escape(more)}</dd></div>'
        for name, value, more in cards
    )
    return f'<h2>{escape(title)}</h2><dl class="cards">{made}</dl>'


def _key_cards(report: Report) -> Iterator[tuple[str, str, str]]:
    for figure in key_figures(report):
        yield figure.name, figure.measured, f"target {figure.target}{f'; {figure.basis}' if figure.basis else ''}"


def _saved_cards(report: Report) -> Iterator[tuple[str, str, str]]:
    saved, rates = report.savings, report.hit_rate
    yield "answered from the cache", share_in_words(rates.total), interval(rates.total)
    yield "time, by hits", NO_DATA if saved.hits_ms is None else duration(saved.hits_ms), ""
    yield "money, by hits", dollars(saved.hits), of_requests(saved.hits)
    yield "money, by prompt cache reads", dollars(saved.prompt_cache_reads), of_requests(saved.prompt_cache_reads)
    yield "what its writes cost more", dollars(saved.prompt_cache_writes), of_requests(saved.prompt_cache_writes)
    yield "spent", dollars(saved.spent), of_requests(saved.spent)


def _charts(points: Sequence[Point], times: Sequence[str]) -> Iterator[str]:
    def row(name: str, style: str, field: str) -> Row:
        return Row(name, style, tuple(getattr(point, field) for point in points))

    def percent(value: float) -> str:
        return f"{100 * value:.0f} %"

    outcomes = [row("hits", "a", "hits"), row("misses", "b", "misses"), row("bypasses", "c", "bypasses")]
    yield bars("Requests by outcome", times, [*outcomes, row("failed or refused", "d", "failures")], _number)
    yield lines("Hit rate", times, [row("hit rate", "a", "hit_rate")], percent, top=1.0)
    yield bars("Time saved by hits", times, [row("saved", "a", "saved_ms")], duration)
    money = [row("saved", "a", "saved_usd")]
    yield bars("Money saved, by hits and the prompt cache", times, money, lambda usd: f"${usd:,.4g}")
    yield bars("Decisions", times, [row("approved", "a", "approved"), row("rejected", "d", "rejected")], _number)
    latency = [row("hits", "a", "hit_p50_ms"), row("misses", "e", "miss_p50_ms")]
    yield lines("Time of an answer, median", times, latency, milliseconds)


def _refinements(latest: Sequence[Refined]) -> str:
    rows = (
        (
            _time(item.at),
            item.outcome,
            f"{item.quality_before} → {item.quality_after}",
            f"{item.tokens_before} → {item.tokens_after}",
            milliseconds(item.took_ms),
            "yes" if item.worded else "no",
            str(item.questions),
        )
        for item in latest
    )
    heads = ("when", "outcome", "quality", "tokens", "time", "worded by the model", "open questions")
    return _table(heads, ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows), "nothing was refined")


def _entries(entries: Sequence[EntryRow], session: Session) -> str:
    rows = (
        f'<td class="text"><bdi>{escape(_short(entry.prompt))}</bdi></td><td>{escape(_short(entry.model))}</td>'
        f"<td>{_time(entry.created)}</td><td>{_time(entry.expires)}</td><td>{entry.hits}</td>"
        f'<td><details><summary>Forget</summary><form method="post" action="forget">'
        f'<input type="hidden" name="form" value="{escape(session.form)}">'
        f'<input type="hidden" name="id" value="{escape(entry.id)}"><button>Forget this answer</button>'
        "</form></details></td>"
        for entry in entries
    )
    return _table(("request", "model", "kept since", "until", "given again", ""), rows, "nothing is kept")


def _table(heads: Sequence[str], rows: Iterable[str], otherwise: str) -> str:
    made = "".join(f"<tr>{row}</tr>" for row in rows)
    if not made:
        return f'<p class="none">{escape(otherwise)}</p>'
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{made}</tbody></table></div>'


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _number(value: float) -> str:
    return f"{value:,.6g}"


def _short(text: str) -> str:
    text = _plain(" ".join(text.split()))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _plain(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
