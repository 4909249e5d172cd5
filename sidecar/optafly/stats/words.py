"""Figures in words."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.stats.measures import Difference, Money, Share
from optafly.stats.report import TARGETS, Report, Savings

NO_DATA: Final = "no data"
PATH_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hit": "hits, all",
        "hit-exact": "hit, exact",
        "hit-equal": "hit, equal",
        "hit-semantic": "hit, semantic",
        "miss": "miss",
        "not-looked-up": "not looked up",
        "bypass": "bypass",
        "refused": "refused",
        "failed": "failed",
        "stopped": "stopped",
    }
)
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_allowed": "without the token, or from a page in a browser",
        "not_readable": "no request of the API",
        "too_large": "too large",
        "no_key": "no API key",
        "not_set_up": "a part is not installed",
        "unreachable": "the API could not be reached",
        "timed_out": "the API did not answer in time",
        "api_4xx": "the API refused (4xx)",
        "api_5xx": "the API failed (5xx)",
        "api_stream": "the API failed while it answered",
        "api_unknown": "the API refused or failed",
        "broke_off": "the answer broke off",
        "client_gone": "the program that asked went away",
        "cancelled": "stopped by whoever asked",
        "core_ended": "the core ended",
        "internal": "OptaFly failed",
        "unknown": "not recorded",
        "tool_result": "the last message holds results of a tool",
        "no_text": "the last message is no text of a person",
        "cache_off": "the cache was switched off",
        "no_scope": "whose key it was could not be told",
        "no_request": "the request could not be read",
        "bypassed": "past the cache",
    }
)
"""Kinds of reasons, of the outcomes that have one."""
_METRICS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "avg_prompt_quality_improvement": "of what a request lacked, filled",
        "user_approval_rate": "refinements approved",
        "refinement_time_ms": "time of a refinement",
        "cache_hit_rate_improvement": "cache hits more, refined",
        "token_savings_from_optimization": "tokens left out",
        "avg_clarification_loops_saved": "questions answered before sending",
        "user_satisfaction_score": "satisfaction",
        "p50_total_latency_ms": "time of a cache hit, p50",
        "p99_total_latency_ms": "time of a cache hit, p99",
        "memory_overhead_mb": "memory of the core",
    }
)


class KeyFigure(msgspec.Struct, frozen=True):
    """A key figure in words: what it is, what was measured (or `NO_DATA`), the target, and from how much."""

    name: str
    measured: str
    target: str
    basis: str


def key_figures(report: Report) -> Iterator[KeyFigure]:
    """The key figures of the original design."""
    metrics, refinements = report.metrics, report.refinements
    hit = report.latency.get("hit")
    hits = f"{hit.total_ms.count} hits" if hit is not None else ""
    ahead = f", {refinements.ahead} of them worked out ahead" if refinements.ahead else ""
    refined = refinements.count - refinements.outcomes["unchanged"]
    basis = {
        "avg_prompt_quality_improvement": f"{refined} refined" if refined else "",
        "user_approval_rate": interval(report.approvals.approved),
        "refinement_time_ms": f"median of {refinements.count}{ahead}" if refinements.count else "",
        "cache_hit_rate_improvement": _points(report.hit_rate.improvement),
        "token_savings_from_optimization": left_out_share(report),
        "avg_clarification_loops_saved": f"{refinements.answered} answered of {refinements.asked} asked"
        if refinements.asked
        else "",
        "user_satisfaction_score": "nobody is asked",
        "p50_total_latency_ms": hits,
        "p99_total_latency_ms": hits,
        "memory_overhead_mb": f"most of {report.memory.samples} samples" if report.memory.samples else "",
    }
    words: dict[str, Callable[[float], str]] = {
        "avg_prompt_quality_improvement": percent,
        "user_approval_rate": percent,
        "refinement_time_ms": milliseconds,
        "cache_hit_rate_improvement": lambda value: f"{100 * value:+.1f} points",
        "token_savings_from_optimization": lambda value: f"{value:,.0f}",
        "avg_clarification_loops_saved": lambda value: f"{value:.2f}",
        "user_satisfaction_score": str,
        "p50_total_latency_ms": milliseconds,
        "p99_total_latency_ms": milliseconds,
        "memory_overhead_mb": lambda value: f"{value:,.0f} MB",
    }
    for name, say in words.items():
        value = getattr(metrics, name)
        yield KeyFigure(_METRICS[name], NO_DATA if value is None else say(value), TARGETS[name], basis[name])


def percent(value: float) -> str:
    """A share of 1."""
    return f"{100 * value:.0f} %"


def milliseconds(value: float | None) -> str:
    """A short time."""
    if value is None:
        return NO_DATA
    if value >= 10_000:
        return f"{value / 1000:,.1f} s"
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"


def duration(ms: float) -> str:
    """A time that may be long, in its largest unit."""
    seconds = ms / 1000
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def dollars(money: Money) -> str:
    """An amount, to the cent; smaller ones to their first digits."""
    if money.usd is None:
        return NO_DATA
    return f"${money.usd:,.2f}" if abs(money.usd) >= 1 or not money.usd else f"${money.usd:.4f}"


def interval(found: Share) -> str:
    """Counts and interval of a share."""
    if found.low is None or found.high is None:
        return ""
    return f"{found.count} of {found.of}, 95 %: {100 * found.low:.0f} to {100 * found.high:.0f} %"


def share_in_words(found: Share) -> str:
    """A share, or that there is none."""
    return NO_DATA if found.share is None else percent(found.share)


def _points(found: Difference | None) -> str:
    return "" if found is None else f"95 %: {100 * found.low:+.0f} to {100 * found.high:+.0f} points"


def left_out_share(report: Report) -> str:
    """What part of the tokens was left out."""
    part = report.tokens.left_out_share
    return "" if part is None else f"{100 * part:.1f} % of what would have been sent, estimated"


def of_requests(money: Money) -> str:
    """Of how many requests an amount is."""
    if not money.priced + money.unpriced:
        return ""
    return f"{money.priced} requests, at the prices of their day{unpriced(money)}"


def reasons(kinds: Mapping[str, int]) -> str:
    """Kinds of reasons with their counts, the most frequent first; those of a later version by their name."""
    ordered = sorted(kinds.items(), key=lambda item: -item[1])
    return ", ".join(f"{REASONS.get(kind, kind)} {count}" for kind, count in ordered)


def not_whole(savings: Savings) -> str:
    """Which requests are in what was spent with a part only, and which not at all."""
    said = []
    if savings.ended_early:
        said.append(f"{savings.ended_early} ended early, as far as reported")
    if savings.uncounted:
        said.append(f"{savings.uncounted} more of unknown use")
    return "".join(f"; {part}" for part in said)


def unpriced(money: Money) -> str:
    """How many requests are in no amount."""
    return f"; {money.unpriced} without a known price" if money.unpriced else ""
