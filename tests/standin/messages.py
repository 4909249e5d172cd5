"""Answers as bytes: the message as JSON, and the same as server-sent events."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import msgspec

from tests.standin.models import Model
from tests.standin.prompt import prompt_digest
from tests.standin.prompt_cache import InputUsage
from tests.standin.replies import Answer, Event, Failure, JsonObject, tool_use

ERROR_TYPES: Final[Mapping[int, str]] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_ERROR_MESSAGES: Final[Mapping[int, str]] = {
    402: "Your credit balance is too low to access the Anthropic API.",
    403: "Your API key does not have permission to use the specified resource.",
    409: "The request conflicts with the current state of the resource.",
    429: "This request would exceed the rate limit of your organization.",
    500: "Internal server error",
    504: "The request timed out while it was processed.",
    529: "Overloaded",
}
_PADDING: Final = 11


def error_body(failure: Failure, request_id: str) -> JsonObject:
    """An error in Anthropic's shape."""
    error = {
        "type": failure.type or ERROR_TYPES.get(failure.status, "api_error"),
        "message": failure.message or _ERROR_MESSAGES.get(failure.status, "The request failed."),
    }
    if failure.details is not None:
        error["details"] = failure.details  # type: ignore[assignment]
    return {"type": "error", "error": error, "request_id": request_id}


def answer_text(body: JsonObject, sentences: int = 4) -> str:
    """The text of the default answer: every sentence has the digest of its prompt, so that no mixture goes unseen."""
    digest = prompt_digest(body)
    return " ".join(f"Sentence {number} for {digest}: façade ✓ 日本 🙂." for number in range(1, sentences + 1))


def default_answer(body: JsonObject, model: Model, sentences: int = 4) -> Answer:
    """The answer to a request that no script answers; it keeps to `max_tokens`, `stop_sequences`, `tool_choice`."""
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") in {"any", "tool"} and body.get("tools"):
        digest = prompt_digest(body)
        name = str(choice.get("name", body["tools"][0].get("name")))
        return Answer((tool_use(name, {"digest": digest}, f"toolu_{digest}"),), stop_reason="tool_use")
    words = answer_text(body, sentences)
    found = [stop for stop in body.get("stop_sequences") or () if stop in words]
    first = min(found, key=words.index, default=None)
    cut = words if first is None else words[: words.index(first)]
    allowed = int(body["max_tokens"] * model.chars_per_token)
    if len(cut) > allowed:
        return Answer(cut[:allowed], stop_reason="max_tokens")
    return Answer(cut, stop_sequence=first, stop_reason="stop_sequence" if first is not None else "end_turn")


def whole_message(answer: Answer, model: Model, counted: InputUsage, message_id: str) -> JsonObject:
    """The message as it comes without a stream."""
    return {
        "id": answer.id or message_id,
        "type": "message",
        "role": "assistant",
        "model": answer.model or model.id,
        "content": list(_blocks(answer)),
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "stop_details": answer.stop_details,
        "usage": _usage(answer, model, counted),
        **(answer.more or {}),
    }


def event_stream(answer: Answer, message: JsonObject, request_id: str) -> list[bytes]:
    """The events of a message in order."""
    events: list[Event] = []
    for event in _events(answer, message):
        events += _between(answer, len(events))
        if answer.error_after is not None and len(events) >= answer.error_after[0]:
            events.append(Event("error", error_body(answer.error_after[1], request_id)))
            break
        events.append(event)
    return [_encode(event, number) for number, event in enumerate(events)]


def _between(answer: Answer, count: int) -> Iterator[Event]:
    if count in answer.pings:
        yield Event("ping", {"type": "ping"})
    yield from (answer.inserted or {}).get(count, ())


def _events(answer: Answer, message: JsonObject) -> Iterator[Event]:
    usage = message["usage"]
    started = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    started["usage"] = {**usage, "output_tokens": min(1, usage["output_tokens"])}
    yield Event("message_start", {"type": "message_start", "message": started})
    for index, block in enumerate(message["content"]):
        start, deltas = _split(block, answer.pieces)
        yield Event("content_block_start", {"type": "content_block_start", "index": index, "content_block": start})
        for delta in deltas:
            yield Event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})
        yield Event("content_block_stop", {"type": "content_block_stop", "index": index})
    yield from _deltas(answer, usage)
    yield Event("message_stop", {"type": "message_stop"})


def _deltas(answer: Answer, usage: JsonObject) -> Iterator[Event]:
    counted = {
        name: usage[name]
        for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    }
    for step in range(1, answer.usage_steps + 1):
        last = step == answer.usage_steps
        delta: JsonObject = {
            "stop_reason": answer.stop_reason if last else None,
            "stop_sequence": answer.stop_sequence if last else None,
            "stop_details": answer.stop_details if last else None,
        }
        so_far = {**counted, "output_tokens": counted["output_tokens"] * step // answer.usage_steps}
        yield Event("message_delta", {"type": "message_delta", "delta": delta, "usage": so_far})


def _split(block: JsonObject, pieces: int) -> tuple[JsonObject, list[JsonObject]]:
    """How a block starts, and its deltas; blocks of other types come whole in their start."""
    match block.get("type"):
        case "text":
            deltas = [{"type": "text_delta", "text": piece} for piece in _pieces(block["text"], pieces)]
            cited = [{"type": "citations_delta", "citation": item} for item in block.get("citations") or ()]
            empty: JsonObject = {"citations": []} if cited else {}
            return {**block, "text": "", **empty}, [*deltas, *cited]
        case "thinking":
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in _pieces(block["thinking"], pieces)]
            signed = {"type": "signature_delta", "signature": block.get("signature", "")}
            return {**block, "thinking": "", "signature": ""}, [*deltas, signed]
        case "tool_use" | "server_tool_use":
            arguments = msgspec.json.encode(block["input"]).decode()
            cut = ["", *_pieces(arguments, pieces)]
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in cut]
        case _:
            return block, []


def _pieces(words: str, count: int) -> list[str]:
    ends = [len(words) * number // count for number in range(count + 1)]
    return [words[start:end] for start, end in pairwise(ends) if start < end]


def _blocks(answer: Answer) -> tuple[JsonObject, ...]:
    if isinstance(answer.content, str):
        return ({"type": "text", "text": answer.content},) if answer.content else ()
    return answer.content


def _usage(answer: Answer, model: Model, counted: InputUsage) -> JsonObject:
    said = sum(len(str(block)) if block.get("type") != "text" else len(block["text"]) for block in _blocks(answer))
    return {
        "input_tokens": counted.input,
        "cache_creation_input_tokens": counted.written,
        "cache_read_input_tokens": counted.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": counted.written_5m,
            "ephemeral_1h_input_tokens": counted.written_1h,
        },
        "output_tokens": math.ceil(said / model.chars_per_token) + 1,
        "service_tier": "standard",
        **(answer.usage or {}),
    }


def _encode(event: Event, number: int) -> bytes:
    """The API pads its data with blanks before the last brace: who encodes anew changes the bytes."""
    data: Any = msgspec.json.encode(event.data)
    padding = b" " * ((number * 7 + len(data)) % _PADDING)
    return b"event: %s\ndata: %s%s}\n\n" % (event.name.encode(), data[:-1], padding)
