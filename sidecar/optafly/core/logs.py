"""The core's log: small files that only their user can read, without a word of a prompt, a file or the token."""

import contextlib
import logging
import sys
from typing import Final

from optafly.log_file import PrivateLogFile
from optafly.paths import Paths

LOG_NAME: Final = "core.log"
LARGEST_BYTES: Final = 1_000_000
KEPT_FILES: Final = 2
"""Besides the one that is written."""

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def begin_log(paths: Paths) -> logging.Handler:
    """Log to the log folder from now on; without a file, said on standard error, where that cannot be written."""
    handler: logging.Handler
    try:
        paths.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            paths.log_dir.chmod(0o700)
        handler = PrivateLogFile(paths.log_dir / LOG_NAME, maxBytes=LARGEST_BYTES, backupCount=KEPT_FILES)
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
