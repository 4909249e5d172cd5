"""A changed stretch of a document as a hunk of a unified diff."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from optafly.lsp.documents import TextDocument
from optafly.protocol import Hunk

CONTEXT_LINES: Final = 3
# A line of a generated file may be as long as the file.
_WIDEST = 500
# Above this many pairs of lines a change is shown as what went and what came.
_MOST_PAIRS = 40_000


def hunk_of(
    path: str, document: TextDocument, start: int, first_seen_at: int, old: Sequence[str], new: Sequence[str], most: int
) -> Hunk | None:
    """The change of ``old`` to ``new``, which stands at line ``start`` (0-based) of the document now.

    ``first_seen_at`` is the line where ``old`` stood; of the text at most ``most`` lines are kept, besides the ``@@``
    line. None when nothing but a line end at the very end of the document changed.
    """
    count = document.line_count
    total = count - 1 if not document.line_text(count - 1) else count
    end = start + len(new)
    if end == count:
        # Behind the last line end there is no line; which of the lines above it is the last one differs on both sides.
        above = [document.line_text(start - 1)] if start > 0 else []
        old, new = _without_last_empty([*above, *old]), _without_last_empty([*above, *new])
        kept = len(above) if old[: len(above)] == new[: len(above)] else 0
        old, new = old[kept:], new[kept:]
        start, first_seen_at = start - len(above) + kept, first_seen_at - len(above) + kept
        end = start + len(new)
    before = [document.line_text(line) for line in range(max(start - CONTEXT_LINES, 0), start)]
    after = [document.line_text(line) for line in range(end, min(end + CONTEXT_LINES, total))]
    rows = [*(f" {line}" for line in before), *_rows(old, new), *(f" {line}" for line in after)]
    if all(row[0] == " " for row in rows):
        return None
    was = len(before) + len(old) + len(after)
    now = len(before) + len(new) + len(after)
    first, first_was = start - len(before), first_seen_at - len(before)
    head = f"@@ -{first_was + bool(was)},{was} +{first + bool(now)},{now} @@"
    start_line = max(first + bool(now), 1)
    end_line = max(first + now, 1)
    body, changed = _cut(rows, start_line, end_line, most)
    return Hunk(path, start_line, end_line, changed, "\n".join((head, *body)))


def _without_last_empty(lines: Sequence[str]) -> Sequence[str]:
    return lines[:-1] if lines and not lines[-1] else lines


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    if len(old) * len(new) > _MOST_PAIRS:
        yield from (f"-{line}" for line in old)
        yield from (f"+{line}" for line in new)
        return
    for what, at, until, new_at, new_until in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        sign = " " if what == "equal" else "-"
        yield from (f"{sign}{line}" for line in old[at:until])
        if what != "equal":
            yield from (f"+{line}" for line in new[new_at:new_until])


def _cut(rows: list[str], start_line: int, end_line: int, most: int) -> tuple[list[str], tuple[int, ...]]:
    """The rows that are shown, and the changed lines among them, each once."""
    left_out = len(rows) - most + 1 if len(rows) > most else 0
    begin = (most - 1) // 2 if left_out else len(rows)
    shown: list[str] = []
    changed: dict[int, None] = {}
    line = start_line
    for index, row in enumerate(rows):
        if not begin <= index < begin + left_out:
            shown.append(row if len(row) <= _WIDEST else f"{row[:_WIDEST]}…")
            if row[0] != " ":
                # A line that was taken out stood where the next one is now, or behind the last one.
                changed[min(line, end_line)] = None
        elif index == begin:
            shown.append(f" … {left_out} lines left out …")
        if row[0] != "-":
            line += 1
    return shown, tuple(changed)
