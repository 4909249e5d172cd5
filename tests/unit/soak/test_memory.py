from collections.abc import Callable

import pytest

from tests.soak.memory import MOST_GROWTH, Sample, growth_of


def samples(lasted_s: int, rss: Callable[[int], float]) -> list[Sample]:
    return [Sample(float(second), int(rss(second))) for second in range(lasted_s + 1)]


def test_what_grows_after_the_first_minute_is_seen() -> None:
    growth = growth_of(samples(300, lambda second: 1e9 if second < 150 else 1.2e9))
    assert growth is not None
    assert growth.share == pytest.approx(0.2)
    assert not growth.is_fine


def test_what_grows_slowly_all_the_time_is_seen() -> None:
    growth = growth_of(samples(240, lambda second: 1e9 * (1 + second / 1000)))
    assert growth is not None
    assert growth.share > MOST_GROWTH


def test_the_first_minute_and_a_single_peak_do_not_count() -> None:
    growth = growth_of(samples(240, lambda second: 5e8 if second < 50 else 3e9 if second in {65, 236} else 1e9))
    assert growth is not None
    assert (growth.share, growth.largest) == (0.0, 3_000_000_000)
    assert growth.is_fine


@pytest.mark.parametrize("lasted_s", [0, 30, 89])
def test_a_short_life_is_not_judged(lasted_s: int) -> None:
    assert growth_of(samples(lasted_s, lambda _: 1e9)) is None


def test_nor_is_one_that_was_never_looked_at() -> None:
    assert growth_of([]) is None
