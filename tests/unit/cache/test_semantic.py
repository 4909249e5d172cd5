"""The cache as a whole, over a store in memory, with an encoder that counts words and a judge that has a list."""

from collections.abc import Sequence
from typing import Any

import pytest

from optafly.cache.backend import ByKey, Done, Found, Nearest, Record
from optafly.cache.judge import Judge, Judgement
from optafly.cache.memory import MemoryStore
from optafly.cache.semantic import SemanticCache, query_of
from tests.unit.cache.made import AROUND, BODY, NOW, Clock, ListedJudge, WordEncoder, answer, body_asking, query

ASKED, SAME, OTHER = "how do I sort a list of words", "how do I order a list of words", "how do I sort a list of files"
OURS = "<context>\n{context}\n</context>\n<task>{task}</task>\n<done_when>Tests pass.</done_when>"


class Bench:
    """A cache with its parts."""

    def __init__(self, judge: Judge | None = None, **parts: Any) -> None:
        self.clock = Clock()
        self.backend = parts.pop("backend", None) or MemoryStore(clock=self.clock)
        self.encoder = parts.pop("encoder", None) or WordEncoder()
        self.judge = judge or ListedJudge(frozenset({ASKED, SAME}))
        normalise = parts.pop("normalise", None) or (lambda text: " ".join(text.lower().split()))
        self.cache = SemanticCache(
            self.backend, self.encoder, self.judge, normalise, threshold=0.5, ttl_s=100, clock=self.clock, **parts
        )

    def keep(self, text: Any = ASKED, **changes: Any) -> None:
        done = self.cache.store(query(text, **changes), answer(f"about {text}"), took_ms=2000)
        assert done.ok, done.reason

    def outcome(self, text: Any, **changes: Any) -> str:
        return self.cache.lookup(query(text, **changes)).outcome


def test_the_same_request_is_answered_without_any_network() -> None:
    bench = Bench()
    bench.keep()
    bench.encoder.embedded.clear()
    found = bench.cache.lookup(query(ASKED))
    assert found.outcome == "exact"
    assert found.entry is not None
    assert found.entry.response == {name: value for name, value in answer(f"about {ASKED}").items() if name != "usage"}
    assert (found.entry.usage, found.entry.took_ms, found.entry.hits) == (answer()["usage"], 2000, 1)
    assert (bench.encoder.embedded, bench.judge.asked) == ([], [])  # type: ignore[attr-defined]


def test_what_cannot_matter_makes_an_equal_request() -> None:
    bench = Bench()
    bench.keep()
    bench.encoder.embedded.clear()
    found = bench.cache.lookup(query(f"  {ASKED.upper()}\n"))
    assert (found.outcome, found.similarity) == ("equal", None)
    assert bench.encoder.embedded == []


def test_other_words_for_the_same_are_a_semantic_hit() -> None:
    bench = Bench()
    bench.keep()
    found = bench.cache.lookup(query(SAME))
    assert (found.outcome, found.p, found.reason) == ("semantic", 0.97, "listed")
    assert found.similarity is not None
    assert 0.5 < found.similarity < 1
    assert found.entry is not None
    assert (found.entry.prompt, found.entry.hits) == (ASKED, 1)


def test_what_the_judge_refuses_is_a_miss_that_says_why() -> None:
    bench = Bench()
    bench.keep()
    found = bench.cache.lookup(query(OTHER))
    assert (found.outcome, found.entry, found.p, found.reason) == ("miss", None, 0.2, "not listed")
    assert found.similarity is not None
    assert bench.backend.stats().hits == 0


def test_the_judge_is_asked_about_each_similar_one_in_turn() -> None:
    bench = Bench(ListedJudge(frozenset({"sort a list of old words", "sort a list of words"})))
    bench.keep("sort a list of big words now")
    bench.keep("sort a list of old words")
    bench.keep("paint the shed")
    assert bench.outcome("sort a list of words") == "semantic"
    assert {stored for stored, _ in bench.judge.asked} <= {"sort a list of big words now", "sort a list of old words"}  # type: ignore[attr-defined]


