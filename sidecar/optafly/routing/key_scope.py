"""What stands for a key in the cache's scope.

Two keys must never share answers: they may belong to two employers. A name would not do, since another key can be put
under the same name, and the key itself, or its plain hash, is not to lie on a disk. So it is an HMAC with a salt that
each installation draws for itself: stable as long as key and salt are, and worth nothing without both.
"""

import secrets
from pathlib import Path
from typing import Final

from optafly.private_files import lasting_secret
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
        return lasting_secret(file, _draw, lambda data: len(data) == SALT_BYTES)
    except OSError:
        return _draw()


def _draw() -> bytes:
    return secrets.token_bytes(SALT_BYTES)
