"""The log of `optafly acp`: what happened, never what was said."""

import logging
import traceback
from typing import Final

from optafly.log_file import PrivateLogFile
from optafly.paths import Paths

_BYTES: Final = 1_000_000
_FILES: Final = 3


def where(error: BaseException) -> str:
    """An error's type and the line it came from; its text may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def start_log(paths: Paths) -> None:
    """Write the package's log to a file that rotates; without one where it cannot be written."""
    # Of the SDK, which logs what it cannot read: with it what somebody said.
    logging.getLogger().addHandler(logging.NullHandler())
    package = logging.getLogger("optafly")
    package.setLevel(logging.INFO)
    package.propagate = False
    try:
        paths.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = PrivateLogFile(paths.log_dir / "acp.log", maxBytes=_BYTES, backupCount=_FILES)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
    package.addHandler(handler)
