"""Rows of the proxy's tables; nothing is measured here."""

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from tests.bench.proxy_line import Timed
from tests.bench.proxy_measure import Crowd
from tests.bench.rows import Row, at, row

DIRECT: Final = "direct"
OURS: Final = "OptaFly"
OTHER: Final = "LiteLLM"
ADDED_HEAD: Final = [
    "request", "time to", "runs", "direct p50 ms", "p95",
    f"{OURS} adds, p50", "p95", f"{OTHER} adds, p50", "p95", "target ms", "met",
]  # fmt: skip
HIT_HEAD: Final = ["what", "runs", "p50 ms", "p95 ms", "target ms", "met"]
CROWD_HEAD: Final = ["at once", "answers", "failed", "in a second", "p50 ms", "p95 ms", "target", "met"]
MEMORY_HEAD: Final = ["memory", "MB resident", "target", "met"]
ADDED_MS: Final = 5.0
HIT_MS: Final = 25.0
HIT_P99_MS: Final = 60.0
CORE_MB: Final = 1200.0

_NOT_MEASURED: Final = "not installed"
_NOT_ALLOWED: Final = "not the same request, and the router allows no other"
_TOO_SLOW: Final = "failed or was too slow"


class Seen(NamedTuple):
    """What became of the requests that OptaFly was asked."""

    compared: int
    alone: int
    slow: int
    hits: int


def misses(answers: Sequence[Mapping[str, Timed]]) -> list[Mapping[str, Timed]]:
    """Those that OptaFly passed on as well; the others say nothing of what it adds."""
    return [each for each in answers if not each[OURS].tier]


def added_row(
    shape: str, what: str, answers: Sequence[Mapping[str, Timed]], read: Callable[[Timed], float], limit: float | None
) -> Row:
    """What a proxy adds to the same request asked directly, request by request; the target is met by OptaFly's p50."""
    direct = [read(each[DIRECT]) for each in answers]
    cells = [f"{statistics.median(direct):.1f}", f"{at(direct, 0.95):.1f}"]
    for name in (OURS, OTHER):
        if any(name not in each for each in answers):
            cells += [_NOT_MEASURED, "–"]
            continue
        added = [read(each[name]) - read(each[DIRECT]) for each in answers]
        cells += [f"{statistics.median(added):.1f}", f"{at(added, 0.95):.1f}"]
    ours = statistics.median(read(each[OURS]) - read(each[DIRECT]) for each in answers)
    return [shape, what, str(len(answers)), *cells, *_limited(ours, limit)]


def hit_rows(name: str, times: Sequence[float]) -> list[Row]:
    """Two rows of a kind of hit: p50 and p95, then p99; one that says so where there was no hit."""
    if not times:
        return [[name, "0", "–", "–", f"< {HIT_MS:.0f}", "**no**"]]
    p99 = at(times, 0.99)
    first = row(name, times, f"< {HIT_MS:.0f}", HIT_MS)
    return [first, ["the same, p99", str(len(times)), f"{p99:.1f}", "–", *_limited(p99, HIT_P99_MS)]]


def crowd_row(name: str, crowd: Crowd | None) -> Row:
    """Many requests at once; there is no target."""
    if crowd is None:
        return [name, _NOT_MEASURED, *["–"] * 6]
    times = [answer.whole_ms for answer in crowd.answers]
    counts = [str(len(times)), str(crowd.failed), f"{crowd.per_second:.0f}"]
    if not times:
        return [name, *counts, "–", "–", "–", "–"]
    return [name, *counts, f"{statistics.median(times):.0f}", f"{at(times, 0.95):.0f}", "–", "–"]


def memory_row(name: str, megabytes: float | None, limit: float | None = None, *, absent: str = _NOT_MEASURED) -> Row:
    """Memory of a server; None where it could not be had, which ``absent`` explains."""
    if megabytes is None:
        return [name, absent, "–", "–"]
    return [name, f"{megabytes:.0f}", *_limited(megabytes, limit)]


def seen(answers: Sequence[Timed]) -> Seen:
    """What became of requests, by what the proxy says in its headers."""
    counts = Counter(_became(answer) for answer in answers)
    return Seen(counts["compared"], counts["alone"], counts["slow"], counts["hit"])


def seen_words(shape: str, found: Seen) -> str:
    """The same in a sentence."""
    said = [f"{found.compared} were compared with what is kept"]
    said += [f"{found.alone} the router let be answered by themselves only"] if found.alone else []
    said += [f"{found.slow} were passed on since deciding took too long"] if found.slow else []
    said += [f"{found.hits} were answered from the cache"] if found.hits else []
    return f"{shape}: of {sum(found)} asked, {', '.join(said)}."


def _became(answer: Timed) -> str:
    reason = answer.headers.get("x-optafly-reason", "")
    if answer.tier:
        return "hit"
    if reason.startswith(_NOT_ALLOWED):
        return "alone"
    return "slow" if _TOO_SLOW in reason else "compared"


def _limited(value: float, limit: float | None) -> list[str]:
    if limit is None:
        return ["–", "–"]
    return [f"< {limit:.0f}", "yes" if value < limit else "**no**"]