def test_the_judge_is_not_asked_below_the_threshold() -> None:
    bench = Bench(ListedJudge(frozenset({"alpha beta", "gamma delta"})))
    bench.keep("alpha beta")
    assert bench.outcome("gamma delta") == "miss"
    assert bench.judge.asked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "claude-opus-5-5"},
        {"system": "another"},
        {"tools": []},
        {"tool_choice": {"type": "none"}},
        {"thinking": {"type": "adaptive"}},
        {"temperature": 0},
        {"top_p": 0.1},
        {"stop_sequences": ["x"]},
        {"max_tokens": 1},
        {"output_config": {}},
        {"a_new_field": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
@pytest.mark.parametrize("asked", [ASKED, ASKED.upper(), SAME], ids=["exact", "equal", "semantic"])
def test_nothing_is_given_across_requests_that_differ_elsewhere(changes: dict[str, Any], asked: str) -> None:
    bench = Bench()
    bench.keep()
    assert bench.outcome(asked) != "miss"
    assert bench.outcome(asked, **changes) == "miss"


@pytest.mark.parametrize("name", ["project", "context", "key_scope", "embedder"])
@pytest.mark.parametrize("asked", [ASKED, ASKED.upper(), SAME], ids=["exact", "equal", "semantic"])
def test_nothing_is_given_across_surroundings(name: str, asked: str) -> None:
    bench = Bench()
    bench.keep()
    assert bench.cache.lookup(query_of(body_asking(asked), **AROUND)).outcome != "miss"
    assert bench.cache.lookup(query_of(body_asking(asked), **{**AROUND, name: "other"})).outcome == "miss"


@pytest.mark.parametrize("asked", [ASKED, ASKED.upper(), SAME], ids=["exact", "equal", "semantic"])
def test_nothing_is_given_across_conversations(asked: str) -> None:
    bench = Bench()
    bench.keep()
    longer = [{"role": "user", "content": "and?"}, *BODY["messages"][:-1], {"role": "user", "content": asked}]
    assert bench.outcome(asked, messages=longer) == "miss"


def test_the_task_is_compared_and_all_around_it_has_to_be_the_same() -> None:
    bench = Bench()
    bench.keep(OURS.format(context="a.py", task=ASKED))
    assert bench.outcome(OURS.format(context="a.py", task=SAME)) == "semantic"
    assert bench.outcome(OURS.format(context="a.py", task=ASKED.upper())) == "equal"
    assert bench.outcome(OURS.format(context="b.py", task=SAME)) == "miss"
    assert bench.outcome(OURS.format(context="b.py", task=ASKED)) == "miss"
    assert bench.outcome(SAME) == "miss"


def test_nothing_to_compare_with_costs_no_embedding() -> None:
    bench = Bench()
    bench.keep()
    bench.encoder.embedded.clear()
    found = bench.cache.lookup(query(SAME, model="claude-opus-5-5"))
    assert (found.outcome, found.reason) == ("miss", "nothing is stored that may be compared")
    assert bench.encoder.embedded == []


def test_the_router_may_turn_all_but_the_exact_tier_off() -> None:
    bench = Bench()
    bench.keep()
    assert bench.outcome(ASKED, use_cache=False) == "exact"
    for asked in (ASKED.upper(), SAME):
        found = bench.cache.lookup(query(asked, use_cache=False))
        assert found.outcome == "miss"
        assert "router" in found.reason


def test_what_was_kept_without_the_encoder_is_made_comparable_and_stays_what_it_was() -> None:
    bench = Bench()
    bench.keep(use_cache=False)
    assert (bench.outcome(ASKED), bench.outcome(SAME)) == ("exact", "miss")
    bench.clock.now += 50
    kept = bench.backend.get(query(ASKED).id)
    assert kept is not None
    assert bench.cache.make_comparable(query(ASKED), kept).ok
    assert (bench.outcome(SAME), bench.outcome(ASKED.upper())) == ("semantic", "equal")
    found = bench.backend.get(kept.id)
    assert found is not None
    assert (found.created, found.expires, found.hits) == (kept.created, kept.expires, 3)


def test_it_is_said_where_nothing_is_stored_that_could_be_compared() -> None:
    def alone(text: str, **changes: Any) -> bool:
        return bench.cache.lookup(query(text, use_cache=False, **changes)).alone

    bench = Bench()
    assert alone(ASKED)
    bench.keep(OTHER, use_cache=False)
    assert alone(ASKED)
    bench.keep(SAME)
    assert not alone(ASKED)
    assert alone(ASKED, system="You are verbose.")
    bench.clock.now += 1000
    assert alone(ASKED)
    # Kept without a vector, since it is longer than what is compared.
    words = " ".join(f"word{number}" for number in range(300))
    bench.keep(words)
    assert not alone(f" {words}")


def test_what_the_router_refused_is_never_given_to_another_request() -> None:
    bench = Bench()
    bench.keep(use_cache=False)
    assert [bench.outcome(asked) for asked in (ASKED, ASKED.upper(), SAME)] == ["exact", "miss", "miss"]


def test_a_long_text_is_never_compared() -> None:
    words = " ".join(f"word{number}" for number in range(250))
    stored, asked = f"{words} a b c d e f", f"{words} a b c d e g"
    bench = Bench(ListedJudge(frozenset({stored, asked})))
    bench.keep(words)
    bench.keep(stored)
    found = bench.cache.lookup(query(f"{asked} h"))
    assert found.outcome == "miss"
    assert "longer than the 256 word pieces" in found.reason
    assert bench.outcome(stored) == "exact"
    assert bench.outcome(stored.upper()) == "equal"
    # Nor is the long one found by a short one.
    assert all(len(text.split()) <= 256 for text in bench.encoder.embedded)


@pytest.mark.parametrize("kind", ["image", "document"])
def test_a_turn_with_more_than_text_is_given_to_the_letter_only(kind: str) -> None:
    bench = Bench()
    more = {"type": kind, "source": {"type": "base64", "media_type": "x/y", "data": "aGk="}}
    bench.keep([more, {"type": "text", "text": ASKED}])
    assert bench.outcome([more, {"type": "text", "text": ASKED}]) == "exact"
    assert bench.outcome([more, {"type": "text", "text": ASKED.upper()}]) == "miss"
    found = bench.cache.lookup(query([more, {"type": "text", "text": SAME}]))
    assert (found.outcome, kind in found.reason) == ("miss", True)
    assert bench.outcome([{**more, "source": {}}, {"type": "text", "text": ASKED}]) == "miss"


def test_results_of_tools_are_neither_kept_nor_given() -> None:
    bench = Bench()
    turn = [{"type": "tool_result", "tool_use_id": "1", "content": "x"}, {"type": "text", "text": ASKED}]
    done = bench.cache.store(query(turn), answer(), took_ms=1)
    assert (done.ok, "tool" in done.reason) == (False, True)
    assert "tool" in bench.cache.lookup(query(turn)).reason


def test_what_may_not_be_kept_is_not() -> None:
    bench = Bench()
    for changes, complete in (({"stop_reason": "refusal"}, True), ({"stop_reason": "max_tokens"}, True), ({}, False)):
        assert not bench.cache.store(query(ASKED), answer(**changes), took_ms=1, complete=complete).ok
    assert bench.backend.stats().entries == 0


def test_thinking_is_not_given_again() -> None:
    bench = Bench()
    given = answer(content=[{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "Yes."}])
    assert bench.cache.store(query(ASKED), given, took_ms=1).ok
    entry = bench.cache.lookup(query(ASKED)).entry
    assert entry is not None
    assert entry.response["content"] == [{"type": "text", "text": "Yes."}]


def test_an_answer_is_given_until_its_time_is_over() -> None:
    bench = Bench()
    bench.keep()
    bench.clock.now = NOW + 99
    assert bench.outcome(SAME) == "semantic"
    bench.clock.now = NOW + 100
    assert [bench.outcome(asked) for asked in (ASKED, ASKED.upper(), SAME)] == ["miss"] * 3
    assert "out of date" in bench.cache.lookup(query(ASKED)).reason


def test_bypassing_and_forgetting() -> None:
    bench = Bench()
    bench.keep()
    found = bench.cache.lookup(query(ASKED), bypass=True)
    assert (found.outcome, found.reason) == ("miss", "the cache was bypassed")
    assert bench.cache.forget(query(ASKED).id).ok
    assert bench.outcome(ASKED) == "miss"
    assert not bench.cache.forget(query(ASKED).id).ok


class Broken:
    """Fails at everything that the cache needs."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("secret words of the prompt")

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        raise RuntimeError("secret words of the prompt")

    def pieces(self, text: str) -> int:
        raise RuntimeError("secret words of the prompt")

    def embed(self, texts: Sequence[str]) -> Any:
        raise RuntimeError("secret words of the prompt")

    def lookup(self, probe: ByKey | Nearest) -> Found:
        raise RuntimeError("secret words of the prompt")

    def store(self, record: Record) -> Done:
        raise RuntimeError("secret words of the prompt")

    def forget(self, entry_id: str) -> Done:
        raise RuntimeError("secret words of the prompt")

    def __call__(self, text: str) -> str:
        raise RuntimeError("secret words of the prompt")


@pytest.mark.parametrize("part", ["judge", "encoder", "normalise", "backend"])
def test_a_part_that_fails_is_a_miss_and_says_nothing_of_the_prompt(part: str) -> None:
    good = Bench()
    good.keep()
    bench = Bench(**({"backend": good.backend} | {part: Broken()}))  # type: ignore[arg-type]
    found = bench.cache.lookup(query(SAME))
    assert (found.outcome, found.reason) == ("miss", "the lookup failed (RuntimeError)")
    # The same request needs only the store.
    assert bench.outcome(ASKED) == ("miss" if part == "backend" else "exact")
    stored = bench.cache.store(query("something new"), answer(), took_ms=1)
    assert stored.ok == (part != "backend")
    assert "secret" not in stored.reason + bench.cache.forget("x").reason


def test_a_judge_that_answers_something_else_is_not_believed() -> None:
    class Vague:
        def same(self, a: str, b: str, similarity: float) -> Judgement:
            return Judgement("perhaps", None, "vague")  # type: ignore[arg-type]

    bench = Bench(Vague())
    bench.keep()
    assert bench.outcome(SAME) == "miss"


@pytest.mark.parametrize("odd", ["\ud800", object(), {object(): 1}, {"\udfff": 1}])
@pytest.mark.parametrize("place", ["system", "a_new_field"])
def test_what_json_cannot_hold_is_one_kind_of_error(odd: Any, place: str) -> None:
    with pytest.raises(ValueError, match="cannot be read as JSON"):
        query_of({**BODY, place: odd}, **AROUND)


def test_a_request_that_cannot_be_read_is_a_miss() -> None:
    bodies: list[dict[str, Any]] = [{}, {"messages": []}, {"messages": "x"}, {"messages": [{"role": "user"}]}]
    for body in bodies:
        assert Bench().cache.lookup(query_of(body, **AROUND)).outcome == "miss"
