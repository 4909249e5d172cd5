"""Starts the language server: answers `initialize` first, imports the rest afterwards."""

import os
from typing import BinaryIO

from optafly.lsp.early import early_answer
from optafly.lsp.stdio import frame, read_message


def serve() -> int:
    """Serve one client over standard input and output; returns the exit status."""
    stdin, stdout = _own_stdin(), _own_stdout()
    first = read_message(stdin)
    if first is None:
        return 1
    answered = early_answer(first)
    if answered is not None:
        stdout.write(frame(answered[1]))
        stdout.flush()
    from optafly.lsp.server import run  # noqa: PLC0415  takes half a second, which the client need not wait for

    return run(stdin, stdout, first, answered[0] if answered is not None else None)


def _own_stdin() -> BinaryIO:
    """A reader of its own: a thread waits in it to the end, and Python could not tidy up one that is ``sys.stdin``."""
    return os.fdopen(os.dup(0), "rb")


def _own_stdout() -> BinaryIO:
    """The stream to the client; whatever else is printed goes to standard error, where it does no harm."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return stream
