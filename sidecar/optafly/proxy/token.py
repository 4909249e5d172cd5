"""The token of the proxy: it lasts, since people write it into the settings of other programs."""

import re
import secrets
from pathlib import Path
from typing import Final

from optafly.errors import OptaFlyError
from optafly.private_files import lasting_secret

FILE_NAME: Final = "proxy-token"

_BYTES: Final = 32
_PREFIX: Final = "optafly-"
_TOKEN: Final = re.compile(rb"optafly-[0-9a-f]{64}\n?")


def read_token(file: Path) -> str:
    """The token, made when there is none that is private and whole: 0600 in a folder 0700. Raises `OptaFlyError`."""
    try:
        found = lasting_secret(file, _draw, lambda data: _TOKEN.fullmatch(data) is not None)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise OptaFlyError(f"the proxy's token cannot be kept in {file} ({said}); correct that") from None
    return found.decode("ascii").strip()


def _draw() -> bytes:
    return f"{_PREFIX}{secrets.token_hex(_BYTES)}\n".encode("ascii")
