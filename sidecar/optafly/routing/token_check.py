"""The check behind every step: what a prompt must not lose, looked for in what the step made of it."""

import re
from collections.abc import Iterator
from typing import Final

from optafly.context.traces import find_traces
from optafly.routing.token_form import Prompt, Quote
from optafly.routing.token_names import WORD, Names
from optafly.routing.token_outline import declares, definitions

_FRAME: Final = re.compile(r"(\s*)(?:File \"|at )")
_LIBRARY: Final = re.compile(r"site-packages|dist-packages|node_modules|lib[\\/]python\d|node:|<frozen ")
_SPACE: Final = re.compile(r"\s+")


def lost(before: Prompt, text: str, after: Prompt | None, names: Names) -> str:
    """What a step lost, in words that quote nothing; empty for nothing.

    Looked for are the request, lines that hold a name or belong to a signature, lines outside of quotes, and titles.
    `optafly.routing.tokens.optimise` says what that means.
    """
    if after is None or after.request != before.request:
        return "the request"
    lines = {line.strip() for line in text.split("\n")}
    if any(line.strip() not in lines for line in _needed(before, after, names)):
        return "a line that holds a name or a signature"
    said = {line.strip() for line in after.plain}
    if any(line.strip() not in said and not _is_named(line, text) for line in before.plain):
        return "a line outside of quotes"
    titles = [quote.title for _, quote in before.quotes]
    return "" if all(any(line.startswith(title) for line in lines) for title in titles) else "a title"


def lost_words(before: Prompt, after: Prompt) -> str:
    """Whether a word of a quote is gone: says so, or nothing."""
    quoted = {word for _, quote in before.quotes for line in quote.lines for word in WORD.findall(line)}
    return "" if quoted.issubset(WORD.findall(after.context)) else "a word"


def lost_places(before: Prompt, after: Prompt) -> str:
    """What of a pasted error is gone: a line that is in no frame of a library, or a word of a message, or file, line or
    function of a frame; empty for nothing."""
    lines = {line.strip() for line in after.context.split("\n")}
    there = set(WORD.findall(after.context))
    pasted = [quote.lines for _, quote in before.quotes if quote.kind == "trace"]
    if any(line.strip() not in lines for text in pasted for line in _own(text)):
        return "a line of the error"
    told = (words for text in pasted for words in _told("\n".join(text)))
    return "" if all(there.issuperset(words) for words in told) else "a message or a place"


def lost_characters(before: Prompt, after: Prompt) -> str:
    """Whether anything but white space differs: says so, or nothing."""
    return "" if _SPACE.sub("", before.context) == _SPACE.sub("", after.context) else "more than white space"


def _needed(before: Prompt, after: Prompt, names: Names) -> Iterator[str]:
    """The quoted lines that must stand somewhere, of the quotes that are not as they were."""
    as_before = {block for block in after.blocks if isinstance(block, Quote)}
    for _, quote in before.quotes:
        if quote in as_before:
            continue
        yield from (line for line in quote.lines if declares(line) or names.in_line(line))
        if quote.language is not None:
            for item in definitions(quote.path, quote.lines):
                yield from quote.lines[item.first : item.head + 1]


def _is_named(line: str, text: str) -> bool:
    """Whether a text names the place of a signature, and says that the definition is quoted."""
    place = line.rpartition("` (")[2]
    return f"` ({place}, quoted " in text


def _own(lines: tuple[str, ...]) -> Iterator[str]:
    """The lines of a pasted error that are not in the frame of a library."""
    depth = -1
    for line in lines:
        found = _FRAME.match(line)
        if found is not None:
            depth = len(found[1]) if _LIBRARY.search(line) else -1
        elif len(line) - len(line.lstrip()) <= depth:
            depth = -1
        if depth < 0:
            yield line


def _told(pasted: str) -> Iterator[list[str]]:
    for trace in find_traces(pasted):
        yield WORD.findall(trace.message)
        for frame in trace.frames:
            yield [
                *WORD.findall(frame.path.rpartition("/")[2]),
                *([str(frame.line)] if frame.line_known else []),
                *WORD.findall(frame.function or ""),
            ]
