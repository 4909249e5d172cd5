"""What can be refined where the person is: found from the text alone, remembered until it is chosen."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from hashlib import blake2s
from typing import Final, Literal

import msgspec

from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import Edit
from optafly.lsp.early import QUICK_FIX, REWRITE
from optafly.lsp.editor import OpenDocument, Problem
from optafly.lsp.found import FoundPrompt
from optafly.lsp.places import prompt_at
from optafly.lsp.prompts import is_prose
from optafly.protocol import Range, Selection

MAX_OFFERS: Final = 256
MAX_PROBLEMS: Final = 3
FIX: Final = "Fix this problem"
# At most five, so that they do not crowd out what other servers offer.
ON_CODE: Final = (
    ("optimize", "Optimize this"),
    ("explain", "Explain this"),
    ("write tests for", "Write tests for this"),
    ("review", "Review this"),
    ("document", "Document this"),
)

Subject = Literal["here", "code"]
"""What a request is about: the place it stands in, or the code the person was in last."""


class Offer(msgspec.Struct, frozen=True):
    """One thing to refine: the request, where it stands, and what it is about.

    ``original`` is the text at the anchor, to find it again by; ``replaceable`` when the refined prompt may take its
    place; ``focus`` is the code it is about, where that is in the same document.
    """

    id: str
    title: str
    kind: str
    prompt: str
    uri: str
    anchor: Anchor
    original: str
    replaceable: bool
    subject: Subject
    focus: Anchor | None
    problems: tuple[Problem, ...] = ()

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """What moves with the edits of the document."""
        return (self.anchor,) if self.focus is None else (self.anchor, self.focus)


def offers_at(held: OpenDocument, stretch: Range, problems: Sequence[Problem], marker: str) -> list[Offer]:
    """What to offer for a stretch of a document; nothing where there is no request to refine."""
    document = held.document
    found = prompt_at(document, stretch, marker)
    if found is not None:
        return [*_on_problems(held, problems), _on_prompt(held, found)]
    offers = _on_problems(held, problems)
    start, end = document.offsets_of(stretch)
    if not is_prose(document.language_id) and document.text[start:end].strip():
        offers += [
            _offer(held, f"Refine prompt: {verb} this", REWRITE, prompt, (start, end), focus=(start, end))
            for verb, prompt in ON_CODE
        ]
    return offers


def _on_prompt(held: OpenDocument, found: FoundPrompt) -> Offer:
    prose = is_prose(held.document.language_id)
    # A comment that is about no line of code is about the place it stands in.
    focus = _span(held, found.target) if found.target is not None else (found.start, found.start)
    return _offer(
        held,
        "Refine prompt",
        REWRITE,
        found.text,
        (found.start, found.end),
        replaceable=found.replaceable,
        subject="code" if prose else "here",
        focus=None if prose else focus,
    )


def _on_problems(held: OpenDocument, problems: Sequence[Problem]) -> list[Offer]:
    distinct = list(dict.fromkeys(problems))[:MAX_PROBLEMS]
    return [
        _offer(
            held,
            "Refine prompt: fix this problem",
            QUICK_FIX,
            FIX,
            held.document.offsets_of(item.range),
            focus=held.document.offsets_of(Range(item.range.start, item.range.start)),
            problems=(item,),
        )
        for item in distinct
    ]


def _offer(
    held: OpenDocument,
    title: str,
    kind: str,
    prompt: str,
    span: tuple[int, int],
    *,
    replaceable: bool = False,
    subject: Subject = "here",
    focus: tuple[int, int] | None = None,
    problems: tuple[Problem, ...] = (),
) -> Offer:
    start, end = span
    parts = (held.key, start, end, title, prompt, problems)
    identity = blake2s(repr(parts).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
    return Offer(
        identity,
        title,
        kind,
        prompt,
        held.key,
        Anchor(start, end),
        held.document.text[start:end],
        replaceable,
        subject,
        Anchor(*focus) if focus is not None else None,
        problems,
    )


def _span(held: OpenDocument, selection: Selection) -> tuple[int, int]:
    return held.document.offsets_of(held.document.range_of_selection(selection))


class OfferBook:
    """The offers made last, by identity; their places move with the edits of their documents."""

    def __init__(self) -> None:
        self._offers: OrderedDict[str, Offer] = OrderedDict()

    def add(self, offers: Iterable[Offer]) -> None:
        """Remember offers, forgetting the oldest beyond `MAX_OFFERS`."""
        for offer in offers:
            self._offers[offer.id] = offer
            self._offers.move_to_end(offer.id)
        while len(self._offers) > MAX_OFFERS:
            self._offers.popitem(last=False)

    def get(self, identity: str) -> Offer | None:
        """An offer that is still remembered."""
        return self._offers.get(identity)

    def move(self, uri: str, edits: Iterable[Edit]) -> None:
        """Follow a document's edits."""
        mine = [anchor for offer in self._offers.values() if offer.uri == uri for anchor in offer.anchors]
        for edit in edits:
            for anchor in mine:
                anchor.move(edit)

    def forget(self, uri: str) -> None:
        """A document was closed."""
        for identity in [identity for identity, offer in self._offers.items() if offer.uri == uri]:
            del self._offers[identity]
