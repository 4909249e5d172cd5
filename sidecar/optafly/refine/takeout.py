"""Taking one change out of a refined text again, as it is or as a person has edited it since."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from optafly.context.pieces import TAGS
from optafly.protocol import Change

# Where `assemble` puts a change by its kind; pieces of all other kinds are context.
_SECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"constraint": "constraints", "done_when": "done_when", "question": "open_questions"}
)
_BREAK_BEFORE: Final = re.compile(r"(?:\r\n|\s)\Z")
_BREAK_AFTER: Final = re.compile(r"\r\n|\s")


class _Span(NamedTuple):
    start: int
    end: int


def without(text: str, change: Change) -> str | None:
    """The text without what a change put there, and without a section that nothing is left in.

    None where the change cannot be taken out on its own, where its text is absent from its section, and where it stands
    there more than once. All else stays to the letter.
    """
    tag = _SECTIONS.get(change.kind, "context")
    section, inside = _where(text, tag)
    found = _places(text, change, inside)
    if len(found) != 1:
        return None
    shorter = _cut(text, found[0], inside)
    gone = len(text) - len(shorter)
    if section is not None and not shorter[inside.start : inside.end - gone].strip():
        shorter = _cut(shorter, _Span(section.start, section.end - gone), _Span(0, len(shorter)))
    # What is left must not have come together to the same text.
    again = _places(shorter, change, _where(shorter, tag)[1])
    return shorter if shorter and not again else None


def _where(text: str, tag: str) -> tuple[_Span | None, _Span]:
    """The section of a name, and what is inside its tags.

    Text that has no tags at all, any longer, is one section. Nothing is inside where it has others but not this one, or
    this one several times.
    """
    opened = [found.start() for found in re.finditer(rf"^<{tag}>", text, re.MULTILINE)]
    end = text.find(f"</{tag}>", opened[0]) if len(opened) == 1 else -1
    if end >= 0:
        return _Span(opened[0], end + len(f"</{tag}>")), _Span(opened[0] + len(f"<{tag}>"), end)
    tagged = any(f"<{other}>" in text for other in TAGS)
    return None, _Span(0, 0 if tagged else len(text))


def _places(text: str, change: Change, inside: _Span) -> list[_Span]:
    """Where the change's text stands by itself: pieces of context on lines of their own, others between white space."""
    found: list[_Span] = []
    wanted, lines = change.text, change.kind not in _SECTIONS
    at = text.find(wanted, inside.start, inside.end) if wanted else -1
    while at >= 0:
        place = _Span(at, at + len(wanted))
        before, after = text[inside.start : place.start][-1:], text[place.end : inside.end][:1]
        alone = (before in "\r\n" and after in "\r\n") if lines else not (before + after).strip()
        if alone:
            found.append(place)
        at = text.find(wanted, at + 1, inside.end)
    return found


def _cut(text: str, place: _Span, inside: _Span) -> str:
    """The text without a place in it and without what separated that from its neighbours."""
    start, end = place
    if text[end : inside.end].strip():
        found = _BREAK_AFTER.match(text, end, inside.end)
        end = found.end() if found else end
    elif text[inside.start : start].strip():
        found = _BREAK_BEFORE.search(text, inside.start, start)
        start = found.start() if found else start
    return text[:start] + text[end:]
