"""Java stack traces, and those of other languages on its machine."""

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

_AT = re.compile(r"\s*at (?P<function>[^\s()]+)\((?P<place>[^()]*)\)(?: ~?\[[^\]]*\])?$")
_PLACE = re.compile(rf"(?P<path>[^\s:]+\.\w+):(?P<line>{NUMBER})$")
_NOWHERE = re.compile(r"Native Method|Unknown Source|<generated>|[\w$]+\.(?:java|kt|scala|groovy)$")
_LEAD = re.compile(r"\s*(?P<lead>Exception in thread \"[^\"]*\" |Caused by: |Suppressed: |Wrapped by: )?")
_HEAD = re.compile(r"(?P<name>(?:[A-Za-z_][\w$]*\.)*[A-Za-z_][\w$]*)(?P<said>:.*)?$")
_MORE = re.compile(r"\s*(?:\.\.\. \d+ (?:more|common frames omitted)|\[CIRCULAR REFERENCE: ?.*\])$")


def parse_java(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the trace whose first frame is line ``index``; its message stands above, not before line ``floor``."""
    texts = lines.texts
    if read_frame(texts[index]) is None:
        return []
    head, column = _head_above(texts, index, floor)
    base = indent(texts[head.first]) if head else 0
    errors, aside, last = [Raised(head, [])], list[Raised](), index
    target, at = errors, index
    while at < len(texts):
        if (found := read_frame(texts[at])) is not None:
            target[-1].frames.extend(found)
        elif below := _head(texts[at], at, led=True):
            target = aside if indent(texts[at]) > base else errors
            stack = _stack_below(texts, at)
            target.append(Raised(message_until(texts, below, stack), [], "Caused by: " in texts[at][: below.start]))
            at = stack - 1
        elif not _MORE.match(texts[at]):
            break
        last = at
        at += 1
    block = stack_block("java", (head.first if head else index, last), column, errors)
    return [block._replace(frames=block.frames + [found for error in aside for found in error.frames])]


def parse_thread(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the trace whose ``Exception in thread "main"`` is line ``index``; it may have lost its frames."""
    stack = _stack_below(lines.texts, index)
    if stack < len(lines.texts) and read_frame(lines.texts[stack]) is not None:
        return parse_java(lines, stack, floor)
    head = _head(lines.texts[index], index, led=True)
    return [Block("java", index, index, head, [])] if head else []


def read_frame(line: str) -> list[Frame] | None:
    """The frame of a line such as ``at com.acme.Shop.total(Shop.java:12)``.

    A list of one, of none where the frame names no line of a file, or None where it is no such line.
    """
    match = _AT.match(line)
    if match is None:
        return None
    if place := _PLACE.match(match["place"]):
        found = frame(place["path"], place["line"], None, match["function"])
        return [found] if found else []
    return [] if _NOWHERE.match(match["place"]) else None


def _head(line: str, index: int, led: bool = False) -> Span | None:
    """The message in the first line of an exception; ``led``: only after ``Caused by:`` and the like."""
    lead = _LEAD.match(line)
    match = _HEAD.match(line, lead.end() if lead else 0)
    if lead is None or match is None:
        return None
    if not lead["lead"] and (led or not is_exception(match["name"], bool(match["said"]))):
        return None
    return Span(index, match.start(), index)


def _head_above(texts: list[str], index: int, floor: int) -> tuple[Span | None, int]:
    """The message above the first frame, and the column where the block begins in its first line."""
    for at in range(index - 1, max(floor, index - _LOOK_BACK) - 1, -1):
        if FENCE.match(texts[at]) or read_frame(texts[at]) is not None:
            break
        head = _head(texts[at], at)
        if head and (at == index - 1 or "." in texts[at].partition(":")[0] or head.start > indent(texts[at])):
            return message_until(texts, head, index), 0
        if at == index - 1 and (inline := inline_error(texts[at], at)):
            return inline, inline.start
    return None, 0


def _stack_below(texts: list[str], at: int) -> int:
    """The first line below a message: of its frames, or the next one where none were pasted."""
    for below in range(at + 1, min(len(texts), at + _LOOK_BACK)):
        if read_frame(texts[below]) is not None or _MORE.match(texts[below]):
            return below
    return at + 1
