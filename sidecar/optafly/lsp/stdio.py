"""Messages over standard input and output in `Content-Length` frames; reading and writing have a thread each."""

import queue
import threading
from collections.abc import Callable
from typing import BinaryIO, Final

LARGEST_MESSAGE: Final = 256 * 1024 * 1024
_LONGEST_HEADER: Final = 4096
_FLUSH_S: Final = 2.0


def read_message(stream: BinaryIO) -> bytes | None:
    """The body of the next message; None at the end of the stream.

    A header that gives no usable length is skipped, up to the next one that does.
    """
    length: int | None = None
    while True:
        line = stream.readline(_LONGEST_HEADER)
        if not line:
            return None
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value) if value.strip().isdigit() else None
        if line.strip() or length is None:
            continue
        if length <= LARGEST_MESSAGE:
            body = stream.read(length)
            return body if len(body) == length else None
        _skip(stream, length)
        length = None


def _skip(stream: BinaryIO, length: int) -> None:
    while length > 0 and (got := stream.read(min(length, 1 << 20))):
        length -= len(got)


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
