"""Shares, percentiles and money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.stats.events import Usage
from optafly.stats.measures import cost, difference, mean, percentile, read_saving, share, spread, write_extra
from tests.unit.stats.made import RATES, usages

_values = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=200)


def test_a_share_of_nothing_is_none() -> None:
    found = share(0, 0)
    assert (found.share, found.low, found.high) == (None, None, None)
    assert difference(found, share(1, 2)) is None
    assert difference(share(1, 2), found) is None


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Wilson (1927); the last two as in Newcombe (1998), table I.
    [(5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_the_interval_of_wilson(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-4)


def test_the_interval_of_newcombe() -> None:
    # Newcombe (1998), table II, method 10, example (a): 56/70 less 48/80.
    found = difference(share(56, 70), share(48, 80))
    assert found is not None
    assert [found.points, found.low, found.high] == pytest.approx([0.2, 0.0524, 0.3339], abs=1e-4)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_lies_in_its_interval(count: int, more: int) -> None:
    found = share(count, count + more)
    assert found.share is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.share <= found.high <= 1
    other = share(more, count + more)
    assert other.low == pytest.approx(1 - found.high)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_a_difference_lies_in_its_interval_and_turns_round(a: int, b: int, c: int, d: int) -> None:
    one, other = share(a, a + b), share(c, c + d)
    found, turned = difference(one, other), difference(other, one)
    assert (found is None) == (a + b == 0 or c + d == 0)
    if found is None or turned is None:
        return
    assert -1 <= found.low <= found.points <= found.high <= 1
    assert [turned.points, turned.low] == pytest.approx([-found.points, -found.high])


@pytest.mark.parametrize(("percent", "value"), [(50, 50.0), (99, 99.0), (100, 100.0), (1, 1.0), (0, 1.0)])
def test_a_percentile_is_the_nearest_rank(percent: float, value: float) -> None:
    assert percentile([float(number) for number in range(1, 101)], percent) == value


def test_a_percentile_of_few() -> None:
    assert percentile([], 50) is None
    assert percentile([7.0], 1) == percentile([7.0], 99) == 7.0
    assert percentile([1.0, 2.0], 50) == 1.0
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0


@given(_values, st.floats(0, 100), st.floats(0, 100), st.randoms())
def test_a_percentile_is_one_of_the_values_and_grows(
    values: list[float], one: float, other: float, chance: object
) -> None:
    ordered = sorted(values)
    low, high = percentile(ordered, min(one, other)), percentile(ordered, max(one, other))
    assert low is not None and high is not None
    assert low in values
    assert low <= high
    assert sum(value <= high for value in values) >= max(one, other) * len(values) / 100 - 1e-9


@given(_values)
def test_a_spread_does_not_depend_on_the_order(values: list[float]) -> None:
    found = spread(values)
    assert found == spread(values[::-1])
    assert found.count == len(values)
    assert found.p50 is not None and found.p99 is not None
    assert found.p50 <= found.p99


@given(_values)
def test_a_mean_lies_among_the_values(values: list[float]) -> None:
    found = mean(values)
    assert found is not None
    assert min(values) - 1e-6 <= found <= max(values) + 1e-6
    assert mean([]) is None


def test_money() -> None:
    usage = Usage(input=1_000_000, output=100_000, cache_read=500_000, cache_write=200_000, cache_write_1h=100_000)
    assert cost(usage, RATES) == pytest.approx(2.0 + 1.0 + 0.05 + 0.5 + 0.4)
    assert read_saving(usage, RATES) == pytest.approx(0.95)
    assert write_extra(usage, RATES) == pytest.approx(0.1 + 0.2)


@given(usages)
def test_what_caching_saves_is_the_difference_to_the_same_without(usage: Usage) -> None:
    without = Usage(input=usage.prompt, output=usage.output)
    saved = read_saving(usage, RATES) - write_extra(usage, RATES)
    assert cost(without, RATES) - cost(usage, RATES) == pytest.approx(saved, abs=1e-9)
