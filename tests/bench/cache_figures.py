"""What is counted of a cache's answers, and what follows from the counts."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

CONFIDENCE: Final = 0.95


def upper_bound(events: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided upper bound of a share, exact for the binomial distribution (Clopper and Pearson 1934)."""
    if not 0 <= events <= trials:
        raise ValueError("there are more events than trials")
    if events == trials:
        return 1.0
    low, high = events / trials, 1.0
    for _ in range(45):
        middle = (low + high) / 2
        if _at_most(events, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(events: int, trials: int, share: float) -> float:
    """The probability of so many events or fewer."""
    if share <= 0.0 or share >= 1.0:
        return float(share <= 0.0)
    log, rest, total = math.log(share), math.log1p(-share), 0.0
    whole = math.lgamma(trials + 1)
    for count in range(events + 1):
        ways = whole - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
        total += math.exp(ways + count * log + (trials - count) * rest)
    return min(1.0, total)


class Served(NamedTuple):
    """What was asked for and whose answer was given, both as what stands for them; None where none was given."""

    wanted: str
    given: str | None


class Tally(NamedTuple):
    """Hits with the right answer, hits with a wrong one, and misses."""

    right: int
    wrong: int
    miss: int

    @property
    def asked(self) -> int:
        """How often the cache was asked."""
        return self.right + self.wrong + self.miss

    @property
    def hit_rate(self) -> float:
        """The share of what was asked that was answered, rightly or not."""
        return (self.right + self.wrong) / self.asked if self.asked else 0.0

    @property
    def wrong_share(self) -> float:
        """The share of the hits that was wrong; 0 where nothing hit."""
        hits = self.right + self.wrong
        return self.wrong / hits if hits else 0.0

    @property
    def wrong_bound(self) -> float:
        """The upper bound of that share; 1 where nothing hit."""
        hits = self.right + self.wrong
        return upper_bound(self.wrong, hits) if hits else 1.0


def tally(served: Sequence[Served]) -> Tally:
    """Count; right is what stands for the same, whichever entry it came from."""
    right = sum(item.given is not None and item.given == item.wanted for item in served)
    miss = sum(item.given is None for item in served)
    return Tally(right, len(served) - right - miss, miss)


class Scored(NamedTuple):
    """How sure a system is that one answer serves both texts (None: it would never give it), and whether it does."""

    score: float | None
    same: bool


class AtRate(NamedTuple):
    """Where so many of the same pairs hit: the right and the wrong hits, and how many pairs there were of each."""

    right: int
    wrong: int
    same: int
    different: int

    @property
    def wrong_share(self) -> float:
        """The share of the hits that was wrong."""
        return self.wrong / (self.right + self.wrong)


def at_hit_rate(pairs: Sequence[Scored], rate: float) -> AtRate | None:
    """The strictest threshold at which this share of the same pairs hits; None where the system never gets there.

    All pairs of one score hit together, so the rate may be exceeded.
    """
    same = sum(pair.same for pair in pairs)
    needed = max(1, math.ceil(rate * same - 1e-9))
    ranked = sorted((pair for pair in pairs if pair.score is not None), key=lambda pair: -(pair.score or 0.0))
    right = wrong = 0
    for place, pair in enumerate(ranked):
        right, wrong = right + pair.same, wrong + (not pair.same)
        last_of_score = place + 1 == len(ranked) or ranked[place + 1].score != pair.score
        if right >= needed and last_of_score:
            return AtRate(right, wrong, same, len(pairs) - same)
    return None


class Judged(NamedTuple):
    """A pair of the held-out part, and whether a system gave the answer of one to the other."""

    same: bool
    kind: str
    hit: bool


class HeldOut(NamedTuple):
    """Hits among the pairs that are the same, false hits among those that differ, and how many there were."""

    hits: int
    same: int
    false: int
    different: int

    @property
    def hit_rate(self) -> float:
        """The share of the same that hit."""
        return self.hits / self.same if self.same else 0.0

    @property
    def false_rate(self) -> float:
        """The share of the different that hit."""
        return self.false / self.different if self.different else 0.0

    @property
    def false_bound(self) -> float:
        """The upper bound of that share."""
        return upper_bound(self.false, self.different) if self.different else 1.0


def held_out(judged: Sequence[Judged]) -> HeldOut:
    """Count over all kinds."""
    same, different = [item for item in judged if item.same], [item for item in judged if not item.same]
    return HeldOut(sum(item.hit for item in same), len(same), sum(item.hit for item in different), len(different))


def by_kind(judged: Sequence[Judged]) -> dict[str, HeldOut]:
    """The same count for each kind, the most frequent first."""
    kinds = sorted({item.kind for item in judged}, key=lambda kind: (-sum(j.kind == kind for j in judged), kind))
    return {kind: held_out([item for item in judged if item.kind == kind]) for kind in kinds}


def percent(share: float, digits: int = 1) -> str:
    """A share as people read it."""
    return f"{100 * share:.{digits}f} %"


def met(reached: bool) -> str:
    """The word for a target."""
    return "met" if reached else "**not met**"
