"""JSON-RPC messages: what is read of them, and how they are made anew with all that was not read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

Fields = dict[str, msgspec.Raw]

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
CANCEL_REQUEST: Final = "$/cancel_request"


class Envelope(msgspec.Struct, frozen=True):
    """What tells messages apart. ``id`` is empty where there is none, which is not the same as null."""

    method: str = ""
    id: msgspec.Raw = msgspec.Raw()
    params: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()

    @property
    def is_request(self) -> bool:
        """Whether an answer is expected."""
        return bool(self.method) and bool(bytes(self.id))

    @property
    def is_response(self) -> bool:
        """Whether it is an answer."""
        return not self.method and bool(bytes(self.id))


class PromptParams(msgspec.Struct, frozen=True, rename="camel"):
    """Of ``session/prompt``."""

    session_id: str
    prompt: list[msgspec.Raw]


class OfSession(msgspec.Struct, frozen=True, rename="camel"):
    """Of whatever is about one session."""

    session_id: str


class OpenParams(msgspec.Struct, frozen=True, rename="camel"):
    """Of ``session/new``, ``session/load``, ``session/resume`` and ``session/fork``."""

    cwd: str
    session_id: str = ""
    additional_directories: list[str] | None = None


class InitializeParams(msgspec.Struct, frozen=True, rename="camel"):
    """Of ``initialize``."""

    client_capabilities: dict[str, Any] | None = None


class Withdrawn(msgspec.Struct, frozen=True, rename="camel"):
    """Of ``$/cancel_request``."""

    request_id: msgspec.Raw


class _Content(msgspec.Struct, frozen=True):
    type: str = ""
    text: str = ""


class _Update(msgspec.Struct, frozen=True, rename="camel"):
    session_update: str
    content: msgspec.Raw = msgspec.Raw()


class UpdateParams(msgspec.Struct, frozen=True, rename="camel"):
    """Of ``session/update``."""

    session_id: str
    update: _Update


class ErrorObject(msgspec.Struct, frozen=True):
    """Why a request failed."""

    code: int = INTERNAL_ERROR
    message: str = ""


_ENVELOPES: Final = msgspec.json.Decoder(Envelope)
_RAW: Final = frozenset({"id", "params", "result", "error"})
_LARGEST_LENIENT: Final = 1_000_000


def read_envelope(line: bytes) -> Envelope | None:
    """A message's envelope; None for what is no message or cannot be read."""
    try:
        return _ENVELOPES.decode(line)
    except msgspec.ValidationError:
        return None
    except RecursionError:
        return None
    except ValueError:
        return _lenient(line) if len(line) <= _LARGEST_LENIENT else None


def _lenient(line: bytes) -> Envelope | None:
    """As other peers read it: a letter that is two in UTF-16 may be cut in the middle, between two chunks of text."""
    try:
        found = json.loads(line)
        parts = {name: msgspec.Raw(json.dumps(value)) for name, value in found.items() if name in _RAW}
    except (ValueError, AttributeError, RecursionError):
        return None
    method = found.get("method", "")
    return Envelope(method, **parts) if isinstance(method, str) else None


def id_key(raw: msgspec.Raw) -> object:
    """An id as it is compared: peers may write the same one differently; one that cannot be read is its bytes."""
    try:
        value = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return bytes(raw)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return (type(value).__name__, value) if isinstance(value, str | int | float) or value is None else bytes(raw)


def chunk_text(update: _Update) -> str:
    """The text of a chunk of a message; empty where it holds none."""
    try:
        content = msgspec.json.decode(update.content, type=_Content)
    except msgspec.DecodeError:
        return ""
    return content.text if content.type == "text" else ""


def with_params(line: bytes, **new: object) -> bytes:
    """The same message with some of its params replaced; all else in it stays to the letter."""
    message: dict[str, Any] = {**msgspec.json.decode(line, type=Fields)}
    params: dict[str, Any] = {**msgspec.json.decode(message["params"], type=Fields)}
    return encoded(message | {"params": params | new})


def request(own_id: str, method: str, params: Mapping[str, Any]) -> bytes:
    """A request of our own."""
    return encoded({"jsonrpc": "2.0", "id": own_id, "method": method, "params": params})


def notification(method: str, params: Mapping[str, Any]) -> bytes:
    """A notification of our own."""
    return encoded({"jsonrpc": "2.0", "method": method, "params": params})


def response(to: msgspec.Raw, result: Mapping[str, Any]) -> bytes:
    """An answer of our own."""
    return encoded({"jsonrpc": "2.0", "id": to, "result": result})


def error_response(to: msgspec.Raw, message: str, code: int = INTERNAL_ERROR) -> bytes:
    """An answer that says what went wrong."""
    return encoded({"jsonrpc": "2.0", "id": to, "error": {"code": code, "message": message}})


def encoded(message: object) -> bytes:
    """A message as a line."""
    return msgspec.json.encode(message) + b"\n"


def texts(blocks: Sequence[Mapping[str, Any]]) -> str:
    """What the text blocks of a prompt say."""
    found = (block.get("text") for block in blocks if block.get("type") == "text")
    return "\n".join(text for text in found if isinstance(text, str))
