import pytest

from tests.bench.cache_data import Labelled
from tests.bench.cache_figures import Scored, Tally, tally
from tests.bench.cache_gptcache import Answers, Result, equal_cosine
from tests.bench.cache_sections import (
    ask_stored,
    held_out_results,
    judge_pairs,
    mock_counts,
    mock_results,
    nearest_above,
    pair_scores,
    qqp_results,
)
from tests.unit.bench_cache.made import encoder, system

STORED = [
    ("sort a list in python", "sort a python list"),
    ("delete the local branch", "remove the local branch"),
    ("delete the remote branch", "delete the remote branch now"),
    ("sort a list in python", "how to sort a list in python"),
]


def quiet(_: str) -> None:
    """Where progress goes in tests."""


def test_the_nearest_text_counts_by_its_words_and_not_by_its_place() -> None:
    counts = tally(nearest_above(STORED, encoder(), 0.5))
    assert counts == Tally(right=4, wrong=0, miss=0)
    assert tally(nearest_above(STORED, encoder(), 1.01)) == Tally(0, 0, 4)


def test_the_real_cache_answers_what_its_judge_lets_pass() -> None:
    right = system(("sort a list in python", "sort a python list"))
    assert tally(ask_stored(STORED, right)) == Tally(right=1, wrong=0, miss=3)
    wrong = system(("delete the remote branch", "remove the local branch"))
    assert tally(ask_stored(STORED, wrong)) == Tally(right=0, wrong=1, miss=3)


def test_all_systems_stand_side_by_side_with_gptcache() -> None:
    other = Result({0.9: Answers((3, 2, None, 0), (1.0,) * 4)}, ())
    counts = mock_counts(STORED, [system()], encoder(), other, quiet)
    assert counts["GPTCache 0.1.44, 0.90"] == Tally(right=2, wrong=1, miss=1)
    assert {"cosine 0.90", "ours"} <= set(counts)


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (Tally(700, 6, 293), "0.85 % wrong (met) with 70.7 % hit (met)"),
        (Tally(590, 10, 399), "1.67 % wrong (**not met**) with 60.1 % hit (met)"),
        (Tally(100, 0, 899), "0.00 % wrong (met) with 10.0 % hit (**not met**)"),
    ],
)
def test_the_target_is_computed(ours: Tally, verdict: str) -> None:
    results = mock_results({"cosine 0.90": Tally(900, 90, 9), "ours": ours}, "")
    assert verdict in results.after


def test_what_is_absent_is_said() -> None:
    results = mock_results({"cosine 0.90": Tally(900, 90, 9)}, "it cannot be installed here")
    assert "it cannot be installed here" in results.before
    assert results.after.endswith("not measured.")


ROWS = [
    Labelled("sort a list", "sort the list", same=True, kind="other_phrase"),
    Labelled("open a file", "OPEN a file", same=True, kind="case"),
    Labelled("drop one row", "drop one table", same=False, kind="scope"),
    Labelled("fix this", "fix this", same=False, kind="context_dependent"),
]
JUDGE = system(("sort a list", "sort the list"), ("drop one row", "drop one table"), dependent=("fix this",))


def test_a_pair_is_asked_of_a_cache_that_holds_the_first_text_alone() -> None:
    judged = judge_pairs(ROWS, [JUDGE], encoder(), None, quiet)
    assert [pair.hit for pair in judged["ours"]] == [True, True, True, False]
    # The cosine knows nothing of contexts.
    assert judged["cosine 0.98"][3].hit


def test_gptcache_hits_a_pair_from_its_threshold_on() -> None:
    judged = judge_pairs(ROWS, [], encoder(), Result({}, (0.95, 0.8999, 0.1, 1.0)), quiet)
    assert [pair.hit for pair in judged["GPTCache 0.1.44, 0.95"]] == [True, False, False, True]
    assert [pair.hit for pair in judged["GPTCache 0.1.44, 0.90"]] == [True, False, False, True]
    assert [pair.hit for pair in judged["GPTCache 0.1.44, 0.80"]] == [True, True, False, True]


def test_held_out_results_give_bounds_kinds_and_the_target() -> None:
    results = held_out_results(judge_pairs(ROWS, [JUDGE], encoder(), None, quiet), "")
    overall, kinds = results.tables
    assert overall[-1][:5] == ["ours", "2", "100.0 %", "1", "50.00 %"]
    assert [row[0] for row in kinds[1:]] == ["case", "other_phrase", "context_dependent", "scope"]
    assert kinds[-1][-1].startswith("1 false (bound")
    assert "50.00 % (**not met**) with 100.0 % (met)" in results.after


def test_wrong_hits_are_compared_at_equal_hit_rates() -> None:
    cosine = [Scored(0.9, same=False), Scored(0.8, same=True), Scored(0.7, same=True)]
    ours = [Scored(None, same=False), Scored(0.99, same=True), Scored(0.2, same=True)]
    shipped = [Scored(None, same=False), Scored(1.0, same=True), Scored(None, same=True)]
    results = qqp_results({"cosine": cosine, "ours": ours, "ours, as shipped": shipped})
    curve, as_shipped = results.tables
    assert curve[-1][1:] == ["50.0 % (1 of 2)", "0.0 % (0 of 1)"]
    assert as_shipped[-1] == ["ours", "1 (50.0 %)", "0 of 1", "0.0 %", "50.0 % (1 of 2)"]


def test_scores_of_a_system_come_from_its_own_tiers() -> None:
    scores = pair_scores(ROWS, [JUDGE], encoder(), quiet)
    assert [pair.score for pair in scores["ours"]] == [0.97, 1.0, 0.97, None]
    assert [pair.score for pair in scores["ours, as shipped"]] == [1.0, 1.0, 1.0, None]


def test_its_threshold_is_read_as_a_cosine() -> None:
    assert [equal_cosine(at) for at in (1.0, 0.95, 0.8)] == pytest.approx([1.0, 0.9, 0.6])
