"""Which files a workspace has: what git lists, or what lies in the folder and no ``.gitignore`` names."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optafly.context.git import parse_listing
from optafly.context.languages import language_of

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_FILES = 100_000
# Never worth reading and often huge, for folders without git; git's own ignore rules serve the others.
_SKIPPED_FOLDERS: Final = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".tox", ".idea"}
)


class Listing:
    """Files that neither ignore rules nor the private list name.

    ``unsettled`` are those that git does not compare with the last commit; ``in_git`` whether git was asked at all.
    """

    def __init__(self, files: Sequence[str], *, unsettled: frozenset[str] = frozenset(), in_git: bool = False) -> None:
        self.files = tuple(files)
        self.unsettled = unsettled
        self.in_git = in_git

    def with_files(self, new: frozenset[str]) -> "Listing":
        """This listing and more files, which git knows nothing about yet."""
        more = Listing(sorted(new))
        both = Listing(sorted({*self.files, *new}), unsettled=self.unsettled | new, in_git=self.in_git)
        # Known already of nearly all of them.
        both.names, both.sources = self.names | new, self.sources | more.sources
        both.folders = tuple(sorted({*self.folders, *more.folders}))
        return both

    @cached_property
    def names(self) -> frozenset[str]:
        """The files, to ask for one of them."""
        return frozenset(self.files)

    @cached_property
    def sources(self) -> dict[str, str]:
        """The files whose language has a grammar, with its name."""
        found = ((path, language_of(path)) for path in self.files)
        return {path: language.name for path, language in found if language is not None}

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """Every folder that directly holds one of the files, sorted; the workspace itself is an empty text."""
        return tuple(sorted({path.rpartition("/")[0] for path in self.files}))

    @cached_property
    def by_base(self) -> dict[str, list[str]]:
        """The files by the last part of their path."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found


def git_listing(out: bytes, is_private: Callable[[str], bool]) -> Listing:
    """The listing that `Git.list_files` answered with."""
    names, unsettled = parse_listing(out)
    return Listing([name for name in names[:MAX_FILES] if not is_private(name)], unsettled=unsettled, in_git=True)


def folder_listing(root: Path, is_private: Callable[[str], bool]) -> Listing:
    """The listing of a folder that git knows nothing about; links to folders are not followed."""
    return Listing(sorted(name for name in _walk(root) if not is_private(name)))


def folder_ignores(root: Path, path: str) -> bool:
    """Whether `folder_listing` passes over a file of that path by its name or a folder's, be it on disk or not."""
    rules, prefix = _Rules(), ""
    for folder in path.split("/")[:-1]:
        rules = rules.with_folder(root, prefix)
        prefix += f"{folder}/"
        if folder in _SKIPPED_FOLDERS or rules.ignore(prefix):
            return True
    return rules.with_folder(root, prefix).ignore(path)


class _Rules:
    """The ``.gitignore`` files that hold in one folder, the nearest last."""

    def __init__(self, specs: tuple[tuple[str, "GitIgnoreSpec"], ...] = ()) -> None:
        self._specs = specs

    def with_folder(self, root: Path, prefix: str) -> "_Rules":
        """These and what the ``.gitignore`` of a folder says, which is named with its slash."""
        text = _text_of(root / prefix / ".gitignore")
        return _Rules((*self._specs, (prefix, _spec(text)))) if text else self

    def ignore(self, path: str) -> bool:
        """Whether the nearest file that says anything about the path says so."""
        for prefix, spec in reversed(self._specs):
            said = spec.check_file(path[len(prefix) :]).include
            if said is not None:
                return said
        return False


def _spec(text: str) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    lines = text.removeprefix("\ufeff").splitlines()
    try:
        return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):
        # git passes over a line it cannot understand, and so are the others still heard here.
        return GitIgnoreSpec.from_lines([line for line in lines if _understood(line)])


def _understood(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _walk(root: Path) -> Iterator[str]:
    rules_of: dict[str, _Rules] = {}
    count = 0
    for folder, folders, files in os.walk(root):
        base = Path(folder).relative_to(root).as_posix()
        prefix = "" if base == "." else base + "/"
        rules = rules_of.pop(prefix, _Rules())
        if ".gitignore" in files:
            rules = rules.with_folder(root, prefix)
        kept = [name for name in sorted(folders) if name not in _SKIPPED_FOLDERS]
        folders[:] = [name for name in kept if not rules.ignore(f"{prefix}{name}/")]
        rules_of |= {f"{prefix}{name}/": rules for name in folders}
        for name in sorted(files):
            if not rules.ignore(prefix + name):
                yield prefix + name
                count += 1
                if count >= MAX_FILES:
                    return


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.is_file() else ""
    except OSError:
        return ""
