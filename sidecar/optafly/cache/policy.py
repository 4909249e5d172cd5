"""What may be looked up, by which words, and what may be kept; each refusal with its reason."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from optafly.cache.scope import canonical, plain_blocks

_TASK: Final = re.compile(r"<task>\n?(.*?)\n?</task>", re.DOTALL)
_OURS: Final = ("<context>", "<task>")
_DONE: Final = frozenset({"end_turn", "stop_sequence"})
_STOPPED: Final[Mapping[str, str]] = {
    "max_tokens": "the answer was cut off at max_tokens",
    "model_context_window_exceeded": "the answer was cut off at the end of the context window",
    "tool_use": "the answer asks for a tool",
    "pause_turn": "the answer was paused",
    "refusal": "the answer is a refusal",
}
_THINKING: Final = frozenset({"thinking", "redacted_thinking"})
LONGEST_COMPARED: Final = 8000
"""Letters; to take out of more of them what cannot matter costs more than it brings, and stops every other thread."""


Unasked = Literal["", "tool_result", "no_text", "no_request", "no_scope", "cache_off", "bypassed"]
"""Why a request is not looked up at all, as a kind for statistics; empty where it is."""


class Turn(msgspec.Struct, frozen=True):
    """The last message of a request, taken apart.

    ``text`` is what similarity is about: the ``<task>`` where the prompt is ours, else the last text block. ``whole``
    is all of the message and ``rest`` all of it but that text, both canonical. ``refused`` says why it may not be
    looked up or kept at all (``unasked`` is the kind of that), ``exact_only`` why not by similarity; empty when it may.
    """

    text: str
    whole: bytes
    rest: bytes
    refused: str = ""
    exact_only: str = ""
    unasked: Unasked = ""


def read_turn(body: Mapping[str, Any]) -> Turn:
    """The last message of a request to the Messages API; anything unexpected in it is a refusal, never an error."""
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list | tuple) and messages else None
    if not isinstance(last, Mapping) or last.get("role") != "user":
        return _refused("the request does not end with a message of the person")
    blocks = plain_blocks(last.get("content"))
    if not isinstance(blocks, list) or not all(isinstance(block, Mapping) for block in blocks):
        return _refused("the last message cannot be read")
    kinds = {str(block.get("type")) for block in blocks}
    if any(kind.endswith(("tool_result", "tool_use")) for kind in kinds):
        return _refused("the last message holds results of a tool", "tool_result")
    texts = [place for place, block in enumerate(blocks) if isinstance(block.get("text"), str)]
    if not texts:
        return _refused("the last message holds no text")
    place = texts[-1]
    before, text, after = _judged(blocks[place]["text"])
    others = [{**block, "text": None} if number == place else block for number, block in enumerate(blocks)]
    whole = canonical({**last, "content": blocks})
    rest = canonical([{**last, "content": others}, before, after])
    return Turn(text, whole, rest, exact_only=_why_exact_only(kinds, text))


def why_not_kept(response: Mapping[str, Any], *, complete: bool = True) -> str:
    """Why an answer (a message of the API) may not be kept; empty when it may.

    ``complete`` is false for a stream that broke off. Only kinds of content that are known to be plain answers pass.
    """
    if not complete:
        return "the answer broke off"
    if response.get("type") != "message" or response.get("role") != "assistant":
        return "the answer is an error"
    reason = str(response.get("stop_reason"))
    if reason not in _DONE:
        return _STOPPED.get(reason, "the answer did not come to its end")
    blocks = response.get("content")
    if not isinstance(blocks, list) or not all(isinstance(block, Mapping) for block in blocks):
        return "the answer cannot be read"
    kinds = {str(block.get("type")) for block in blocks} - _THINKING
    if any(kind.endswith(("tool_use", "tool_result")) for kind in kinds):
        return "the answer used a tool"
    if kinds - {"text"}:
        return "the answer holds something that is not text"
    if not any(str(block.get("text", "")).strip() for block in blocks if block.get("type") == "text"):
        return "the answer is empty"
    return ""


def kept_response(response: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as it is kept: without its usage, which is kept beside it, and without thinking.

    A thinking block is signed for the one conversation it was made in and must never be given again.
    """
    kept = {name: value for name, value in response.items() if name != "usage"}
    kept["content"] = [block for block in response["content"] if block.get("type") not in _THINKING]
    return kept


def _refused(reason: str, unasked: Unasked = "no_text") -> Turn:
    return Turn("", b"", b"", refused=reason, exact_only=reason, unasked=unasked)


def _judged(text: str) -> tuple[str, str, str]:
    """The text that is judged, with what stands before and after it in the same block."""
    if text.startswith(_OURS) and text.count("<task>") == text.count("</task>") == 1:
        found = _TASK.search(text)
        if found is not None:
            return text[: found.start(1)], found[1], text[found.end(1) :]
    return "", text, ""


def _why_exact_only(kinds: set[str], text: str) -> str:
    if "image" in kinds:
        return "the last message holds an image"
    if "document" in kinds:
        return "the last message holds a document"
    if kinds - {"text"}:
        return "the last message holds something that is not text"
    if len(text) > LONGEST_COMPARED:
        return f"its text is longer than the {LONGEST_COMPARED} letters that are compared"
    return "" if text.strip() else "the last message is empty"
