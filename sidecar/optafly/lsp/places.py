"""Where a prompt came from, and where its text stands now: there for certain, or nowhere."""

import re
from hashlib import blake2s
from typing import Final

import msgspec

from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import TextDocument
from optafly.lsp.found import FoundPrompt
from optafly.lsp.prompts import find_prompt
from optafly.protocol import Range

BYTE_ORDER_MARK: Final = "\ufeff"
_LONGEST_LINE: Final = 20_000
# What makes a line belong to a block quote or a list item; the box of a task is text of the item.
_LEADER: Final = re.compile(r"(?:[ \t]*(?:>|(?:[-*+•]|\d{1,9}[.)])(?=[ \t])))*[ \t]*")


class Place(msgspec.Struct, frozen=True):
    """Where a prompt came from: its document, its text there, and whether it may be replaced.

    ``beside`` is the other text on its first and last line, as `words_beside` gives it. ``findable`` when the text
    stood there once, as a prompt of its own: only then can it be told where it went. ``language`` is the document's.
    """

    uri: str
    text: str
    replaceable: bool
    beside: tuple[str, str] | None = None
    findable: bool = False
    language: str = ""


def words_beside(text: str, start: int, end: int) -> tuple[str, str]:
    """The letters before and behind a stretch on its first and last line: marks of lists and quotes may change."""
    before = text[max(0, start - _LONGEST_LINE) : start].replace("\r", "\n").rpartition("\n")[2]
    behind = text[end : end + _LONGEST_LINE].replace("\r", "\n").partition("\n")[0]
    return "".join(filter(str.isalpha, before)), "".join(filter(str.isalpha, behind))


def fingerprint(text: str) -> bytes:
    """What tells a text from any other without keeping it; a byte order mark, which not all editors show, aside."""
    return blake2s(text.removeprefix(BYTE_ORDER_MARK).encode("utf-8", "surrogatepass")).digest()


def place_of(uri: str, document: TextDocument, anchor: Anchor, text: str, *, replaceable: bool) -> Place:
    """The place of a prompt that was just chosen."""
    beside = words_beside(document.text, anchor.start, anchor.end)
    findable = replaceable and _only_prompt(document, text) == (anchor.start, anchor.end)
    return Place(uri, text, replaceable, beside, findable, document.language_id)


def where_now(document: TextDocument, place: Place, anchor: Anchor) -> tuple[int, int] | None:
    """Where the text of a prompt stands now: where its anchor says, as long as nothing was written inside it.

    After that it is where the same text is a prompt of its own and stands nowhere else, provided that it stood nowhere
    else when it was chosen: any other may be another prompt that reads alike. None where it is gone, or not certain.
    """
    if not anchor.touched and document.text[anchor.start : anchor.end] == place.text:
        return anchor.start, anchor.end
    return _only_prompt(document, place.text) if place.findable else None


def indented(text: str, document: TextDocument, start: int) -> str:
    """A text as it is put at an offset: each further line belongs to the quote or the list item that the first is in.

    Lines of the text end with ``\\n``.
    """
    line = document.line_at(start)
    before = document.line_text(line)[: start - document.line_span(line)[0]]
    found = _LEADER.match(before.removeprefix(BYTE_ORDER_MARK))
    leader = re.sub(r"[^>\s]", " ", found[0]) if found is not None else ""
    first, *further = text.split("\n")
    return "\n".join([first, *(leader + row if row else leader.rstrip() for row in further)])


def prompt_at(document: TextDocument, stretch: Range, marker: str = "AI:") -> FoundPrompt | None:
    """The prompt at a cursor or in a selection; a byte order mark is no part of it."""
    if not document.text.startswith(BYTE_ORDER_MARK):
        return find_prompt(document, stretch, marker)
    bare = document.made(_without_mark)
    bare.language_id = document.language_id
    start, end = (max(offset - 1, 0) for offset in document.offsets_of(stretch))
    found = find_prompt(bare, bare.range_of(start, end), marker)
    if found is None:
        return None
    target = found.target
    if target is not None:
        start, end = bare.offsets_of(bare.range_of_selection(target))
        target = document.selection_between(start + 1, end + 1)
    return msgspec.structs.replace(found, start=found.start + 1, end=found.end + 1, target=target)


def _without_mark(text: str) -> TextDocument:
    return TextDocument("", "", 0, text.removeprefix(BYTE_ORDER_MARK))


def _only_prompt(document: TextDocument, text: str) -> tuple[int, int] | None:
    """The one place where a text stands, where it is all of a prompt."""
    start = document.text.find(text) if text else -1
    if start < 0 or document.text.find(text, start + 1) >= 0:
        return None
    found = prompt_at(document, document.range_of(start, start))
    span = start, start + len(text)
    return span if found is not None and found.replaceable and (found.start, found.end) == span else None
