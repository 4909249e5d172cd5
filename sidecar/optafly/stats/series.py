"""Figures over time: the same events, stretch by stretch."""

from collections.abc import Iterable
from typing import Final

import msgspec

from optafly.stats.events import HITS, Answered, Decided, Event
from optafly.stats.measures import cost, percentile, read_saving, share, write_extra

MOST_POINTS: Final = 1000


class Point(msgspec.Struct, frozen=True):
    """What happened from ``at`` on; None where nothing was measured. Times in ms, money in USD.

    ``failures`` are requests that failed or were refused, ``by_setting`` what no person was asked about.
    """

    at: float
    hits: int = 0
    misses: int = 0
    bypasses: int = 0
    failures: int = 0
    not_looked_up: int = 0
    stopped: int = 0
    hit_rate: float | None = None
    hit_p50_ms: float | None = None
    miss_p50_ms: float | None = None
    saved_ms: float = 0.0
    saved_usd: float = 0.0
    approved: int = 0
    rejected: int = 0
    by_setting: int = 0
    approval_rate: float | None = None


class _Stretch:
    def __init__(self, at: float) -> None:
        self.at = at
        self.hit_ms: list[float] = []
        self.miss_ms: list[float] = []
        self.bypasses = self.not_looked_up = self.stopped = self.failures = 0
        self.approved = self.rejected = self.by_setting = 0
        self.saved_ms = self.saved_usd = 0.0

    def add(self, event: Event) -> None:
        match event:
            case Decided(decision="accepted" | "modified"):
                self.approved += 1
            case Decided(decision="rejected"):
                self.rejected += 1
            case Decided(decision="by_setting"):
                self.by_setting += 1
            case Answered():
                self._answered(event)

    def _answered(self, event: Answered) -> None:
        rates = event.rates
        if event.path in HITS:
            self.hit_ms.append(event.latency_ms)
            self.saved_ms += event.saved_ms
            if rates is not None and event.spared is not None:
                self.saved_usd += cost(event.spared, rates)
            return
        match event.path:
            case "miss":
                self.miss_ms.append(event.latency_ms)
            case "bypass":
                self.bypasses += 1
            case "not-looked-up":
                self.not_looked_up += 1
            case "stopped":
                self.stopped += 1
            case _:
                self.failures += 1
        if rates is not None and event.usage is not None:
            self.saved_usd += read_saving(event.usage, rates) - write_extra(event.usage, rates)

    def point(self) -> Point:
        hits, misses = len(self.hit_ms), len(self.miss_ms)
        return Point(
            at=self.at,
            hits=hits,
            misses=misses,
            bypasses=self.bypasses,
            failures=self.failures,
            not_looked_up=self.not_looked_up,
            stopped=self.stopped,
            hit_rate=share(hits, hits + misses).share,
            hit_p50_ms=percentile(sorted(self.hit_ms), 50),
            miss_p50_ms=percentile(sorted(self.miss_ms), 50),
            saved_ms=self.saved_ms,
            saved_usd=self.saved_usd,
            approved=self.approved,
            rejected=self.rejected,
            by_setting=self.by_setting,
            approval_rate=share(self.approved, self.approved + self.rejected).share,
        )


class Series:
    """Takes events one by one, and gives a point for every ``width`` seconds from ``since`` to ``until``."""

    def __init__(self, since: float, until: float, width: float) -> None:
        count = max(1, min(MOST_POINTS, -int((since - until) // width)))
        self._since, self._width = since, width
        self._stretches = [_Stretch(since + number * width) for number in range(count)]

    def add(self, event: Event) -> None:
        """Take one event; one of another time is passed over."""
        number = int((event.at - self._since) // self._width)
        if 0 <= number < len(self._stretches):
            self._stretches[number].add(event)

    def points(self) -> tuple[Point, ...]:
        """A point for every stretch."""
        return tuple(stretch.point() for stretch in self._stretches)


def series(events: Iterable[Event], since: float, until: float, width: float) -> tuple[Point, ...]:
    """A point for every ``width`` seconds."""
    made = Series(since, until, width)
    for event in events:
        made.add(event)
    return made.points()
