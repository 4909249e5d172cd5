import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.cache_figures import (
    Judged,
    Scored,
    Served,
    Tally,
    at_hit_rate,
    by_kind,
    held_out,
    tally,
    upper_bound,
)


@pytest.mark.parametrize(
    ("events", "trials", "bound"),
    # The 95 % quantile of the beta distribution of events + 1 and trials - events.
    [(0, 10, 0.2589), (0, 59, 0.04951), (1, 100, 0.04656), (5, 1000, 0.010485), (10, 10, 1.0)],
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(events: int, trials: int, bound: float) -> None:
    assert upper_bound(events, trials) == pytest.approx(bound, rel=1e-3)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 400), st.data())
def test_the_upper_bound_is_above_the_share_and_falls_with_fewer_events(trials: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(1, trials))
    assert events / trials <= upper_bound(events, trials) <= 1
    assert upper_bound(events - 1, trials) < upper_bound(events, trials)


def test_more_events_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="more events than trials"):
        upper_bound(3, 2)


def test_an_answer_to_the_same_text_is_right_whichever_entry_it_came_from() -> None:
    served = [Served("a", "a"), Served("a", "b"), Served("b", None), Served("b", "b")]
    assert tally(served) == Tally(right=2, wrong=1, miss=1)


def test_shares_are_of_what_they_say() -> None:
    counts = Tally(right=6, wrong=2, miss=12)
    assert (counts.asked, counts.hit_rate, counts.wrong_share) == (20, 0.4, 0.25)
    nothing = Tally(0, 0, 5)
    assert (nothing.hit_rate, nothing.wrong_share, nothing.wrong_bound) == (0.0, 0.0, 1.0)


PAIRS = [
    Scored(0.9, same=True),
    Scored(0.8, same=False),
    Scored(0.7, same=True),
    Scored(0.7, same=False),
    Scored(0.1, same=True),
    Scored(None, same=True),
]


def test_at_a_hit_rate_the_strictest_threshold_is_taken() -> None:
    found = at_hit_rate(PAIRS, 0.25)
    assert found is not None
    assert (found.right, found.wrong, found.same, found.different) == (1, 0, 4, 2)


def test_pairs_of_one_score_hit_together() -> None:
    found = at_hit_rate(PAIRS, 0.5)
    assert found is not None
    assert (found.right, found.wrong) == (2, 2)
    assert found.wrong_share == 0.5


def test_a_rate_that_a_system_never_reaches_has_no_figure() -> None:
    assert at_hit_rate(PAIRS, 0.75) is not None
    assert at_hit_rate(PAIRS, 1.0) is None


JUDGED = [
    Judged(same=True, kind="typo", hit=True),
    Judged(same=True, kind="typo", hit=False),
    Judged(same=False, kind="number", hit=False),
    Judged(same=False, kind="number", hit=True),
    Judged(same=False, kind="scope", hit=False),
]


def test_hits_and_false_hits_are_counted_apart() -> None:
    counts = held_out(JUDGED)
    assert (counts.hits, counts.same, counts.false, counts.different) == (1, 2, 1, 3)
    assert counts.hit_rate == 0.5
    assert counts.false_rate == pytest.approx(1 / 3)
    assert counts.false_bound > counts.false_rate


def test_every_kind_has_its_own_counts() -> None:
    kinds = by_kind(JUDGED)
    assert {kind: (c.hits, c.same, c.false, c.different) for kind, c in kinds.items()} == {
        "typo": (1, 2, 0, 0),
        "number": (0, 0, 1, 2),
        "scope": (0, 0, 0, 1),
    }
    assert kinds["typo"].false_bound == 1.0
