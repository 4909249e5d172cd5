"""Where an approved prompt goes: into the place it came from or a document of its own, never into a wrong place."""

import os
from pathlib import Path

import msgspec

from optafly.lsp import review
from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import TextDocument
from optafly.lsp.editor import Editor
from optafly.lsp.places import Place, indented, where_now, words_beside
from optafly.lsp.proposals import Pending, Spot
from optafly.lsp.store import Approved, Record, ReviewStore
from optafly.lsp.ui import Ui
from optafly.lsp.uris import path_of

LABEL = "Accept refined prompt"
STALE = (
    "The text that this prompt came from has changed, so nothing was replaced; the approved prompt is in a document of "
    "its own."
)
GONE = (
    "The file that this prompt came from cannot be read any longer, so nothing was replaced; the approved prompt is in "
    "a document of its own."
)
UNKNOWN = (
    "The document that this prompt came from is not open here, so nothing was replaced; the approved prompt is in a "
    "document of its own."
)
REFUSED = "The editor did not make the edit, so nothing was replaced; the approved prompt is in a document of its own."
_TRIES = 2


class Delivery:
    """Replaces texts in the editor and opens review documents."""

    def __init__(self, editor: Editor, ui: Ui, store: ReviewStore) -> None:
        self._editor = editor
        self._ui = ui
        self._store = store

    async def deliver(self, pending: Pending, *, show: bool = True) -> None:
        """Put the approved text where it belongs; ``show`` opens it where it has no place of its own."""
        if pending.clear:  # it stands there already
            return
        if pending.place is not None and pending.place.replaceable:
            hindrance = await self._replaced(pending)
            if hindrance is not None:
                await self.show_approved(pending)
                self._ui.warn(hindrance)
        elif pending.decided is None and show:
            await self.show_approved(pending)

    async def show_approved(self, pending: Pending, unsent: str = "") -> None:
        """Open the approved prompt, as it is to be copied or sent; an earlier try waits as ``unsent``."""
        approved = pending.proposal.approved or ""
        path = self._store.save_approved(
            pending.id, approved, msgspec.structs.replace(how_sent(pending), unsent=unsent)
        )
        await self._ui.show_document(path, "The approved prompt")

    async def open_review(self, pending: Pending) -> None:
        """Open the review document, made where it is not there yet."""
        path = self._store.document(pending.id)
        if self._store.text(pending.id) is None:
            record = Record(pending.id, pending.result, pending.request, pending.place, pending.owner or os.getpid())
            path = self._store.save(record, review.render(pending.id, pending.result))
        await self._ui.show_document(path, "The review document")

    def reviewed(self, pending: Pending) -> str | None:
        """The prompt as the review document has it, the editor's text before the file's; None where it is unchanged."""
        held = self._editor.at(self._store.document(pending.id))
        text = held.document.text if held is not None else self._store.text(pending.id)
        if text is None:
            return None
        found = review.read(pending.id, text)
        if found is None:
            raise review.NoBounds(review.NO_BOUNDS)
        text = _with_line_feeds(found.text)
        return text if text != _with_line_feeds(pending.result.refined) else None

    def approved_text(self, identity: str) -> str:
        """An approved prompt, the editor's text before the file's; empty where there is none."""
        path = self._store.approved(identity)
        held = self._editor.at(path)
        return held.document.text if held is not None else _read(path) or ""

    def anchor(self, place: Place | None) -> Anchor | None:
        """An anchor for a place of an earlier run: wherever its text stands now."""
        if place is None:
            return None
        held = self._editor.documents.get(place.uri)
        anchor = Anchor(0, 0)
        anchor.touched = True
        found = where_now(held.document, place, anchor) if held is not None else None
        return Anchor(*found) if found is not None else anchor

    async def _replaced(self, pending: Pending) -> str | None:
        """Replace the prompt where it stands; what to tell the person where that is not possible."""
        text = _with_line_feeds(pending.proposal.approved or "")
        for _ in range(_TRIES):
            spot = pending.spot
            if spot is None:
                break
            place = spot.place
            if not self._editor.knows(place.uri):
                # Another server may have it open, with text that is not on disk.
                return UNKNOWN
            document, version = self._document(spot)
            found = where_now(document, place, spot.anchor) if document is not None else None
            if document is None:
                return GONE
            if found is None:
                return STALE
            if place.beside is not None and words_beside(document.text, *found) != place.beside:
                # The person wrote on, or before it: that makes it another prompt.
                return STALE
            new = _with_line_ends(indented(text, document, found[0]), document.text)
            stretch = document.range_of(*found)
            if await self._ui.apply_edit(self._editor.spelling(place.uri), version, stretch, new, LABEL):
                return None
            held = self._editor.documents.get(place.uri)
            if held is None or held.document.version == version:
                # Refused although nothing changed meanwhile: asking again would be refused again.
                break
        return REFUSED

    def _document(self, spot: Spot) -> tuple[TextDocument | None, int | None]:
        """The document as the editor has it, else as it is on disk."""
        place = spot.place
        held = self._editor.documents.get(place.uri)
        if held is not None:
            return held.document, held.document.version
        text = _read(path_of(place.uri))
        if text is None:
            return None, None
        if not spot.is_in(text):
            # Closed without saving, or written to by another program.
            spot.anchor.touched = True
        return TextDocument(place.uri, place.language, 0, text), None


def how_sent(pending: Pending) -> Approved:
    """How the prompt of a proposal is sent."""
    return Approved(pending.request.workspace if pending.request else "", refined=not pending.clear)


def _read(path: Path | None) -> str | None:
    try:
        # Editors show no byte order mark, and count without it.
        return path.read_bytes().decode("utf-8-sig") if path is not None else None
    except (OSError, UnicodeDecodeError):
        return None


def _with_line_ends(text: str, document: str) -> str:
    """A text with the line ends that a document uses."""
    if "\r\n" in document:
        return text.replace("\n", "\r\n")
    return text.replace("\n", "\r") if "\r" in document and "\n" not in document else text


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
