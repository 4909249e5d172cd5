"""Reading what ``git diff`` prints."""

import re
from collections.abc import Iterator
from itertools import pairwise

from optafly.protocol import Hunk

__all__ = ["Hunk", "changed_files", "parse_diff"]

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


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
    quoted = half[1:-1].encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(_unescaped, quoted)[2:].decode("utf-8", "surrogateescape")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes((int(code, 8),)) if len(code) == 3 else _ESCAPED.get(code, code)


def _hunks(path: str, rows: list[str]) -> Iterator[Hunk]:
    starts = [index for index, row in enumerate(rows) if row.startswith("@@ ")]
    for index, end in pairwise([*starts, len(rows)]):
        if found := _HUNK.match(rows[index]):
            yield _hunk(path, int(found[1]), int(found[2] or 1), rows[index:end])


def _hunk(path: str, start: int, count: int, rows: list[str]) -> Hunk:
    first, last = max(start, 1), max(start + count - 1, start, 1)
    body = [row for row in rows[1:] if row[:1] in {"+", "-", " "}]
    changed: dict[int, None] = {}
    line = first
    for row in body:
        if row[0] != " ":
            # A line that was taken out stood where the next one is now, or behind the last one.
            changed[min(line, last)] = None
        if row[0] != "-":
            line += 1
    text = "\n".join(row.removesuffix("\r") for row in (rows[0], *body))
    return Hunk(path, first, last, tuple(changed), text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
