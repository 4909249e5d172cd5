"""Private key blocks: whole, cut off at either end, indented, in diffs, and written into strings."""

import re
from collections.abc import Iterator
from typing import Final

from optafly.context.secret_spans import Span

PRIVATE_KEY: Final = "private-key"

_MARK: Final = re.compile(
    r"-{4,5} ?(?P<which>BEGIN|END) (?:[A-Z0-9]{2,12} ){0,4}PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-Lines: *[0-9]+"
)
# What may stand around key material on its line: diff signs, indentation, quotes, quoting marks, line numbers.
_LEAD: Final = r"[ \t+\->|#*\"'`]{0,60}+(?://[ \t]*)?(?:[0-9]{1,6}[ \t]*[|:][ \t]*)?"
_TAIL: Final = r"(?:\\[nr]|[\"'`,;+\\) \t.])*+"
_MATERIAL: Final = re.compile(rf"{_LEAD}([A-Za-z0-9+/=]{{16,}}+){_TAIL}")
_SHORT: Final = re.compile(rf"{_LEAD}([A-Za-z0-9+/=]{{1,15}}+){_TAIL}")
_HEADERS: Final = r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):"
_HEADER: Final = re.compile(rf"{_LEAD}({_HEADERS} [^\r\n]*)")
_BLANK: Final = re.compile(rf"{_LEAD}{_TAIL}")
# Within one line: runs of base64 (the letter of an escaped line end is no part of them) and what parts them.
_RUN: Final = re.compile(r"(?<!\\)[A-Za-z0-9+/=]{16,}+")
_PARTED: Final = r"(?:\\{1,4}[nr]|[ \t\"'`+,])*+"
_GAP: Final = re.compile(_PARTED)
_GAP_WITH_HEADERS: Final = re.compile(rf"{_PARTED}(?:{_HEADERS}[\w,. -]*{_PARTED})*")
_LAST_GAP: Final = re.compile(rf"{_PARTED}(?:(?P<short>[A-Za-z0-9+/=]{{1,15}}+){_PARTED}){{0,2}}")
_END_OF_RUN: Final = re.compile(
    r"(?:(?:\\{1,4}r)?\\{1,4}n(?P<short>[A-Za-z0-9+/]{1,15}={0,2})| (?P<padded>[A-Za-z0-9+/]{1,15}={1,2}))"
    r"(?=[\"'`\\\s]|\Z)"
)

Line = tuple[int, int]


def private_keys(text: str) -> Iterator[Span]:
    """The bodies of private keys, without their BEGIN and END lines.

    A body over several lines becomes one span, from the first character of its first line (after indentation and diff
    sign) to the last character of its last line.
    """
    if "PRIVATE KEY" not in text and "Private-Lines" not in text:
        return
    marks = list(_MARK.finditer(text))
    for index, mark in enumerate(marks):
        before = marks[index - 1] if index else None
        after = marks[index + 1] if index + 1 < len(marks) else None
        if mark["which"] == "END":
            if before is None or before["which"] == "END":
                yield from _before(text, before.end() if before else 0, mark.start())
            continue
        closed = after is not None and after["which"] == "END"
        yield from _after(text, mark.end(), after.start() if after else len(text), closed)


def _after(text: str, start: int, stop: int, closed: bool) -> Iterator[Span]:
    """Key material from a BEGIN mark on; ``stop`` is where the next mark begins, an END mark when ``closed``."""
    newline = text.find("\n", start, stop)
    line_end = stop if newline < 0 else newline
    runs = list(_RUN.finditer(text, start, line_end))
    if runs or newline < 0:
        if runs and closed and newline < 0 and 2 * sum(run.end() - run.start() for run in runs) >= stop - start:
            yield _span(text, _skip_gap(text, start), _end_before(text, runs[-1].end(), stop))
        elif runs and _GAP_WITH_HEADERS.fullmatch(text, start, runs[0].start()):
            yield _span(text, runs[0].start(), _end_after(text, _chain(text, runs), line_end))
        return
    lines = _lines(text, newline + 1, stop)
    if closed and lines and lines[-1][1] == stop:
        if not (_MATERIAL.fullmatch(text, *lines[-1]) or _SHORT.fullmatch(text, *lines[-1])):
            lines.pop()
        material = sum(_MATERIAL.fullmatch(text, *line) is not None for line in lines)
        if material and material * 2 >= sum(_BLANK.fullmatch(text, *line) is None for line in lines):
            yield _body(text, lines)
            return
    if kept := _leading(text, lines):
        yield _body(text, kept)


