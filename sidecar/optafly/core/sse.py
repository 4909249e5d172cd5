"""Server-sent events as the core writes them."""

from typing import Final

from optafly.core.wire import encode

KEEP_ALIVE: Final = b":\n\n"
KEEP_ALIVE_S: Final = 15.0
"""How often a stream without events shows that it is alive."""


def event(name: str, value: object) -> bytes:
    """One event as it is sent; JSON is one line."""
    return b"event: %s\ndata: %s\n\n" % (name.encode("ascii"), encode(value))
