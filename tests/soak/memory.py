"""Growth of a process's memory, from samples of its resident size."""

import statistics
from collections.abc import Sequence
from typing import Final

import msgspec

FIRST_MINUTE_S: Final = 60.0
WINDOW_S: Final = 10.0
SHORTEST_S: Final = 90.0
"""A life that was shorter is not judged: too little follows its first minute."""
MOST_GROWTH: Final = 0.10


class Sample(msgspec.Struct, frozen=True):
    """Resident bytes, so many seconds after the process was started."""

    at_s: float
    rss: int


class Growth(msgspec.Struct, frozen=True):
    """Medians of a window after the first minute and of the last one, and the largest sample, in bytes."""

    after_first_minute: float
    at_end: float
    largest: int
    lasted_s: float

    @property
    def share(self) -> float:
        """0.1 for a tenth more than after the first minute."""
        return self.at_end / self.after_first_minute - 1

    @property
    def is_fine(self) -> bool:
        return self.share <= MOST_GROWTH


def growth_of(samples: Sequence[Sample]) -> Growth | None:
    """How much it grew after its first minute; None where it did not live long enough to tell."""
    if not samples or samples[-1].at_s < SHORTEST_S:
        return None
    last = samples[-1].at_s
    early = [sample.rss for sample in samples if FIRST_MINUTE_S <= sample.at_s < FIRST_MINUTE_S + WINDOW_S]
    late = [sample.rss for sample in samples if sample.at_s > last - WINDOW_S]
    if not early:
        return None
    largest = max(sample.rss for sample in samples)
    return Growth(statistics.median(early), statistics.median(late), largest, last)
