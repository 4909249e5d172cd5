"""Refinements that wait for a decision, or hold one: where they belong, and what happens when it is made."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final, Literal
from weakref import WeakSet

import msgspec

from optafly.approval import Proposal
from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import Edit
from optafly.lsp.places import Place, fingerprint
from optafly.protocol import RefinedPrompt, RefineRequest

MAX_PROPOSALS: Final = 64

Action = Literal["accept", "send", "reject"]
Decided = Callable[[Proposal], Awaitable[None]]


class Spot:
    """Where a prompt stands: in step with edits and renames from when it was chosen until it is decided on."""

    def __init__(self, place: Place, anchor: Anchor) -> None:
        self.place = place
        self.anchor = anchor
        self._left: bytes | None = None
        """The document as it was when it was last in step with it: since then it is closed, or goes by another name."""

    def leave(self, text: str) -> None:
        """The document is not followed from here on."""
        if self._left is None:
            self._left = fingerprint(text)

    def meet(self, text: str) -> None:
        """The document is there again: one that was written to meanwhile says nothing of where the prompt is."""
        if self._left is not None and self._left != fingerprint(text):
            self.anchor.touched = True
        self._left = None

    def is_in(self, text: str) -> bool:
        """Whether it is in step with a document that is not open, as it is on disk."""
        return self._left == fingerprint(text)

    def covers(self, uri: str, start: int, end: int) -> bool:
        """Whether a stretch touches it."""
        return self.place.uri == uri and self.anchor.start <= end and start <= self.anchor.end

    def is_at(self, other: "Spot") -> bool:
        """Whether both are the same prompt, as it was or as it is now."""
        one, two = self.anchor, other.anchor
        overlap = one.start < two.end and two.start < one.end
        return self.place.uri == other.place.uri and (overlap or (one.start, one.end) == (two.start, two.end))


class Pending:
    """One proposal in the editor.

    ``spot`` is None for free text and for requests of other front-ends; ``decided`` is told of the decision where
    somebody waits for it; ``owner`` is the process it belongs to, where that is another one.
    """

    def __init__(
        self,
        identity: str,
        result: RefinedPrompt,
        request: RefineRequest | None,
        spot: Spot | None,
        decided: Decided | None = None,
        owner: int | None = None,
    ) -> None:
        self.id = identity
        self.proposal = Proposal(result)
        self.request = request
        self.spot = spot
        self.decided = decided
        self.owner = owner
        self.chosen: Action | None = None
        """What was chosen, from that moment on."""
        self.by_setting = False
        """Whether a setting decides, and no person."""

    @contextlib.contextmanager
    def choosing(self, action: Action) -> Iterator[bool]:
        """While a decision is made: whether it is the first of its kind, and no second click on the same button."""
        first = self.chosen != action
        if first:
            self.chosen = action
        try:
            yield first
        finally:
            if first and self.waits:
                self.chosen = None

    @property
    def of_another(self) -> bool:
        """Whether another front-end asks, which sends by itself what is approved."""
        return self.request is None

    @property
    def place(self) -> Place | None:
        """Where it came from."""
        return self.spot.place if self.spot is not None else None

    @property
    def anchor(self) -> Anchor | None:
        """Where that is now."""
        return self.spot.anchor if self.spot is not None else None

    @property
    def result(self) -> RefinedPrompt:
        """The refinement."""
        return self.proposal.result

    @property
    def clear(self) -> bool:
        """Whether there is nothing to change: all there is to decide is whether it is sent."""
        return self.result.outcome == "unchanged"

    @property
    def waits(self) -> bool:
        """Whether no decision was made yet."""
        return self.proposal.state == "proposed"

    def covers(self, uri: str, start: int, end: int) -> bool:
        """Whether it came from a place that this stretch touches."""
        return self.spot is not None and self.spot.covers(uri, start, end)


class Proposals:
    """The proposals of this run, oldest first, bounded: those that are decided go before those that wait."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}
        self._spots: WeakSet[Spot] = WeakSet()

    def follow(self, place: Place | None, anchor: Anchor | None) -> Spot | None:
        """A place that is kept in step from now on, for as long as somebody holds it."""
        if place is None or anchor is None:
            return None
        spot = Spot(place, anchor)
        self._spots.add(spot)
        return spot

    def add(self, pending: Pending) -> list[Pending]:
        """Add one; returns those that it takes the place of (the same request of the same place), now expired."""
        replaced = [
            other
            for other in self.waiting()
            if pending.spot is not None
            and other.spot is not None
            and other.spot.place.text == pending.spot.place.text
            and other.result.original == pending.result.original
            and other.spot.is_at(pending.spot)
        ]
        for other in replaced:
            other.proposal = other.proposal.expire()
        self._pending[pending.id] = pending
        while len(self._pending) > MAX_PROPOSALS:
            decided = (name for name, item in self._pending.items() if not item.waits)
            del self._pending[next(decided, next(iter(self._pending)))]
        return replaced

    def get(self, identity: str) -> Pending | None:
        """A proposal of this run."""
        return self._pending.get(identity)

    def waiting(self) -> list[Pending]:
        """Those without a decision, newest first."""
        return [item for item in reversed(self._pending.values()) if item.waits]

    def at(self, uri: str, start: int, end: int) -> list[Pending]:
        """Those without a decision that came from this place."""
        return [item for item in self.waiting() if item.covers(uri, start, end)]

    def in_document(self, uri: str) -> list[Pending]:
        """Those without a decision that came from this document."""
        return [item for item in self.waiting() if item.place is not None and item.place.uri == uri]

    def elsewhere(self) -> list[Pending]:
        """Those without a decision that have no place of their own."""
        return [item for item in self.waiting() if item.place is None]

    def move(self, uri: str, edits: Iterable[Edit]) -> None:
        """Follow a document's edits."""
        mine = [spot.anchor for spot in self._in(uri)]
        for edit in edits:
            for anchor in mine:
                anchor.move(edit)

    def opened(self, uri: str, text: str) -> None:
        """A document was opened."""
        for spot in self._in(uri):
            spot.meet(text)

    def closed(self, uri: str, text: str) -> None:
        """A document was closed, with this text."""
        for spot in self._in(uri):
            spot.leave(text)

    def renamed(self, old: str, new: str, text_of: Callable[[str], str | None] = lambda _: None) -> None:
        """A document, or the folder it is in, goes by another name now; ``text_of`` gives the texts of open ones."""
        old, new = old.rstrip("/"), new.rstrip("/")
        for spot in self._spots:
            place = spot.place
            if place.uri == old or place.uri.startswith(f"{old}/"):
                if (text := text_of(place.uri)) is not None:
                    spot.leave(text)
                spot.place = msgspec.structs.replace(place, uri=new + place.uri[len(old) :])
                if (text := text_of(spot.place.uri)) is not None:
                    spot.meet(text)

    def _in(self, uri: str) -> list[Spot]:
        return [spot for spot in self._spots if spot.place.uri == uri]
