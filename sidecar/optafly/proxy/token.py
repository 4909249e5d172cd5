"""The token of the proxy: it lasts, since people write it into the settings of other programs."""

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import Final

from optafly.errors import OptaFlyError

FILE_NAME: Final = "proxy-token"

_BYTES: Final = 32
_PREFIX: Final = "optafly-"
_TOKEN: Final = re.compile(rb"optafly-[0-9a-f]{64}\n?")


def read_token(file: Path) -> str:
    """The token, made when there is none that is private and whole: 0600 in a folder 0700. Raises `OptaFlyError`."""
    try:
        return _kept(file) or _made(file)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise OptaFlyError(f"the proxy's token cannot be kept in {file} ({said}); correct that") from None


def _kept(file: Path) -> str | None:
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(len(_PREFIX) + 2 * _BYTES + 2)
        open_to_others = os.name == "posix" and os.fstat(handle).st_mode & 0o077
    if _TOKEN.fullmatch(data) and not open_to_others:
        return data.decode("ascii").strip()
    # Others may have read it.
    file.unlink()
    return None


def _made(file: Path) -> str:
    """Make one; of two processes that do at the same time, one is in time and both use its token."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(f"{_PREFIX}{secrets.token_hex(_BYTES)}\n".encode("ascii"))
            stream.flush()
            os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            os.link(part, file)
    finally:
        part.unlink(missing_ok=True)
    found = _kept(file)
    if found is None:
        raise OSError
    return found
