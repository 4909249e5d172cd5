"""The review document: a Markdown file in which a refined prompt is read, edited and decided on."""

import re
from typing import Final

import msgspec

from optafly.errors import OptaFlyError
from optafly.lsp.views import chance_of_hit, change_label, fenced, plain
from optafly.protocol import RefinedPrompt

# The lines that bound the prompt carry the proposal's identity, so that no prompt holds them by chance.
_BEGIN: Final = "<!-- optafly {id}: the prompt begins below this line -->"
_END: Final = "<!-- optafly {id}: the prompt ends above this line -->"
_IDENTITY: Final = re.compile(r"<!-- optafly ([0-9a-f]{12}): the prompt begins below this line -->")
NO_BOUNDS: Final = "the two lines that bound the prompt are not both there; undo until they are, or discard the review"


class NoBounds(OptaFlyError):
    """The prompt cannot be told from the rest of its review document."""


class Reviewed(msgspec.Struct, frozen=True):
    """The prompt in a review document: its text and where it stands (offsets)."""

    text: str
    start: int
    end: int


def render(identity: str, result: RefinedPrompt, text: str | None = None) -> str:
    """The document of a proposal; ``text`` where the refined prompt was edited already."""
    quality = result.quality
    rows = [
        "<!-- Edit the prompt, then accept, send or discard it with a code action (or code lens) here. -->",
        _BEGIN.format(id=identity),
        result.refined if text is None else text,
        _END.format(id=identity),
        "",
        "## Original",
        "",
        fenced(result.original),
        "",
        "## Changes",
        "",
        *(f"- {plain(change_label(item.summary, item.tokens, item.source))}" for item in result.changes),
        "",
        f"## Criteria (coverage {quality.before} → {quality.after} of 100)",
        "",
        *(f"- {name.replace('_', ' ')}: {score.before} → {score.after}" for name, score in quality.criteria.items()),
    ]
    if chance := chance_of_hit(result):
        rows += ["", chance]
    if result.questions:
        rows += ["", "## Open questions", ""]
        for question in result.questions:
            rows += [f"- {plain(question.text)}", *(f"  - {plain(item)}" for item in question.candidates)]
    if result.notes:
        rows += ["", "## Notes", "", *(f"- {plain(note)}" for note in result.notes)]
    return "\n".join(rows) + "\n"


def identity_of(document: str) -> str | None:
    """Which proposal a document is the review of; None for any other document."""
    found = _IDENTITY.search(document[:2000])
    return found[1] if found else None


def read(identity: str, document: str) -> Reviewed | None:
    """The prompt as it stands in the document now; None where one of its bounds is gone."""
    begin, end = _BEGIN.format(id=identity), _END.format(id=identity)
    start, stop = document.find(begin), document.rfind(end)
    if start < 0 or stop < 0 or stop < start + len(begin):
        return None
    start += len(begin)
    # The line ends of the bounds are not the prompt's, whichever kind the editor writes.
    start += 2 if document.startswith("\r\n", start) else 1 if document[start : start + 1] in {"\n", "\r"} else 0
    if stop > start and document[stop - 1] == "\n":
        stop -= 2 if document[stop - 2 : stop] == "\r\n" and stop - 2 >= start else 1
    elif stop > start and document[stop - 1] == "\r":
        stop -= 1
    return Reviewed(document[start : max(start, stop)], start, max(start, stop))
