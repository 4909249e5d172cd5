"""From events to figures: what was measured, and None where nothing was."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final, get_args

from optafly.stats.events import HITS, Answered, Decided, Decision, Event, Path, Refined, Sampled
from optafly.stats.measures import (
    Money,
    Share,
    cost,
    difference,
    mean,
    percentile,
    read_saving,
    share,
    spread,
    write_extra,
)
from optafly.stats.report import (
    Approvals,
    HitRates,
    Latency,
    Memory,
    PromptManagerMetrics,
    Refinements,
    Report,
    Savings,
    Tokens,
)

PATHS: Final[tuple[str, ...]] = get_args(Path)
DECISIONS: Final[tuple[str, ...]] = get_args(Decision)
_ANSWERED: Final = frozenset({"miss", "not-looked-up", "bypass"})
_WITH_REASON: Final = ("not-looked-up", "refused", "failed", "stopped")
_REFUSED_BY_API: Final = "upstream_error"
_FIRST_ERROR: Final = 400


class _Sum:
    """Money, added up."""

    def __init__(self) -> None:
        self._usd = 0.0
        self._priced = 0
        self._unpriced = 0

    def add(self, usd: float | None) -> None:
        if usd is None:
            self._unpriced += 1
        else:
            self._priced += 1
            self._usd += usd

    def money(self) -> Money:
        return Money(self._usd if self._priced else None, self._priced, self._unpriced)


class Tally:
    """Takes events one by one, and gives the figures of all."""

    def __init__(self) -> None:
        self._events = 0
        self._refined: list[Refined] = []
        self._decided: Counter[str] = Counter()
        self._paths: Counter[str] = Counter()
        self._reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._looked_up: Counter[tuple[bool | None, bool]] = Counter()
        self._latency: defaultdict[str, list[float]] = defaultdict(list)
        self._first_byte: defaultdict[str, list[float]] = defaultdict(list)
        self._used: Counter[str] = Counter()
        self._left_out: int | None = None
        self._left_out_of = 0
        self._saved_ms: float | None = None
        self._hits, self._reads, self._writes, self._spent = _Sum(), _Sum(), _Sum(), _Sum()
        self._ended_early = self._uncounted = 0
        self._memory: list[float] = []

    def add(self, event: Event) -> None:
        """Take one event."""
        self._events += 1
        match event:
            case Refined():
                self._refined.append(event)
            case Decided():
                self._decided[event.decision] += 1
            case Answered():
                self._answered(event)
            case Sampled():
                self._memory.append(event.memory_mb)

    def report(self, since: float, until: float) -> Report:
        """The figures of what was taken, which is that of this stretch of time."""
        refinements, approvals, hit_rate = self._refinements(), self._approvals(), self._hit_rate()
        latency, tokens, memory = self._latencies(), self._tokens(), self._memories()
        hit = latency.get("hit")
        metrics = PromptManagerMetrics(
            avg_prompt_quality_improvement=refinements.gain,
            user_approval_rate=approvals.approved.share,
            refinement_time_ms=refinements.took_ms.p50,
            cache_hit_rate_improvement=None if hit_rate.improvement is None else hit_rate.improvement.points,
            token_savings_from_optimization=tokens.left_out,
            avg_clarification_loops_saved=_loops_saved(refinements, self._asked_for()),
            p50_total_latency_ms=None if hit is None else hit.total_ms.p50,
            p99_total_latency_ms=None if hit is None else hit.total_ms.p99,
            memory_overhead_mb=memory.largest_mb,
        )
        requests = {path: self._paths[path] for path in PATHS}
        reasons = {path: dict(self._reasons[path]) for path in _WITH_REASON if path in self._reasons}
        return Report(
            since, until, self._events, metrics, refinements, approvals, requests, reasons, hit_rate, latency, tokens,
            self._savings(), memory,
        )  # fmt: skip

    def _answered(self, event: Answered) -> None:
        hit = event.path in HITS
        self._paths[event.path] += 1
        if event.path in _WITH_REASON:
            self._reasons[event.path][_kind(event)] += 1
        if hit or event.path == "miss":
            self._looked_up[event.refined, hit] += 1
        for name in (event.path, "hit") if hit else (event.path,):
            if event.latency_ms > 0:
                self._latency[name].append(event.latency_ms)
            if event.first_byte_ms is not None:
                self._first_byte[name].append(event.first_byte_ms)
        if hit:
            self._saved_ms = (self._saved_ms or 0.0) + event.saved_ms
            spared = event.spared
            self._hits.add(None if spared is None or event.rates is None else cost(spared, event.rates))
        else:
            self._sent(event)

    def _sent(self, event: Answered) -> None:
        usage, rates, answered = event.usage, event.rates, event.path in _ANSWERED
        if usage is None:
            self._uncounted += answered or event.sent
            return
        self._ended_early += not answered
        self._used.update({name: getattr(usage, name) for name in usage.__struct_fields__})
        self._spent.add(None if rates is None else cost(usage, rates))
        if usage.cache_read:
            self._reads.add(None if rates is None else read_saving(usage, rates))
        if usage.cache_write or usage.cache_write_1h:
            self._writes.add(None if rates is None else write_extra(usage, rates))
        if event.tokens_saved is not None:
            self._left_out = (self._left_out or 0) + event.tokens_saved
            self._left_out_of += event.tokens_saved + usage.prompt

    def _asked_for(self) -> list[Refined]:
        """Each refinement once, however often it was asked for."""
        return [item for item in self._refined if item.ready != "again"]

    def _refinements(self) -> Refinements:
        refined = self._asked_for()
        changed = [item for item in refined if item.outcome != "unchanged"]
        outcomes = Counter(item.outcome for item in refined)
        worded = [item for item in changed if item.worded]
        waited = [item for item in refined if not item.ready]
        ahead = [item.took_ms for item in refined if item.ready]
        return Refinements(
            count=len(refined),
            outcomes={name: outcomes[name] for name in ("refined", "fallback", "unchanged")},
            quality_before=mean([item.quality_before for item in changed]),
            quality_after=mean([item.quality_after for item in changed]),
            gain=mean([item.gain for item in changed]),
            worded=share(len(worded), len(changed)),
            took_ms=spread([item.took_ms for item in refined]),
            took_ms_worded=spread([item.took_ms for item in waited if item.worded]),
            took_ms_unworded=spread([item.took_ms for item in waited if not item.worded]),
            took_ms_ahead=spread(ahead),
            ahead=len(ahead),
            again=len(self._refined) - len(refined),
            asked=sum(_new_questions(item) for item in refined),
            answered=sum(item.answers > 0 for item in refined),
        )

    def _approvals(self) -> Approvals:
        decided = self._decided
        approved = decided["accepted"] + decided["modified"]
        of = approved + decided["rejected"]
        decisions = {name: decided[name] for name in DECISIONS}
        return Approvals(decisions, share(approved, of), share(decided["accepted"], of))

    def _hit_rate(self) -> HitRates:
        def rate(*kinds: bool | None) -> Share:
            hits, misses = (sum(self._looked_up[kind, hit] for kind in kinds) for hit in (True, False))
            return share(hits, hits + misses)

        refined, unrefined = rate(True), rate(False)
        return HitRates(rate(True, False, None), refined, unrefined, difference(refined, unrefined))

    def _latencies(self) -> dict[str, Latency]:
        return {
            name: Latency(spread(self._latency[name]), spread(self._first_byte.get(name, ())))
            for name in ("hit", *PATHS)
            if name in self._latency
        }

    def _tokens(self) -> Tokens:
        used = self._used
        of = self._left_out_of
        return Tokens(
            used["input"], used["output"], used["cache_read"], used["cache_write"] + used["cache_write_1h"],
            self._left_out, self._left_out / of if self._left_out is not None and of else None,
        )  # fmt: skip

    def _savings(self) -> Savings:
        return Savings(
            hits_ms=self._saved_ms,
            hits=self._hits.money(),
            prompt_cache_reads=self._reads.money(),
            prompt_cache_writes=self._writes.money(),
            spent=self._spent.money(),
            ended_early=self._ended_early,
            uncounted=self._uncounted,
        )

    def _memories(self) -> Memory:
        ordered = sorted(self._memory)
        return Memory(len(ordered), percentile(ordered, 50), ordered[-1] if ordered else None)


def figures(events: Iterable[Event], since: float, until: float) -> Report:
    """The figures of these events, which are those of that stretch of time."""
    tally = Tally()
    for event in events:
        tally.add(event)
    return tally.report(since, until)


def _kind(event: Answered) -> str:
    """The kind of reason; of an error of the API its class."""
    if event.reason != _REFUSED_BY_API:
        return event.reason or "unknown"
    if event.status >= _FIRST_ERROR:
        return f"api_{event.status // 100}xx"
    return "api_stream" if event.status else "api_unknown"


def _new_questions(item: Refined) -> int:
    """Questions that were not asked before the answer that came with this refinement."""
    return item.questions if item.answers == 0 else 0


def _loops_saved(refinements: Refinements, refined: Iterable[Refined]) -> float | None:
    """Questions that were answered before anything was sent, for each request in which one was asked."""
    asked_in = sum(_new_questions(item) > 0 for item in refined)
    return refinements.answered / asked_in if asked_in else None
