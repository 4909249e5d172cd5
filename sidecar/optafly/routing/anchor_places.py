"""Chooses where the cache anchors of a request stand, and for how long."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from optafly.routing.anchor_blocks import Prompt, text_tokens
from optafly.routing.anchor_levels import PrefixTtl, Trusted, read_levels
from optafly.routing.anchor_memory import (
    AnchorMemory,
    ConversationMemory,
    Mark,
    PrefixMemory,
    Seen,
    is_warm,
)
from optafly.routing.anchor_ttl import Pace, Survival, choose_ttl
from optafly.routing.prices import ModelFacts, Ttl

Role = Literal["tools", "system", "leading", "earlier", "newest"]

MAX_ANCHORS: Final = 4
# A read looks at so many blocks, the anchor's own being the first.
LOOKBACK: Final = 20
_MARKS = 8


class Place(msgspec.Struct, frozen=True):
    """An anchor by the number of its block."""

    index: int
    role: Role
    ttl: Ttl


class Chosen(msgspec.Struct, frozen=True):
    """The anchors of one request in order, why there are no more, and what is to be remembered."""

    places: tuple[Place, ...]
    reason: str
    seen: Seen


class Chooser:
    """Chooses the places of one request; nothing outside its arguments counts."""

    def __init__(
        self, prompt: Prompt, facts: ModelFacts, model: str, memory: AnchorMemory, conversation: str, now: float | None
    ) -> None:
        self._prompt, self._facts, self._model, self._memory = prompt, facts, model, memory
        self._name, self._now = conversation, now
        known = memory.conversation(conversation)
        # Caches are per model: what was seen of another one says nothing but how the person works.
        self._known = known if known is not None and known.model == model else None
        self._end = self._last_of_user()
        self._in_loop = self._end is not None and prompt.blocks[self._end].value.get("type") == "tool_result"
        self._pace = self._new_pace(known)
        self._marks = memory.marks(conversation)
        self._share = memory.share(conversation, model) or facts.token_share
        self._levels = read_levels(prompt, self._known.levels if self._known else ())
        self._prefixes = PrefixTtl(memory, self._pace, now, self._in_loop, facts.rates)
        self._survival, self._lost = self._tail()

    def choose(self) -> Chosen:
        """Return at most four places, in the order of the prompt, with lifetimes that never rise."""
        trusted = self._prefixes.trusted(self._levels)
        newest, ttl = self._newest(trusted)
        candidates: list[tuple[int | None, Role, Ttl]] = []
        if newest is not None and ttl is not None:
            candidates.append((newest, "newest", ttl))
        if trusted:
            candidates.append(_as_candidate(trusted[-1]))
        if newest is not None and ttl is not None:
            earlier = self._earlier(newest)
            if earlier is not None and newest - earlier >= LOOKBACK:
                candidates.append((earlier, "earlier", ttl))
            candidates += [_as_candidate(item) for item in trusted[:1]]
            candidates.append((self._leading(newest), "leading", self._leading_ttl(newest, ttl)))
            candidates += [_as_candidate(item) for item in trusted[-2:-1]]
            candidates.append((earlier, "earlier", ttl))
        else:
            candidates += [_as_candidate(item) for item in (*trusted[:1], *trusted[-2:-1])]
        places = _falling(self._first_four(candidates))
        return Chosen(places, self._reason(places, trusted, ttl), self._seen(places))

    def tokens(self, index: int) -> int:
        """At least so many tokens has the prompt up to and including a block: counted by the API, or estimated."""
        known, estimated = self._known, self._prompt.tokens(index)
        # What was enough for an anchor once is not taken for less because another part of the prompt has fewer tokens.
        earlier = self._marks.get(self._prompt.blocks[index].digest)
        least = max(int(estimated * self._share), 0 if earlier is None else earlier.least)
        if known is None or known.size is None or known.counted is None or known.size.digest not in self._prompt.index:
            return least
        before = self._prompt.index[known.size.digest]
        if index < before:
            return min(least, known.counted)
        return known.counted + int((estimated - self._prompt.tokens(before)) * self._share)

    def is_long(self, text: str) -> bool:
        """Whether a text alone has the tokens that the model's caching takes."""
        return int(text_tokens(text) * self._share) >= self._facts.minimum_tokens

    def splittable(self) -> int | None:
        """The block whose leading part other conversations may share: the last one of a first turn."""
        return None if self._answered() else self._end

    def _first_four(self, candidates: Sequence[tuple[int | None, Role, Ttl]]) -> list[Place]:
        places: dict[int, Place] = {}
        for index, role, ttl in candidates:
            if index is not None and index not in places and len(places) < MAX_ANCHORS and self._long_enough(index):
                places[index] = Place(index, role, ttl)
        return sorted(places.values(), key=lambda place: place.index)

    def _long_enough(self, index: int) -> bool:
        return self.tokens(index) >= self._facts.minimum_tokens

    # What the requests before this one showed

    def _new_pace(self, known: ConversationMemory | None) -> Pace:
        if known is None:
            return self._memory.pace
        if known.at is None or self._now is None:
            return known.pace
        return known.pace.after(self._now - known.at, self._in_loop)

    def _last_of_user(self) -> int | None:
        """The last block of the messages, without a begun answer: that one is another block when it is complete."""
        index = len(self._prompt.blocks) - 1
        while index >= 0 and self._prompt.blocks[index].role == "assistant":
            index -= 1
        return index if index >= 0 and self._prompt.blocks[index].section == "messages" else None

    def _tail(self) -> tuple[Survival, int]:
        """How often the end of a request was found again in the next, and how many blocks of it were not."""
        if self._known is None or not self._known.recent:
            return Survival(), 0
        found = [number for number, digest in enumerate(self._known.recent) if digest in self._prompt.index]
        if found:
            index = self._prompt.index[self._known.recent[found[-1]]]
            if self._prompt.blocks[index].section == "messages":
                return self._known.survival.after(True), len(self._known.recent) - 1 - found[-1]
        before = {level.name: level.digest for level in self._known.levels}
        same = before == {level.name: level.digest for _, level in self._levels}
        return (self._known.survival.after(False) if same else self._known.survival), 0

    # Where anchors would pay

    def _newest(self, trusted: Sequence[Trusted]) -> tuple[int | None, Ttl | None]:
        """The newest block that the next request will hold too, and the lifetime of an anchor there."""
        if self._end is None or len(trusted) < len(self._levels):
            return None, None
        index = self._markable_before(self._end - self._lost)
        if index is None:
            return None, None
        known = self._known
        if known is not None and is_warm(known.at, self._now, known.ttl) and self._living_marks():
            return index, known.ttl
        return index, choose_ttl(self._survival, self._pace, self._facts.rates)

    def _markable_before(self, index: int, role: str = "") -> int | None:
        """The last block of the messages at or before ``index`` that can carry an anchor."""
        for current in range(index, -1, -1):
            block = self._prompt.blocks[current]
            if block.section != "messages":
                return None
            if block.markable and role in {"", block.role}:
                return current
        return None

    def _living_marks(self) -> list[int]:
        marks = self._known.marks if self._known else ()
        return [self._prompt.index[mark.digest] for mark in marks if mark.digest in self._prompt.index]

    def _earlier(self, newest: int) -> int | None:
        """Where the request before had its newest anchor; where that is not known, where it would have had it."""
        known = [index for index in self._living_marks() if index < newest]
        if known:
            return max(known)
        index = self._end
        while index is not None and index >= 0 and self._prompt.blocks[index].role != "assistant":
            index -= 1
        return None if index is None else self._markable_before(index, "user")

    def _answered(self) -> bool:
        return any(block.role == "assistant" for block in self._prompt.blocks[: self._end])

    def _leading(self, newest: int) -> int | None:
        """The end of what stands before the text of a first turn: a document that other conversations may be about.

        A prefix with half a conversation in it is shared with nobody.
        """
        if self._answered() or self._prompt.blocks[newest].value.get("type") != "text":
            return None
        index = self._markable_before(newest - 1)
        if index is None:
            return None
        shorter = max((level for level, _ in self._levels), default=-1)
        size = self.tokens(index) - (self.tokens(shorter) if shorter >= 0 else 0)
        return index if size >= self._facts.minimum_tokens else None

    def _leading_ttl(self, newest: int, ttl: Ttl) -> Ttl:
        index = self._leading(newest)
        prefix = None if index is None else self._memory.prefix(self._prompt.blocks[index].digest)
        if prefix is None:
            return ttl
        return self._prefixes.ttl(prefix.mark.digest, Survival()) or ttl

    # What is said and remembered

    def _reason(self, places: Sequence[Place], trusted: Sequence[Trusted], ttl: Ttl | None) -> str:
        if places and places[-1].role == "newest":
            return f"{len(places)} of {MAX_ANCHORS} anchors, the last at the newest block that will be sent again"
        rest = f"{len(places)} anchors, none after" if places else "no anchor"
        if self._end is None:
            return f"{rest}: there is no user turn"
        if len(trusted) < len(self._levels):
            level = self._levels[len(trusted)][1].name
            return f"{rest}: {level} changes too often, or is used too rarely, for caching to pay"
        if ttl is None:
            return f"{rest}: the messages change too often, or come too rarely, for caching to pay"
        return (
            f"{rest}: about {self.tokens(self._end)} tokens, {self._facts.minimum_tokens} are the least for the model"
        )

    def _seen(self, places: Sequence[Place]) -> Seen:
        placed = {place.index: place for place in places}
        newest = next((place for place in places if place.role == "newest"), None)
        marks = [self._mark(index) for index in self._living_marks()]
        if newest is not None:
            marks = [mark for mark in marks if mark != self._mark(newest.index)] + [self._mark(newest.index)]
        end = -1 if self._end is None else self._end
        last = len(self._prompt.blocks) - 1
        whole = last >= 0 and self._prompt.is_text
        recent = self._prompt.blocks[max(0, end + 1 - LOOKBACK) : end + 1]
        memory = ConversationMemory(
            self._model,
            self._now,
            newest.ttl if newest is not None else None,
            self._pace,
            self._survival,
            tuple(level for _, level in self._levels),
            tuple(marks[-_MARKS:]),
            tuple(block.digest for block in recent),
            self._lost,
            size=Mark(self._prompt.blocks[last].digest, self._prompt.tokens(last)) if whole else None,
            share=self._known.share if self._known else None,
        )
        shared = [place.index for place in places if place.role in {"tools", "system", "leading"}]
        shared += [index for index, level in self._levels if index not in shared and self._memory.prefix(level.digest)]
        return Seen(self._name, memory, tuple(self._used(index, placed.get(index)) for index in sorted(shared)))

    def _used(self, index: int, place: Place | None) -> PrefixMemory:
        mark = self._mark(index)
        before = self._memory.prefix(mark.digest)
        ttl = None if place is None else place.ttl
        if before is None:
            return PrefixMemory(mark, self._now, ttl=ttl)
        if ttl is None and is_warm(before.at, self._now, before.ttl):
            ttl = before.ttl
        return msgspec.structs.replace(before.used(self._now, self._in_loop), ttl=ttl)

    def _mark(self, index: int) -> Mark:
        return Mark(self._prompt.blocks[index].digest, self._prompt.tokens(index), self.tokens(index))


def _as_candidate(item: Trusted) -> tuple[int | None, Role, Ttl]:
    return item.index, "tools" if item.level.name == "tools" else "system", item.ttl


def _falling(places: Sequence[Place]) -> tuple[Place, ...]:
    """The same places, none with a shorter lifetime than a later one: 1 h anchors come before those of 5 minutes."""
    falling: list[Place] = []
    for place in reversed(places):
        longer = falling and falling[-1].ttl == "1h"
        falling.append(msgspec.structs.replace(place, ttl="1h" if longer else place.ttl))
    return tuple(reversed(falling))
