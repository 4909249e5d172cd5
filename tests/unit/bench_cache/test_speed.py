"""The timing of lookups and routing: rows are of what they say, or there are none."""

import pytest

from optafly.cache.judge import Judgement
from optafly.cache.memory import MemoryStore
from optafly.cache.semantic import Lookup, Query, SemanticCache
from optafly.errors import ModelMissing
from optafly.routing.classifier import UseCache
from tests.bench import cache_lookup, cache_routing, cache_speed
from tests.bench.cache_fill import AlwaysSays, Known, answer, question
from tests.bench.cache_lookup import Networks, lookup_rows, texts_for, times_of
from tests.bench.rows import row
from tests.bench.tokens import Assembled
from tests.unit.cache.made import WordEncoder

ENTRIES = 100


class Sure:
    """A judge whose network is always sure, or whose rules refuse everything; counts how often it is asked."""

    def __init__(self, p: float | None = 0.9) -> None:
        self.p, self.asked = p, 0

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        self.asked += 1
        return Judgement(self.p is not None, self.p, "sure" if self.p else "another number")


class FakeParts:
    """In the place of the core's networks; remembers which texts it judged."""

    def __init__(self, missing: Exception | None = None) -> None:
        self.missing, self.judged, self.closed = missing, list[str](), False
        self.boundaries = None

    @property
    def classifier(self) -> "FakeParts":
        return self

    def load(self) -> None:
        if self.missing:
            raise self.missing

    def use_cache(self, text: str, **_: object) -> UseCache:
        self.judged.append(text)
        return UseCache(True, 0.9, 0.5, "it stands for itself")

    def judge(self, texts: list[str]) -> list[tuple[float, float]]:
        self.judged += texts
        return [(0.9, 0.1)] * len(texts)

    def close(self) -> None:
        self.closed = True


def quiet(_: str) -> None:
    """Where progress goes in tests."""


def test_lookups_and_their_steps_are_timed_on_the_real_store() -> None:
    judge = Sure()
    verified: list[tuple[str, str]] = []

    def verify(a: str, b: str) -> float:
        verified.append((a, b))
        return 0.9

    whole, steps = lookup_rows(ENTRIES, Networks(WordEncoder(), judge, verify), quiet, threshold=0.8)
    limited = {name: target for name, _, _, _, target, _ in whole if target != "–"}
    assert limited == {
        "exact hit": "< 2",
        "miss, nothing near enough": "< 10",
        "semantic hit, one candidate": "< 10",
    }
    assert {"hit, equal after normalising", "miss, 5 candidates, none taken"} <= {name for name, *_ in whole}
    # Once for each semantic hit, five times for each of those with five candidates, and never for anything else.
    assert judge.asked == 15 + 5 * 4
    assert len(verified) == 10 + 5 * 4
    assert all(a != b for a, b in verified)
    first = [name for name, *_ in steps][:3]
    assert (first[0], first[2]) == ("embedding", "Chroma")
    assert "matrix products" in first[1]
    assert {"guard, one candidate", "verifier, one candidate", "verifier, 5 candidates"} <= {n for n, *_ in steps}


def test_too_few_requests_for_the_threshold_are_an_error_and_no_figure() -> None:
    with pytest.raises(ValueError, match="far from each other"):
        texts_for(Known(WordEncoder()), ENTRIES, 0.01)


def test_a_lookup_that_ends_otherwise_is_not_timed() -> None:
    cache = SemanticCache(MemoryStore(), WordEncoder(), Sure(), str.lower)
    with pytest.raises(RuntimeError, match="expected exact, got miss"):
        times_of(cache.lookup, [question("sort a list", "none")], "exact")


def test_a_few_that_chroma_misses_do_not_stop_it() -> None:
    cache = SemanticCache(MemoryStore(), WordEncoder(), Sure(), str.lower, threshold=1.1)
    for number in range(19):
        cache.store(question(f"request {number}", "none"), answer("x"), took_ms=1.0)
    asked = [question(f"request {number}", "none") for number in range(20)]
    assert len(times_of(cache.lookup, asked, "exact")) == 14
    with pytest.raises(RuntimeError, match="expected exact, got miss"):
        times_of(cache.lookup, asked[12:], "exact")


