"""The token of the proxy: it lasts, since people write it into the settings of other programs."""

import contextlib
import re
import secrets
from pathlib import Path
from typing import Final

from optafly.errors import OptaFlyError
from optafly.private_files import kept_secret, lasting_secret

FILE_NAME: Final = "proxy-token"

_BYTES: Final = 32
_PREFIX: Final = "optafly-"
_TOKEN: Final = re.compile(rb"optafly-[0-9a-f]{64}\n?")


def read_token(file: Path) -> str:
    """The token, made when there is none that is private and whole: 0600 in a folder 0700. Raises `OptaFlyError`."""
    try:
        found = lasting_secret(file, _draw, _is_token)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise OptaFlyError(f"the proxy's token cannot be kept in {file} ({said}); correct that") from None
    return found.decode("ascii").strip()


def renew_token(file: Path) -> str:
    """Another token in the place of the one there is, which lets nobody in from now on. Raises `OptaFlyError`."""
    with contextlib.suppress(OSError):  # what cannot be removed is said by the next line
        file.unlink()
    return read_token(file)


class TokenFile:
    """The token as it is now, read anew where its file has changed.

    While there is none that is private and whole nobody has the token; the next `read_token` makes one.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, ...] | None = None
        self._token = b""

    def current(self) -> bytes:
        """The token; one that nobody knows where there is none."""
        # From before it is read: what changes meanwhile is read the next time.
        stamp = self._look()
        if not self._token or stamp != self._stamp:
            self._stamp, self._token = stamp, self._kept() or _draw()
        return self._token

    def _kept(self) -> bytes | None:
        try:
            found = kept_secret(self._file, _is_token)
        except OSError:
            return None
        return None if found is None else found.strip()

    def _look(self) -> tuple[int, ...] | None:
        try:
            found = self._file.lstat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _is_token(data: bytes) -> bool:
    return _TOKEN.fullmatch(data) is not None


def _draw() -> bytes:
    return f"{_PREFIX}{secrets.token_hex(_BYTES)}\n".encode("ascii")
