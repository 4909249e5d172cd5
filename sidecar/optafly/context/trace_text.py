"""What a trace is, and the pasted text as lines that its readers can match.

Colour codes, carriage returns and quote marks are taken off each line here, once, so that no reader has to know about
them; blocks are whole lines, so offsets in the original text follow from the line numbers.
"""

import re
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import unquote

import msgspec

ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[()][0-9A-Z]|[@-Z\\-_])")
FENCE = re.compile(r"\s*```")
NUMBER = "[0-9]{1,9}"  # bounded: int() refuses very long digit strings
MAX_MESSAGE_LINES = 12

_QUOTED = re.compile(r"(?: {0,3}> ?)+")
_QUOTE_MARK = re.compile(r" {0,3}> ?")
_PYTEST_MARK = re.compile(r">\s{3,}")
_SERVICE = re.compile(r"[A-Za-z][\w.-]* +\| ")
_GROUP_HEADER = "Exception Group Traceback (most recent call last):"
_GROUP_MARGIN = re.compile(r"\s*(?:\| ?|\+-)")
_URL = re.compile(r"(?:file://(?:localhost)?(?:/(?=[A-Za-z]:))?|https?://[^/]*|webpack(?:-internal)?://[^/]*/)(?=.)")
_CAPITAL_INSIDE = re.compile(r".[A-Z0-9_]")
_ERROR_NAME = re.compile(r"(?:[Ee]rror|Exception|Warning|Exit|Interrupt|Group|Timeout|Iteration|Failure|Fault)$")
_INLINE_ERROR = re.compile(r"(?<=\s)(?:[\w$]+\.)*[\w$]*(?:Error|Exception)\b(?: \[\w+\])?:")
_DRAWN_SOURCE = re.compile(r"\s*(?:> *)?\d+ \|")
# Words that open a sentence under a truncated trace, and would otherwise read as the name of an exception.
_PROSE = frozenset(
    "Actual Also And Btw But Context Details Edit Environment Example Expected Fix Goal Hint How Idea Note Notes "
    "Output Please Problem Question Reason Result So Steps Task Then Update Version What When Where Why".split()
)


class Frame(msgspec.Struct, frozen=True):
    """One place that a trace names.

    ``path`` is as printed, without quotes and URL scheme, with forward slashes; ``line`` and ``column`` are 1-based.
    ``function`` is as printed, without arguments. ``line_known`` is false where the tool printed no line (the short
    summary of pytest): ``line`` is then 1, and ``function`` says where.
    """

    path: str
    line: int
    column: int | None
    function: str | None
    line_known: bool = True


class Trace(msgspec.Struct, frozen=True):
    """A pasted traceback or compiler output.

    ``kind`` is python, pytest, node, rust, go, java, gcc or tsc. ``start`` and ``end`` are code point offsets of the
    whole block, end exclusive. ``message`` is verbatim, without colour codes, and empty where none was pasted.
    ``frames`` begin where the error was raised; for compilers errors come before warnings and notes.
    """

    kind: str
    start: int
    end: int
    message: str
    frames: tuple[Frame, ...]


class Span(NamedTuple):
    """A stretch of text from ``start`` in line ``first`` to ``end`` (None: its end) in line ``last``."""

    first: int
    start: int
    last: int
    end: int | None = None


class Block(NamedTuple):
    """What a reader found: lines ``first`` to ``last``, both included, from ``column`` of the first one.

    An empty ``kind`` is for lines that are no trace after all and that no reader needs to look at again: without it
    a text that is all beginnings would be read to its end from each of them.
    """

    kind: str
    first: int
    last: int
    message: Span | None
    frames: list[Frame]
    column: int = 0


def nothing(first: int, last: int) -> list[Block]:
    """What a reader returns that read to line ``last`` before it knew that this is no trace."""
    return [Block("", first, last, None, [])] if last >= first else []


class Raised(NamedTuple):
    """One error of a stack: its message, the frames under it, and whether it caused the error printed above it."""

    message: Span | None
    frames: list[Frame]
    cause: bool = False


class Lines:
    """A text as lines to match: ``texts`` holds them without colour codes, quote marks and trailing blanks."""

    def __init__(self, text: str) -> None:
        self._raw = text.split("\n")
        self._clean = [ESCAPE.sub("", line) for line in self._raw] if "\x1b" in text else self._raw
        self._margins = _margins(text, self._clean)
        self.texts = [line[margin:].rstrip() for line, margin in zip(self._clean, self._margins, strict=True)]

    def dedent(self, index: int) -> None:
        """Take the indentation of line ``index`` off it and off the lines below that are indented as far."""
        margin = indent(self.texts[index])
        while margin and index < len(self.texts) and (indent(line := self.texts[index]) >= margin or not line):
            self.texts[index] = line[margin:]
            self._margins[index] += margin if line else 0
            index += 1

    def traces(self, blocks: Iterable[Block]) -> tuple[Trace, ...]:
        """The blocks as traces, their lines turned into offsets of the original text."""
        blocks = list(blocks)
        if not blocks:
            return ()
        starts = list(accumulate((len(line) + 1 for line in self._raw), initial=0))
        return tuple(
            Trace(
                block.kind,
                starts[block.first] + self._raw_column(block.first, block.column),
                starts[block.last] + len(self._raw[block.last].removesuffix("\r")),
                self._slice(block.message) if block.message else "",
                tuple(block.frames),
            )
            for block in blocks
        )

    def _slice(self, span: Span) -> str:
        # Quote marks in between would be part of the message, so under them it is its first line only.
        if span.last == span.first or any(self._margins[span.first : span.last + 1]):
            return self.texts[span.first][span.start : span.end if span.last == span.first else None]
        last = min(span.last, span.first + MAX_MESSAGE_LINES - 1)
        lines = [self.texts[span.first][span.start :] + self._tail(span.first), *self._clean[span.first + 1 : last]]
        return "\n".join([*lines, self.texts[last][: span.end if last == span.last else None]])

    def _tail(self, line: int) -> str:
        return self._clean[line][self._margins[line] + len(self.texts[line]) :]

    def _raw_column(self, line: int, column: int) -> int:
        """Where a column of the matched line is in the original one, before any colour code that stands there."""
        if column == 0:
            return 0
        column += self._margins[line]
        for escape in ESCAPE.finditer(self._raw[line]):
            if escape.start() >= column:
                break
            column += escape.end() - escape.start()
        return column


