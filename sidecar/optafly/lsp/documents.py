"""Open documents as the language server keeps them: text, changes, and positions in UTF-16 code units.

Offsets are code points of the text, 0-based. Lines end as LSP says: with ``\\n``, ``\\r\\n`` or
``\\r`` and nothing else.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any, TypeVar

import msgspec

from optafly.protocol import Position, Range, Selection

_Made = TypeVar("_Made")
_LINE_END = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")


class ContentChange(msgspec.Struct, frozen=True):
    """One change as an editor reports it: ``text`` in the place of ``range``, or of everything when that is None."""

    text: str
    range: Range | None = None


class Edit(msgspec.Struct, frozen=True):
    """What one change did, counted as the document was just before it.

    ``new_length`` code points took the place of offsets ``start`` to ``end``; ``new_lines`` are now where from line
    ``first_line`` (0-based) on ``old_lines`` were, both whole and without their ends.
    """

    start: int
    end: int
    new_length: int
    first_line: int
    old_lines: tuple[str, ...]
    new_lines: tuple[str, ...]


class TextDocument:
    """One open document, kept in step with the editor.

    A lone surrogate, which no file can hold, is kept as U+FFFD: of the same length in every way of counting, and safe
    to encode.
    """

    def __init__(self, uri: str, language_id: str, version: int, text: str) -> None:
        self.uri = uri
        self.language_id = language_id
        self.version = version
        self._text = _well_formed(text)
        self._line_starts: list[int] | None = None
        self._made: dict[Callable[[str], Any], Any] = {}

    @property
    def text(self) -> str:
        """All of the text."""
        return self._text

    def made(self, make: Callable[[str], _Made]) -> _Made:
        """What ``make`` makes of the text: made once for as long as the text stays as it is."""
        if make not in self._made:
            self._made[make] = make(self._text)
        found: _Made = self._made[make]
        return found

    @property
    def line_count(self) -> int:
        """Number of lines, at least 1; a line end at the very end begins one more, empty line."""
        return len(self._starts)

    @property
    def _starts(self) -> list[int]:
        """The offset of each line; made when it is first asked for."""
        if self._line_starts is None:
            self._line_starts = _line_starts(self._text)
        return self._line_starts

    def apply(self, changes: Iterable[ContentChange], version: int) -> tuple[Edit, ...]:
        """Make the changes one after the other, each counted as the document is after the one before it."""
        edits = tuple(self._apply(change) for change in changes)
        self.version = version
        return edits

    def _apply(self, change: ContentChange) -> Edit:
        new = _well_formed(change.text)
        self._made.clear()
        if change.range is None:
            return self._replace_everything(new)
        start, end = self.offsets_of(change.range)
        text, starts = self._text, self._starts
        # A "\r" just before may make one line end with a "\n" that comes or goes.
        first = self.line_at(start - 1 if text[start - 1 : start] == "\r" else start)
        after = self.line_at(end) + 1
        at = starts[first]
        until = starts[after] if after < len(starts) else len(text)
        old_region = text[at:until]
        new_region = text[at:start] + new + text[end:until]
        self._text = text[:start] + new + text[end:]
        inside = _line_starts(new_region)
        old_lines, new_lines = _lines(old_region), _lines(new_region)
        if after < len(starts):
            # The region ends with a line end; the line behind it is not part of it.
            inside, old_lines, new_lines = inside[:-1], old_lines[:-1], new_lines[:-1]
        grown = len(new_region) - len(old_region)
        if grown:
            starts[after:] = [offset + grown for offset in starts[after:]]
        starts[first:after] = [at + offset for offset in inside]
        return Edit(start, end, len(new), first, tuple(old_lines), tuple(new_lines))

    def _replace_everything(self, new: str) -> Edit:
        old, self._text, self._line_starts = self._text, new, None
        return Edit(0, len(old), len(new), 0, tuple(_lines(old)), tuple(_lines(new)))

    def line_at(self, offset: int) -> int:
        """The line (0-based) an offset is on; that of a line end is the line it ends."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def line_span(self, line: int) -> tuple[int, int]:
        """Start and end offset of a line without its end; ``line`` is clamped to the document."""
        starts = self._starts
        line = min(max(line, 0), len(starts) - 1)
        start = starts[line]
        if line + 1 == len(starts):
            return start, len(self._text)
        end = starts[line + 1] - 1
        return start, end - 1 if end > start and self._text[end - 1 : end + 1] == "\r\n" else end

    def line_text(self, line: int) -> str:
        """A line without its end; ``line`` (0-based) is clamped to the document."""
        start, end = self.line_span(line)
        return self._text[start:end]

    def offset_at(self, position: Position) -> int:
        """The offset of a position; beyond a line it is the line's end, beyond the document the document's end.

        In the middle of a surrogate pair it is the start of that character.
        """
        if position.line >= self.line_count:
            return len(self._text)
        start, end = self.line_span(position.line)
        # No character is shorter than one code unit, so the place is within so many characters.
        head = self._text[start : min(end, start + max(position.character, 0))]
        if head.isascii():
            return start + len(head)
        units = head.encode("utf-16-le")[: 2 * position.character]
        return start + len(units.decode("utf-16-le", "ignore"))

    def position_at(self, offset: int) -> Position:
        """The position of an offset; clamped to the document, between ``\\r`` and ``\\n`` it is the line's end."""
        offset = min(max(offset, 0), len(self._text))
        line = self.line_at(offset)
        start, end = self.line_span(line)
        head = self._text[start : min(offset, end)]
        return Position(line, len(head) if head.isascii() else len(head.encode("utf-16-le")) // 2)

    def offsets_of(self, stretch: Range) -> tuple[int, int]:
        """Start and end offset of a range, in this order also when the range runs backwards."""
        one, other = self.offset_at(stretch.start), self.offset_at(stretch.end)
        return min(one, other), max(one, other)

    def range_of(self, start: int, end: int) -> Range:
        """The range between two offsets."""
        return Range(self.position_at(start), self.position_at(end))

    def text_in(self, stretch: Range) -> str:
        """The text inside a range."""
        start, end = self.offsets_of(stretch)
        return self._text[start:end]

    def selection_of(self, stretch: Range) -> Selection:
        """A range as people count it."""
        return self.selection_between(*self.offsets_of(stretch))

    def selection_between(self, start: int, end: int) -> Selection:
        """The selection between two offsets."""
        first, last = self.line_at(start), self.line_at(end)
        return Selection(first + 1, start - self._starts[first] + 1, last + 1, end - self._starts[last] + 1)

    def range_of_selection(self, selection: Selection) -> Range:
        """A selection as LSP counts it, clamped to the document."""
        return self.range_of(
            self._offset_of(selection.start_line, selection.start_column),
            self._offset_of(selection.end_line, selection.end_column),
        )

    def _offset_of(self, line: int, column: int) -> int:
        if line > self.line_count:
            return len(self._text)
        start, end = self.line_span(line - 1)
        return min(start + max(column, 1) - 1, end)


def _well_formed(text: str) -> str:
    if text.isascii() or not _SURROGATE.search(text):
        return text
    # Two halves that stand side by side are one character; what is left over stands for none.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _lines(text: str) -> list[str]:
    return _LINE_END.split(text) if "\r" in text else text.split("\n")


def _line_starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(found.end() for found in _LINE_END.finditer(text))]
    return list(accumulate((len(line) + 1 for line in text.split("\n")[:-1]), initial=0))
