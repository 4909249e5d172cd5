"""A log file that only its user can read, the ones it is rotated to included."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler


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
