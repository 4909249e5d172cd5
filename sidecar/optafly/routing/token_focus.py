"""Which lines of a quote a prompt means, and which it speaks of besides."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from optafly.routing.token_form import Prompt, Quote, is_diagnostic, quoted_elsewhere
from optafly.routing.token_names import Names, lines_named, same_file
from optafly.routing.token_outline import Definition

# How a task says that an edit is what it is about.
_OF_EDITS: Final = ("the edit meant is", "the uncommitted changes in", "the recent edits in")


class Focus(NamedTuple):
    """Lines of one quote, as indexes, by what speaks of them.

    ``selected`` in the editor, ``asked`` for in the request as ``path:line``, ``failed`` in a pasted error,
    ``reported`` by a diagnostic, ``changed`` by an edit, ``referred`` to by a place that quoted them as well.
    """

    selected: frozenset[int]
    asked: frozenset[int]
    failed: frozenset[int]
    reported: frozenset[int]
    changed: frozenset[int]
    referred: frozenset[int]

    def lines(self, found: Sequence[Definition], *, by_error: bool, by_edit: bool) -> tuple[set[int], set[int]]:
        """The lines that are meant, and those that are spoken of besides.

        ``by_error``: the request is about a pasted error, ``by_edit``: about edits; otherwise these are only besides. A
        selection is meant before any place that the request names; where such a place is the beginning of a definition
        around it, that is how the selection is called.
        """
        called = {
            line
            for item in found
            if any(map(item.holds, self.selected))
            for line in self.asked & set(range(item.first, item.head + 1)) - self.selected
        }
        meant = set(self.selected or self.asked)
        meant.update(*(self.failed if by_error else (), self.changed if by_edit else ()))
        besides = {*self.asked, *self.failed, *self.reported, *self.changed} - called
        return meant, (besides | self.referred) - meant


def focus_of(quote: Quote, prompt: Prompt, names: Names) -> Focus:
    """What a prompt says about the lines of a quote; the quote has numbers."""
    index = {number: at for at, number in enumerate(quote.numbers())}

    def within(stretches: Iterable[range]) -> frozenset[int]:
        shown = ((max(item.start, quote.first), min(item.stop, quote.last + 1)) for item in stretches)
        return frozenset(index[number] for low, high in shown for number in range(low, high) if number in index)

    told = [line for line in prompt.plain if is_diagnostic(line)]
    frames = [frame for frame in names.frames if frame.line_known and same_file(frame.path, quote.path)]
    others = [other for _, other in prompt.quotes if other.path == quote.path and other != quote]
    edits = [other for other in others if other.kind == "edits"]
    gone = [other for line in prompt.plain if (other := quoted_elsewhere(line)) and other.path == quote.path]
    referred = [
        *(range(item.first, item.last + 1) for item in gone),
        *(part for item in others for part in item.elsewhere()),
    ]
    return Focus(
        selected=within([range(quote.selected[0], quote.selected[1] + 1)] if quote.selected else []),
        asked=within(lines for text in prompt.sections for lines in lines_named(text, quote.path)),
        failed=within(range(frame.line, frame.line + 1) for frame in frames),
        reported=within(lines for text in told for lines in lines_named(text, quote.path)),
        changed=within(range(edit.first, edit.last + 1) for edit in edits),
        referred=within(referred),
    )


def is_about_edits(prompt: Prompt) -> bool:
    """Whether the task says that an edit is meant."""
    return any(phrase in prompt.sections[0] for phrase in _OF_EDITS)
