"""Would b be served a's answer? By the tiers of the cache itself, with an encoder that counts words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optafly.cache.explain import Explainer, Explanation
from optafly.cache.judge import Judge, Judgement
from optafly.neural.encoder import MOST_PIECES
from tests.unit.cache.made import ListedJudge, WordEncoder

ASKED, SAME, OTHER = "how do I sort a list of words", "how do I order a list of words", "how do I sort a list of files"
LONG = " ".join(f"word{number}" for number in range(MOST_PIECES + 1))


def points(text: str) -> str | None:
    return "it points at something" if "this" in text.split() else None


def explainer(judge: Judge | None = None, threshold: float = 0.5) -> Explainer:
    judge = judge or ListedJudge(frozenset({ASKED, SAME}))
    return Explainer(WordEncoder(), judge, lambda text: " ".join(text.lower().split()), points, threshold=threshold)


def test_the_same_text_hits_exactly() -> None:
    found = explainer().explain(ASKED, ASKED)
    assert (found.hit, found.tier, found.similarity, found.p) == (True, "exact", None, None)


def test_an_equal_text_hits() -> None:
    assert explainer().explain(ASKED, f" {ASKED.upper()}").tier == "equal"


def test_other_words_for_the_same_hit_with_similarity_and_probability() -> None:
    found = explainer().explain(ASKED, SAME)
    assert (found.hit, found.tier, found.p, found.reason) == (True, "semantic", 0.97, "listed")
    assert found.similarity is not None
    assert 0.5 < found.similarity < 1


def test_what_the_judge_refuses_is_a_miss_with_its_reason() -> None:
    found = explainer().explain(ASKED, OTHER)
    assert (found.hit, found.tier, found.p, found.reason) == (False, "miss", 0.2, "not listed")


def test_below_the_threshold_the_judge_is_not_asked() -> None:
    judge = ListedJudge(frozenset({ASKED, SAME}))
    found = explainer(judge, threshold=0.999).explain(ASKED, SAME)
    assert (found.hit, judge.asked) == (False, [])


@pytest.mark.parametrize(("a", "b"), [("fix this", "fix this"), ("fix this", ASKED), (ASKED, "fix this")])
def test_what_depends_on_a_context_misses(a: str, b: str) -> None:
    found = explainer().explain(a, b)
    assert not found.hit
    assert "it points at something" in found.reason
    assert ("the stored one" if a == "fix this" else "the new one") in found.reason


@pytest.mark.parametrize(("a", "b"), [("", ""), (ASKED, " \n"), ("\t", ASKED)])
def test_an_empty_text_misses(a: str, b: str) -> None:
    found = explainer().explain(a, b)
    assert not found.hit
    assert "empty" in found.reason


def test_a_text_longer_than_the_encoder_reads_hits_only_when_it_is_the_same() -> None:
    judge = ListedJudge(frozenset({LONG, f"{LONG} more"}), frozenset({LONG, ASKED}))
    assert explainer(judge).explain(LONG, LONG).tier == "exact"
    assert explainer(judge).explain(LONG, LONG.upper()).tier == "equal"
    for a, b in ((LONG, f"{LONG} more"), (ASKED, LONG), (LONG, ASKED)):
        found = explainer(judge, threshold=-1).explain(a, b)
        assert not found.hit
        assert str(MOST_PIECES) in found.reason


def test_a_judge_that_fails_makes_a_miss() -> None:
    class Failing:
        def same(self, a: str, b: str, similarity: float) -> Judgement:
            raise RuntimeError(f"quoting {a}")

    found = explainer(Failing()).explain(ASKED, SAME)
    assert not found.hit
    assert ASKED not in found.reason


def test_a_text_that_is_not_unicode_is_a_miss() -> None:
    assert not explainer().explain("sort \udcff", "sort \udcff").hit


def test_one_pair_leaves_nothing_for_the_next() -> None:
    judged = explainer()
    assert judged.explain(SAME, SAME).hit
    assert not judged.explain(OTHER, SAME).hit


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_get_an_answer(a: str, b: str) -> None:
    found = explainer().explain(a, b)
    assert isinstance(found, Explanation)
    assert found.reason
    assert found.hit == (found.tier != "miss")
