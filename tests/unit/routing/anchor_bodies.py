"""Request bodies for the tests of anchors."""

from typing import Any

WORDS = "every retry is counted and the last error is shown with the place it came from "
MODEL = "claude-opus-5"  # caches from 512 tokens


def text(tokens: int, mark: str = "") -> str:
    """A text of at least so many estimated tokens, told from others by ``mark``."""
    return f"{mark} " + WORDS * (tokens // 15 + 1)


def block(tokens: int, mark: str = "") -> dict[str, Any]:
    return {"type": "text", "text": text(tokens, mark)}


def tool(tokens: int, name: str = "read_file") -> dict[str, Any]:
    return {"name": name, "description": text(tokens), "input_schema": {"type": "object", "properties": {}}}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def body(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 1000, **more, "messages": list(messages)}


def calls(count: int, first: int = 0) -> list[dict[str, Any]]:
    """A turn of tool uses and the turn with their results."""
    names = [f"call_{first + number}" for number in range(count)]
    uses = [{"type": "tool_use", "id": name, "name": "read_file", "input": {"path": name}} for name in names]
    results = [{"type": "tool_result", "tool_use_id": name, "content": text(30, name)} for name in names]
    return [assistant(uses), user(results)]
