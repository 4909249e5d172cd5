"""What front-ends and the core say to each other about routing and the cache, as JSON."""

from typing import Annotated, Any, Final

import msgspec

DEFAULT_MODEL: Final = "claude-sonnet-5-5"
MOST_TEXTS: Final = 256
"""Texts, or pairs of them, of one call."""


class RouteCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A prompt to decide about as if it was the first turn of a conversation; the answer is an event stream.

    ``with_context``: it was put together with what the editor knows. ``workspace`` is an absolute path or empty,
    ``model`` is Claude's, ``settings`` are effective values by key.
    """

    text: str
    with_context: bool = False
    workspace: str = ""
    model: str = DEFAULT_MODEL
    settings: dict[str, Any] = {}


class ReuseCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts of which to say whether they stand for themselves; the answer is an event stream."""

    texts: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST_TEXTS)]
    settings: dict[str, Any] = {}


class Reused(msgspec.Struct, frozen=True):
    """What is said of one text: whether similar requests may be looked for, how likely its answer serves, and why."""

    use_cache: bool
    p: float
    reason: str


class ExplainCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pairs of texts, a stored one and a new one each; the answer is an event stream."""

    pairs: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(max_length=MOST_TEXTS)]


class ForgetCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers to forget, by ids or unique beginnings of ids; all of them or, where one is unknown, none."""

    ids: tuple[str, ...]


class EntryRow(msgspec.Struct, frozen=True):
    """A kept answer in a list, without the answer; times in seconds since 1970."""

    id: str
    prompt: str
    model: str
    project: str
    created: float
    expires: float
    hits: int


class Cleared(msgspec.Struct, frozen=True):
    """How many answers were removed."""

    entries: int
