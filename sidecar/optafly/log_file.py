"""Log files that only their user can read, rotated ones included: what happened, never what was said."""

import logging
import os
import traceback
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from typing import Final

from optafly.paths import Paths

_BYTES: Final = 1_000_000
_FILES: Final = 3


class PrivateLogFile(RotatingFileHandler):
    """Makes its files readable for their owner only, and never lets a full disk disturb the work."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(self.baseFilename, flags, 0o600)
        if hasattr(os, "fchmod"):
            os.fchmod(handle, 0o600)
        return open(handle, "a", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123  a descriptor

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name that logging calls
        """Say nothing: there is nowhere to say it."""


def where(error: BaseException) -> str:
    """An error's type and the line it came from; its text may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def start_front_end_log(paths: Paths, name: str) -> None:
    """Write the package's log of this process to a file that rotates; without one where it cannot be written."""
    package = logging.getLogger("optafly")
    package.setLevel(logging.INFO)
    package.propagate = False
    try:
        paths.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = PrivateLogFile(paths.log_dir / name, maxBytes=_BYTES, backupCount=_FILES)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
    package.addHandler(handler)