def _leading(text: str, lines: list[Line]) -> list[Line]:
    """The lines from the first on which are key material, after headers; empty when none is."""
    seen = False
    for number, line in enumerate(lines):
        if _MATERIAL.fullmatch(text, *line):
            seen = True
        elif seen:
            return lines[: number + _ends_a_key(text, line)]
        elif not (_HEADER.fullmatch(text, *line) or _BLANK.fullmatch(text, *line)):
            return []
    return lines if seen else []


def _ends_a_key(text: str, line: Line) -> bool:
    """Whether a short line is the end of a cut-off key rather than a word of what follows."""
    short = _SHORT.fullmatch(text, *line)
    return short is not None and (line[1] == len(text) or bool(re.search(r"[0-9+/=]|[a-z][A-Z]", short[1])))


def _before(text: str, start: int, stop: int) -> Iterator[Span]:
    """Key material that ends at an END mark whose BEGIN mark was cut off."""
    line_start = max(start, text.rfind("\n", start, stop) + 1)
    runs = list(_RUN.finditer(text, line_start, stop))
    if runs:
        if _LAST_GAP.fullmatch(text, runs[-1].end(), stop):
            first = len(runs) - 1
            while first and _GAP.fullmatch(text, runs[first - 1].end(), runs[first].start()):
                first -= 1
            yield _span(text, runs[first].start(), _end_before(text, runs[-1].end(), stop))
        return
    kept: list[Line] = []
    for line in _lines_up(text, start, line_start):
        short = len(kept) < 2 or line[0] == 0
        if not (_MATERIAL.fullmatch(text, *line) or (short and _SHORT.fullmatch(text, *line))):
            break
        kept.append(line)
    kept.reverse()
    if any(_MATERIAL.fullmatch(text, *line) for line in kept):
        yield _body(text, kept)


def _chain(text: str, runs: list[re.Match[str]]) -> int:
    """Where the runs end that follow the first with nothing but escapes, quotes and spaces between them."""
    end = runs[0].end()
    for run in runs[1:]:
        if not _GAP.fullmatch(text, end, run.start()):
            break
        end = run.end()
    return end


def _end_after(text: str, end: int, stop: int) -> int:
    """Where the last, shorter line of a cut-off key in a string ends: ``...\\nAbC=``."""
    while (short := _END_OF_RUN.match(text, end, stop)) is not None:
        end = short.end(short.lastgroup or 0)
    return end


def _end_before(text: str, end: int, stop: int) -> int:
    """Where the shorter lines end that stand between the last run and an END mark."""
    last = _LAST_GAP.fullmatch(text, end, stop)
    return last.end("short") if last is not None and last["short"] else end


def _skip_gap(text: str, start: int) -> int:
    gap = _GAP.match(text, start)
    return gap.end() if gap else start


def _body(text: str, lines: list[Line]) -> Span:
    """One span for the lines, blank ones at either end left alone."""
    filled = [line for line in lines if _BLANK.fullmatch(text, *line) is None]
    first, last = filled[0], filled[-1]
    opening = _MATERIAL.fullmatch(text, *first) or _SHORT.fullmatch(text, *first) or _HEADER.match(text, *first)
    closing = _MATERIAL.fullmatch(text, *last) or _SHORT.fullmatch(text, *last)
    return _span(text, opening.start(1) if opening else first[0], closing.end(1) if closing else last[1])


def _span(text: str, begin: int, end: int) -> Span:
    return Span(begin, end, PRIVATE_KEY, parts=tuple(_RUN.findall(text, begin, end)))


def _lines(text: str, start: int, stop: int) -> list[Line]:
    """Where the lines between two places begin and end, line ends left out."""
    lines: list[Line] = []
    while start <= stop:
        end = text.find("\n", start, stop)
        end = stop if end < 0 else end
        lines.append((start, end - 1 if end > start and text[end - 1] == "\r" else end))
        start = end + 1
    return lines


def _lines_up(text: str, start: int, stop: int) -> Iterator[Line]:
    """The lines that end before ``stop``, the start of a line, last first."""
    while stop > start:
        end = stop - 1
        stop = max(start, text.rfind("\n", start, end) + 1)
        yield stop, end - 1 if end > stop and text[end - 1] == "\r" else end
