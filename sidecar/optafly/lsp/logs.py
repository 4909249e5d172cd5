"""The log of the language server: what happened, never what was said."""

import logging

from optafly.log_file import start_front_end_log
from optafly.paths import Paths


def start_log(paths: Paths) -> None:
    """Begin to write it."""
    # The library's own log holds whole messages, and with them the texts of files.
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    start_front_end_log(paths, "lsp.log")
