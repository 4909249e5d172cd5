"""Reads a request of Anthropic's Messages API as the row of blocks that prompt caching sees."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from optafly.context.tokens import estimate_tokens

Section = Literal["tools", "system", "messages"]
Path = tuple[str | int, ...]

# Blocks that may carry `cache_control`. Thinking may not, and of what is not known nothing is assumed.
_MARKABLE: Final = frozenset(
    {"text", "image", "document", "search_result", "tool_use", "tool_result", "server_tool_use",
     "web_search_tool_result"}
)  # fmt: skip
# A change of these, or of whether there are pictures at all, leaves tools and system cached, nothing of the messages.
_MESSAGE_PARAMETERS: Final = ("tool_choice", "thinking", "output_config")
# Other people's data, where a property may happen to be called "cache_control".
_FOREIGN: Final = frozenset({"input_schema", "input"})
# What is no text for the model, or is counted otherwise.
_UNCOUNTED: Final = frozenset(
    {"type", "id", "tool_use_id", "signature", "data", "media_type", "encrypted_content", "cache_control"}
)
_IMAGE_TOKENS: Final = 50  # at least: (width x height) / 750, so a picture of 200 x 200
_DOCUMENT_TOKENS: Final = 1000  # at least: a page of a PDF counts 1,500 to 3,000
# Blocks of which the whole is counted.
_COUNTED: Final = frozenset({"text", "tool_use", "tool_result"})
# Longer texts are estimated from slices: the estimate reads about a million characters a second.
_WHOLE_TEXT = 12_000
_SLICES, _SLICE = 8, 1_000


class Block(msgspec.Struct, frozen=True):
    """One block: where it stands, and a digest of the whole prompt up to and including it.

    ``value`` is the block as the API would read it, texts of a plain string included. ``role`` is empty for tools and
    system.
    """

    path: Path
    section: Section
    role: str
    value: Mapping[str, Any]
    markable: bool
    digest: bytes


class Prompt:
    """The blocks of a request in the order in which they are cached, with estimated tokens.

    ``known`` gives the tokens of prefixes estimated before, by their digests, so that a conversation is not counted
    anew with every turn.
    """

    def __init__(self, blocks: tuple[Block, ...], known: Mapping[bytes, int]) -> None:
        self.blocks = blocks
        self.index = {block.digest: place for place, block in enumerate(blocks)}
        self._prefixes = {self.index[digest]: tokens for digest, tokens in known.items() if digest in self.index}

    def tokens(self, place: int) -> int:
        """Estimated tokens of the prompt up to and including the block at ``place``."""
        start = max((known for known in self._prefixes if known <= place), default=-1)
        total = self._prefixes.get(start, 0)
        for current in range(start + 1, place + 1):
            total += block_tokens(self.blocks[current].value)
        self._prefixes[place] = total
        return total

    @property
    def is_text(self) -> bool:
        """Whether the estimate counts all of it: no pictures, no documents, no thinking."""
        return not any(
            block.section == "messages" and (block.value.get("type") not in _COUNTED or _shows_picture(block.value))
            for block in self.blocks
        )

    def last(self, section: Section) -> int | None:
        """The place of the last block of a section that can carry an anchor."""
        return next(
            (
                place
                for place in range(len(self.blocks) - 1, -1, -1)
                if self.blocks[place].section == section and self.blocks[place].markable
            ),
            None,
        )


def read_blocks(request: Mapping[str, Any], model: str) -> tuple[Block, ...] | None:
    """Return the blocks of a request to a model, or None where it is not of a form that is understood."""
    tools, system, messages = request.get("tools") or [], request.get("system") or [], request.get("messages")
    if not isinstance(tools, list) or not isinstance(messages, list) or not messages:
        return None
    system_blocks = as_blocks(system)
    contents = [as_blocks(message.get("content")) if isinstance(message, dict) else None for message in messages]
    if system_blocks is None or not all(isinstance(tool, dict) for tool in tools) or None in contents:
        return None
    return tuple(_chain(request, model, tools, system_blocks, [content or [] for content in contents]))


def as_blocks(content: object) -> list[dict[str, Any]] | None:
    """A string as the one text block it stands for, a list of blocks as it is, anything else None."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if isinstance(content, list) and all(isinstance(block, dict) for block in content):
        return content
    return None


