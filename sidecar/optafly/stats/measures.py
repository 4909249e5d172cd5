"""The arithmetic of figures: shares with their intervals, percentiles, money."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from optafly.stats.events import Rates, Usage

_Z: Final = 1.959963984540054
"""Of a normal distribution: 95 % lie within it."""
_PER: Final = 1e6


class Share(msgspec.Struct, frozen=True):
    """``count`` of ``of`` (``share``, 0 to 1), with the 95 % interval by Wilson (1927); None where there were none."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class Difference(msgspec.Struct, frozen=True):
    """One share less another, in points of 0 to 1, with the 95 % interval by Newcombe (1998, method 10)."""

    points: float
    low: float
    high: float


class Spread(msgspec.Struct, frozen=True):
    """How values are spread; None where there are none."""

    count: int = 0
    p50: float | None = None
    p99: float | None = None


class Money(msgspec.Struct, frozen=True):
    """USD of the requests whose price is known, how many those are, and of how many none is."""

    usd: float | None = None
    priced: int = 0
    unpriced: int = 0


def share(count: int, of: int) -> Share:
    """A share with its interval."""
    if of == 0:
        return Share(0, 0, None, None, None)
    found, square = count / of, _Z * _Z
    middle = (found + square / (2 * of)) / (1 + square / of)
    reach = _Z / (1 + square / of) * math.sqrt(found * (1 - found) / of + square / (4 * of * of))
    # Rounding must not put the share outside its own interval.
    return Share(count, of, found, max(0.0, min(found, middle - reach)), min(1.0, max(found, middle + reach)))


def difference(more: Share, less: Share) -> Difference | None:
    """``more`` less ``less``; None where one of them is none."""
    one, other = more.share, less.share
    if one is None or other is None:
        return None
    assert more.low is not None and more.high is not None and less.low is not None and less.high is not None  # noqa: S101
    points = one - other
    low = points - math.hypot(one - more.low, less.high - other)
    high = points + math.hypot(more.high - one, other - less.low)
    return Difference(points, max(-1.0, low), min(1.0, high))


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The least of the values (in order) that ``percent`` of them do not exceed: the nearest rank."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(percent * len(ordered) / 100) - 1)]


def spread(values: Sequence[float]) -> Spread:
    """How values are spread."""
    ordered = sorted(values)
    return Spread(len(ordered), percentile(ordered, 50), percentile(ordered, 99))


def mean(values: Sequence[float]) -> float | None:
    """Their mean; None where there are none."""
    return math.fsum(values) / len(values) if values else None


def cost(usage: Usage, rates: Rates) -> float:
    """What these tokens cost in USD."""
    return (
        usage.input * rates.input
        + usage.output * rates.output
        + usage.cache_read * rates.cache_read
        + usage.cache_write * rates.cache_write
        + usage.cache_write_1h * rates.cache_write_1h
    ) / _PER


def read_saving(usage: Usage, rates: Rates) -> float:
    """What tokens read from the prompt cache cost less than others, in USD."""
    return usage.cache_read * (rates.input - rates.cache_read) / _PER


def write_extra(usage: Usage, rates: Rates) -> float:
    """What tokens written to the prompt cache cost more than others, in USD."""
    extra = usage.cache_write * (rates.cache_write - rates.input)
    return (extra + usage.cache_write_1h * (rates.cache_write_1h - rates.input)) / _PER
