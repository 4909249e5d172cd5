"""A kept answer given again: as a stream of events or as one message, with an id of its own and nothing used."""

import secrets
import string
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

ID_PREFIX: Final = "msg_optafly_"

_ID_LETTERS: Final = 24
_PIECE: Final = 1000
"""Characters of text in one event."""
_NOT_GIVEN: Final = frozenset({"thinking", "redacted_thinking"})
_USED: Final[Mapping[str, int]] = MappingProxyType(
    {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0}
)


def replayed(response: Mapping[str, Any]) -> dict[str, Any]:
    """The message that is given for a kept one."""
    letters = "".join(secrets.choice(string.ascii_letters) for _ in range(_ID_LETTERS))
    return {
        "id": ID_PREFIX + letters,
        "type": "message",
        "role": "assistant",
        "model": response.get("model", ""),
        "content": [block for block in response["content"] if block.get("type") not in _NOT_GIVEN],
        "stop_reason": response.get("stop_reason"),
        "stop_sequence": response.get("stop_sequence"),
        "usage": dict(_USED),
    }


def as_json(message: Mapping[str, Any]) -> bytes:
    """The body of an answer that is no stream."""
    return msgspec.json.encode(message)


def as_events(message: Mapping[str, Any]) -> Iterator[bytes]:
    """The events of the same message, in the order in which the API sends them."""
    begun = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    yield _event("message_start", message=begun)
    yield _event("ping")
    for index, block in enumerate(message["content"]):
        yield from _block(index, block)
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"]}
    yield _event("message_delta", delta=delta, usage=message["usage"])
    yield _event("message_stop")


def _block(index: int, block: Mapping[str, Any]) -> Iterator[bytes]:
    text, citations = block["text"], block.get("citations") or []
    empty = {**block, "text": ""} | ({"citations": []} if citations else {})
    yield _event("content_block_start", index=index, content_block=empty)
    for citation in citations:
        yield _event("content_block_delta", index=index, delta={"type": "citations_delta", "citation": citation})
    for start in range(0, len(text), _PIECE):
        delta = {"type": "text_delta", "text": text[start : start + _PIECE]}
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _event(name: str, **fields: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode("ascii"), msgspec.json.encode({"type": name, **fields}))
