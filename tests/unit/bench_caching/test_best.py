"""The search for the best placement, against trying everything and against sums made by hand."""

import random

import pytest

from optafly.routing.prices import ModelFacts
from tests.bench.caching.best import Search
from tests.bench.caching.rules import Rules, Spot

FACTS = ModelFacts("small", 100, 1.0)


def grown(sizes: list[int], lengths: list[int], changed: dict[int, int] | None = None) -> list[list[Spot]]:
    """Requests that hold the first so many blocks each; request ``n`` has blocks of its own from ``changed[n]`` on."""
    requests = []
    for number, length in enumerate(lengths):
        total, spots = 0, []
        for place, size in enumerate(sizes[:length]):
            total += size
            own = changed is not None and place >= changed.get(number, len(sizes))
            key = f"{number if own else ''}.{place}"
            spots.append(Spot(key.encode(), total, place, True, key))
        requests.append(spots)
    return requests


def best(requests: list[list[Spot]], times: list[float]) -> float:
    return Search(requests, times, FACTS, Rules()).best()


def test_a_single_request_is_best_sent_without_any_cache() -> None:
    assert best(grown([1000], [1]), [0]) == 1000


def test_a_second_one_soon_after_reads_what_the_first_has_written() -> None:
    assert best(grown([1000, 50], [1, 2]), [0, 60]) == pytest.approx(1250 + 100 + 50)


def test_after_half_an_hour_an_entry_of_an_hour_is_worth_it_when_it_is_read_often_enough() -> None:
    times = [0.0, 1800.0, 3600.0, 5400.0]
    assert best(grown([1000], [1] * 4), times) == pytest.approx(2000 + 3 * 100)
    assert best(grown([1000], [1] * 2), times[:2]) == pytest.approx(2000)


def test_after_hours_nothing_is_worth_it() -> None:
    assert best(grown([1000], [1] * 3), [0, 7200, 14400]) == 3000


def test_what_differs_is_not_written() -> None:
    # 500 shared tokens, and 500 of each request's own.
    requests = grown([500, 500], [2, 2, 2], {0: 1, 1: 1, 2: 1})
    assert best(requests, [0, 60, 120]) == pytest.approx(625 + 2 * 50 + 3 * 500)


@pytest.mark.parametrize("seed", range(25))
def test_nothing_better_is_found_by_trying_every_place_with_every_lifetime(seed: int) -> None:
    source = random.Random(seed)
    # No block is so small that the model's minimum could make a place inside a run the best one.
    sizes = [source.choice([110, 300, 900]) for _ in range(4)]
    lengths = sorted(source.randint(1, 4) for _ in range(3))
    changed = {number: source.randint(0, 4) for number in range(3) if source.random() < 0.4}
    times, now = [], 0.0
    for _ in range(3):
        times.append(now)
        now += source.choice([60, 200, 1000, 3000, 9000])
    search = Search(grown(sizes, lengths, changed), times, FACTS, Rules())
    assert search.best() == pytest.approx(search.exhaustive())
