"""What a client of the soak received: whole, an error, or cut short, and whether that could be seen."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from optafly.sse import Event, EventParser
from tests.soak.words import Mark, mark_of_tool, mark_of_words

End = Literal["whole", "status", "error event", "broken off", "no connection", "no answer in time", "left", "wrong"]
"""How it ended. "wrong" is what no client could have seen through: a cut or mixed answer that looks complete."""

_CONTENT: Final = {"content_block_start", "content_block_delta", "content_block_stop"}


class Received(msgspec.Struct, frozen=True):
    """One try at an answer; ``said`` are the proxy's own headers without their beginning, ``problem`` what is wrong."""

    end: End
    status: int = 0
    said: Mapping[str, str] = {}
    mark: Mark | None = None
    problem: str = ""


class Wrong(Exception):
    """The answer looks complete and is not what an answer is; the message says why."""


class Stream:
    """Reads a stream as it comes; ``ended`` is "" while it is under way."""

    def __init__(self) -> None:
        self.ended: Literal["", "whole", "error event"] = ""
        self.begun = False
        self._parser = EventParser()
        self._blocks: list[dict[str, Any]] = []
        self._open = False
        self._stop_reason: str | None = None

    def feed(self, chunk: bytes) -> None:
        """The next piece; raises `Wrong` where its events are not in order."""
        for event in self._parser.feed(chunk):
            self._see(event)

    @property
    def has_content(self) -> bool:
        """Whether some of the answer's text or arguments has come."""
        return any(block["parts"] for block in self._blocks)

    def mark(self) -> Mark | None:
        """For what a whole answer was made."""
        return mark_of(
            {"type": block["type"], "text": words, "input": words}
            for block in self._blocks
            for words in ["".join(block["parts"])]
        )

    def _see(self, event: Event) -> None:
        data = msgspec.json.decode(event.data)
        if data["type"] != event.name:
            raise Wrong(f"an event called {event.name} holds {data['type']}")
        if self.ended:
            raise Wrong(f"{event.name} after the end")
        if event.name == "error":
            self.ended = "error event"
        elif event.name == "message_start":
            if self.begun:
                raise Wrong("a second message_start")
            self.begun = True
        elif event.name != "ping":
            self._read(event.name, data)

    def _read(self, name: str, data: dict[str, Any]) -> None:
        if not self.begun:
            raise Wrong(f"{name} before message_start")
        if name in _CONTENT and data["index"] != len(self._blocks) - (name != "content_block_start"):
            raise Wrong(f"{name} of another block")
        if self._open == (name not in {"content_block_delta", "content_block_stop"}):
            raise Wrong(f"{name} in a block" if self._open else f"{name} outside of a block")
        match name:
            case "content_block_start":
                self._open = True
                self._blocks.append({"type": data["content_block"]["type"], "parts": []})
            case "content_block_delta":
                delta = data["delta"]
                self._blocks[-1]["parts"].append(delta.get("text", delta.get("partial_json", "")))
            case "content_block_stop":
                self._open = False
            case "message_delta":
                self._stop_reason = data["delta"].get("stop_reason") or self._stop_reason
            case "message_stop":
                if self._stop_reason is None:
                    raise Wrong("message_stop without a stop_reason")
                self.ended = "whole"
            case _:
                raise Wrong(f"an event that nobody sent: {name}")


def mark_of(blocks: Iterable[Mapping[str, Any]]) -> Mark | None:
    """For what the content of a message was made; None where it is not the whole of one answer."""
    found = list(blocks)
    if len(found) != 1:
        return None
    if found[0]["type"] == "text":
        return mark_of_words(found[0]["text"])
    arguments = found[0].get("input")
    if isinstance(arguments, str):
        try:
            arguments = msgspec.json.decode(arguments)
        except msgspec.DecodeError:
            return None
    return mark_of_tool(arguments)


def read_message(body: bytes) -> Mark | None:
    """For what a message without a stream was made; raises `Wrong`."""
    try:
        message = msgspec.json.decode(body)
        if message["type"] != "message" or not message["stop_reason"]:
            raise Wrong("a message that has no end")
        return mark_of(message["content"])
    except (msgspec.DecodeError, LookupError, TypeError):
        raise Wrong("a body that is no message") from None


def read_error(body: bytes) -> None:
    """Raise `Wrong` unless this is an error of the API's form."""
    try:
        message = msgspec.json.decode(body)
        error = message["error"]
        fits = message["type"] == "error" and all(isinstance(error[name], str) for name in ("type", "message"))
    except (msgspec.DecodeError, LookupError, TypeError):
        fits = False
    if not fits:
        raise Wrong("an error that is not of the API's form")
