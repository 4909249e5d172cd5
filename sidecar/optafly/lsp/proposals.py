"""Refinements that wait for a decision, or hold one: where they belong, and what happens when it is made."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from optafly.approval import Proposal
from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import Edit
from optafly.lsp.store import Place
from optafly.protocol import RefinedPrompt, RefineRequest

MAX_PROPOSALS: Final = 64

Decided = Callable[[Proposal], Awaitable[None]]


class Pending:
    """One proposal in the editor.

    ``place`` is None for free text and for requests of other front-ends; ``decided`` is told of the decision where
    somebody waits for it.
    """

    def __init__(
        self,
        identity: str,
        result: RefinedPrompt,
        request: RefineRequest | None,
        place: Place | None,
        anchor: Anchor | None,
        decided: Decided | None = None,
    ) -> None:
        self.id = identity
        self.proposal = Proposal(result)
        self.request = request
        self.place = place
        self.anchor = anchor
        self.decided = decided

    @property
    def result(self) -> RefinedPrompt:
        """The refinement."""
        return self.proposal.result

    @property
    def waits(self) -> bool:
        """Whether no decision was made yet."""
        return self.proposal.state == "proposed"

    def covers(self, uri: str, start: int, end: int) -> bool:
        """Whether it came from a place that this stretch touches."""
        if self.place is None or self.anchor is None or self.place.uri != uri:
            return False
        return self.anchor.start <= end and start <= self.anchor.end


class Proposals:
    """The proposals of this run, oldest first, bounded."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}

    def add(self, pending: Pending) -> list[Pending]:
        """Add one; returns those that it takes the place of (same document and stretch), now expired."""
        replaced = []
        if pending.place is not None and pending.anchor is not None:
            start, end = pending.anchor.start, pending.anchor.end
            replaced = [
                other
                for other in self.waiting()
                if other.place is not None
                and other.place.text == pending.place.text
                and other.covers(pending.place.uri, start, end)
            ]
        for other in replaced:
            other.proposal = other.proposal.expire()
        self._pending[pending.id] = pending
        while len(self._pending) > MAX_PROPOSALS:
            del self._pending[next(iter(self._pending))]
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
        mine = [item.anchor for item in self._pending.values() if item.anchor and item.place and item.place.uri == uri]
        for edit in edits:
            for anchor in mine:
                anchor.move(edit)

    def renamed(self, old: str, new: str) -> None:
        """A document goes by another name now."""
        for item in self._pending.values():
            if item.place is not None and item.place.uri == old:
                item.place = Place(new, item.place.text, item.place.replaceable)
