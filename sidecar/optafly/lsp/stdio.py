"""Messages over standard input and output in `Content-Length` frames; reading and writing have a thread each."""

import queue
import re
import threading
from collections.abc import Callable
from typing import BinaryIO, Final

LARGEST_MESSAGE: Final = 256 * 1024 * 1024
_LONGEST_HEADER: Final = 4096
_LENGTH: Final = re.compile(rb"content-length:[ \t]*([0-9]{1,12})[ \t]*\r?\n\Z", re.IGNORECASE)
_FLUSH_S: Final = 2.0


def read_message(stream: BinaryIO) -> bytes | None:
    """The body of the next message; None at the end of the stream.

    What gives no usable length is skipped, up to the next header that does: after a wrong length that header follows
    what is left of a body on the same line.
    """
    length: int | None = None
    rest = b""
    while True:
        part = stream.readline(_LONGEST_HEADER)
        if not part:
            return None
        line = rest + part
        if not part.endswith(b"\n"):
            rest = line[-_LONGEST_HEADER:]
            continue
        rest = b""
        if found := _LENGTH.search(line):
            length = int(found[1])
            length = length if length <= LARGEST_MESSAGE else None
        elif not line.strip() and length is not None:
            body = stream.read(length)
            return body if len(body) == length else None


def frame(body: bytes) -> bytes:
    """A message as it is written."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def start_reading(stream: BinaryIO, receive: Callable[[bytes | None], object]) -> None:
    """Hand over every message, then None, from a thread of its own; ``receive`` is called there."""

    def read() -> None:
        while True:
            try:
                body = read_message(stream)
            except (OSError, ValueError):  # ValueError: closed under our hands
                body = None
            try:
                receive(body)
            except RuntimeError:  # the loop that should get it has ended
                return
            if body is None:
                return

    threading.Thread(target=read, name="optafly-lsp-read", daemon=True).start()


class Writer:
    """Writes from a thread of its own: a client that does not read must not stop the server from working."""

    def __init__(self, stream: BinaryIO, broken: Callable[[], object]) -> None:
        """``broken`` is called in that thread, once, when nobody reads any longer."""
        self._stream = stream
        self._broken = broken
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="optafly-lsp-write", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Queue framed data."""
        self._waiting.put(data)

    def close(self) -> None:
        """Write what is queued and end, within a bound."""
        self._waiting.put(None)
        self._thread.join(_FLUSH_S)

    def _write(self) -> None:
        while (data := self._waiting.get()) is not None:
            try:
                self._stream.write(data)
                self._stream.flush()
            except (OSError, ValueError):
                self._broken()
                return
