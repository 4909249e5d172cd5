"""The folder the request is about: which files it has, and reading them safely."""

import os
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from optafly.context.diff import changed_files
from optafly.context.document import Document
from optafly.context.git import TIME_LIMIT_S, Git, GitAnswers
from optafly.context.listing import Listing, folder_ignores, folder_listing
from optafly.context.memory import WorkspaceMemory
from optafly.context.one_line import one_line
from optafly.context.private import PrivateFiles
from optafly.context.symbols import Parsed
from optafly.errors import InputError
from optafly.protocol import Buffer

MAX_FILE_BYTES = 2_000_000
_BINARY_SNIFF = 8192
WITHOUT_GIT = f"git took longer than {TIME_LIMIT_S:g} s and was not waited for; uncommitted changes may be missing"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
SURROGATE = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """A file exists but is not quoted; the message says why in words that follow the file's name."""


class Workspace:
    """A folder; paths given and returned are relative to it, with forward slashes.

    Git is asked once, by `begin` or at the first question that needs it, and what it answered holds for the life of the
    object: one per refinement. With ``memory``, what did not change since an earlier refinement is not read again.
    ``buffers`` count instead of the files on disk; the last one of a path does.
    """

    def __init__(
        self,
        root: Path,
        private: PrivateFiles,
        memory: WorkspaceMemory | None = None,
        buffers: Sequence[Buffer] = (),
    ) -> None:
        if not root.is_dir():
            raise InputError(f"--workspace {root} is not a folder; give an existing folder")
        # Not resolved: editors name files by the path that they opened.
        self._opened = Path(os.path.abspath(root))  # noqa: PTH100
        self.root = root.resolve()
        self.git = Git(self.root)
        self._private = private
        self._buffers = buffers
        self._remembered = (memory or WorkspaceMemory()).of(self.root, private)
        self._documents: dict[str, Document] = {}
        self._parsed: dict[str, Parsed | None] = {}
        self._texts: dict[str, str] = {}

    def begin(self) -> None:
        """Ask git what every refinement needs, so that it answers while other work goes on."""
        self._answers  # noqa: B018  asked when first used

    @cached_property
    def _answers(self) -> GitAnswers:
        return GitAnswers(self.git)

    @cached_property
    def listing(self) -> Listing:
        """The files that neither ignore rules nor the private list name, those that are not on disk yet among them."""
        found = self._on_disk()
        new = frozenset(path for path in self.unsaved if path not in found.names and self._is_new(path, found))
        return found.with_files(new) if new else found

    def _on_disk(self) -> Listing:
        answer = self._answers.files.result()
        if answer is None or (not answer and self._ignored_as_a_whole()):
            return folder_listing(self.root, self._private.matches)
        return self._remembered.listing(answer)

    def _is_new(self, path: str, on_disk: Listing) -> bool:
        """Whether a listing would have the path, were it on disk."""
        if os.path.lexists(self.root / path) or self._private.matches(path):
            return False
        if not on_disk.in_git:
            return not folder_ignores(self.root, path)
        *folders, _ = path.split("/")
        above = ("/".join(folders[:count]) for count in range(1, len(folders) + 1))
        nested = ".git" in folders or any(self._is_repository(folder) for folder in above)
        return not nested and not self._git_ignores(path)

    @cached_property
    def unsaved(self) -> dict[str, bytes]:
        """What the editor holds of files in the workspace, by their real path, as it would be on disk once saved."""
        found: dict[str, bytes] = {}
        for buffer in self._buffers:
            try:
                full = self._inside(buffer.path, "buffer")
            except InputError:
                continue
            real = full.resolve().relative_to(self.root).as_posix()
            found[real] = SURROGATE.sub("\N{REPLACEMENT CHARACTER}", buffer.text).encode()
        return found

    def _is_unsaved(self, full: Path) -> bool:
        return bool(self._buffers) and full.resolve().relative_to(self.root).as_posix() in self.unsaved

    def _ignored_as_a_whole(self) -> bool:
        """Whether a repository around this folder ignores it: its files are then no business of that one."""
        return not (self.root / ".git").exists() and self.git.is_ignored(".")

    def relative(self, path: str, *, option: str = "--file") -> str:
        """Return ``path`` relative to the workspace; raises `InputError` outside it or where there is no such file."""
        full = self._inside(path, option)
        if not os.path.exists(full):  # noqa: PTH110  false, and no error, for a name that is too long
            if not self._is_unsaved(full):
                raise InputError(f"{option} {one_line(path)} does not exist in the workspace; give an existing file")
        elif not full.is_file():
            raise InputError(f"{option} {one_line(path)} is not a file; give a file inside the workspace")
        return full.relative_to(self.root).as_posix()

    def _inside(self, path: str, option: str) -> Path:
        """The place of a path in the workspace, links not followed; raises `InputError` outside it."""
        if not path.strip() or "\0" in path:
            raise InputError(f"{option} {path!r} is not a path; give one relative to the workspace")
        # The unresolved form decides the name, the resolved one decides whether it is allowed.
        full = Path(os.path.normpath(self.root / path))
        if not full.is_relative_to(self.root) and full.is_relative_to(self._opened):
            full = self.root / full.relative_to(self._opened)
        try:
            inside = full.is_relative_to(self.root) and full.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError, ValueError):  # a loop of links; characters that no name can hold
            inside = False
        if not inside:
            raise InputError(
                f"{option} {one_line(path)} is outside the workspace; give a path inside {self.root.name or '/'}/"
            )
        return full

    def files(self) -> tuple[str, ...]:
        """Every file that neither ignore rules nor the private list name, sorted."""
        return self.listing.files

    def is_listed(self, path: str) -> bool:
        """Whether the path is one of `files`."""
        return path in self.listing.names

    def is_private(self, path: str) -> bool:
        """Whether the private list names the path."""
        return self._private.matches(path)

    def is_ignored(self, path: str) -> bool:
        """Whether an ignore rule names a file, existing or only in the editor."""
        if self.is_listed(path):
            return False
        real = (self.root / path).resolve()
        if real.is_relative_to(self.root) and (meant := real.relative_to(self.root).as_posix()) != path:
            return self.is_ignored(meant)
        # Not listed and not ignored: a file inside a nested repository, or made this instant.
        return self._git_ignores(path) if self.listing.in_git else True

    def _git_ignores(self, path: str) -> bool:
        folder = path.rpartition("/")[0]
        while folder:
            if self._is_repository(folder):
                # Another repository: its rules hold inside it, and those around it for the whole of it.
                inner = self.git.within(folder).is_ignored(path.removeprefix(folder + "/"))
                return inner or self._git_ignores(folder)
            folder = folder.rpartition("/")[0]
        return self.git.is_ignored(path)

    def _is_repository(self, folder: str) -> bool:
        return os.path.exists(self.root / folder / ".git")  # noqa: PTH110  no error for a name that is too long

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be found out, in words for the person."""
        return (WITHOUT_GIT,) if self.git.gave_up else ()

    def diff(self) -> str:
        """The uncommitted changes, for `parse_diff`; empty where git cannot tell."""
        return self._answers.diff.result() or ""

    def texts_before(self) -> dict[str, str]:
        """The texts as they were last kept: to look at before it is known whether they still hold."""
        return self._remembered.last_texts

    def kept_texts(self) -> tuple[dict[str, str], frozenset[str]]:
        """Text by path, to be read and added to, and the files that must not be in it: they may change any time."""
        head, diff = self._answers.head.result(), self._answers.diff.result()
        if head is None or diff is None or not self.listing.in_git:
            return self._texts, frozenset()
        changed = self.listing.unsettled | changed_files(diff) | self.unsaved.keys()
        kept = self._remembered.texts(head)
        for path in changed:
            kept.pop(path, None)
        return kept, changed

    def read(self, path: str) -> Document:
        """Read a file of the workspace, once; raises `Unreadable`, with the reason, where it must not or cannot be."""
        if (known := self._documents.get(path)) is None:
            known = self._documents[path] = self._read(path)
        return known

    def parsed(self, path: str) -> Parsed | None:
        """A file of the workspace as its grammar reads it, once; None when the file cannot be read."""
        if path not in self._parsed:
            try:
                self._parsed[path] = Parsed(self.read(path))
            except Unreadable:
                self._parsed[path] = None
        return self._parsed[path]

    def _read(self, path: str) -> Document:
        if self._private.matches(path):
            raise Unreadable("is on the private list and is not read")
        full = self.root / path
        try:
            real = full.resolve()
            self._check_link(path, real)
            data = self._data_of(real)
        except (OSError, RuntimeError) as error:
            raise Unreadable(f"cannot be read ({getattr(error, 'strerror', '') or 'input/output error'})") from None
        if len(data) > MAX_FILE_BYTES:
            raise Unreadable(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB and is not read")
        return Document(path, decode(data))

    def _data_of(self, real: Path) -> bytes:
        if self._is_unsaved(real) and not real.is_dir():
            return self.unsaved[real.relative_to(self.root).as_posix()]
        if not real.is_file():
            raise Unreadable("is not a file and is not read")
        with real.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)

    def _check_link(self, path: str, real: Path) -> None:
        """Raise `Unreadable` where a link leads to what must not be read."""
        if not real.is_relative_to(self.root):
            raise Unreadable("links out of the workspace and is not read")
        meant = real.relative_to(self.root).as_posix()
        if meant == path:
            return
        if self._private.matches(meant):
            raise Unreadable("links to a file on the private list and is not read")
        if (real.is_file() or self._is_unsaved(real)) and self.is_ignored(meant):
            raise Unreadable("links to a file that an ignore rule names and is not read")


def decode(data: bytes) -> str:
    """Decode a file's bytes; raises `Unreadable` for binary ones.

    UTF-8, UTF-16 and little-endian UTF-32 with their byte order mark, else Windows-1252, as editors do.
    """
    if data[:2] in _WIDE_MARKS:
        return _decode_wide(data)
    if b"\0" in data[:_BINARY_SNIFF]:
        raise Unreadable("is binary and is not read")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _decode_wide(data: bytes) -> str:
    try:
        text = data.decode("utf-32" if data[:4] == b"\xff\xfe\0\0" else "utf-16")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Unreadable("is binary and is not read")
    return text
