"""The folder the request is about: which files it has, and reading them safely."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from optafly.context.document import Document
from optafly.context.git import Git
from optafly.context.private import PrivateFiles
from optafly.errors import InputError

MAX_FILE_BYTES = 2_000_000
MAX_FILES = 100_000
_BINARY_SNIFF = 8192
# Never worth reading and often huge, for folders without git; git's own ignore rules serve the others.
_SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".tox", ".idea"}
)


class Unreadable(Exception):
    """A file exists but is not quoted; the message says why in words that follow the file's name."""


class Workspace:
    """A folder; paths given and returned are relative to it, with forward slashes."""

    def __init__(self, root: Path, private: PrivateFiles) -> None:
        if not root.is_dir():
            raise InputError(f"--workspace {root} is not a folder; give an existing folder")
        self.root = root.resolve()
        self.git = Git(self.root)
        self._private = private
        self._files: list[str] | None = None
        self._in_git = False

    @property
    def in_git(self) -> bool:
        """Whether git lists this workspace's files."""
        self.files()
        return self._in_git

    def relative(self, path: str, *, option: str = "--file") -> str:
        """Return ``path`` relative to the workspace; raises `InputError` outside it or where there is no such file."""
        if not path.strip() or "\0" in path:
            raise InputError(f"{option} {path!r} is not a path; give one relative to the workspace")
        # The unresolved form decides the name, the resolved one decides whether it is allowed.
        full = Path(os.path.normpath(self.root / path))
        try:
            inside = full.is_relative_to(self.root) and full.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):
            inside = False
        if not inside:
            raise InputError(f"{option} {path} is outside the workspace; give a path inside {self.root.name or '/'}/")
        if not full.exists():
            raise InputError(f"{option} {path} does not exist in the workspace; give an existing file")
        if not full.is_file():
            raise InputError(f"{option} {path} is not a file; give a file inside the workspace")
        return full.relative_to(self.root).as_posix()

    def files(self) -> list[str]:
        """Every file that neither ignore rules nor the private list name, sorted."""
        if self._files is None:
            listed = self.git.list_files()
            # An empty answer for a folder with files: the folder itself is ignored by a repository around it.
            self._in_git = bool(listed)
            names = listed if listed else sorted(_walk(self.root))
            self._files = [name for name in names[:MAX_FILES] if not self._private.matches(name)]
        return self._files

    def forget_files(self) -> None:
        """Drop the kept list, so that the next question looks again."""
        self._files = None

    def is_private(self, path: str) -> bool:
        """Whether the private list names the path."""
        return self._private.matches(path)

    def read(self, path: str) -> Document:
        """Read a file of the workspace; raises `Unreadable` for what is private, ignored, outside, binary or too large."""
        if self._private.matches(path):
            raise Unreadable("is on the private list and is not read")
        full = self.root / path
        try:
            if not full.resolve().is_relative_to(self.root):
                raise Unreadable("links out of the workspace and is not read")
            with full.open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise Unreadable(f"cannot be read ({error.strerror or 'input/output error'})") from None
        if len(data) > MAX_FILE_BYTES:
            raise Unreadable(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB and is not read")
        return Document(path, decode(data))

    def is_ignored(self, path: str) -> bool:
        """Whether an ignore rule names an existing file."""
        files = self.files()
        if path in files:
            return False
        # Not listed and not ignored: a file inside a nested repository, or made this instant.
        return self.git.is_ignored(path) if self._in_git else True


def decode(data: bytes) -> str:
    """Decode a file's bytes; raises `Unreadable` for binary ones. UTF-8 first, then byte order marks, then a guess."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable("is binary and is not read") from None
    if b"\0" in data[:_BINARY_SNIFF]:
        raise Unreadable("is binary and is not read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Imported here: only odd files need it.
        from charset_normalizer import from_bytes  # noqa: PLC0415

        best = from_bytes(data).best()
        return str(best) if best is not None else data.decode("latin-1")


def _walk(root: Path) -> Iterator[str]:
    """Files below a folder without git, ``.gitignore`` files heard, links to folders not followed."""
    import pathspec  # noqa: PLC0415

    Rule = tuple[str, Callable[[str], bool]]
    rules_of: dict[str, tuple[Rule, ...]] = {}
    count = 0
    for folder, folders, files in os.walk(root):
        base = Path(folder).relative_to(root).as_posix()
        prefix = "" if base == "." else base + "/"
        rules = rules_of.pop(prefix, ())
        if ".gitignore" in files:
            text = (Path(folder) / ".gitignore").read_text("utf-8", "replace")
            spec = pathspec.GitIgnoreSpec.from_lines(text.splitlines())
            rules = (*rules, (prefix, spec.match_file))
        kept = [name for name in sorted(folders) if name not in _SKIPPED_FOLDERS]
        folders[:] = [name for name in kept if not _ignored(rules, f"{prefix}{name}/")]
        for name in folders:
            rules_of[f"{prefix}{name}/"] = rules
        for name in files:
            path = prefix + name
            if not _ignored(rules, path):
                yield path
                count += 1
                if count >= MAX_FILES:
                    return


def _ignored(rules: tuple[tuple[str, Callable[[str], bool]], ...], path: str) -> bool:
    return any(path.startswith(prefix) and match(path[len(prefix) :]) for prefix, match in rules)
