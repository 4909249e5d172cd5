"""Where a running core is written down: a file that only its own user can read or write."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from optafly.core.wire import Discovery, encode
from optafly.errors import CoreUnavailable
from optafly.paths import Paths

_FILE_NAME: Final = "core.json"
_LARGEST_BYTES: Final = 4096
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_POSIX: Final = os.name == "posix"


def discovery_file(paths: Paths) -> Path:
    """The file itself."""
    return paths.runtime_dir / _FILE_NAME


def lifetime_lock(paths: Paths) -> Path:
    """The lock that a core holds for as long as it runs."""
    return paths.runtime_dir / "core.lock"


def launch_lock(paths: Paths) -> Path:
    """The lock that a front-end holds while it starts a core."""
    return paths.runtime_dir / "launch.lock"


def make_runtime_dir(paths: Paths) -> Path:
    """Make the runtime directory, for this user alone; raises `CoreUnavailable` where it is not or cannot be that."""
    folder = paths.runtime_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None
    check_runtime_dir(paths)
    return folder


def check_runtime_dir(paths: Paths) -> None:
    """Raise `CoreUnavailable` unless the runtime directory is there, and this user's alone."""
    folder = paths.runtime_dir
    try:
        status = folder.lstat()
    except OSError as error:
        raise unwritable(folder, error) from None
    if not stat.S_ISDIR(status.st_mode):
        raise CoreUnavailable(f"{folder} is not a folder of its own; remove it, or set OPTAFLY_HOME")
    if _POSIX and status.st_uid != os.getuid():
        raise CoreUnavailable(f"{folder} belongs to another user; set OPTAFLY_HOME to a folder of your own")
    if _POSIX and status.st_mode & _OTHERS_MAY_WRITE:
        raise CoreUnavailable(f"other users may write to {folder}; run: chmod 700 {folder}")


def unwritable(path: Path, error: OSError) -> CoreUnavailable:
    """What to do about a file or folder that cannot be written."""
    return CoreUnavailable(
        f"{path} cannot be written ({error.strerror}); check permissions and free space, or set OPTAFLY_HOME"
    )


def read_discovery(paths: Paths) -> Discovery | None:
    """What the file says; None where there is none, or one that is damaged, too open or not of this user.

    So is one in a folder that is too open: its files and locks may be anybody's.
    """
    try:
        check_runtime_dir(paths)
    except CoreUnavailable:
        return None
    # Opened without following a link, and looked at once it is open: nobody can exchange it in between.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(discovery_file(paths), flags)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return None
        if _POSIX and (status.st_uid != os.getuid() or status.st_mode & _OF_OTHERS):
            return None
        found = msgspec.json.decode(os.read(handle, _LARGEST_BYTES), type=Discovery, strict=True)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    finally:
        os.close(handle)
    plausible = 0 < found.port < 2**16 and found.pid > 0 and found.token.isascii() and found.token.isalnum()
    return found if plausible else None


def write_discovery(paths: Paths, discovery: Discovery) -> None:
    """Replace the file in one step; raises `CoreUnavailable`."""
    file = discovery_file(paths)
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".core-", suffix=".part")  # readable by its owner only
        with os.fdopen(handle, "wb") as stream:
            stream.write(encode(discovery))
        Path(name).replace(file)
    except OSError as error:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        raise unwritable(file, error) from None


def remove_discovery(paths: Paths, discovery: Discovery) -> None:
    """Remove the file, unless it is another core's by now."""
    if read_discovery(paths) == discovery:
        with contextlib.suppress(OSError):
            discovery_file(paths).unlink()
