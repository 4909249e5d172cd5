"""The figures of a stretch of time; None stands where nothing was measured."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.stats.measures import Difference, Money, Share, Spread


class PromptManagerMetrics(msgspec.Struct, frozen=True):
    """The key figures of the original design, under its names; docs/metrics.md says how each is measured.

    ``user_satisfaction_score`` is always None: nobody is asked.
    """

    avg_prompt_quality_improvement: float | None = None
    user_approval_rate: float | None = None
    refinement_time_ms: float | None = None
    cache_hit_rate_improvement: float | None = None
    token_savings_from_optimization: int | None = None
    avg_clarification_loops_saved: float | None = None
    user_satisfaction_score: float | None = None
    p50_total_latency_ms: float | None = None
    p99_total_latency_ms: float | None = None
    memory_overhead_mb: float | None = None


class Refinements(msgspec.Struct, frozen=True):
    """Refinements that people asked for by outcome, the mean quality of those that changed something, and their time.

    ``ahead`` of them were worked out before they were asked for; ``took_ms_worded`` and ``took_ms_unworded`` are of the
    others. ``again`` counts those that were asked for once more, which are in no other figure. ``asked`` and
    ``answered`` count questions.
    """

    count: int
    outcomes: dict[str, int]
    quality_before: float | None
    quality_after: float | None
    gain: float | None
    worded: Share
    took_ms: Spread
    took_ms_worded: Spread
    took_ms_unworded: Spread
    took_ms_ahead: Spread
    ahead: int
    again: int
    asked: int
    answered: int


class Approvals(msgspec.Struct, frozen=True):
    """What people decided; ``approved`` are accepted and modified ones, out of those that were decided."""

    decisions: dict[str, int]
    approved: Share
    as_it_was: Share


class HitRates(msgspec.Struct, frozen=True):
    """Hits out of what was looked up, all in all and by whether the prompt was a refined one."""

    total: Share
    refined: Share
    unrefined: Share
    improvement: Difference | None


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds until the whole answer, and until its first byte."""

    total_ms: Spread
    first_byte_ms: Spread


class Tokens(msgspec.Struct, frozen=True):
    """Tokens that were used, and those left out before sending: ``share`` of what would have been sent.

    What was left out is estimated, what was used is counted by the API. None where nothing may have been left out.
    """

    input: int
    output: int
    cache_read: int
    cache_write: int
    left_out: int | None
    left_out_share: float | None


class Savings(msgspec.Struct, frozen=True):
    """Time and money that hits saved; what reads of the API's prompt cache saved, and what its writes cost more.

    Of ``spent``, ``ended_early`` requests were stopped or broke off, and are in it with what the API had reported until
    then. ``uncounted`` ones may have used something, and nobody was told what: they are in no amount.
    """

    hits_ms: float | None
    hits: Money
    prompt_cache_reads: Money
    prompt_cache_writes: Money
    spent: Money
    ended_early: int
    uncounted: int


class Memory(msgspec.Struct, frozen=True):
    """Resident memory of the core in millions of bytes, sampled while it worked."""

    samples: int
    median_mb: float | None
    largest_mb: float | None


class Report(msgspec.Struct, frozen=True):
    """All figures of a stretch of time; times in seconds since 1970.

    ``requests`` are counted by outcome, ``reasons`` by outcome and kind of reason, of those outcomes that have one.
    """

    since: float
    until: float
    events: int
    metrics: PromptManagerMetrics
    refinements: Refinements
    approvals: Approvals
    requests: dict[str, int]
    reasons: dict[str, dict[str, int]]
    hit_rate: HitRates
    latency: dict[str, Latency]
    tokens: Tokens
    savings: Savings
    memory: Memory


TARGETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "avg_prompt_quality_improvement": "> 40 %",
        "user_approval_rate": "> 80 %",
        "refinement_time_ms": "< 50 ms",
        "cache_hit_rate_improvement": "+15 points",
        "token_savings_from_optimization": "> 10 %",
        "avg_clarification_loops_saved": "> 1.0",
        "user_satisfaction_score": "> 4.5 of 5",
        "p50_total_latency_ms": "< 100 ms",
        "p99_total_latency_ms": "< 200 ms",
        "memory_overhead_mb": "< 3000 MB",
    }
)
"""The targets of the original design."""
