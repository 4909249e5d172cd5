"""What a request says, block by block, in the order in which the prompt is read: tools, system, messages."""

import hashlib
import math
from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

Ttl = Literal["5m", "1h"]
_MEDIA_CHARS: Final = 3000


class Block(msgspec.Struct, frozen=True):
    """A block: where it stands, its like without cache markers, and the lifetime it is marked with."""

    path: str
    kind: str
    canonical: bytes
    chars: int
    ttl: Ttl | None


def read_blocks(body: dict[str, Any]) -> list[Block]:
    """All blocks of a request body; automatic caching (a marker at the top) marks the last one that can be cached."""
    found = [_block(path, owner, value) for path, owner, value in _walk(body)]
    marker = body.get("cache_control")
    if isinstance(marker, dict):
        for index in range(len(found) - 1, -1, -1):
            if found[index].ttl is not None:
                break
            if found[index].kind not in {"thinking", "redacted_thinking"} and found[index].chars:
                found[index] = msgspec.structs.replace(found[index], ttl=_ttl(marker))
                break
    return found


def count_tokens(blocks: list[Block], chars_per_token: float) -> int:
    """The tokens of a prompt up to the last of these blocks; cutting a text in two changes nothing."""
    return math.ceil(sum(block.chars for block in blocks) / chars_per_token)


def count_markers(body: dict[str, Any]) -> int:
    """How many cache markers a request has, automatic caching included."""
    inside = sum(_markers_in(value) for _, _, value in _walk(body))
    return inside + isinstance(body.get("cache_control"), dict)


def prompt_digest(body: dict[str, Any]) -> str:
    """Sixteen hex digits of all that decides the answer.

    Cache markers, metadata, `stream`, and how a text is cut into blocks do not count.
    """
    bare = {name: value for name, value in body.items() if name not in {"stream", "metadata", "cache_control"}}
    bare["system"] = _joined(_as_blocks(body.get("system")))
    bare["messages"] = [
        {**message, "content": _joined(_as_blocks(message.get("content")))}
        for message in body.get("messages", ())
        if isinstance(message, dict)
    ]
    return hashlib.sha256(_canonical(bare)).hexdigest()[:16]


def without_markers(value: Any) -> Any:
    """The same value without any ``cache_control``."""
    if isinstance(value, dict):
        return {name: without_markers(inner) for name, inner in value.items() if name != "cache_control"}
    if isinstance(value, list):
        return [without_markers(inner) for inner in value]
    return value


def _walk(body: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for index, tool in enumerate(_as_blocks(body.get("tools"))):
        yield f"tools.{index}", "tools", tool
    for index, block in enumerate(_as_blocks(body.get("system"))):
        yield f"system.{index}", "system", block
    for number, message in enumerate(body.get("messages") or ()):
        for index, block in enumerate(_as_blocks(message.get("content"))):
            yield f"messages.{number}.content.{index}", f"{number} {message.get('role')}", block


def _block(path: str, owner: str, value: dict[str, Any]) -> Block:
    kind = str(value.get("type", "custom"))
    marker = value.get("cache_control")
    if marker is None:
        # A marker inside a tool result stands for the result.
        marker = next((part["cache_control"] for part in _parts(value) if part.get("cache_control")), None)
    ttl = _ttl(marker) if isinstance(marker, dict) else None
    return Block(path, kind, owner.encode() + b"\0" + _canonical(value), _chars(value), ttl)


def _as_blocks(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [block for block in content or () if isinstance(block, dict)]


def _parts(value: dict[str, Any]) -> list[dict[str, Any]]:
    content = value.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _markers_in(value: dict[str, Any]) -> int:
    return isinstance(value.get("cache_control"), dict) + sum(_markers_in(part) for part in _parts(value))


def _joined(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    joined: list[dict[str, Any]] = []
    for block in blocks:
        bare = without_markers(block)
        if joined and bare.keys() == {"type", "text"} == joined[-1].keys():
            joined[-1] = {"type": "text", "text": joined[-1]["text"] + bare["text"]}
        else:
            joined.append(bare)
    return joined


def _ttl(marker: dict[str, Any]) -> Ttl:
    return "1h" if marker.get("ttl") == "1h" else "5m"


def _canonical(value: Any) -> bytes:
    return msgspec.json.encode(without_markers(value), order="sorted")


def _chars(value: dict[str, Any]) -> int:
    match value.get("type"):
        case "text":
            return len(str(value.get("text", "")))
        case "image" | "document":
            return _MEDIA_CHARS
        case "tool_result":
            content = value.get("content")
            return len(content) if isinstance(content, str) else sum(map(_chars, _parts(value)))
        case _:
            return len(_canonical(value))
