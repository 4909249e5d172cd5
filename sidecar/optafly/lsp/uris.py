"""File URIs and paths."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def path_of(uri: str) -> Path | None:
    """The path a file URI stands for; None for any other URI."""
    try:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        path = unquote(parts.path)
        if os.name == "nt" and len(path) > 2 and path[2] == ":":
            path = path[1:]
        return Path(path) if path and "\0" not in path else None
    except ValueError:
        return None


def key_of(uri: str) -> str:
    """A URI in the one spelling that documents are compared by: clients write ``@``, ``(`` or ``+`` in two ways.

    What is sent back to a client keeps the client's own spelling.
    """
    path = path_of(uri)
    # U+FFFD stands for bytes that are no text: two such names are two files.
    if path is None or not path.is_absolute() or "\ufffd" in str(path):
        return uri
    return path.as_uri()


def real_path(path: Path) -> Path:
    """A path without links in it, in one letter case where the system does not tell them apart."""
    return Path(os.path.normcase(os.path.realpath(path)))


def uri_of(path: Path) -> str:
    """The URI of an absolute path."""
    return path.as_uri()


def relative_to(path: Path, folder: Path) -> str | None:
    """The path relative to a folder, with forward slashes; None when it is not inside, with links or without."""
    inside = _inside(path, folder)
    if inside is None:
        # Some editors open a folder by a link, and name the files in it by what that leads to.
        inside = _inside(Path(os.path.realpath(path)), Path(os.path.realpath(folder)))
    return None if inside == "." else inside


def _inside(path: Path, folder: Path) -> str | None:
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return None
