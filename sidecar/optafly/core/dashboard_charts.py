"""Charts as inline SVG: bars and lines over time, in colours of the page's style sheet."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

import msgspec

_WIDTH: Final = 560
_HEIGHT: Final = 190
_LEFT: Final = 70
_RIGHT: Final = 8
_TOP: Final = 14
_BOTTOM: Final = 24
_INNER: Final = _WIDTH - _LEFT - _RIGHT
_FLOOR: Final = _HEIGHT - _BOTTOM
_TICKS: Final = 4
Say = Callable[[float], str]


class Row(msgspec.Struct, frozen=True):
    """One of the things a chart shows: its name, its class in the style sheet, a value (or none) for each time."""

    name: str
    style: str
    values: tuple[float | None, ...]


def bars(
    title: str, times: Sequence[str], rows: Sequence[Row], say: Say, *, summary: str = "", whole: bool = False
) -> str:
    """Bars upon each other; below the line where they are negative.

    ``summary`` says what they come to; with ``whole`` no part of one stands beside the grid.
    """
    sums = [
        (math.fsum(max(0.0, value or 0.0) for value in at), math.fsum(min(0.0, value or 0.0) for value in at))
        for at in zip(*(row.values for row in rows), strict=True)
    ]
    if not any(high or low for high, low in sums):
        return _empty(title)
    least = 1.0 if whole else 0.0
    ticks = _ticks(min(0.0, *(low for _, low in sums)), max(0.0, *(high for high, _ in sums)), least)
    place = _linear(ticks[0], ticks[-1])
    step = _INNER / len(times)
    drawn = []
    for number in range(len(times)):
        ends = [0.0, 0.0]
        for row in rows:
            value = row.values[number]
            if not value:
                continue
            side = value < 0
            start, ends[side] = ends[side], ends[side] + value
            top, bottom = sorted((place(start), place(ends[side])))
            drawn.append(
                f'<rect class="{row.style}" x="{_LEFT + number * step + step * 0.1:.1f}" y="{top:.1f}"'
                f' width="{step * 0.8:.1f}" height="{max(0.5, bottom - top):.1f}"/>'
            )
    drawn.append(_columns(times, rows, say))
    return _chart(title, summary, rows, times, [(place(tick), say(tick)) for tick in ticks], "".join(drawn))


def lines(
    title: str,
    times: Sequence[str],
    rows: Sequence[Row],
    say: Say,
    *,
    summary: str = "",
    top: float | None = None,
    scale: Say | None = None,
) -> str:
    """Points with lines between neighbours; from 0 to ``top``, or by powers of ten without.

    ``summary`` says what they come to, ``scale`` the values beside the grid where that is not to be ``say``.
    """
    values = [value for row in rows for value in row.values if value is not None]
    if not values:
        return _empty(title)
    if top is not None:
        ticks = [top * number / _TICKS for number in range(_TICKS + 1)]
        place = _linear(0.0, top)
    else:
        ticks = _powers(min(values), max(values))
        place = _logarithmic(ticks[0], ticks[-1])
    step = _INNER / len(times)
    drawn = []
    for row in rows:
        before: tuple[float, float] | None = None
        for number, value in enumerate(row.values):
            if value is None:
                before = None
                continue
            here = (_LEFT + (number + 0.5) * step, place(value))
            if before is not None:
                drawn.append(
                    f'<line class="{row.style}" x1="{before[0]:.1f}" y1="{before[1]:.1f}" x2="{here[0]:.1f}"'
                    f' y2="{here[1]:.1f}"/>'
                )
            drawn.append(f'<circle class="{row.style}" cx="{here[0]:.1f}" cy="{here[1]:.1f}" r="3"/>')
            before = here
    drawn.append(_columns(times, rows, say))
    return _chart(title, summary, rows, times, [(place(tick), (scale or say)(tick)) for tick in ticks], "".join(drawn))


def _columns(times: Sequence[str], rows: Sequence[Row], say: Say) -> str:
    """What is shown of each time to whoever points anywhere above it."""
    step = _INNER / len(times)
    made = []
    for number, time in enumerate(times):
        values = [(row.name, row.values[number]) for row in rows]
        words = [f"{name}: {say(value)}" for name, value in values if value]
        words = words or [f"{name}: {say(value)}" for name, value in values if value is not None and len(rows) == 1]
        if words:
            made.append(
                f'<path class="at" d="M{_LEFT + number * step:.1f} {_TOP}h{step:.1f}V{_FLOOR}h-{step:.1f}z">'
                f"<title>{escape(chr(10).join([time, *words]))}</title></path>"
            )
    return "".join(made)


def _chart(
    title: str,
    summary: str,
    rows: Sequence[Row],
    times: Sequence[str],
    ticks: Sequence[tuple[float, str]],
    drawn: str,
) -> str:
    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>'
        f'<text class="scale" x="{_LEFT - 6}" y="{y + 4:.1f}">{escape(words)}</text>'
        for y, words in ticks
    )
    shown = sorted({0, len(times) // 2, len(times) - 1})
    anchors = {0: "start", len(times) - 1: "end"}
    step = _INNER / len(times)
    below = "".join(
        f'<text class="time {anchors.get(number, "middle")}" x="{_LEFT + (number + 0.5) * step:.1f}"'
        f' y="{_HEIGHT - 6}">{escape(times[number])}</text>'
        for number in shown
    )
    names = "".join(f'<li class="{row.style}">{escape(row.name)}</li>' for row in rows)
    legend = f'<ul class="legend">{names}</ul>' if len(rows) > 1 else ""
    return (
        f'<figure>{_caption(title, summary)}<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{escape(f"{title}: {summary}" if summary else title)}">{grid}{drawn}{below}</svg>'
        f"{legend}</figure>"
    )


def _caption(title: str, summary: str = "") -> str:
    more = f' <span class="summary">{escape(summary)}</span>' if summary else ""
    return f"<figcaption>{escape(title)}{more}</figcaption>"


def _empty(title: str) -> str:
    return f'<figure>{_caption(title)}<p class="none">no data</p></figure>'


def _ticks(low: float, high: float, least: float) -> list[float]:
    """Round numbers from at most ``low`` to at least ``high``, 0 among them; ``least`` is the least step, or 0."""
    raw = max((high - low) / _TICKS, least)
    power = 10.0 ** math.floor(math.log10(raw))
    steps = (factor * power for factor in (1, 2, 2.5, 5, 10))
    step = next(step for step in steps if step >= raw * (1 - 1e-9) and (not least or step % least == 0))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _powers(low: float, high: float) -> list[float]:
    """Powers of ten from at most ``low`` to at least ``high``; what is below 0.1 counts as that."""
    first = math.floor(math.log10(max(0.1, low)))
    last = max(first + 1, math.ceil(math.log10(max(0.1, high))))
    return [10.0**number for number in range(first, last + 1)]


def _linear(low: float, high: float) -> Callable[[float], float]:
    return lambda value: _FLOOR - (value - low) / (high - low) * (_FLOOR - _TOP)


def _logarithmic(low: float, high: float) -> Callable[[float], float]:
    place = _linear(math.log10(low), math.log10(high))
    return lambda value: place(math.log10(max(low, value)))
