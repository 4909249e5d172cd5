"""Errors in Anthropic's shape, and the requests that get them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tests.standin.models import find_model
from tests.standin.prompt import Block, count_markers, read_blocks
from tests.standin.replies import Failure

MAX_BODY: Final = 32 * 1024 * 1024
MAX_MARKERS: Final = 4
NOT_FOUND: Final = Failure(404, message="Not found")
NOT_ALLOWED: Final = Failure(405, message="Method Not Allowed")
TOO_LARGE: Final = Failure(413, message="Request exceeds the maximum size")
_ROLES: Final = frozenset({"user", "assistant", "system"})


def refuse_headers(headers: Mapping[str, str], key: str, keys: frozenset[str] | None) -> Failure | None:
    """Why a request is not let in, by its headers."""
    if not key:
        return Failure(401, message="x-api-key header is required")
    if keys is not None and key not in keys:
        return Failure(401, message="invalid x-api-key")
    if "anthropic-version" not in headers:
        return Failure(400, message="anthropic-version: header is required")
    return None


def read_body(raw: bytes) -> dict[str, Any] | Failure:
    """The body as JSON, or why it is refused."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Failure(400, message="The request body is not valid JSON")
    return body if isinstance(body, dict) else Failure(400, message="Input should be a valid dictionary")


def refuse_body(body: dict[str, Any], *, counting: bool = False) -> Failure | None:
    """Why a request is refused by its body, None where nothing is wrong; ``counting`` needs no ``max_tokens``."""
    problem = _fields(body, counting) or _messages(body["messages"]) or _markers(body)
    if problem is not None:
        return Failure(400, message=problem)
    if find_model(body["model"]) is None:
        return Failure(404, message=f"model: {body['model']}")
    return None


def _fields(body: dict[str, Any], counting: bool) -> str | None:
    for name in ("model", "messages") if counting else ("model", "messages", "max_tokens"):
        if name not in body:
            return f"{name}: Field required"
    if not isinstance(body["model"], str):
        return "model: Input should be a valid string"
    if not isinstance(body["messages"], list):
        return "messages: Input should be a valid array"
    if not body["messages"]:
        return "messages: at least one message is required"
    limit = body.get("max_tokens", 1)
    if not isinstance(limit, int) or isinstance(limit, bool):
        return "max_tokens: Input should be a valid integer"
    if limit < 1:
        return "max_tokens: must be greater than or equal to 1"
    model = find_model(body["model"])
    if model is not None and limit > model.max_tokens:
        return (
            f"max_tokens: {limit} > {model.max_tokens}, which is the maximum allowed number of output tokens "
            f"for {model.id}"
        )
    temperature = body.get("temperature", 1)
    if not isinstance(temperature, int | float) or not 0 <= temperature <= 1:
        return "temperature: range: 0..1"
    if not isinstance(body.get("stream", False), bool):
        return "stream: Input should be a valid boolean"
    return None


def _messages(messages: list[Any]) -> str | None:
    open_calls: set[str] = set()
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            return f"messages.{number}.role: Input should be 'user', 'assistant' or 'system'"
        content = message.get("content")
        if not isinstance(content, str | list):
            return f"messages.{number}.content: Field required"
        blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
        problem = _results(number, blocks, open_calls)
        if problem is not None:
            return problem
        open_calls = {str(block.get("id")) for block in blocks if block.get("type") == "tool_use"}
        if any(block.get("type") == "text" and not block.get("text") for block in blocks):
            return "messages: text content blocks must be non-empty"
    if open_calls:
        return _unanswered(len(messages) - 1, open_calls)
    return 'messages: first message must use the "user" role' if messages[0]["role"] != "user" else None


def _results(number: int, blocks: list[dict[str, Any]], open_calls: set[str]) -> str | None:
    answered = {str(block.get("tool_use_id")) for block in blocks if block.get("type") == "tool_result"}
    unexpected = sorted(answered - open_calls)
    if unexpected:
        return (
            f"messages.{number}.content: unexpected `tool_use_id` found in `tool_result` blocks: "
            f"{', '.join(unexpected)}. Each `tool_result` block must have a corresponding `tool_use` block in the "
            "previous message."
        )
    return _unanswered(number - 1, open_calls - answered) if open_calls - answered else None


def _unanswered(number: int, calls: set[str]) -> str:
    return (
        f"messages.{number}: `tool_use` ids were found without `tool_result` blocks immediately after: "
        f"{', '.join(sorted(calls))}. Each `tool_use` block must have a corresponding `tool_result` block in the next "
        "message."
    )


def _markers(body: dict[str, Any]) -> str | None:
    count = count_markers(body)
    if count > MAX_MARKERS:
        return f"A maximum of {MAX_MARKERS} blocks with cache_control may be provided. Found {count}."
    after_short = False
    for block in read_blocks(body):
        if block.ttl is None:
            continue
        problem = _marked(block)
        if problem is not None:
            return problem
        if block.ttl == "1h" and after_short:
            return (
                f"{block.path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
                "cache_control block. Note that blocks are processed in the following order: `tools`, `system`, "
                "`messages`."
            )
        after_short = after_short or block.ttl == "5m"
    return None


def _marked(block: Block) -> str | None:
    if block.kind in {"thinking", "redacted_thinking"}:
        return f"{block.path}.{block.kind}.cache_control: Extra inputs are not permitted"
    if block.kind == "text" and not block.chars:
        return f"{block.path}: cache_control cannot be set for empty text blocks"
    return None
