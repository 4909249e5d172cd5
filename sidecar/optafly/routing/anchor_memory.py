"""What is remembered of conversations for their cache anchors: digests, counts and times, never text."""

from typing import Final

import msgspec

from optafly.routing.anchor_ttl import Pace, Survival
from optafly.routing.prices import LIFE_S, Ttl

_CONVERSATIONS: Final = 64
_PREFIXES: Final = 256
# The tokens that one estimated token can stand for, and what is taken off: the parts of a prompt differ.
_SHARES: Final = (0.6, 2.0)
_CAUTION: Final = 0.9


class Mark(msgspec.Struct, frozen=True):
    """A prefix: its digest, estimated tokens, and how many it was taken to have at least when it was first met."""

    digest: bytes
    tokens: int
    least: int = 0


class Level(msgspec.Struct, frozen=True):
    """The end of the tools, or of one system block, in a conversation, and how often it stayed the same."""

    name: str
    digest: bytes
    survival: Survival = Survival()


class Split(msgspec.Struct, frozen=True):
    """A plain text block of a user turn that is sent as two: the turn, the block, and where (in code points).

    ``digest`` is that of the whole text, so that another text in its place is left alone.
    """

    message: int
    block: int
    offset: int
    digest: bytes


class ConversationMemory(msgspec.Struct, frozen=True):
    """What the last requests of one conversation showed.

    ``marks`` are the newest message anchors, ``recent`` the digests of the last blocks of the newest request, and
    ``lost`` how many blocks at its end the request before did not share with it. ``ttl`` is the lifetime of the
    message anchors, None where there are none. ``split`` is how the first turn is sent, where it was split. ``size``
    is the whole newest request, ``counted`` its tokens as the API counted them, and ``share`` how many of them stand
    for one of the estimate's; None where nobody said, or where the estimate leaves something out (pictures, thinking).
    """

    model: str
    at: float | None
    ttl: Ttl | None
    pace: Pace = Pace()
    survival: Survival = Survival()
    levels: tuple[Level, ...] = ()
    marks: tuple[Mark, ...] = ()
    recent: tuple[bytes, ...] = ()
    lost: int = 0
    split: Split | None = None
    size: Mark | None = None
    counted: int | None = None
    share: float | None = None


class PrefixMemory(msgspec.Struct, frozen=True):
    """A prefix that several conversations may share: its size, when and how often it was used, and its lifetime."""

    mark: Mark
    at: float | None
    requests: int = 1
    pace: Pace = Pace()
    ttl: Ttl | None = None

    def used(self, now: float | None, in_loop: bool) -> "PrefixMemory":
        """The same, used once more."""
        pace = self.pace if now is None or self.at is None else self.pace.after(now - self.at, in_loop)
        return msgspec.structs.replace(self, at=now, requests=self.requests + 1, pace=pace)


class Seen(msgspec.Struct, frozen=True):
    """What one request adds to the memory."""

    conversation: str
    memory: ConversationMemory
    prefixes: tuple[PrefixMemory, ...]


class AnchorMemory(msgspec.Struct, frozen=True):
    """What is remembered of the 64 newest conversations and 256 prefixes; a value, never changed in place."""

    conversations: tuple[tuple[str, ConversationMemory], ...] = ()
    prefixes: tuple[PrefixMemory, ...] = ()

    def conversation(self, name: str) -> ConversationMemory | None:
        """What is remembered of a conversation, None where it is new or was forgotten."""
        return next((memory for known, memory in reversed(self.conversations) if known == name), None)

    def prefix(self, digest: bytes) -> PrefixMemory | None:
        """What is remembered of a prefix."""
        return next((prefix for prefix in reversed(self.prefixes) if prefix.mark.digest == digest), None)

    def marks(self, conversation: str) -> dict[bytes, Mark]:
        """The prefixes that are remembered, by digest."""
        known = self.conversation(conversation)
        marks = [prefix.mark for prefix in self.prefixes] + list(known.marks if known else ())
        # The whole prompt was not marked itself: it comes before those that were.
        marks = [*([known.size] if known and known.size else []), *marks]
        return {mark.digest: mark for mark in marks}

    @property
    def pace(self) -> Pace:
        """The pace of the conversation that was used last: what to expect of a new one."""
        return self.conversations[-1][1].pace if self.conversations else Pace()

    def share(self, conversation: str, model: str) -> float | None:
        """How many tokens at least one estimated token of that conversation, or else of that model, stands for."""
        known = self.conversation(conversation)
        newest_last = [*(memory for _, memory in self.conversations), *([known] if known else [])]
        counted = [memory.share for memory in newest_last if memory.model == model and memory.share is not None]
        return counted[-1] * _CAUTION if counted else None

    def after(self, seen: Seen | None, counted_tokens: int | None = None) -> "AnchorMemory":
        """The memory with one more request, the oldest conversations and prefixes forgotten.

        ``counted_tokens`` is the whole input as the API counted it: ``input_tokens``, ``cache_read_input_tokens`` and
        ``cache_creation_input_tokens`` of the answer's usage together.
        """
        if seen is None:
            return self
        size = seen.memory.size
        if counted_tokens and size is not None and size.tokens:
            share = min(max(counted_tokens / size.tokens, _SHARES[0]), _SHARES[1])
            memory = msgspec.structs.replace(seen.memory, counted=counted_tokens, share=share)
            seen = msgspec.structs.replace(seen, memory=memory)
        others = [item for item in self.conversations if item[0] != seen.conversation]
        named = [(seen.conversation, seen.memory)] if seen.conversation else []
        digests = {prefix.mark.digest for prefix in seen.prefixes}
        prefixes = [prefix for prefix in self.prefixes if prefix.mark.digest not in digests]
        return AnchorMemory(tuple([*others, *named][-_CONVERSATIONS:]), tuple([*prefixes, *seen.prefixes][-_PREFIXES:]))


def is_warm(at: float | None, now: float | None, ttl: Ttl | None) -> bool:
    """Whether an entry of that lifetime, last used at ``at``, is still alive; without times it is taken to be."""
    return ttl is not None and (at is None or now is None or now - at <= LIFE_S[ttl])
