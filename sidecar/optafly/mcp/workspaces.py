"""Which workspace a request is about: the client's roots, else where this process was started."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from optafly.errors import InputError
from optafly.mcp.ports import Engine, Shown

MOST_ROOTS: Final = 32
_LONGEST_URI: Final = 4096


def folders_of(uris: Iterable[str], home: Path) -> tuple[str, ...]:
    """The folders on this machine that some URIs name, but for a home and the root, which are no workspace."""
    none = {str(folder) for folder in (home, *home.parents, *home.resolve().parents, home.resolve())}
    found = (_folder(uri) for uri in list(uris)[:MOST_ROOTS])
    return tuple(dict.fromkeys(folder for folder in found if folder and os.path.realpath(folder) not in none))


def started_in(cwd: Path, home: Path) -> tuple[str, ...]:
    """The repository around a folder, and the folder; nothing for a home or the root, which are no workspace."""
    none = {home, *home.parents}
    found = [] if cwd in none else [str(cwd)]
    for folder in (cwd, *cwd.parents):
        if folder in none:
            break
        if (folder / ".git").exists():
            # The folder as well: an editor may have that part of the repository open alone.
            return tuple(dict.fromkeys([str(folder), *found]))
    return tuple(found)


def chosen(folders: Sequence[str], wanted: str) -> tuple[str, ...]:
    """The folders to look at, ``wanted`` alone where it is one of them or lies in one; raises `InputError`."""
    if not wanted:
        return tuple(folders)
    target = os.path.realpath(wanted)
    inside = any(_lies_in(target, folder) for folder in folders)
    if not Path(wanted).is_absolute() or not inside or not Path(target).is_dir():
        known = ", ".join(folders) or "none"
        raise InputError(f"workspace must be a folder of the workspaces that this client has open: {known}")
    return (wanted,)


async def look(engine: Engine, folders: Sequence[str]) -> tuple[str, Shown | None]:
    """The workspace that is meant, and what an editor shows of it: where one shows a file, else the first."""
    shown: list[Shown] = []
    for folder in folders:
        seen = await engine.shown(folder)
        # An editor may have opened a folder around it; its paths are relative to that one.
        if seen is not None and _lies_in(folder, seen.workspace):
            shown.append(seen)
    for seen in shown:
        if seen.file is not None:
            return seen.workspace, seen
    return (shown[0].workspace, shown[0]) if shown else (folders[0], None)


def _folder(uri: str) -> str | None:
    try:
        parts = urlsplit(uri[:_LONGEST_URI])
        if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
            return None
        path = Path(url2pathname(parts.path) if os.name == "nt" else unquote(parts.path))
        return str(path) if path.is_absolute() and path.is_dir() else None
    except (OSError, ValueError):
        return None


def _lies_in(target: str, folder: str) -> bool:
    target, folder = os.path.realpath(target), os.path.realpath(folder)
    return target == folder or target.startswith(folder.rstrip(os.sep) + os.sep)
