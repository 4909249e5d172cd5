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


def uri_of(path: Path) -> str:
    """The URI of an absolute path."""
    return path.as_uri()


def relative_to(path: Path, folder: Path) -> str | None:
    """The path relative to a folder, with forward slashes; None when it is not inside."""
    try:
        inside = path.relative_to(folder).as_posix()
    except ValueError:
        return None
    return None if inside == "." else inside
