"""What a test may have the stand-in reply."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from tests.standin.gate import Gate

Breakage = Literal["end", "close", "event", "chunk", "length", "reset"]
Encoding = Literal["gzip", "deflate"]
JsonObject = dict[str, Any]


class Event(msgspec.Struct, frozen=True):
    """An event of a stream as it is to be sent."""

    name: str
    data: JsonObject


class Break(msgspec.Struct, frozen=True):
    """How and where an answer breaks off, after so many events (half of the body where it is no stream).

    "end": the response ends in order, but events are missing. "close": the connection is closed between two chunks.
    "event": half of the next event comes in a whole chunk. "chunk": half of a chunk comes. "length": a content-length
    that is too large, with the whole body. "reset": TCP reset.
    """

    how: Breakage
    after: int = 3


class Failure(msgspec.Struct, frozen=True):
    """An error in place of an answer; type and message follow from the status.

    ``body`` replaces the JSON (a gateway's HTML, say). Inside an answer only type and message count.
    """

    status: int
    type: str = ""
    message: str = ""
    retry_after: str | None = None
    details: JsonObject | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Answer(msgspec.Struct, frozen=True):
    """A message; the request says whether it comes as a stream.

    ``content`` is a text or blocks as the API has them, of any type. Each text, thinking and tool input comes in
    ``pieces`` deltas. ``usage`` replaces single figures, ``usage_steps`` is the number of `message_delta` events.
    ``pings`` and ``inserted`` stand after that many events. ``gate`` is passed before each piece of the body,
    ``head_gate`` before the head. ``cut`` cuts the whole stream into chunks of so many bytes, across events and
    characters. ``error_after`` replaces all events from that number on by an `error` event.
    """

    content: str | tuple[JsonObject, ...]
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    stop_details: JsonObject | None = None
    id: str | None = None
    model: str | None = None
    usage: Mapping[str, Any] | None = None
    usage_steps: int = 1
    pieces: int = 4
    pings: tuple[int, ...] = (2,)
    inserted: Mapping[int, tuple[Event, ...]] | None = None
    more: Mapping[str, Any] | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    head_gate: Gate | None = None
    gate: Gate | None = None
    cut: int = 0
    encoding: Encoding | None = None
    breaks: Break | None = None
    error_after: tuple[int, Failure] | None = None
    then_close: bool = False


class Raw(msgspec.Struct, frozen=True):
    """Bytes as they go to the socket, nothing added, the connection closed after them; none: hung up at once."""

    pieces: tuple[bytes, ...] = ()
    gate: Gate | None = None


Reply = Answer | Failure | Raw


def tool_use(name: str, arguments: JsonObject, call: str = "toolu_01") -> JsonObject:
    """A block that calls a tool."""
    return {"type": "tool_use", "id": call, "name": name, "input": arguments}


def thinking(text: str, signature: str = "c2lnbmF0dXJl") -> JsonObject:
    """A block of thinking with its signature."""
    return {"type": "thinking", "thinking": text, "signature": signature}


def text(words: str) -> JsonObject:
    """A block of text."""
    return {"type": "text", "text": words}
