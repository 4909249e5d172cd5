"""The core's log: small files that only their user can read, without a word of a prompt, a file or the token."""

import contextlib
import logging
import logging.handlers
import os
import sys
from io import TextIOWrapper
from typing import Final

from optafly.paths import Paths

LOG_NAME: Final = "core.log"
LARGEST_BYTES: Final = 1_000_000
KEPT_FILES: Final = 2
"""Besides the one that is written."""

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Makes its files readable for their owner only, and never lets a full disk disturb the work."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(self.baseFilename, flags, 0o600)
        if hasattr(os, "fchmod"):
            os.fchmod(handle, 0o600)
        return open(handle, "a", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123  a descriptor

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name that logging calls
        """Say nothing: there is nowhere to say it."""


def begin_log(paths: Paths) -> logging.Handler:
    """Log to the log folder from now on; without a file, said on standard error, where that cannot be written."""
    handler: logging.Handler
    try:
        paths.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            paths.log_dir.chmod(0o700)
        handler = _PrivateFile(paths.log_dir / LOG_NAME, maxBytes=LARGEST_BYTES, backupCount=KEPT_FILES)
    except OSError as error:
        sys.stderr.write(f"warning: {paths.log_dir / LOG_NAME} cannot be written ({error.strerror}); no log is kept\n")
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("optafly").setLevel(logging.INFO)
    return handler


def end_log(handler: logging.Handler) -> None:
    """Stop logging to it and close its file."""
    logging.getLogger().removeHandler(handler)
    handler.close()
