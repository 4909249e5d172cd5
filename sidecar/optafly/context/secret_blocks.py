"""Private key blocks: whole, cut off at either end, indented, in diffs, and written into strings."""

import re
from collections.abc import Iterator
from typing import Final

from optafly.context.secret_spans import Span

PRIVATE_KEY: Final = "private-key"

_MARK: Final = re.compile(
    r"-{4,5} ?(?P<which>BEGIN|END) (?:[A-Z0-9]{2,12} ){0,4}PRIVATE KEY(?: BLOCK)? ?-{4,5}"
    r"|PuTTY-User-Key-File-[0-9]:|(?P<putty>Private-Lines:) *[0-9]+"
)
# What may stand before key material on a line: diff signs, indentation, quotes, quoting marks, line numbers.
_LEAD: Final = r"[ \t+\->|#*/\"'`.]{0,60}+(?:[0-9]{1,6}[ \t]*[|:][ \t]*)?"
_TAIL: Final = r"(?:\\[nr]|[\"'`,;+\\) \t.])*+"
_MATERIAL: Final = re.compile(rf"{_LEAD}([A-Za-z0-9+/=]{{16,}}+){_TAIL}")
_SHORT: Final = re.compile(rf"{_LEAD}([A-Za-z0-9+/=]{{1,15}}+){_TAIL}")
_HEADER: Final = re.compile(rf"{_LEAD}((?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|Subject|MessageID): [^\r\n]*)")
_BLANK: Final = re.compile(rf"{_LEAD}{_TAIL}")
_INLINE: Final = re.compile(r"[A-Za-z0-9+/=]{16,}+")
# Between the marks of a key in one line: base64, line ends however escaped, spaces, headers.
_INLINE_BODY: Final = re.compile(r"(?:[A-Za-z0-9+/=]++|\\{1,4}[nr]|[ \t]|(?:Proc-Type|DEK-Info|Version|Comment): ?[\w,. -]*)++")
_ESCAPES: Final = re.compile(r"(?:\\{1,4}[nr]|[ \t])*+")
_LAST_ESCAPES: Final = re.compile(r"(?:\\{1,4}[nr]|[ \t])+\Z")
_LINES_BETWEEN: Final = 400


def private_keys(text: str) -> Iterator[Span]:
    """The bodies of private keys, without their BEGIN and END lines.

    A body over several lines becomes one span, from the first character of its first line (after indentation and diff
    sign) to the last character of its last line.
    """
    marks = [mark for mark in _MARK.finditer(text) if mark["which"] or mark["putty"]]
    done = 0
    for index, mark in enumerate(marks):
        if mark["which"] == "END":
            if mark.start() >= done:
                yield from _before(text, max(done, marks[index - 1].end() if index else 0), mark.start())
            continue
        after = marks[index + 1] if index + 1 < len(marks) else None
        closed = after is not None and after["which"] == "END"
        span = _after(text, mark.end(), after.start() if after else len(text), closed)
        if span is not None:
            yield span
            done = after.end() if closed and after else span.end


def _after(text: str, start: int, stop: int, closed: bool) -> Span | None:
    """Key material from a BEGIN mark on; ``stop`` is where the next mark begins, an END mark when ``closed``."""
    line_end = _line_end(text, start)
    if line_end >= stop or _INLINE.search(text, start, line_end):
        return _inline(text, start, min(stop, line_end))
    lines = _lines(text, line_end, stop)
    if closed and lines:
        lines.pop()  # what stands before the END mark on its own line
        material = sum(_MATERIAL.fullmatch(text, *line) is not None for line in lines)
        filled = sum(_BLANK.fullmatch(text, *line) is None for line in lines)
        if material and material * 2 >= filled:
            return _body(text, lines)
    kept = 0
    seen = False
    for number, line in enumerate(lines):
        if _MATERIAL.fullmatch(text, *line):
            seen = True
        elif seen and _SHORT.fullmatch(text, *line):
            kept = number + 1
            break
        elif not (not seen and (_HEADER.fullmatch(text, *line) or _BLANK.fullmatch(text, *line))):
            break
        kept = number + 1
    return _body(text, lines[:kept]) if seen else None


def _before(text: str, start: int, stop: int) -> Iterator[Span]:
    """Key material that ends at an END mark whose BEGIN mark was cut off."""
    line_start = text.rfind("\n", start, stop) + 1
    if line_start == 0:
        body = _INLINE_BODY.search(text, start, stop)
        found = list(_INLINE_BODY.finditer(text, start, stop)) if body else []
        if found and found[-1].end() == stop and (span := _inline(text, found[-1].start(), stop)):
            yield span
        return
    lines = _lines(text, start, stop, from_start=True)[:-1]
    kept = len(lines)
    while kept:
        line = lines[kept - 1]
        last = kept == len(lines)
        first = kept == 1 and line[0] == 0
        if not (_MATERIAL.fullmatch(text, *line) or ((last or first) and _SHORT.fullmatch(text, *line))):
            break
        kept -= 1
    found_lines = lines[kept:]
    if any(_MATERIAL.fullmatch(text, *line) for line in found_lines):
        yield _body(text, found_lines)


def _inline(text: str, start: int, stop: int) -> Span | None:
    """Key material on one line, with its line ends written as escapes."""
    body = _INLINE_BODY.match(text, start, stop)
    if body is None or not _INLINE.search(text, start, body.end()):
        return None
    lead = _ESCAPES.match(text, start, body.end())
    begin = lead.end() if lead else start
    last = _LAST_ESCAPES.search(text, begin, body.end())
    end = last.start() if last else body.end()
    return Span(begin, end, PRIVATE_KEY, parts=tuple(_INLINE.findall(text, begin, end)))


def _body(text: str, lines: list[tuple[int, int]]) -> Span:
    """One span for the lines, blank ones at either end left alone."""
    filled = [line for line in lines if _BLANK.fullmatch(text, *line) is None]
    first, last = filled[0], filled[-1]
    opening = _MATERIAL.fullmatch(text, *first) or _HEADER.match(text, *first)
    closing = _MATERIAL.fullmatch(text, *last) or _SHORT.fullmatch(text, *last)
    begin = opening.start(1) if opening else first[0]
    end = closing.end(1) if closing else last[1]
    return Span(begin, end, PRIVATE_KEY, parts=tuple(_INLINE.findall(text, begin, end)))


def _lines(text: str, start: int, stop: int, *, from_start: bool = False) -> list[tuple[int, int]]:
    """Where the lines between two places begin and end, line ends left out; the line of ``start`` only if asked for."""
    lines = []
    position = start if from_start else start + 1
    while position <= stop and len(lines) < _LINES_BETWEEN:
        end = text.find("\n", position, stop)
        end = stop if end < 0 else end
        lines.append((position, end - 1 if end > position and text[end - 1] == "\r" else end))
        position = end + 1
    return lines


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
