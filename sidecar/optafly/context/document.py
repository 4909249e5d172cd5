"""Text of one file, as lines, with conversions between the ways positions are counted."""

import re

from optafly.context.one_line import one_line
from optafly.errors import InputError
from optafly.protocol import Position, Selection

_SELECTION = re.compile(r"(\d{1,9}):(\d{1,9})-(\d{1,9}):(\d{1,9})")
SELECTION_FORM = "L1:C1-L2:C2 (1-based lines and columns, end column exclusive), for example 12:1-18:5"


class Document:
    """A file's text with its workspace-relative path; line ends of any kind count, and are quoted as ``\\n``."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        # Exactly the three line ends that LSP knows.
        self.text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        self.lines: list[str] = self.text.split("\n")

    @property
    def last_line(self) -> int:
        """Number of the last line, 1-based; a trailing line end does not begin a line of its own."""
        count = len(self.lines)
        return count - 1 if count > 1 and not self.lines[-1] else count

    def slice_lines(self, start: int, end: int) -> str:
        """Lines ``start`` to ``end``, 1-based and inclusive, cut to the document."""
        return "\n".join(self.lines[max(start, 1) - 1 : max(end, 0)])

    def selected_text(self, selection: Selection) -> str:
        """The text inside a selection that `check_selection` accepted."""
        lines = self.lines[selection.start_line - 1 : selection.end_line]
        lines[-1] = lines[-1][: selection.end_column - 1]
        lines[0] = lines[0][selection.start_column - 1 :]
        return "\n".join(lines)

    def check_selection(self, selection: Selection) -> None:
        """Raise `InputError` when the selection is not inside this document."""
        start = (selection.start_line, selection.start_column)
        end = (selection.end_line, selection.end_column)
        if start > end:
            raise InputError(f"--selection {selection} ends before it starts; give {SELECTION_FORM}")
        for line, column in (start, end):
            if not 1 <= line <= len(self.lines):
                raise InputError(
                    f"--selection {selection} is outside {one_line(self.path)}: line {line}, "
                    f"allowed are lines 1 to {len(self.lines)}"
                )
            width = len(self.lines[line - 1])
            if not 1 <= column <= width + 1:
                raise InputError(
                    f"--selection {selection} is outside {self.path}: column {column} of line {line}, "
                    f"allowed are columns 1 to {width + 1}"
                )

    def column_of(self, position: Position) -> int:
        """The 1-based code point column of an LSP position, cut to the line."""
        if not 0 <= position.line < len(self.lines):
            return 1
        units = 0
        line = self.lines[position.line]
        for column, character in enumerate(line, start=1):
            if units >= position.character:
                return column
            units += 2 if ord(character) > 0xFFFF else 1
        return len(line) + 1


def parse_selection(text: str) -> Selection:
    """Read ``L1:C1-L2:C2``; raises `InputError` when it has another form."""
    found = _SELECTION.fullmatch(text.strip())
    if found is None:
        raise InputError(f"--selection {text!r} is not a selection; give {SELECTION_FORM}")
    return Selection(*(int(number) for number in found.groups()))


def touched_lines(selection: Selection) -> tuple[int, int]:
    """First and last line a selection touches; a last line it only reaches at column 1 does not count."""
    last = selection.end_line
    if selection.end_column == 1 and last > selection.start_line:
        last -= 1
    return selection.start_line, last
