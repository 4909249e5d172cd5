"""JavaScript stacks, as node and browsers print them."""

import re
from typing import Final

from optafly.context.trace_text import (
    FENCE,
    NUMBER,
    Block,
    Frame,
    Lines,
    Raised,
    Span,
    frame,
    indent,
    inline_error,
    is_exception,
    message_until,
    stack_block,
)

_LOOK_BACK: Final = 30  # lines of a message between its first line and the first frame

_EXCERPT = re.compile(rf"(?P<path>node:[^:]+|(?:file://|[A-Za-z]:(?=[\\/]))?[^:]+):(?P<line>{NUMBER})$")
_CARET = re.compile(r"\s*\^+$")
_LOCATION = re.compile(rf"(?P<path>.+):(?P<line>{NUMBER}):(?P<column>{NUMBER})$")
_EVALUATED = re.compile(rf"\((?P<place>[^()]+:{NUMBER}:{NUMBER})\)")
_NO_PLACE = re.compile(r"<anonymous>|native|unknown location|index \d+|wasm:")
_LEAD = re.compile(r"\s*(?:\[cause\]: )?(?:Uncaught )?(?:\(in promise\) )?")
_HEAD = re.compile(r"\[?(?P<name>[A-Za-z_$][\w$.]*)(?: \[\w+\])?(?P<said>:.*|\].*)?$")
_NAMED = re.compile(r"\s*\S*(?:Error|Exception|Rejection)\b")
_JEST = re.compile(r"\s*● \S")
_MATCHING = re.compile(r"\s*\.\.\. \d+ lines matching cause stack trace \.\.\.$")
_FAREWELL = re.compile(r"Node\.js v\d|\(Use `node --trace-uncaught")


