"""Recent edits: the hunks of the uncommitted changes, newest file first."""

import re

import msgspec

from optafly.context.workspace import Workspace

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


class Hunk(msgspec.Struct, frozen=True):
    """One changed stretch: ``start_line`` to ``end_line`` (1-based, inclusive) of the file as it is now."""

    path: str
    start_line: int
    end_line: int
    changed_lines: tuple[int, ...]
    text: str


def recent_edits(workspace: Workspace) -> list[Hunk]:
    """Hunks of files that may be read, the most recently written file first, ties by path."""
    hunks = [hunk for hunk in parse_diff(workspace.git.diff()) if not workspace.is_private(hunk.path)]

    def age(hunk: Hunk) -> tuple[int, str, int]:
        try:
            written = (workspace.root / hunk.path).lstat().st_mtime_ns
        except OSError:
            written = 0
        return -written, hunk.path, hunk.start_line

    return sorted(hunks, key=age)


def parse_diff(diff: str) -> list[Hunk]:
    """Hunks of a unified diff; files named by their new side."""
    hunks: list[Hunk] = []
    path: str | None = None
    in_header = True
    body: list[str] = []
    start = 0

    def close() -> None:
        if body and path is not None:
            hunks.append(_hunk(path, start, body))
        body.clear()

    for line in diff.split("\n"):
        if line.startswith("diff --git "):
            close()
            path, in_header = None, True
        elif in_header and line.startswith("+++ "):
            # git quotes unusual names; they are left out rather than guessed at.
            name = line[4:].removesuffix("\t")
            path = name[2:] if name.startswith("b/") else None
        elif found := _HUNK.match(line):
            close()
            in_header = False
            start = int(found[1])
            body.append(line)
        elif body and line[:1] in {"+", "-", " "}:
            body.append(line)
    close()
    return hunks


def _hunk(path: str, start: int, body: list[str]) -> Hunk:
    changed: list[int] = []
    line = start
    for row in body[1:]:
        if row.startswith("+"):
            changed.append(line)
        elif row.startswith("-"):
            changed.append(max(line, 1))
        if not row.startswith("-"):
            line += 1
    return Hunk(path, start, max(line - 1, start), tuple(dict.fromkeys(changed)), "\n".join(body).rstrip("\r\n"))
