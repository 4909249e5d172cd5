"""The last look at a body before it is sent: cache markers may have been added to it, and nothing else."""

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from optafly.cache.scope import canonical, plain_blocks

# As it stands in JSON as a name; inside a text its quotation marks are escaped.
_MARKER: Final = b'"cache_control"'


def body_to_send(raw: bytes, body: Mapping[str, Any], routed: Mapping[str, Any]) -> bytes:
    """The routed body where it is the client's with cache markers, else the client's to the letter."""
    if routed is body or _MARKER in raw or not only_marked(body, routed) or not _is_faithful(raw, body):
        return raw
    return msgspec.json.encode(routed)


def only_marked(body: Mapping[str, Any], routed: Mapping[str, Any]) -> bool:
    """Whether they are the same but for ``cache_control`` where the API reads it; a text alone is its one block."""
    try:
        return list(body) == list(routed) and canonical(_unmarked(body)) == canonical(_unmarked(routed))
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


def _is_faithful(raw: bytes, body: Mapping[str, Any]) -> bool:
    """Whether writing the decoded body anew loses nothing: of two fields of one name only one is read."""
    if msgspec.json.encode(body) == raw:  # what most clients send
        return True
    try:
        json.loads(raw, object_pairs_hook=_all_different)
    except (ValueError, RecursionError):
        return False
    return True


def _all_different(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError


def _unmarked(body: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(body)
    if "system" in plain:
        plain["system"] = plain_blocks(plain["system"])
    messages = plain.get("messages")
    if isinstance(messages, list):
        plain["messages"] = [_message(message) for message in messages]
    tools = plain.get("tools")
    if isinstance(tools, list):
        plain["tools"] = [_without(tool) for tool in tools]
    return plain


def _message(message: Any) -> Any:
    if not isinstance(message, dict) or "content" not in message:
        return message
    return {**message, "content": plain_blocks(message["content"])}


def _without(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return tool
    return {name: value for name, value in tool.items() if name != "cache_control"}
