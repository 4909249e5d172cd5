"""White space in quotes that means nothing in their language."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from optafly.routing.token_form import Prompt, Quote, indent_of, is_diagnostic
from optafly.routing.token_names import Names, lines_named, same_file
from optafly.routing.token_outline import begins_definition

# What can begin a text of several lines in one of the languages with a grammar, whose white space is its content; with
# a backslash at the end of a line they can begin anywhere.
_LONG_TEXT: Final = re.compile(r"\"\"\"|'''|`|\bR\"|\br#*\"|\\[ \t]*$")
_QUOTE_MARKS: Final = re.compile(r"(?<!\\)\"")
# In Rust any string may go on in the next line.
_ANY_STRING_GOES_ON: Final = frozenset({"rust"})


def without_blanks(prompt: Prompt, names: Names) -> Prompt:
    """The prompt without white space at line ends, without blank lines behind blank lines, and without indentation
    that all lines of a quote share.

    Only in pasted errors, and in code of a known language that is quoted from its beginning or from a definition on and
    in which no text goes on over several lines.
    Blank lines stay where a line is named by its number, so that it can be counted. The indentation of the code that
    the request is about stays, so that it can be found in its file as it is quoted.
    """
    blocks = list(prompt.blocks)
    for rank, (at, quote) in enumerate(prompt.quotes):
        code = quote.language is not None and _begins_as_code(quote) and not _has_long_text(quote)
        if code or quote.kind == "trace":
            blocks[at] = _bare(quote, prompt, names, first=rank == 0)
    return msgspec.structs.replace(prompt, blocks=tuple(blocks))


def _bare(quote: Quote, prompt: Prompt, names: Names, *, first: bool) -> Quote:
    lines = [line.rstrip(" \t") for line in quote.lines]
    if quote.kind == "trace" or not _is_counted(quote, prompt, names):
        lines = [line for at, line in enumerate(lines) if line or at == 0 or lines[at - 1]]
    if quote.kind != "code" or not (first or quote.selected):
        shared = _shared([indent_of(line) for line in lines if line])
        lines = [line.removeprefix(shared) for line in lines]
    return msgspec.structs.replace(quote, lines=tuple(lines))


def _shared(indents: Sequence[str]) -> str:
    """The white space that all of them begin with."""
    shared = min(indents, default="", key=len)
    while not all(indent.startswith(shared) for indent in indents):
        shared = shared[:-1]
    return shared


def _begins_as_code(quote: Quote) -> bool:
    """Whether a quote cannot begin inside a text: it begins with its file, or with a definition."""
    return quote.first == 1 or bool(quote.lines and begins_definition(quote.lines[0]))


def _has_long_text(quote: Quote) -> bool:
    language = quote.language
    joined: Sequence[str] = quote.lines
    if any(_LONG_TEXT.search(line) for line in joined):
        return True
    strict = language is not None and language.name in _ANY_STRING_GOES_ON
    return strict and any(len(_QUOTE_MARKS.findall(line)) % 2 for line in joined)


def _is_counted(quote: Quote, prompt: Prompt, names: Names) -> bool:
    """Whether anything but its title names a line of a quote by its number."""
    if any(same_file(frame.path, quote.path) for frame in names.frames) or quote.selected:
        return True
    told = [*prompt.sections, *(line for line in prompt.plain if is_diagnostic(line))]
    shown = range(quote.first, quote.last + 1)
    return any(
        numbers.start in shown or numbers.stop - 1 in shown
        for text in told
        for numbers in lines_named(text, quote.path)
    )
