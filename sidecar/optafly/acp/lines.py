"""Lines out of what comes in: one message each, whatever it is cut into on its way."""

from collections.abc import Iterator
from typing import Final

import msgspec

LARGEST_LINE: Final = 64 * 1024 * 1024


class Line(msgspec.Struct, frozen=True):
    """A line with its end, as it came.

    One that is too long to be held comes in pieces: ``whole`` is false for them, and ``ends`` true for the last.
    """

    data: bytes
    whole: bool = True
    ends: bool = True


class Splitter:
    """Puts lines together; holds one of at most ``largest`` bytes."""

    def __init__(self, largest: int = LARGEST_LINE) -> None:
        self._largest = largest
        self._held: list[bytes] = []
        self._size = 0
        self._within = False

    @property
    def held(self) -> int:
        """How many bytes of a line there are whose end has not come."""
        return self._size

    @property
    def beginning(self) -> bytes:
        """The first of them."""
        return self._held[0] if self._held else b""

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end in this chunk, and pieces of one that is too long."""
        start = 0
        while end := chunk.find(b"\n", start) + 1:
            yield self._line(chunk[start:end])
            start = end
        if start == len(chunk):
            return
        rest = chunk[start:] if start else chunk
        if self._within or self._size + len(rest) > self._largest:
            yield Line(self._taken(rest), whole=False, ends=False)
            self._within = True
        else:
            self._held.append(rest)
            self._size += len(rest)

    def rest(self) -> Line | None:
        """What came after the last line's end when no more comes; None where there is nothing."""
        if self._within:
            self._within = False
            return Line(b"\n", whole=False)
        return Line(self._taken(b"\n")) if self._held else None

    def _line(self, last: bytes) -> Line:
        whole = not self._within and self._size + len(last) <= self._largest
        self._within = False
        return Line(self._taken(last), whole=whole)

    def _taken(self, last: bytes) -> bytes:
        if not self._held:
            return last
        data = b"".join([*self._held, last])
        self._held, self._size = [], 0
        return data
