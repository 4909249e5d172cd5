"""Cache anchors: where a request to Anthropic gets its ``cache_control`` breakpoints."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from optafly.errors import InputError
from optafly.routing.anchor_blocks import (
    Path,
    Prompt,
    as_blocks,
    carries_cache_control,
    digest_of,
    read_blocks,
)
from optafly.routing.anchor_memory import AnchorMemory, Seen, Split
from optafly.routing.anchor_places import Chooser, Chosen, Place, Role
from optafly.routing.prices import ModelFacts, Ttl, model_facts
from optafly.routing.token_form import read_prompt

_PRIORITY: Final[Mapping[Role, float]] = {
    "newest": 1.0, "system": 0.9, "earlier": 0.8, "tools": 0.7, "leading": 0.6,
}  # fmt: skip
_WHY: Final[Mapping[Role, str]] = {
    "tools": "the end of the tools: stays readable when the system prompt changes",
    "system": "the end of what stays the same of tools and system",
    "leading": "the end of the leading part of the first turn: other conversations may share it",
    "earlier": "where the request before ended: what is cached is found from here",
    "newest": "the newest block that the next request will hold too",
}
_LIKELY: Final = 0.5
_PLAIN_TEXT: Final = frozenset({"type", "text"})


class Boundary(msgspec.Struct, frozen=True):
    """A place in a text, in code points from its start, and the probability that what is before it stays the same."""

    offset: int
    p: float


class Boundaries(Protocol):
    """Finds where the stable leading part of a free text may end."""

    def boundaries(self, text: str) -> Sequence[Boundary]:
        """The places found, in any order; none where the text is of one piece."""
        ...


class CacheAnchor(msgspec.Struct, frozen=True):
    """One breakpoint.

    ``path`` leads to the block in the body that `with_anchors` returns. ``position`` is the block's number in the
    order in which prompts are cached (tools, system, messages), from 0. ``estimated_tokens`` is what the prefix that
    ends there has at least; ``content`` is a digest of that prefix, never text. ``priority`` (0 to 1) says which to
    keep where fewer than all can be sent.
    """

    path: Path
    position: int
    ttl: Ttl
    estimated_tokens: int
    priority: float
    content: str
    reason: str


class AnchorPlan(msgspec.Struct, frozen=True):
    """The anchors of a request and the reason for the whole; ``split`` is of the first user turn.

    ``seen`` is what `AnchorMemory.after` takes when the request has been answered; None where nothing was learnt.
    """

    anchors: tuple[CacheAnchor, ...]
    reason: str
    split: Split | None = None
    seen: Seen | None = None


def place_anchors(
    request: Mapping[str, Any],
    memory: AnchorMemory | None = None,
    conversation: str = "",
    *,
    model: str | None = None,
    now: float | None = None,
    assembled: bool = False,
    boundaries: Boundaries | None = None,
) -> AnchorPlan:
    """Choose at most four cache anchors for the body of a request to the Messages API, decoded from JSON.

    None are placed where the request carries any ``cache_control`` of its own, where its form is not understood, below
    the model's minimum, or where what was remembered shows that caching costs more than it saves. ``conversation``
    names the conversation in ``memory`` (see `conversation_key`); without a name nothing is learnt of it. ``now`` is in
    seconds of any clock that only goes forward; without it no lifetime but the default is chosen. Only an ``assembled``
    request, one that this program wrote, may have the text of its first turn split where ``boundaries`` proposes it;
    the same split is then repeated with every later request of the conversation, since history must not change. The
    same arguments give the same plan. Rules: Anthropic's documentation of prompt caching.
    """
    memory = memory or AnchorMemory()
    if carries_cache_control(request):
        return AnchorPlan((), "no anchor: the request places its own")
    name = model if model is not None else str(request.get("model", ""))
    facts = model_facts(name)
    split = _kept_split(request, memory, conversation) if assembled else None
    blocks = read_blocks(_with_split(request, split), name)
    if blocks is None:
        return AnchorPlan((), "no anchor: not a request of the Messages API as it is known")
    estimated = {digest: mark.tokens for digest, mark in memory.marks(conversation).items()}
    prompt = Prompt(blocks, estimated)
    chooser = Chooser(prompt, facts, name, memory, conversation, now)
    chosen = chooser.choose()
    if assembled and boundaries is not None and split is None:
        found = _new_split(prompt, chooser, boundaries)
        parted = None if found is None else read_blocks(_with_split(request, found), name)
        if parted is not None:
            divided = Prompt(parted, estimated)
            again = Chooser(divided, facts, name, memory, conversation, now)
            chosen_again = again.choose()
            if any(place.role == "leading" for place in chosen_again.places):
                prompt, chooser, chosen, split = divided, again, chosen_again, found
    return _plan(prompt, chooser, chosen, facts, split)


def with_anchors(request: Mapping[str, Any], plan: AnchorPlan) -> dict[str, Any]:
    """Return a new body with the anchors of the plan; everything but them, and the plan's split, is equal.

    Texts given as a plain string become one text block where an anchor needs it. The request is not changed; what is
    not touched is shared with it. Raises InputError where the request has no such blocks, or another text to split:
    the plan was made for another one.
    """
    body = _with_split(request, plan.split)
    for anchor in plan.anchors:
        body = _marked(body, anchor.path, anchor.ttl)
    return body


def conversation_key(request: Mapping[str, Any]) -> str:
    """Name a conversation by its first message and its tools, for clients that send no name; empty without messages.

    Clients send other requests about the same messages, for a title for instance, and those have other tools.
    """
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages or not isinstance(messages[0], dict):
        return ""
    blocks = as_blocks(messages[0].get("content"))
    if not blocks:
        return ""
    texts = [block["text"] for block in blocks if isinstance(block.get("text"), str) and set(block) == _PLAIN_TEXT]
    # A turn that is sent in two parts is the same turn.
    first = "".join(texts) if len(texts) == len(blocks) else blocks
    tools = request.get("tools")
    names = [tool.get("name") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return digest_of(first, names).hex()


def _plan(prompt: Prompt, chooser: Chooser, chosen: Chosen, facts: ModelFacts, split: Split | None) -> AnchorPlan:
    anchors = tuple(_anchor(prompt, chooser, place) for place in chosen.places)
    reason = chosen.reason if facts.known else f"{chosen.reason}; model {facts.note}"
    seen = msgspec.structs.replace(chosen.seen, memory=msgspec.structs.replace(chosen.seen.memory, split=split))
    return AnchorPlan(anchors, reason, split, seen)


def _anchor(prompt: Prompt, chooser: Chooser, place: Place) -> CacheAnchor:
    block = prompt.blocks[place.index]
    return CacheAnchor(
        block.path, place.index, place.ttl, chooser.tokens(place.index), _PRIORITY[place.role], block.digest.hex(),
        _WHY[place.role],
    )  # fmt: skip


def _kept_split(request: Mapping[str, Any], memory: AnchorMemory, conversation: str) -> Split | None:
    known = memory.conversation(conversation)
    if known is None or known.split is None or _split_text(request, known.split) is None:
        return None
    return known.split


def _new_split(prompt: Prompt, chooser: Chooser, boundaries: Boundaries) -> Split | None:
    """The likeliest split of a first turn's last text into a leading part and a rest."""
    index = chooser.splittable()
    block = None if index is None else prompt.blocks[index]
    if index is None or block is None or not block.markable or set(block.value) != _PLAIN_TEXT:
        return None
    text = block.value["text"]
    if not chooser.is_long(text):
        return None
    possible = [
        found
        for found in _proposed(text, boundaries)
        if found.p >= _LIKELY
        and found.offset > 0
        and text[found.offset :].strip()
        and chooser.is_long(text[: found.offset])
    ]
    # What is probably saved: the more of the text is before the place, and the surer it stays.
    best = max(possible, key=lambda found: (found.p * found.offset, found.offset), default=None)
    return None if best is None else Split(int(block.path[1]), int(block.path[3]), best.offset, digest_of(text))