def test_the_first_lookups_are_not_counted() -> None:
    def lookup(_: Query) -> Lookup:
        return Lookup("miss", None, None, None, "nothing")

    assert len(times_of(lookup, [question(str(number), "none") for number in range(8)], "miss")) == 3


def test_the_judge_is_asked_and_what_it_says_is_replaced() -> None:
    judge = Sure()
    assert AlwaysSays(judge, same=False).same("a", "b", 0.9).same is False
    assert judge.asked == 1
    with pytest.raises(RuntimeError, match="the network was not asked: another number"):
        AlwaysSays(Sure(None), same=True).same("a", "b", 0.9)


def test_a_decision_of_the_router_is_timed_whole_and_in_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    long = [f"<context>\n{number}\n</context>\n<task>fix {number}</task>" for number in range(9)]
    monkeypatch.setattr(cache_routing, "long_prompts", lambda count, _: long[:count])
    networks = FakeParts()
    monkeypatch.setattr(cache_routing, "Parts", lambda *_: networks)
    whole, parts, why = cache_routing.routing_rows(quiet, 4)
    assert why == ""
    assert [(name, runs, target) for name, runs, _, _, target, _ in whole] == [
        ("one decision, 60 words", "4", "< 8"),
        ("one decision, an assembled prompt", "2", "< 8"),
    ]
    assert [name for name, *_ in parts if name.startswith("60 words")] == [
        f"60 words: {part}" for part in ("rules", "network, with its embedding", "tokens", "anchors", "key")
    ]
    assert len(parts) == 10
    # Of an assembled prompt the task alone is judged, and no text twice: what was read is kept for a while.
    assert networks.judged[-2:] == ["fix 7", "fix 8"]
    assert len(set(networks.judged)) == len(networks.judged) == 22
    assert networks.closed


@pytest.mark.parametrize("error", [ModelMissing("the weights are missing"), ImportError("no torch")])
def test_without_its_networks_there_are_no_figures_of_the_router(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_routing, "Parts", lambda *_: FakeParts(error))
    assert cache_routing.routing_rows(quiet, 2) == ([], [], str(error))


def test_the_verdict_names_every_target_and_whether_it_is_met() -> None:
    rows = [row("exact hit", [0.1, 0.2], "< 2", 2), row("storing", [3.0], "–", None), row("a hit", [12.0], "< 10", 10)]
    assert cache_speed.verdict(rows) == "Targets, p50: exact hit 0.2 ms, < 2 (met); a hit 12.0 ms, < 10 (**not met**)."
    assert cache_speed.verdict([]) == "Targets: not measured."


def test_what_cannot_be_measured_is_left_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Networks:
        raise ModelMissing("the weights are missing")

    monkeypatch.setattr(cache_lookup, "our_networks", missing)
    routed = [row("one decision", [1.0], "< 8", 8)]
    monkeypatch.setattr(cache_speed, "routing_rows", lambda *_: (routed, [], ""))
    made = cache_speed.results(quiet, 40)
    assert "500 entries" in made.before
    assert "Lookups are left out: the weights are missing." in made.before
    assert [table[0][0] for table in made.tables] == ["routing"]
    assert made.after == "Targets, p50: one decision 1.0 ms, < 8 (met)."


def test_long_prompts_are_different_ones_that_optafly_assembled(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [Assembled("a kind", tokens, text) for tokens, text in ((1_500, "a"), (10, "b"), (1_500, "a"))]
    monkeypatch.setattr(cache_routing, "assembled", lambda *_, **__: iter([*made, made[0]._replace(text="c")]))
    assert cache_routing.long_prompts(5, quiet) == ["a", "c"]
    assert cache_routing.long_prompts(1, quiet) == ["a"]
