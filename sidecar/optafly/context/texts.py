"""The text of all source files, for questions about the whole workspace."""

import os
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from optafly.context.languages import language_of
from optafly.context.workspace import MAX_FILE_BYTES, Unreadable, Workspace, decode

MAX_SOURCES = 20_000
MAX_TEXT = 48_000_000  # characters
_FIRST_READ: Final = 1 << 16
# Links are listed beside what they lead to, and opening a pipe would wait for its other end.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class SourceTexts:
    """The text of the listed files whose language is known, line ends as ``\\n``; read at the first question."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._real_folders: dict[str, bool] = {"": True}

    @property
    def complete(self) -> bool:
        """Whether nothing was left out because there is too much of it."""
        return self._found[1]

    def holding(self, words: Iterable[str], *, lower: bool = False) -> list[tuple[str, str]]:
        """Files whose text holds one of the words, inside others too, with that text; sorted by path.

        With ``lower``, the texts are compared and given in lower case.
        """
        texts = self._found[0]
        if lower:
            texts = {path: text.lower() for path, text in texts.items()}
        found: dict[str, str] = {}
        for word in words:
            found |= {path: text for path, text in texts.items() if word in text}
        return sorted((path, text) for path, text in found.items() if self._workspace.is_listed(path))

    @cached_property
    def _found(self) -> tuple[dict[str, str], bool]:
        sources = self._workspace.listing.sources
        kept, unsettled = self._workspace.kept_texts()
        settled, complete = self._add(kept, [path for path in sources if path not in kept and path not in unsettled])
        own, all_of_them = self._add({}, [path for path in sorted(unsettled) if language_of(path) is not None])
        return settled | own, complete and all_of_them

    def _add(self, texts: dict[str, str], paths: list[str]) -> tuple[dict[str, str], bool]:
        room = MAX_TEXT - sum(map(len, texts.values()))
        root = f"{self._workspace.root}/"
        folder, is_real = "", True
        for path in paths[:MAX_SOURCES]:
            if (here := path.rpartition("/")[0]) != folder:
                folder, is_real = here, self._is_real(here)
            text = texts[path] = _text_of(root + path) if is_real else ""
            room -= len(text)
            if room < 0:
                return texts, False
        return texts, len(paths) <= MAX_SOURCES

    def _is_real(self, folder: str) -> bool:
        """Whether no part of a folder's path is a link; it may have become one since git listed what was in it."""
        known = self._real_folders.get(folder)
        if known is None:
            above = self._is_real(folder.rpartition("/")[0])
            known = self._real_folders[folder] = above and not os.path.islink(f"{self._workspace.root}/{folder}")  # noqa: PTH114
        return known


def _text_of(path: str) -> str:
    """The text of a file, or nothing where it is none; much faster than `Workspace.read`."""
    try:
        file = os.open(path, _FLAGS)
        try:
            data = os.read(file, _FIRST_READ)
            if len(data) == _FIRST_READ:
                data += os.read(file, MAX_FILE_BYTES)
        finally:
            os.close(file)
        text = decode(data) if len(data) <= MAX_FILE_BYTES else ""
    except (OSError, Unreadable):
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
