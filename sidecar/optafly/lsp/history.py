"""The newest edits made in the editor, as hunks, kept in step with every keystroke."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

import msgspec

from optafly.lsp.documents import Edit, TextDocument
from optafly.lsp.hunk_text import CONTEXT_LINES, hunk_of
from optafly.protocol import Hunk

# Longer replacements are not compared line by line: that would be felt while typing.
_MOST_COMPARED: Final = 5_000


class _Change:
    """Lines that changed: where they stand now (0-based), what they were when first seen, and what they are."""

    def __init__(self, start: int, old: list[str], new: list[str], stamp: int) -> None:
        self.start = start
        self.old = old
        self.new = new
        self.stamp = stamp

    @property
    def end(self) -> int:
        return self.start + len(self.new)

    def trim(self) -> None:
        """Leave out lines at both ends that are as they were."""
        before, after = _alike(self.old, self.new)
        if before or after:
            self.start += before
            self.old = self.old[before : len(self.old) - after]
            self.new = self.new[before : len(self.new) - after]


class _File:
    """The changes of one file, in the order of their lines; ``document`` is None once the file was closed."""

    def __init__(self, document: TextDocument | None) -> None:
        self.document = document
        self.changes: list[_Change] = []
        self._drawn: list[tuple[int, Hunk]] | None = None

    def put(self, first: int, old: list[str], new: list[str], stamp: int) -> None:
        """Note that ``new`` took the place of ``old``, which stood at line ``first``."""
        end = first + len(old)
        low = next((i for i, change in enumerate(self.changes) if change.end >= first), len(self.changes))
        high = next((i for i, change in enumerate(self.changes) if change.start > end), len(self.changes))
        near = self.changes[low:high]
        merged = _merged(near, first, old, new, stamp)
        merged.trim()
        for change in self.changes[high:]:
            change.start += len(new) - len(old)
        self.changes[low:high] = [merged] if merged.old or merged.new else []

    def forget_what_differs(self) -> None:
        """Drop changes that are not in the document as they were left: it was written to from elsewhere."""
        document = self.document
        if document is None:
            return
        self.changes = [
            change
            for change in self.changes
            if change.end <= document.line_count
            and all(document.line_text(line) == text for line, text in enumerate(change.new, start=change.start))
        ]

    def hunks(self, path: str, most: int) -> list[tuple[int, Hunk]]:
        """The hunks with the stamps of their newest changes; made when they are asked for after an edit."""
        if self._drawn is None:
            self._drawn = list(self._draw(path, most))
        return self._drawn

    def outdated(self) -> None:
        """Numbers and lines around may be other ones now."""
        self._drawn = None

    def renamed(self, path: str) -> None:
        """The file has another name."""
        if self._drawn is not None:
            self._drawn = [(stamp, msgspec.structs.replace(hunk, path=path)) for stamp, hunk in self._drawn]

    def _draw(self, path: str, most: int) -> Iterator[tuple[int, Hunk]]:
        document, grown = self.document, 0
        if document is None:
            return
        for near in _neighbours(self.changes):
            start, old, new = near[0].start, list(near[0].old), list(near[0].new)
            for above, change in pairwise(near):
                between = [document.line_text(line) for line in range(above.end, change.start)]
                old += between + change.old
                new += between + change.new
            if hunk := hunk_of(path, document, start, start - grown, old, new, most):
                yield _stamp(near), hunk
            grown += len(new) - len(old)


class EditHistory:
    """At most ``max_hunks`` hunks of at most ``max_lines`` lines each, over all files."""

    def __init__(self, max_hunks: int = 20, max_lines: int = 60) -> None:
        self._max_hunks = max_hunks
        self._max_lines = max_lines
        self._files: dict[str, _File] = {}
        self._stamp = 0

    def record(self, path: str, document: TextDocument, edits: Iterable[Edit]) -> None:
        """Note edits that were just applied to a document; ``path`` is what its hunks are to name.

        A keystroke costs as much as the lines it touches. Lines beside each other become one change, and one that is
        taken back is none.
        """
        file = self._files.setdefault(path, _File(document))
        reopened, file.document = file.document is not document, document
        for edit in edits:
            for first, old, new in _parts(edit):
                self._stamp += 1
                file.put(first, old, new, self._stamp)
        if reopened:
            file.forget_what_differs()
        file.outdated()
        self._keep_newest()

    def hunks(self) -> tuple[Hunk, ...]:
        """The changes as hunks of the files as they are now, newest first."""
        drawn = [each for path, file in self._files.items() for each in file.hunks(path, self._max_lines)]
        return tuple(hunk for _, hunk in sorted(drawn, key=lambda each: -each[0]))

    def closed(self, path: str) -> None:
        """A document was closed: its hunks stay until newer ones take their place, its text need not."""
        if (file := self._files.get(path)) is not None:
            file.hunks(path, self._max_lines)
            file.document = None

    def renamed(self, old: str, new: str) -> None:
        """A file or folder has another name."""
        moved = {path: new + path.removeprefix(old) for path in self._inside(old)}
        files = [(moved[path], self._files.pop(path)) for path in moved]
        for path, file in files:
            file.renamed(path)
            self._files[path] = file

    def removed(self, path: str) -> None:
        """A file or folder is gone."""
        for inside in self._inside(path):
            del self._files[inside]

    def _inside(self, path: str) -> list[str]:
        return [name for name in self._files if name == path or name.startswith((f"{path}/", f"{path}\\"))]

    def _keep_newest(self) -> None:
        groups = [(file, near) for file in self._files.values() for near in _neighbours(file.changes)]
        groups.sort(key=lambda each: _stamp(each[1]))
        for file, near in groups[: max(len(groups) - self._max_hunks, 0)]:
            file.changes = [change for change in file.changes if change not in near]
            file.outdated()
        self._files = {path: file for path, file in self._files.items() if file.changes}


def _stamp(changes: list[_Change]) -> int:
    return max(change.stamp for change in changes)


def _neighbours(changes: list[_Change]) -> list[list[_Change]]:
    """Changes so near each other that the lines around them meet, together."""
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change.start - groups[-1][-1].end <= 2 * CONTEXT_LINES:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _merged(near: list[_Change], first: int, old: list[str], new: list[str], stamp: int) -> _Change:
    """One change of an edit and of the changes it touches."""
    end = first + len(old)
    if not near:
        return _Change(first, old, new, stamp)
    head, tail = near[0], near[-1]
    if head is tail and head.start <= first and end <= head.end:
        # Typing within a long change must not copy what it was.
        head.new[first - head.start : end - head.start] = new
        head.stamp = stamp
        return head
    was: list[str] = []
    at = first
    for change in near:
        was += old[at - first : max(change.start - first, 0)]
        was += change.old
        at = max(at, change.end)
    was += old[at - first :]
    now = [*head.new[: max(first - head.start, 0)], *new, *tail.new[max(end - tail.start, 0) :]]
    return _Change(min(first, head.start), was, now, stamp)


def _parts(edit: Edit) -> Iterator[tuple[int, list[str], list[str]]]:
    """The stretches of lines that an edit changed, last first, so that each is counted as the document was before."""
    before, after = _alike(edit.old_lines, edit.new_lines)
    old = edit.old_lines[before : len(edit.old_lines) - after]
    new = edit.new_lines[before : len(edit.new_lines) - after]
    first = edit.first_line + before
    if min(len(old), len(new)) < 2 or max(len(old), len(new)) >= _MOST_COMPARED:
        if old or new:
            yield first, list(old), list(new)
        return
    for at, until, new_at, new_until in reversed(_groups(old, new)):
        yield first + at, list(old[at:until]), list(new[new_at:new_until])


def _groups(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """What differs, in stretches; those whose lines around would overlap are one."""
    groups: list[tuple[int, int, int, int]] = []
    for what, at, until, new_at, new_until in SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            continue
        if groups and at - groups[-1][1] <= 2 * CONTEXT_LINES:
            groups[-1] = (groups[-1][0], until, groups[-1][2], new_until)
        else:
            groups.append((at, until, new_at, new_until))
    return groups


def _alike(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines at the beginning and at the end of both are the same."""
    shorter = min(len(old), len(new))
    before = 0
    while before < shorter and old[before] == new[before]:
        before += 1
    after = 0
    while after < shorter - before and old[-1 - after] == new[-1 - after]:
        after += 1
    return before, after
