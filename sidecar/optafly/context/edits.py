"""Recent edits: the hunks of the uncommitted changes, newest file first."""

import re
from collections.abc import Iterator

import msgspec

from optafly.context.workspace import Workspace

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_ESCAPED = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}


class Hunk(msgspec.Struct, frozen=True):
    """One changed stretch: ``start_line`` to ``end_line`` (1-based, inclusive) of the file as it is now."""

    path: str
    start_line: int
    end_line: int
    changed_lines: tuple[int, ...]
    text: str


def recent_edits(workspace: Workspace) -> list[Hunk]:
    """Hunks of files that may be read, the most recently written file first, ties by path."""
    hunks = [hunk for hunk in parse_diff(workspace.diff() or "") if workspace.is_listed(hunk.path)]

    def age(hunk: Hunk) -> tuple[int, str, int]:
        try:
            written = (workspace.root / hunk.path).lstat().st_mtime_ns
        except OSError:
            written = 0
        return -written, hunk.path, hunk.start_line

    return sorted(hunks, key=age)


def parse_diff(diff: str) -> list[Hunk]:
    """Hunks of what `Git.diff` returned."""
    return [hunk for path, rows in _files(diff) for hunk in _hunks(path, rows)]


def changed_files(diff: str) -> frozenset[str]:
    """Every file that `Git.diff` named, those it showed no lines of among them."""
    return frozenset(path for path, _ in _files(diff))


def _files(diff: str) -> Iterator[tuple[str, list[str]]]:
    path: str | None = None
    rows: list[str] = []
    for row in diff.split("\n"):
        if row.startswith("diff --git "):
            if path is not None:
                yield path, rows
            path, rows = _named(row.removeprefix("diff --git ")), []
        else:
            rows.append(row)
    if path is not None:
        yield path, rows


def _named(pair: str) -> str:
    """The file of a header: git writes ``a/NAME b/NAME``, each side in quotes where the name is unusual."""
    half = pair[: len(pair) // 2]
    if not half.startswith('"'):
        return half[2:]
    return _ESCAPE.sub(_unescaped, half[1:-1])[2:].encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    return chr(int(code, 8)) if len(code) == 3 else _ESCAPED.get(code, code)


def _hunks(path: str, rows: list[str]) -> Iterator[Hunk]:
    start = count = 0
    body: list[str] = []
    for row in [*rows, "@@ -0 +0 @@"]:
        if found := _HUNK.match(row):
            if body:
                yield _hunk(path, start, count, body)
            start, count = int(found[1]), int(found[2] or 1)
            body = [row]
        elif body and row[:1] in {"+", "-", " "}:
            body.append(row)
    # The header alone is a file made, emptied, or not shown as text.


def _hunk(path: str, start: int, count: int, body: list[str]) -> Hunk:
    changed: dict[int, None] = {}
    first, last = max(start, 1), max(start + count - 1, start, 1)
    line = first
    for row in body[1:]:
        if row.startswith(("+", "-")):
            # A line that was taken out stood where the next one is now, or behind the last one.
            changed[min(line, last)] = None
        if not row.startswith("-"):
            line += 1
    text = "\n".join(row.removesuffix("\r") for row in body)
    return Hunk(path, first, last, tuple(changed), text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
