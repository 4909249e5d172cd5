"""What the dashboard shows: figures, the same over time, the latest refinements, kept answers."""

import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.core.wire_decide import EntryRow
from optafly.errors import OptaFlyError
from optafly.stats.events import Refined
from optafly.stats.figures import Tally
from optafly.stats.report import Report
from optafly.stats.series import Point, Series
from optafly.stats.store import read_events

LATEST: Final = 20
MOST_KEPT: Final = 50
_HOUR_S: Final = 3600.0
_DAY_S: Final = 24 * _HOUR_S


class Span(msgspec.Struct, frozen=True):
    """A stretch of time up to now, and how finely it is drawn, in seconds."""

    words: str
    length: float
    width: float
    form: str
    """How its times are written."""


SPANS: Final[Mapping[str, Span]] = MappingProxyType(
    {
        "24h": Span("24 hours", _DAY_S, _HOUR_S, "%H:%M"),
        "7d": Span("7 days", 7 * _DAY_S, 6 * _HOUR_S, "%a %H:%M"),
        "30d": Span("30 days", 30 * _DAY_S, _DAY_S, "%d %b"),
        "1y": Span("12 months", 364 * _DAY_S, 7 * _DAY_S, "%d %b %Y"),
    }
)
USUAL_SPAN: Final = "30d"


class Counted(msgspec.Struct, frozen=True):
    """What was counted in a span; ``trouble`` says why it is not everything."""

    span: str
    report: Report
    points: tuple[Point, ...]
    latest: tuple[Refined, ...]
    trouble: str = ""


class Kept(msgspec.Struct, frozen=True):
    """The answers that were used last; ``trouble`` says why they cannot be shown."""

    rows: tuple[EntryRow, ...] = ()
    trouble: str = ""


def count(file: Path, span: str, now: float) -> Counted:
    """Read what was counted in one of `SPANS`; may take seconds."""
    shown = SPANS[span]
    # Stretches begin at full hours and midnights of this place.
    offset = time.localtime(now).tm_gmtoff or 0
    end = ((now + offset) // shown.width + 1) * shown.width - offset
    since = end - shown.length
    tally, over_time = Tally(), Series(since, end, shown.width)
    latest: deque[Refined] = deque(maxlen=LATEST)
    trouble = ""
    try:
        for event in read_events(file, since, end):
            tally.add(event)
            over_time.add(event)
            if isinstance(event, Refined) and event.ready != "again":
                latest.append(event)
    except OptaFlyError as error:
        trouble = str(error)
    return Counted(span, tally.report(since, end), over_time.points(), tuple(reversed(latest)), trouble)
