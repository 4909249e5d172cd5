"""The text of all source files, for questions about the whole workspace."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from optafly.context.workspace import MAX_FILE_BYTES, Unreadable, Workspace, decode

MAX_SOURCES = 20_000
MAX_TEXT = 48_000_000  # characters
_FIRST_READ: Final = 1 << 16
# Links are listed beside what they lead to, and opening a pipe would wait for its other end.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class SourceTexts:
    """The text of the listed files whose language is known, line ends as ``\\n``; read at the first question.

    What the editor holds of a file counts instead of what is on disk, and is never kept.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._read_now: dict[str, str] = {}
        self._real_folders: dict[str, bool] = {"": True}

    def holding(self, word: str, *, any_case: bool = False) -> list[tuple[str, str]] | None:
        """Files whose text holds the word, inside others too, with that text, sorted by path.

        None where there is too much text to be read and git can be asked instead. With ``any_case`` the word is in
        lower case, and letter case ignored.
        """
        # Searched while git still compares: nearly all of them will turn out to be as they were.
        early = _holding(self._workspace.texts_before(), word, any_case=any_case)
        texts = self._texts
        if texts is None:
            return None
        found = {path: text for path, text in early.items() if texts.get(path) is text}
        return sorted((found | _holding(self._read_now, word, any_case=any_case)).items())

    @cached_property
    def _texts(self) -> dict[str, str] | None:
        listing = self._workspace.listing
        kept, unsettled = self._workspace.kept_texts()
        for path in kept.keys() - listing.sources.keys():
            del kept[path]
        if listing.in_git and len(listing.sources) > MAX_SOURCES:
            return None
        missing = sorted(listing.sources.keys() - kept.keys())
        room = MAX_TEXT - sum(map(len, kept.values()))
        for path in missing[:MAX_SOURCES]:
            if room < 0:
                break
            text = self._read_now[path] = self._text_of(path)
            room -= len(text)
        texts = kept | self._read_now
        kept.update((path, text) for path, text in self._read_now.items() if path not in unsettled)
        return texts if room >= 0 or not listing.in_git else None

    def unsaved(self) -> list[tuple[str, str]]:
        """Those of the files that the editor holds other than they are on disk, with that text, sorted by path."""
        listed = self._workspace.unsaved.keys() & self._workspace.listing.sources.keys()
        return [(path, self._text_of(path)) for path in sorted(listed)]

    def _text_of(self, path: str) -> str:
        if (data := self._workspace.unsaved.get(path)) is not None:
            return _plain(data)
        folder = path.rpartition("/")[0]
        return _read(f"{self._workspace.root}/{path}") if self._is_real(folder) else ""

    def _is_real(self, folder: str) -> bool:
        """Whether no part of a folder's path is a link; it may have become one since git listed what was in it."""
        known = self._real_folders.get(folder)
        if known is None:
            above = self._is_real(folder.rpartition("/")[0])
            known = self._real_folders[folder] = above and not os.path.islink(f"{self._workspace.root}/{folder}")  # noqa: PTH114
        return known


def _holding(texts: Mapping[str, str], word: str, *, any_case: bool) -> dict[str, str]:
    if any_case:
        return {path: text for path, text in texts.items() if word in text.lower()}
    return {path: text for path, text in texts.items() if word in text}


def _read(path: str) -> str:
    """The text of a file, or nothing where it is none; much faster than `Workspace.read`."""
    try:
        file = os.open(path, _FLAGS)
        try:
            data = os.read(file, _FIRST_READ)
            if len(data) == _FIRST_READ:
                data += os.read(file, MAX_FILE_BYTES)
        finally:
            os.close(file)
    except OSError:
        return ""
    return _plain(data)


def _plain(data: bytes) -> str:
    try:
        text = decode(data) if len(data) <= MAX_FILE_BYTES else ""
    except Unreadable:
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
