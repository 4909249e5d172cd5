"""What stands for a key in the cache's scope.

Two keys must never share answers: they may belong to two employers. A name would not do, since another key can be put
under the same name, and the key itself, or its plain hash, is not to lie on a disk. So it is an HMAC with a salt that
each installation draws for itself: stable as long as key and salt are, and worth nothing without both.
"""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from optafly.routing.key_secret import Secret

SALT_BYTES: Final = 32
_SEPARATOR: Final = "\n"


def key_scope(provider: str, secret: Secret, salt: bytes) -> str:
    """32 hexadecimal digits that only the same key of the same provider has again; raises `KeyMissing`."""
    return secret.digest(f"optafly key scope 1{_SEPARATOR}{provider}{_SEPARATOR}".encode() + salt)


def read_salt(file: Path) -> bytes:
    """The installation's salt, drawn when there is none that is private and whole; raises nothing.

    File 0600 in a folder 0700. Where it cannot be kept it is drawn for this process alone: answers that were kept
    before are not found again then, which is the safe way to fail. A new one has the same effect.
    """
    try:
        return _kept(file) or _made(file)
    except OSError:
        return secrets.token_bytes(SALT_BYTES)


def _kept(file: Path) -> bytes | None:
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(SALT_BYTES + 1)
        open_to_others = os.name == "posix" and os.fstat(handle).st_mode & 0o077
    if len(data) == SALT_BYTES and not open_to_others:
        return data
    file.unlink()
    return None


def _made(file: Path) -> bytes:
    """Draw one; of two processes that do at the same time, one is in time and both use its salt."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(SALT_BYTES))
            stream.flush()
            os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            # Not replaced: another process may be using the one that is there. Nobody ever sees half of it.
            os.link(part, file)
    finally:
        part.unlink(missing_ok=True)
    found = _kept(file)
    if found is None:
        raise OSError
    return found
