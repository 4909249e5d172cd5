"""Folders and files that only their owner can look into, whatever the umask; secrets that last, damaged ones put aside.

The umask itself is left alone: it belongs to the whole process, and a core has many threads.
"""

import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST_ASIDE: Final = 2
_ASIDE: Final = ".damaged-"
_MOST_SECRET_BYTES: Final = 4096


def make_private_folder(folder: Path) -> None:
    """Create the folder and what is missing above it, each 0700; others lose their rights on an existing one.

    Its owner's rights stay as they are: a folder that its owner made read-only is that for a reason. Raises OSError.
    """
    missing = [folder, *(parent for parent in folder.parents if not parent.exists())]
    for part in reversed(missing):
        try:
            part.mkdir(mode=0o700)
            part.chmod(0o700)
        except FileExistsError:
            if not part.is_dir():
                raise
            mode = part.stat().st_mode & 0o777
            if mode & 0o077:
                part.chmod(mode & 0o700)


def make_private_file(path: Path) -> None:
    """Create the file 0600 where it is missing; others lose their rights on an existing one. A link is refused.

    Raises OSError where the file cannot be written.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle, created = os.open(path, flags | os.O_EXCL, 0o600), True
    except FileExistsError:
        handle, created = os.open(path, flags, 0o600), False
    try:
        mode = os.fstat(handle).st_mode & 0o777
        if hasattr(os, "fchmod") and (created or mode & 0o077):
            os.fchmod(handle, 0o600 if created else mode & 0o700)
    finally:
        os.close(handle)


def lasting_secret(file: Path, draw: Callable[[], bytes], is_whole: Callable[[bytes], bool]) -> bytes:
    """What the file holds, drawn where there is none that is private and whole: 0600 in a folder 0700. Raises OSError.

    Of two processes that draw at the same time one is in time, and both use what it drew.
    """
    found = kept_secret(file, is_whole)
    if found is not None:
        return found
    make_private_folder(file.parent)
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(draw())
            stream.flush()
            os.fsync(handle)
        with suppress(FileExistsError):
            # Not replaced: another process may be using the one that is there. Nobody ever sees half of it.
            os.link(part, file)
    finally:
        part.unlink(missing_ok=True)
    found = kept_secret(file, is_whole)
    if found is None:
        raise OSError
    return found


def kept_secret(file: Path, is_whole: Callable[[bytes], bool]) -> bytes | None:
    """What the file holds, None where it is not private and whole, and is removed then. Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(file, flags)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(_MOST_SECRET_BYTES)
        open_to_others = os.name == "posix" and os.fstat(handle).st_mode & 0o077
    if is_whole(data) and not open_to_others:
        return data
    # Others may have read it, or it is none.
    file.unlink()
    return None


def tighten(folder: Path) -> None:
    """Make all that another library created below the folder 0700 and 0600; what vanishes meanwhile is passed over."""
    for place, folders, files in os.walk(folder):
        for names, mode in ((folders, 0o700), (files, 0o600)):
            for name in names:
                path = Path(place, name)
                with suppress(FileNotFoundError):
                    if path.lstat().st_mode & 0o777 != mode and not path.is_symlink():
                        path.chmod(mode)


def put_aside(path: Path) -> Path:
    """Rename a damaged database, with its journals, by the time (UTC); only the newest few are kept. Raises OSError."""
    now = time.time_ns()
    stamp = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now // 10**9))}.{now % 10**9:09}Z"
    aside = path.with_name(f"{path.name}{_ASIDE}{stamp}")
    path.replace(aside)
    for journal in journals(path):
        with suppress(FileNotFoundError):
            journal.replace(aside.with_name(f"{aside.name}{journal.name.removeprefix(path.name)}"))
    for old in databases_aside(path)[:-MOST_ASIDE]:
        remove_database(old)
    return aside


def databases_aside(path: Path) -> list[Path]:
    """The damaged databases that were put aside, oldest first."""
    return sorted(item for item in path.parent.glob(f"{path.name}{_ASIDE}*") if item.name.endswith("Z"))


def remove_database(path: Path) -> None:
    """Delete a database with its journals, as far as they exist. Raises OSError."""
    for item in (path, *journals(path)):
        item.unlink(missing_ok=True)


def journals(path: Path) -> list[Path]:
    """The files that SQLite may keep beside a database."""
    return [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]
