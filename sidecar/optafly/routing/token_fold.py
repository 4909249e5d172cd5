"""Folding what a request is not about: bodies of definitions that hold no line which is meant."""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from optafly.context.tokens import estimate_tokens
from optafly.routing.token_focus import Focus, focus_of, is_about_edits
from optafly.routing.token_form import Prompt, Quote, indent_of, marker
from optafly.routing.token_names import Names
from optafly.routing.token_outline import Definition, begun_before, body_of, declares, definitions
from optafly.routing.token_slice import beside, needed_by

SMALLEST_CONTEXT: Final = 2_000  # characters; below that nothing is gained that anyone would notice
_SHORTEST_RUN: Final = 3  # lines
_LEAST_SAVED: Final = 8  # tokens


def outlined(prompt: Prompt, names: Names) -> Prompt:
    """The prompt with outlines instead of the bodies that its request is not about.

    Only in code of which the request, a selection, a pasted error or an edit means certain lines; what is meant as a
    whole stays whole.
    """
    if len(prompt.context) < SMALLEST_CONTEXT:
        return prompt
    codes = [(at, quote) for at, quote in prompt.quotes if quote.kind == "code" and quote.numbers()]
    focuses = {at: focus_of(quote, prompt, names) for at, quote in codes}
    # A frame may have the name of a quoted file and be in another one: the task tells.
    by_error = any(focus.asked & focus.failed for focus in focuses.values())
    by_edit = is_about_edits(prompt)
    blocks = list(prompt.blocks)
    for at, quote in codes:
        if quote.language is not None and not quote.shortened:
            blocks[at] = _outlined(quote, focuses[at], names, by_error=by_error, by_edit=by_edit)
    return msgspec.structs.replace(prompt, blocks=tuple(blocks))


def _outlined(quote: Quote, focus: Focus, names: Names, *, by_error: bool, by_edit: bool) -> Quote:
    if not any(focus) or len(focus.selected) == len(quote.lines):
        return quote
    lines = quote.lines
    found = definitions(quote.path, lines)
    meant, besides = focus.lines(found, by_error=by_error, by_edit=by_edit)
    if not meant:
        return quote
    telling = names.telling(lines)
    named = {at for at, line in enumerate(lines) if declares(line) or names.in_line(line, telling)}
    return _without(quote, _gone(lines, found, meant | besides, named))


def _gone(
    lines: Sequence[str], found: Sequence[Definition], spoken_of: Collection[int], named: Collection[int]
) -> set[int]:
    """The lines that an outline does without: bodies that hold no line that is spoken of, without what is named."""
    begun = begun_before(lines)
    gone = set(begun).difference(named) if not any(line in begun for line in spoken_of) else set()
    for item in found:
        if item.foldable and not any(map(item.holds, spoken_of)):
            body = set(body_of(item, lines))
            gone.update(body.difference(named) - needed_by(body.intersection(named), item, lines))
    for item in _around(found, spoken_of):
        gone.difference_update(range(item.first, item.last + 1))
        if item.foldable and not any(item.first <= line <= item.head for line in spoken_of):
            gone.update(beside(item, lines, spoken_of, named))
    for item in found:
        gone.difference_update(range(item.first, item.head + 1))
    return gone


def _around(found: Sequence[Definition], lines: Collection[int]) -> list[Definition]:
    """The smallest definition around each line, if it has a body, and those whose signature holds one."""
    around = []
    for line in sorted(lines):
        holding = [item for item in found if item.holds(line)]
        if holding and (holding[-1].foldable or line <= holding[-1].head):
            around.append(holding[-1])
    return list(dict.fromkeys(around))


def _without(quote: Quote, gone: Collection[int]) -> Quote:
    """The quote with a marker in the place of every run of lines that are gone, where that is shorter."""
    kept: list[str] = []
    run: list[str] = []
    for at, line in enumerate([*quote.lines, ""]):
        if at in gone:
            run.append(line)
            continue
        kept += _folded(run, quote)
        run = []
        kept.append(line)
    return msgspec.structs.replace(quote, lines=tuple(kept[:-1]))


def _folded(run: list[str], quote: Quote) -> list[str]:
    # White space at the end of a run separates what follows.
    end = len(run)
    while end and not run[end - 1].strip():
        end -= 1
    body, rest = run[:end], run[end:]
    if len(body) < _SHORTEST_RUN:
        return run
    sign = marker(len(body), quote.language, indent_of(next(filter(str.strip, body))))
    saved = estimate_tokens("\n".join(body)) - estimate_tokens(sign)
    return [sign, *rest] if saved >= _LEAST_SAVED else run
