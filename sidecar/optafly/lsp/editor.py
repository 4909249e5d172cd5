"""What the editor shows: open documents, where the person is, problems, recent edits, folders."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from optafly.context.private import is_private
from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import ContentChange, Edit, TextDocument
from optafly.lsp.history import EditHistory
from optafly.lsp.prompts import is_prose
from optafly.lsp.uris import key_of, path_of, real_path, relative_to
from optafly.protocol import Diagnostic, Hunk, Range, Selection

MAX_DIAGNOSTICS: Final = 50


class Problem(msgspec.Struct, frozen=True):
    """A diagnostic of a document, of whichever language server; ``raw`` is how it came."""

    range: Range
    message: str
    severity: int | None
    code: str | int | None
    source: str | None


class OpenDocument:
    """A document that is open, with where the person was in it last."""

    def __init__(self, document: TextDocument) -> None:
        self.document = document
        self.key = key_of(document.uri)
        """What it is known by here; ``document.uri`` is what the client calls it."""
        self.path = path_of(document.uri)
        self.real = real_path(self.path) if self.path is not None else None
        self.cursor: Anchor | None = None
        self.problems: list[Problem] = []
        self.version_on_disk: int | None = None
        """The version known to be the same as on disk."""

    def apply(self, changes: Iterable[ContentChange], version: int) -> tuple[Edit, ...]:
        """Make changes; what was known of problems is of the text before, and comes anew with the next request."""
        edits = self.document.apply(changes, version)
        for edit in edits:
            if self.cursor is not None:
                self.cursor.move(edit)
        self.problems.clear()
        if edits:
            at = edits[-1].start + edits[-1].new_length
            if self.cursor is None or self.cursor.touched or self.cursor.start == self.cursor.end:
                self.cursor = Anchor(at, at)
        return edits

    @property
    def selection(self) -> Selection | None:
        """Where the person was last: a selection, an empty one for the cursor alone, None when nothing is known."""
        if self.cursor is None:
            return None
        return self.document.selection_between(self.cursor.start, self.cursor.end)


class Editor:
    """The editor's state as this server has heard of it; URIs are given to it as `key_of` makes them."""

    def __init__(
        self, own_folder: Path, alone: Path, private: Callable[[str], bool] = is_private, *, answers: Path | None = None
    ) -> None:
        """Documents in ``own_folder`` (reviews) and ``answers`` are the server's own, never the person's work.

        ``alone`` is an empty folder that stands for the workspace of a file that belongs to none; ``private`` says
        which names in a workspace are of files that are never read.
        """
        self._private = private
        self._own = [real_path(folder) for folder in (own_folder, answers) if folder is not None]
        self.alone = alone
        self.folders: tuple[Path, ...] = ()
        self.documents: dict[str, OpenDocument] = {}
        self.active: str | None = None
        self.active_code: str | None = None
        self.history = EditHistory()
        self._known: dict[str, str] = {}

    def knows(self, uri: str) -> bool:
        """Whether a document is or was open here: one that was closed here is as it is on disk."""
        return uri in self._known

    def text_of(self, uri: str) -> str | None:
        """The text of an open document."""
        held = self.documents.get(uri)
        return held.document.text if held is not None else None

    def spelling(self, uri: str) -> str:
        """What the client calls a document that is or was open here."""
        return self._known.get(uri, uri)

    def at(self, path: Path) -> OpenDocument | None:
        """The open document of a file, whatever the client calls it and whichever links lead to it."""
        real = real_path(path)
        return next((held for held in reversed(self.documents.values()) if held.real == real), None)

    def open(self, document: TextDocument) -> None:
        """A document was opened."""
        held = OpenDocument(document)
        self.documents[held.key] = held
        self._known[held.key] = document.uri
        self._went_to(held.key)

    def change(self, uri: str, changes: Sequence[ContentChange], version: int) -> tuple[Edit, ...]:
        """A document changed; one that is not open is of no interest."""
        held = self.documents.get(uri)
        if held is None:
            return ()
        edits = held.apply(changes, version)
        if held.path is not None and not self.is_own(held):
            self.history.record(str(held.path), held.document, edits)
        self._went_to(uri)
        return edits

    def saved(self, uri: str) -> None:
        """A document was written to disk as it is."""
        if (held := self.documents.get(uri)) is not None:
            held.version_on_disk = held.document.version

    def close(self, uri: str) -> None:
        """A document was closed."""
        held = self.documents.pop(uri, None)
        if held is not None and held.path is not None:
            self.history.closed(str(held.path))
        if self.active == uri:
            self.active = None
        if self.active_code == uri:
            self.active_code = None

    def renamed(self, old: str, new: str) -> None:
        """A file was renamed; the editor closes and opens its documents itself."""
        below = f"{old}/"
        for uri in [uri for uri in self._known if f"{uri}/".startswith(below)]:
            now = new + uri[len(old) :]
            self._known.setdefault(now, now)
        before, after = path_of(old), path_of(new)
        if before is not None and after is not None:
            self.history.renamed(str(before), str(after))

    def deleted(self, uri: str) -> None:
        """A file was deleted."""
        if (path := path_of(uri)) is not None:
            self.history.removed(str(path))

    def look(self, uri: str, stretch: Range, problems: Iterable[Problem]) -> OpenDocument | None:
        """The person is here now, and these are the problems known here; None when the document is not open."""
        held = self.documents.get(uri)
        if held is None:
            return None
        held.cursor = Anchor(*held.document.offsets_of(stretch))
        fresh = list(problems)
        others = [item for item in held.problems if not _touch(item.range, stretch)]
        held.problems = [*fresh, *others][:MAX_DIAGNOSTICS]
        self._went_to(uri)
        return held

    def is_own(self, held: OpenDocument) -> bool:
        """Whether a document is one of the server's own."""
        return held.real is not None and any(held.real.is_relative_to(folder) for folder in self._own)

    def is_private(self, path: Path) -> bool:
        """Whether nothing of a file may be passed on: by its name, or by that of what it is a link to."""
        workspace, real = self.workspace_of(path), Path(os.path.realpath(path))
        here = relative_to(path, workspace) or path.as_posix()
        there = relative_to(real, Path(os.path.realpath(workspace))) or real.as_posix()
        return self._private(here) or (there != here and self._private(there))

    def workspace_of(self, path: Path) -> Path:
        """The innermost folder of the workspace that a file is in, else `alone`.

        A person's home is no project, though an editor that was given one file may name it: what else lies there is
        nothing to look at.
        """
        inside = [folder for folder in self.folders if relative_to(path, folder) is not None and _is_project(folder)]
        return max(inside, key=lambda folder: len(folder.parts), default=self.alone)

    def name_in(self, path: Path, workspace: Path) -> str | None:
        """What a file is called in a workspace; None when it is not in it."""
        if workspace == self.alone:
            return path.name if self.workspace_of(path) == self.alone else None
        return relative_to(path, workspace)

    def last_active(self, *, code: bool) -> OpenDocument | None:
        """The document the person was in last; with ``code`` the last one that is not prose."""
        uri = self.active_code if code else self.active
        return self.documents.get(uri) if uri is not None else None

    def hunks_in(self, workspace: Path) -> tuple[Hunk, ...]:
        """Recent edits of files of a workspace, newest first; none of private ones."""
        hunks = self.history.hunks()
        names = {path: relative_to(Path(path), workspace) for path in {hunk.path for hunk in hunks}}
        shown = {path: name for path, name in names.items() if name is not None and not self.is_private(Path(path))}
        return tuple(msgspec.structs.replace(hunk, path=shown[hunk.path]) for hunk in hunks if hunk.path in shown)

    def diagnostics_of(
        self, held: OpenDocument, path: str, problems: Sequence[Problem] | None = None
    ) -> tuple[Diagnostic, ...]:
        """Problems of a document, all known ones or these, without those on lines it does not have; none of a private
        one, whose text they may quote."""
        if held.path is not None and self.is_private(held.path):
            return ()
        return tuple(
            Diagnostic(path, item.range, item.message, _severity(item.severity), item.code, item.source)
            for item in (held.problems if problems is None else problems)
            if item.range.start.line < held.document.line_count and _runs_forward(item.range)
        )

    def _went_to(self, uri: str) -> None:
        held = self.documents[uri]
        if held.path is None or self.is_own(held):
            return
        self.active = uri
        if not is_prose(held.document.language_id):
            self.active_code = uri


def _severity(value: int | None) -> Literal[1, 2, 3, 4] | None:
    match value:
        case 1 | 2 | 3 | 4:
            return value
        case _:
            return None


def _is_project(folder: Path) -> bool:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  Path.home raises where there is none
    return not home.is_relative_to(folder) or (folder / ".git").exists()


def _runs_forward(stretch: Range) -> bool:
    start, end = stretch.start, stretch.end
    return (start.line, start.character) <= (end.line, end.character)


def _touch(one: Range, other: Range) -> bool:
    return one.start.line <= other.end.line and other.start.line <= one.end.line
