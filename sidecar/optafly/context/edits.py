"""Recent edits: what was changed in the editor, newest first, then the uncommitted changes, newest file first."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from optafly.context.diff import Hunk, parse_diff
from optafly.context.workspace import SURROGATE, Unreadable, Workspace
from optafly.errors import InputError

MAX_LINES: Final = 200
MAX_CHARACTERS: Final = 20_000
_LINE_END: Final = re.compile(r"\r\n?")


class RecentEdit(Hunk, frozen=True):
    """A hunk that the editor told of; it may be unsaved, uncommitted or neither."""


def recent_edits(workspace: Workspace, edits: Sequence[Hunk] = ()) -> list[Hunk]:
    """Hunks of files that may be read: ``edits`` of the editor in their order, then those of git.

    The most recently written file of git's first, ties by path. Where they tell of the same lines, git counts; of a
    file with unsaved text, whose lines git does not know, the editor.
    """
    of_git = [hunk for hunk in parse_diff(workspace.diff()) if workspace.is_listed(hunk.path)]
    of_git = [hunk for hunk in of_git if hunk.path not in workspace.unsaved]

    def age(hunk: Hunk) -> tuple[int, str, int]:
        try:
            written = (workspace.root / hunk.path).lstat().st_mtime_ns
        except OSError:
            written = 0
        return -written, hunk.path, hunk.start_line

    of_editor = [hunk for hunk in _valid(workspace, edits) if not any(_overlap(hunk, other) for other in of_git)]
    return [*of_editor, *sorted(of_git, key=age)]


def _valid(workspace: Workspace, edits: Sequence[Hunk]) -> Iterator[RecentEdit]:
    """Edits of files that may be read, of lines that these still have."""
    for edit in edits:
        try:
            path = workspace.relative(edit.path)
            last = len(workspace.read(path).lines) if workspace.is_listed(path) else 0
        except (InputError, Unreadable):
            continue
        changed = edit.changed_lines or (edit.start_line,)
        if min(edit.start_line, *changed) >= 1 and max(edit.end_line, *changed) <= last:
            yield RecentEdit(path, edit.start_line, max(edit.start_line, edit.end_line), changed, _text(edit.text))


def _text(told: str) -> str:
    """A hunk's text with plain line ends; of a long one, how many lines are left out instead of its end."""
    lines = _LINE_END.sub("\n", SURROGATE.sub("\N{REPLACEMENT CHARACTER}", told)).removesuffix("\n").split("\n")
    kept, room = 0, MAX_CHARACTERS
    while kept < min(len(lines), MAX_LINES) and len(lines[kept]) < room:
        room -= len(lines[kept]) + 1
        kept += 1
    left_out = len(lines) - kept
    told_so = [f"[… {left_out} {'line' if left_out == 1 else 'lines'} left out …]"] if left_out else []
    return "\n".join([*lines[:kept], *told_so])


def _overlap(one: Hunk, other: Hunk) -> bool:
    return one.path == other.path and one.start_line <= other.end_line and other.start_line <= one.end_line