def _proposed(text: str, boundaries: Boundaries) -> Sequence[Boundary]:
    """Where a text may be split; one that OptaFly put together has its context first, and no network need be asked."""
    prompt = read_prompt(text)
    return boundaries.boundaries(text) if prompt is None else [Boundary(len(text) - len(prompt.request), 1.0)]


def _split_text(request: Mapping[str, Any], split: Split) -> str | None:
    """The text that the split is of, or None where another one stands there."""
    messages = request.get("messages")
    if (
        not isinstance(messages, list)
        or len(messages) <= split.message
        or not isinstance(messages[split.message], dict)
    ):
        return None
    blocks = as_blocks(messages[split.message].get("content"))
    if blocks is None or len(blocks) <= split.block or set(blocks[split.block]) != _PLAIN_TEXT:
        return None
    text = blocks[split.block]["text"]
    return text if isinstance(text, str) and digest_of(text) == split.digest else None


def _with_split(request: Mapping[str, Any], split: Split | None) -> dict[str, Any]:
    body = dict(request)
    if split is None:
        return body
    text = _split_text(request, split)
    if text is None:
        raise _another_request()
    messages = list(body["messages"])
    blocks = list(as_blocks(messages[split.message]["content"]) or [])
    parts = (text[: split.offset], text[split.offset :])
    blocks[split.block : split.block + 1] = [{"type": "text", "text": part} for part in parts]
    messages[split.message] = messages[split.message] | {"content": blocks}
    body["messages"] = messages
    return body


def _marked(body: Mapping[str, Any], path: Path, ttl: Ttl) -> dict[str, Any]:
    """A copy of the body, as deep as the path goes, with the block at its end marked."""
    try:
        marked: dict[str, Any] = _copy_marked(body, path, ttl)
    except (IndexError, KeyError, TypeError):
        raise _another_request() from None
    return marked


def _copy_marked(value: Any, path: Path, ttl: Ttl) -> Any:
    if not path:
        return value | {"cache_control": {"type": "ephemeral"} | ({} if ttl == "5m" else {"ttl": ttl})}
    key: Any = path[0]
    if isinstance(value, str):
        value = as_blocks(value)
    copied = dict(value) if isinstance(value, Mapping) else list(value)
    copied[key] = _copy_marked(copied[key], path[1:], ttl)
    return copied


def _another_request() -> InputError:
    return InputError("the anchors were placed for another request; place them anew for this one")
