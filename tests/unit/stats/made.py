"""Events made for tests, by hand and by chance."""

from typing import Any

from hypothesis import strategies as st

from optafly.stats.events import Answered, Decided, Event, Rates, Refined, Sampled, Usage

RATES = Rates(input=2.0, output=10.0, cache_read=0.1, cache_write=2.5, cache_write_1h=4.0)
PATHS = (
    "hit-exact", "hit-equal", "hit-semantic", "miss", "not-looked-up", "bypass", "refused", "failed", "stopped",
)  # fmt: skip

_counts = st.integers(0, 10**6)
_times = st.floats(0, 1000)
_ms = st.floats(0, 1e7)
usages = st.builds(Usage, _counts, _counts, _counts, _counts, _counts)
refined = st.builds(
    Refined,
    _times,
    st.sampled_from(["refined", "unchanged", "fallback"]),
    st.integers(0, 100),
    st.integers(0, 100),
    st.floats(0, 1),
    _ms,
    st.booleans(),
    st.integers(0, 2),
    st.integers(0, 3),
    st.integers(0, 10),
    st.integers(0, 10),
    st.sampled_from(["", "ahead", "again"]),
)
decided = st.builds(Decided, _times, st.sampled_from(["accepted", "modified", "rejected", "expired", "by_setting"]))
answered = st.builds(
    Answered,
    _times,
    st.sampled_from(PATHS),
    st.text(max_size=20),
    _ms,
    st.none() | _ms,
    _ms,
    st.none() | usages,
    st.none() | usages,
    st.none() | _counts,
    st.just(200),
    st.text(max_size=10),
    st.none() | st.booleans(),
    st.none() | st.just(RATES),
    st.booleans(),
)
sampled = st.builds(Sampled, _times, st.floats(0, 1e5))
events = st.lists(refined | decided | answered | sampled, max_size=40)


def refinement(at: float = 1.0, **more: Any) -> Refined:
    fields: dict[str, Any] = {
        "outcome": "refined",
        "quality_before": 30,
        "quality_after": 80,
        "gain": 0.7,
        "took_ms": 40.0,
    }
    return Refined(at=at, **(fields | more))


def answer(path: Any = "miss", at: float = 1.0, **more: Any) -> Answered:
    return Answered(**({"at": at, "path": path, "model": "claude-sonnet-5-5", "latency_ms": 100.0} | more))


def sample(number: int) -> Event:
    return Sampled(float(number), float(number))
