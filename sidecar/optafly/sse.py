"""Server-sent events as they are read: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import re
from typing import Final

import msgspec

MEDIA_TYPE: Final = "text/event-stream"

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


class Event(msgspec.Struct, frozen=True):
    """One event: its name, and its data as JSON."""

    name: str
    data: bytes


class EventParser:
    """Reads a stream in pieces cut anywhere; comments and unknown fields are passed over."""

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._after_return = False
        self._name = ""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this piece completes."""
        if self._after_return and chunk:
            # The line ended with the last piece: this line feed belongs to it.
            chunk = chunk.removeprefix(b"\n")
            self._after_return = False
        if not chunk:
            return []
        self._after_return = chunk.endswith(b"\r")
        *ended, rest = _LINE_END.split(chunk)
        events = []
        for line in ended:
            whole = b"".join((*self._line, line))
            self._line = []
            found = self._read(whole)
            if found is not None:
                events.append(found)
        if rest:
            self._line.append(rest)
        return events

    def _read(self, line: bytes) -> Event | None:
        if not line:
            name, data = self._name, self._data
            self._name, self._data = "", []
            return Event(name, b"\n".join(data)) if data else None
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"data":
            self._data.append(value)
        return None