def parse_node(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the stack whose first frame is line ``index``; its message stands above, not before line ``floor``."""
    texts = lines.texts
    if read_frame(texts[index]) is None:
        return []
    head, column = _head_above(texts, index, floor)
    alone = index + 1 >= len(texts) or read_frame(texts[index + 1]) is None
    if head is None and alone and not indent(texts[index]):
        return []  # "at src/a.js:3:5" may be the end of a sentence
    first = _outermost(texts, head.first, floor) if head else index
    errors, last = _read_errors(texts, index, head, first)
    return [stack_block("node", (first, last), column, errors)]


def parse_uncaught(lines: Lines, index: int, _floor: int) -> list[Block]:
    """Read what node prints for an uncaught error: its place in line ``index``, source, a caret, and the error."""
    texts = lines.texts
    match = _EXCERPT.match(texts[index])
    at = _below_excerpt(texts, index)
    if match is None or at is None:
        return []
    head = _head(texts[at], at) or Span(at, indent(texts[at]), at)
    stack = next((i for i in range(at + 1, min(len(texts), at + _LOOK_BACK)) if read_frame(texts[i]) is not None), None)
    if stack is None:
        errors, last = [Raised(head, [])], _farewell(texts, at)
    else:
        errors, last = _read_errors(texts, stack, _nearest(texts, head, stack), at)
    place = frame(match["path"], match["line"])
    printed = {(found.path, found.line) for error in errors for found in error.frames}
    if place and not place.path.startswith(("<", "[", "node:")) and (place.path, place.line) not in printed:
        errors[0].frames.insert(0, place)
    return [stack_block("node", (index, last), 0, errors)]


def read_frame(line: str) -> list[Frame] | None:
    """The frame of a line such as ``at load (src/a.js:3:5)``.

    A list of one, of none where the frame names no place in a file, or None where it is no such line.
    """
    body = line.strip()
    if not body.startswith("at "):
        return None
    body = body[3:].removesuffix(" {").rstrip(",").removeprefix("async ")
    function, place = None, body
    if body.endswith(")"):
        evaluated = body.find(" (eval at ")
        opening = evaluated if evaluated >= 0 else body.rfind(" (")
        function, place = body[: max(opening, 0)] or None, body[opening + 2 : -1]
        if evaluated >= 0:
            inner = _EVALUATED.search(place)
            place = inner["place"] if inner else "<anonymous>"
    if match := _LOCATION.match(place):
        found = frame(match["path"], match["line"], match["column"], function)
        return [found] if found else []
    return [] if _NO_PLACE.match(place) else None


def _below_excerpt(texts: list[str], index: int) -> int | None:
    """The line of the error under an excerpt of source that ends in a caret (JSON.parse prints no caret)."""
    at, caret = index + 1, False
    while at < min(len(texts), index + 6) and texts[at] and not caret:
        caret = _CARET.match(texts[at]) is not None
        at += 1
    while at < min(len(texts), index + 8) and not texts[at]:
        at += 1
    if at >= len(texts) or not texts[at] or FENCE.match(texts[at]) or read_frame(texts[at]) is not None:
        return None
    return at if caret or (texts[index].startswith("<anonymous") and _head(texts[at], at)) else None


def _head(line: str, index: int) -> Span | None:
    lead = _LEAD.match(line)
    match = _HEAD.match(line, lead.end() if lead else 0)
    if match is None or not is_exception(match["name"], bool(match["said"])):
        return None
    return Span(index, match.start(), index, len(line.removesuffix(" {")))


def _head_above(texts: list[str], index: int, floor: int) -> tuple[Span | None, int]:
    """The message above the first frame, and the column where the block begins in its first line."""
    for at in range(index - 1, max(floor, index - _LOOK_BACK) - 1, -1):
        if FENCE.match(texts[at]) or read_frame(texts[at]) is not None:
            break
        if (at == index - 1 or _NAMED.match(texts[at])) and (head := _head(texts[at], at)):
            return message_until(texts, head, index), 0
        if at == index - 1 and (inline := inline_error(texts[at], at)):
            return inline, inline.start
        if _JEST.match(texts[at]) and (below := next((i for i in range(at + 1, index) if texts[i]), None)):
            return Span(below, indent(texts[below]), below), 0
    return None, 0


def _outermost(texts: list[str], first: int, floor: int) -> int:
    """The line of the AggregateError whose first member begins in line ``first``, or of the test that jest names."""
    above = first - 1
    while above >= floor and not texts[above]:
        above -= 1
    if above >= floor and _JEST.match(texts[above]):
        return above
    return first - 2 if first - 2 >= floor and texts[first - 1].strip() == "[errors]: [" else first


def _nearest(texts: list[str], head: Span, stack: int) -> Span:
    """The error that the first frames belong to: an AggregateError has none of its own, its members come below it."""
    for at in range(stack - 1, head.first, -1):
        if (nested := _head(texts[at], at)) and nested.start > head.start + 1:
            return message_until(texts, nested, stack)
    return message_until(texts, head, stack)


def _read_errors(texts: list[str], index: int, head: Span | None, first: int) -> tuple[list[Raised], int]:
    """The errors from the first frame on, with those in braces that caused it, and the last line of the stack.

    ``head`` is what the first frames belong to, ``first`` the line of the outermost error.
    """
    base = indent(texts[first]) if head else max(indent(texts[index]) - 4, 0)
    errors, last, braces = [Raised(head, [])], index, texts[first].endswith(" {")
    for at in range(index, len(texts)):
        line = texts[at]
        if (found := read_frame(line)) is not None:
            errors[-1].frames.extend(found)
            braces = braces or line.endswith(" {")
        elif braces and line.strip() == "}" and indent(line) <= base:
            last = at
            break
        elif braces and indent(line) > base:
            nested = _nested(texts, at)
            errors += [nested] if nested else []
            if nested is None and not _MATCHING.match(line):
                continue  # a property of the error, such as `code: 'ENOENT'`
        elif not _MATCHING.match(line) and (line or not braces):
            break
        last = at
    return errors, _farewell(texts, last)


def _nested(texts: list[str], at: int) -> Raised | None:
    """The error that begins in a line between braces: one that the outer error names as its cause or as a member."""
    head = _head(texts[at], at)
    if head is None:
        return None
    cause = "[cause]: " in texts[at][: head.start]
    framed = at + 1 < len(texts) and read_frame(texts[at + 1]) is not None
    return Raised(head, [], cause) if cause or framed else None


def _farewell(texts: list[str], last: int) -> int:
    """The last line of what node prints below an uncaught error."""
    for at in range(last + 1, min(last + 5, len(texts))):
        if _FAREWELL.match(texts[at]):
            last = at
        elif texts[at]:
            break
    return last
