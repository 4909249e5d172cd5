"""A message of the API put together from the events of its stream; it sees what passes and changes nothing."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from optafly.sse import Event


class Unreadable(Exception):
    """The stream holds something that is not known, so that it cannot be said what the answer is."""


class MessageRecorder:
    """Puts a message together; `message` is what there is of it, `complete` whether its end was seen.

    Texts and citations are kept, of other blocks only how they began: answers with such are never given again.
    """

    def __init__(self) -> None:
        self.message: dict[str, Any] | None = None
        self.usage: dict[str, Any] = {}
        self.complete = False
        self.error = ""
        """The type of the error that ended the stream, or empty."""
        self._texts: list[list[str]] = []

    def see(self, event: Event) -> None:
        """The next event; raises `Unreadable`, after which the recorder is of no more use."""
        try:
            data = msgspec.json.decode(event.data)
            name = data["type"]
            read = _READERS.get(name)
            if read is None or self.complete or self.error:
                raise Unreadable
            read(self, data)
        except (msgspec.DecodeError, LookupError, TypeError, AttributeError, ValueError, RecursionError):
            raise Unreadable from None

    def _start(self, data: Mapping[str, Any]) -> None:
        if self.message is not None:
            raise Unreadable
        self.message = {**data["message"], "content": []}
        self.usage.update(self.message.pop("usage", None) or {})

    def _block(self, data: Mapping[str, Any]) -> None:
        content = self._begun()["content"]
        if data["index"] != len(content):
            raise Unreadable
        block = dict(data["content_block"])
        content.append(block)
        self._texts.append([str(block.get("text", ""))])

    def _delta(self, data: Mapping[str, Any]) -> None:
        block, delta = self._begun()["content"][data["index"]], data["delta"]
        kind = delta["type"]
        if kind == "text_delta":
            self._texts[data["index"]].append(delta["text"])
        elif kind == "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]
        elif kind not in _NOT_KEPT or block["type"] == "text":
            raise Unreadable

    def _stop_block(self, data: Mapping[str, Any]) -> None:
        block = self._begun()["content"][data["index"]]
        if block["type"] == "text":
            block["text"] = "".join(self._texts[data["index"]])

    def _end(self, data: Mapping[str, Any]) -> None:
        self._begun().update(data["delta"])
        # Counts are those of the whole so far.
        self.usage.update({name: value for name, value in (data.get("usage") or {}).items() if value is not None})

    def _stop(self, _: Mapping[str, Any]) -> None:
        self._begun()["usage"] = self.usage
        self.complete = True

    def _error(self, data: Mapping[str, Any]) -> None:
        self.error = str(data["error"]["type"])

    def _ping(self, _: Mapping[str, Any]) -> None:
        pass

    def _begun(self) -> dict[str, Any]:
        if self.message is None:
            raise Unreadable
        return self.message


# Parts of blocks that are never given again.
_NOT_KEPT: Final = frozenset({"thinking_delta", "signature_delta", "input_json_delta"})
_READERS: Final[Mapping[str, Callable[[MessageRecorder, Mapping[str, Any]], None]]] = MappingProxyType(
    {
        "message_start": MessageRecorder._start,
        "content_block_start": MessageRecorder._block,
        "content_block_delta": MessageRecorder._delta,
        "content_block_stop": MessageRecorder._stop_block,
        "message_delta": MessageRecorder._end,
        "message_stop": MessageRecorder._stop,
        "ping": MessageRecorder._ping,
        "error": MessageRecorder._error,
    }
)