def _margins(text: str, lines: list[str]) -> list[int]:
    """How much of each line is quoting: ``> ``, a service's name from docker compose, or an exception group's edge."""
    margins = [0] * len(lines)
    if ">" in text:
        _quote_margins(lines, margins)
    if " | " in text:
        _service_margins(lines, margins)
    if "Exception Group" in text:
        for index, line in enumerate(lines):
            if _GROUP_HEADER in line:
                _group_margins(lines, margins, index + 1)
    return margins


def _quote_margins(lines: list[str], margins: list[int]) -> None:
    index = 0
    while index < len(lines):
        stop = index
        depth = len(lines[index])
        while stop < len(lines) and (match := _QUOTED.match(lines[stop])):
            depth = min(depth, match[0].count(">"))
            stop += 1
        # pytest marks the failing line of its source with a ">" of its own, on one line at a time.
        if stop - index > 1 or (stop > index and not _PYTEST_MARK.match(lines[index])):
            for quoted in range(index, stop):
                for _ in range(depth):
                    mark = _QUOTE_MARK.match(lines[quoted], margins[quoted])
                    margins[quoted] = mark.end() if mark else margins[quoted]
        index = max(stop, index + 1)


def _service_margins(lines: list[str], margins: list[int]) -> None:
    index = 0
    while index < len(lines):
        match = None if margins[index] else _SERVICE.match(lines[index])
        stop = index + 1
        if match:
            name = match[0].rstrip()
            while stop < len(lines) and lines[stop].startswith(name):
                stop += 1
        if match and stop - index > 1:
            for named in range(index, stop):
                margins[named] = len(name) + lines[named].startswith(" ", len(name))
        index = stop


def _group_margins(lines: list[str], margins: list[int], index: int) -> None:
    while index < len(lines) and (match := _GROUP_MARGIN.match(lines[index], margins[index])):
        if "|" in match[0]:
            margins[index] = match.end()
        index += 1


def indent(line: str) -> int:
    """How many blanks the line begins with."""
    return len(line) - len(line.lstrip())


def frame(path: str, line: str, column: str | None = None, function: str | None = None) -> Frame | None:
    """A frame from what was printed; None where it names no place (line 0, as compilers print for their options)."""
    path = printed_path(path)
    if not path or int(line) == 0:
        return None
    return Frame(path, int(line), int(column or 0) or None, function)


def printed_path(path: str) -> str:
    """A printed path without quotes, URL scheme and query, with forward slashes."""
    path = path.strip("\"'`‘’ ")
    if match := _URL.match(path):
        path = path[match.end() :].split("?", 1)[0]
        path = unquote(path) if "%" in path else path
    return path.replace("\\", "/")


def is_exception(name: str, said: bool) -> bool:
    """Whether a word reads as the name of an exception; ``said``: a colon and a message follow it."""
    if _ERROR_NAME.search(name) or "." in name.strip(".") or "::" in name:
        return True
    if name in _PROSE or not name[:1].isupper():
        return False
    return said or _CAPITAL_INSIDE.search(name) is not None


def inline_error(line: str, index: int) -> Span | None:
    """An error that follows other words in its line, as in a log or in "I get TypeError: x is undefined"."""
    match = _INLINE_ERROR.search(line)
    return Span(index, match.start(), index) if match else None


def message_until(texts: list[str], head: Span, stop: int) -> Span:
    """A message from ``head``, its first line, to the last one before ``stop`` and before any drawn source."""
    drawn = (at for at in range(head.first + 1, stop) if _DRAWN_SOURCE.match(texts[at]))
    last = next(drawn, stop) - 1
    while last > head.first and not texts[last]:
        last -= 1
    return head if last <= head.first else Span(head.first, head.start, last)


def stack_block(kind: str, lines: tuple[int, int], column: int, errors: list[Raised]) -> Block:
    """The block of a stack whose errors are printed from the outermost to what caused it: causes come first."""
    ordered: list[Raised] = []
    for error in errors:
        ordered.insert(0 if error.cause else len(ordered), error)
    message = next((error.message for error in ordered if error.message), None)
    return Block(kind, *lines, message, [found for error in ordered for found in error.frames], column)
