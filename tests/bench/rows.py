"""Rows of the benchmark's tables."""

import statistics
from collections.abc import Sequence

Row = list[str]


def at(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def row(name: str, values: Sequence[float], target: str, limit: float | None) -> Row:
    """A table row; the target is met by the p50."""
    p50 = statistics.median(values)
    met = "–" if limit is None else "yes" if p50 < limit else "**no**"
    return [name, str(len(values)), f"{p50:.1f}", f"{at(values, 0.95):.1f}", target, met]
