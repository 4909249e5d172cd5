"""The scope of an answer: everything but the person's own words that makes it what it is."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

_OWN_FIELDS: Final = ("model", "system", "tools", "tool_choice", "thinking")
# They change how an answer is sent, not what it says. `cache_control` at the top switches on automatic prompt caching.
_WITHOUT_EFFECT: Final = frozenset({"stream", "cache_control", "messages", *_OWN_FIELDS})


class Scope(msgspec.Struct, frozen=True):
    """What has to be the same before an answer may be given again.

    ``model``, ``project`` and ``embedder`` are plain, so that people can read them; the rest are digests, because
    instructions, earlier messages and keys have no business in a cache file. ``parameters`` is every field of the
    request that has no place of its own, known or not.
    """

    model: str
    project: str
    embedder: str
    system: str
    tools: str
    tool_choice: str
    thinking: str
    parameters: str
    prior: str
    headers: str
    key_scope: str
    context: str

    def key(self) -> str:
        """SHA-256 over all fields, in hexadecimal; another field or another value gives another key."""
        return digest("scope/1", *(part for pair in sorted(msgspec.structs.asdict(self).items()) for part in pair))


def scope_of(
    body: Mapping[str, Any],
    *,
    project: str,
    context: str,
    key_scope: str,
    embedder: str,
    headers: Mapping[str, str] | None = None,
) -> Scope:
    """The scope of a request to Anthropic's Messages API, whose last message is not part of it.

    ``body`` is the decoded request; ``project`` names the workspace, ``context`` is a fingerprint of what the editor
    knew, ``key_scope`` names whose key is used (not the key), ``embedder`` is `Encoder.version`. Of ``headers`` those
    that begin with ``anthropic-`` count, since betas change answers. A field this module has never heard of counts.
    """
    messages = body.get("messages")
    # Whatever is no list of messages counts as it is; the API refuses it anyway.
    prior = [_plain_message(message) for message in messages[:-1]] if isinstance(messages, list | tuple) else messages
    return Scope(
        model=str(body.get("model", "")),
        project=project,
        embedder=embedder,
        system=_fingerprint(plain_blocks(body.get("system"))),
        tools=_fingerprint(_plain_tools(body.get("tools"))),
        tool_choice=_fingerprint(body.get("tool_choice")),
        thinking=_fingerprint(body.get("thinking")),
        parameters=_fingerprint({name: value for name, value in body.items() if name not in _WITHOUT_EFFECT}),
        prior=_fingerprint(prior),
        headers=_fingerprint(_counting_headers(headers or {})),
        key_scope=digest(key_scope),
        context=digest(context),
    )


def plain_blocks(content: Any) -> Any:
    """Content without its ``cache_control`` markers, a text alone as the one text block that it stands for.

    Markers are taken from where the API reads them: a block, the blocks inside a tool's result or a document. What a
    tool was given as input, and whatever else is called ``cache_control`` elsewhere, stays.
    """
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if isinstance(content, list | tuple):
        return [_plain_block(block) for block in content]
    return content


def canonical(value: Any) -> bytes:
    """JSON of a decoded JSON value with sorted keys and no spaces: equal values, and only those, give equal bytes.

    Numbers count as they are written (1 is not 1.0). Raises TypeError, ValueError or OverflowError for others.
    """
    return msgspec.json.encode(value, order="sorted")


def digest(*parts: str | bytes) -> str:
    """SHA-256 of the parts in hexadecimal, each with its length in front, so that none can run into the next."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def _fingerprint(value: Any) -> str:
    return digest(canonical(value))


def _plain_message(message: Any) -> Any:
    if not isinstance(message, Mapping):
        return message
    return {name: plain_blocks(value) if name == "content" else value for name, value in message.items()}


def _plain_block(block: Any) -> Any:
    if not isinstance(block, Mapping):
        return block
    plain = {name: value for name, value in block.items() if name != "cache_control"}
    if isinstance(plain.get("content"), list):
        plain["content"] = plain_blocks(plain["content"])
    source = plain.get("source")
    if isinstance(source, Mapping) and isinstance(source.get("content"), list):
        plain["source"] = {**source, "content": plain_blocks(source["content"])}
    return plain


def _plain_tools(tools: Any) -> Any:
    """Tools without their markers; nothing inside a schema is touched."""
    if not isinstance(tools, list | tuple):
        return tools
    return [
        {name: value for name, value in tool.items() if name != "cache_control"} if isinstance(tool, Mapping) else tool
        for tool in tools
    ]


def _counting_headers(headers: Mapping[str, str]) -> dict[str, list[str]]:
    """Anthropic's own headers by lower-case name; lists of betas in any order are the same list."""
    return {
        name.lower(): sorted({item.strip() for item in value.split(",")})
        for name, value in headers.items()
        if name.lower().startswith("anthropic-")
    }
