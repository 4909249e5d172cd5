"""The log of `optafly acp`: what happened, never what was said."""

import logging

from optafly.log_file import start_front_end_log
from optafly.paths import Paths


def start_log(paths: Paths) -> None:
    """Begin to write it."""
    # Of the SDK, which logs what it cannot read: with it what somebody said.
    logging.getLogger().addHandler(logging.NullHandler())
    start_front_end_log(paths, "acp.log")