def carries_cache_control(value: object) -> bool:
    """Whether anything in it has a ``cache_control`` of its own; the data of tools is not looked into."""
    if isinstance(value, Mapping):
        if value.get("cache_control") is not None:
            return True
        return any(carries_cache_control(item) for key, item in value.items() if key not in _FOREIGN)
    if isinstance(value, list | tuple):
        return any(carries_cache_control(item) for item in value)
    return False


def block_tokens(block: Mapping[str, Any]) -> int:
    """Estimated tokens of a block, rather too few: pictures and pages count the least they can, thinking nothing."""
    kind = block.get("type")
    if kind in {"thinking", "redacted_thinking"}:
        return 0
    if kind == "image":
        return _IMAGE_TOKENS
    if kind == "document":
        return _document_tokens(block)
    content = block.get("content")
    if kind == "tool_result" and isinstance(content, list):
        return sum(block_tokens(item) for item in content if isinstance(item, dict))
    return text_tokens(" ".join(_texts(block)))


def text_tokens(text: str) -> int:
    """`estimate_tokens`, of long texts from slices of it."""
    if len(text) <= _WHOLE_TEXT:
        return estimate_tokens(text)
    step = (len(text) - _SLICE) // (_SLICES - 1)
    sample = sum(estimate_tokens(text[step * number : step * number + _SLICE]) for number in range(_SLICES))
    return sample * len(text) // (_SLICES * _SLICE)


def digest_of(*parts: object) -> bytes:
    """A digest of values that came out of JSON, by content and order of keys."""
    state = hashlib.blake2b(digest_size=12)
    for part in parts:
        encoded = _encoded(part)
        state.update(len(encoded).to_bytes(8, "big"))
        state.update(encoded)
    return state.digest()


def _chain(
    request: Mapping[str, Any],
    model: str,
    tools: Sequence[dict[str, Any]],
    system: Sequence[dict[str, Any]],
    contents: Sequence[Sequence[dict[str, Any]]],
) -> Iterator[Block]:
    digest = digest_of(model)
    for number, tool in enumerate(tools):
        # A deferred tool is not in the prompt until it is searched for, and cannot be marked.
        if tool.get("defer_loading") is not True:
            digest = digest_of(digest.hex(), tool)
            yield Block(("tools", number), "tools", "", tool, True, digest)
    for number, block in enumerate(system):
        digest = digest_of(digest.hex(), "system", block)
        yield Block(("system", number), "system", "", block, _markable(block), digest)
    pictures = any(_shows_picture(block) for content in contents for block in content)
    digest = digest_of(digest.hex(), [request.get(name) for name in _MESSAGE_PARAMETERS], pictures)
    for place, content in enumerate(contents):
        role = str(request["messages"][place].get("role"))
        for number, block in enumerate(content):
            digest = digest_of(digest.hex(), role, number == 0, block)
            yield Block(("messages", place, "content", number), "messages", role, block, _markable(block), digest)


def _markable(block: Mapping[str, Any]) -> bool:
    if block.get("type") not in _MARKABLE:
        return False
    return block["type"] != "text" or (isinstance(block.get("text"), str) and bool(block["text"].strip()))


def _shows_picture(block: Mapping[str, Any]) -> bool:
    nested = block.get("content")
    if isinstance(nested, list):
        return any(isinstance(item, dict) and _shows_picture(item) for item in nested)
    return block.get("type") == "image"


def _document_tokens(block: Mapping[str, Any]) -> int:
    source = block.get("source")
    if not isinstance(source, Mapping):
        return 0
    if source.get("type") == "text":
        return text_tokens(str(source.get("data", "")))
    content = as_blocks(source.get("content"))
    return _DOCUMENT_TOKENS if content is None else sum(block_tokens(item) for item in content)


def _texts(value: object) -> Iterator[str]:
    """The keys and values of a structure that the model reads."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _UNCOUNTED:
                if key not in {"text", "content", "name", "description"}:
                    yield str(key)
                yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)


def _encoded(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, ValueError):
        # Half a surrogate pair, or a number that fits no machine word: JSON all the same.
        return json.dumps(value).encode("ascii")
