"""Reads the bytes of an answer beside the relay: decoded, taken apart, put together; whatever fails is not recorded."""

import zlib
from typing import Any, Final

import msgspec

from optafly.proxy.asgi import Headers
from optafly.proxy.recorder import MessageRecorder, Unreadable
from optafly.sse import MEDIA_TYPE, EventParser

MOST_BYTES: Final = 16 * 2**20
"""Of a decoded answer; a larger one is relayed and not recorded."""

_HEAD_BYTES: Final = 2


class Recorded(msgspec.Struct, frozen=True):
    """What was read of an answer: the message where all of it was, and what it used as far as it was seen.

    ``complete`` is whether the API had said that it was at its end, ``error`` the type of an error in the stream.
    """

    message: dict[str, Any] | None = None
    usage: dict[str, Any] = {}
    complete: bool = False
    error: str = ""


class Recording:
    """The bytes of one answer; nothing raises."""

    def __init__(self, headers: Headers) -> None:
        fields = dict(headers)
        kind = fields.get(b"content-type", b"").partition(b";")[0].strip().lower()
        self._reader: _Events | _Json | None = None
        if kind == MEDIA_TYPE.encode("ascii"):
            self._reader = _Events()
        elif kind == b"application/json":
            self._reader = _Json()
        self._decoder = _decoder(fields.get(b"content-encoding", b"identity").strip().lower())
        self._left = MOST_BYTES
        self._failed = self._reader is None or self._decoder is None

    def feed(self, chunk: bytes) -> None:
        """The next bytes as they came."""
        if self._failed or self._reader is None or self._decoder is None:
            return
        try:
            # One byte more than is left shows that it is too much.
            data = self._decoder.decode(chunk, self._left + 1)
            self._left -= len(data)
            if self._left < 0:
                raise Unreadable
            self._reader.feed(data)
        except (Unreadable, zlib.error):
            self._failed = True

    def end(self) -> Recorded:
        """What was read, once the answer has ended or broken off."""
        if self._reader is None:
            return Recorded()
        found = self._reader.end()
        # What was counted until then is not what was used.
        return msgspec.structs.replace(found, message=None, usage={}, complete=False) if self._failed else found


class _Events:
    def __init__(self) -> None:
        self._parser = EventParser()
        self._recorder = MessageRecorder()

    def feed(self, data: bytes) -> None:
        for event in self._parser.feed(data):
            self._recorder.see(event)

    def end(self) -> Recorded:
        seen = self._recorder
        return Recorded(seen.message, seen.usage, seen.complete, seen.error)


class _Json:
    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> None:
        self._parts.append(data)

    def end(self) -> Recorded:
        try:
            message = msgspec.json.decode(b"".join(self._parts))
        except (msgspec.DecodeError, ValueError, RecursionError):
            return Recorded()
        if not isinstance(message, dict):
            return Recorded()
        usage = message.get("usage")
        return Recorded(message, usage if isinstance(usage, dict) else {}, complete=True)


class _Plain:
    def decode(self, data: bytes, most: int) -> bytes:
        return data[:most]


class _Inflate:
    """gzip, or deflate with the head it should have or without."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._head = b""
        self._state: Any = None

    def decode(self, data: bytes, most: int) -> bytes:
        if self._state is None:
            self._head += data
            if len(self._head) < _HEAD_BYTES:
                return b""
            data, self._head = self._head, b""
            self._state = zlib.decompressobj(self._window if self._has_head(data) else -zlib.MAX_WBITS)
        found: bytes = self._state.decompress(data, most)
        if self._state.unconsumed_tail or self._state.unused_data:
            raise Unreadable
        return found

    def _has_head(self, data: bytes) -> bool:
        """Whether it begins as it should (RFC 1950 section 2.2); gzip without its head is none."""
        return self._window != zlib.MAX_WBITS or (data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0)


def _decoder(encoding: bytes) -> _Plain | _Inflate | None:
    if encoding in {b"", b"identity"}:
        return _Plain()
    if encoding in {b"gzip", b"x-gzip"}:
        return _Inflate(16 + zlib.MAX_WBITS)
    return _Inflate(zlib.MAX_WBITS) if encoding == b"deflate" else None
