"""What is attached to a prompt: links to files, and files with their text."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from optafly.acp.ports import Block

_LINES: Final = re.compile(r"L(?P<first>[0-9]{1,7})(?:[:-]L?(?P<last>[0-9]{1,7}))?")
_LONGEST_URI: Final = 4096


class Attached(msgspec.Struct, frozen=True):
    """A file: its path in one of the session's folders, that folder, lines (1-based, inclusive), and its text.

    ``text`` is None for a link, and where only some lines are attached.
    """

    name: str
    folder: Path
    lines: tuple[int, int] | None = None
    text: str | None = None


def attached_in(block: Block, folders: Sequence[Path]) -> Attached | None:
    """What a block attaches; None where that is no file of these folders."""
    uri, text = _uri_and_text(block)
    path, fragment = _split(uri)
    if path is None:
        return None
    lines = _lines(fragment)
    for folder in folders:
        inside = relative_to(path, folder)
        if inside is not None:
            return Attached(inside, folder, lines, text if lines is None else None)
    return None


def name_of(block: Block, folders: Sequence[Path]) -> str:
    """How a person would call what a block attaches: its path in the project, or its name; empty for no attachment."""
    found = attached_in(block, folders)
    if found is not None:
        return found.name
    kind, name = block.get("type"), block.get("name")
    if kind == "resource_link" and isinstance(name, str):
        return " ".join(name.replace("`", "").split())
    return ""


def relative_to(path: Path, folder: Path) -> str | None:
    """The path in a folder, with forward slashes; None where it is not inside, with links or without."""
    for inner, outer in ((path, folder), (Path(os.path.realpath(path)), Path(os.path.realpath(folder)))):
        if inner != outer and inner.is_relative_to(outer):
            return inner.relative_to(outer).as_posix()
    return None


def attached_text(block: Block) -> tuple[str, str] | None:
    """The path, or else the URI, and the text of a block that brings a text with it."""
    uri, text = _uri_and_text(block)
    path, _ = _split(uri)
    return (path.as_posix() if path is not None else uri, text) if text is not None else None


def _uri_and_text(block: Block) -> tuple[str, str | None]:
    kind = block.get("type")
    source: Any = block.get("resource") if kind == "resource" else block if kind == "resource_link" else None
    if not isinstance(source, Mapping):
        return "", None
    uri, text = source.get("uri"), source.get("text") if kind == "resource" else None
    return uri if isinstance(uri, str) else "", text if isinstance(text, str) else None


def _split(uri: str) -> tuple[Path | None, str]:
    try:
        parts = urlsplit(uri[:_LONGEST_URI])
        path = unquote(parts.path)
        if os.name == "nt" and len(path) > 2 and path[2] == ":":
            path = path[1:]
        if parts.scheme != "file" or not path or "\0" in path:
            return None, ""
        # Without following links: the core does that, and knows where they may lead.
        return Path(os.path.normpath(path)), parts.fragment
    except ValueError:
        return None, ""


def _lines(fragment: str) -> tuple[int, int] | None:
    found = _LINES.fullmatch(fragment)
    if found is None:
        return None
    first = int(found["first"])
    last = int(found["last"] or first)
    return (first, last) if 0 < first <= last else None
