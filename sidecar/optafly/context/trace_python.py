"""Python's own tracebacks: chained ones, exception groups, syntax errors, and pasted pieces of them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from optafly.context.trace_text import FENCE, NUMBER, Block, Frame, Lines, Span, frame, indent, is_exception, nothing

HEADER = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):$")
CHAINS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "The above exception was the direct cause of the following exception:": "cause",
        "During handling of the above exception, another exception occurred:": "context",
    }
)

_FILE = re.compile(rf'(?P<indent>\s*)File "(?P<path>[^"]+)", line (?P<line>{NUMBER})(?:, in (?P<function>.+))?$')
_REPEATED = re.compile(r"\s*\[Previous line repeated \d+ more times?\]$")
_ELIDED = re.compile(r"\s*(?:\.\.\.|…|\[(?:\.\.\.|…)\]|<snip>)$")
_EXCEPTION = re.compile(r"\s*(?P<name>[A-Za-z_][\w.]*)(?P<said>:.*)?$")
_SEPARATOR = re.compile(r"\s*\+-[-+]*(?: (?:\d+|\.\.\.) -+)?$")
_GROUP = re.compile(r"Group: .*\(\d+ sub-exceptions?\)$")
_MORE = re.compile(r"\s*and \d+ more exceptions?$")
_PREAMBLE = re.compile(r"\s*Exception (?:in thread|ignored in)\b.*:")
# What some libraries add under their message at its own indentation: SQLAlchemy, and the field names of pydantic.
_ADDED = re.compile(r"\s*(?:\[[A-Za-z]+: |\(Background on this error at: )")
_FIELD = re.compile(r"[\w.\[\]-]+")


class Section(NamedTuple):
    """One exception of a chain: its frames as printed (outermost first), its message and its last line.

    ``link`` says what it is to the one before: ``cause`` (that one caused it), ``context`` (it was raised while that
    one was handled) or ``member`` (it is part of that group). ``group``: it has members itself.
    """

    frames: list[Frame]
    error: Span | None
    last: int
    link: str = ""
    group: bool = False


def parse_python(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the traceback that begins in line ``index``, or nothing."""
    line = lines.texts[index]
    header = HEADER.search(line)
    sections = read_chain(lines, index + 1 if header else index)
    if not sections:
        return []
    if header is None and not any(section.error or section.frames[0].function for section in sections):
        return nothing(index, sections[-1].last)  # a bare `File "x.py", line 3` is somebody's sentence
    column = header.start() if header and line[: header.start()].strip(" \t+") else 0
    preamble = column == 0 and index > floor and _PREAMBLE.match(lines.texts[index - 1])
    frames, message = raised_first(sections)
    return [Block("python", index - 1 if preamble else index, sections[-1].last, message, frames, column)]


def read_chain(lines: Lines, index: int) -> list[Section]:
    """Read the exceptions of a chain from below the first header; each ends where the next one's header stands."""
    texts = lines.texts
    sections: list[Section] = []
    link = ""
    while True:
        section = _read_section(texts, index)._replace(link=link)
        if not section.frames and section.error is None:
            return sections
        sections.append(section)
        link, start, last = _next_section(texts, section.last + 1)
        sections[-1] = section._replace(last=max(section.last, last))
        if start is None:
            return sections
        index = start


def raised_first(sections: list[Section]) -> tuple[list[Frame], Span | None]:
    """All frames of a chain, where it began first, and the message that belongs to the first of them.

    A direct cause comes before what it caused, a member before its group; an exception raised while another one was
    handled comes before that one, because it is the one that got away.
    """
    ordered: list[Section] = []
    at = 0
    for section in sections:
        if section.link != "member":
            at = len(ordered) if section.link == "cause" else 0
        ordered.insert(at, section)
        at += section.link == "member" and not section.group
    frames = [found for section in ordered for found in reversed(section.frames)]
    return frames, next((section.error for section in ordered if section.error), None)


def exception_span(line: str, index: int) -> Span | None:
    """The message in a line such as ``KeyError: 'name'``, or None where it is no such line."""
    match = _EXCEPTION.match(line)
    if match is None or not is_exception(match["name"], bool(match["said"])):
        return None
    return Span(index, match.start("name"), index)


def file_frame(line: str) -> Frame | None:
    """The frame of a line such as ``File "a.py", line 3, in load``."""
    match = _FILE.match(line)
    return frame(match["path"], match["line"], None, match["function"]) if match else None


def _read_section(texts: list[str], index: int) -> Section:
    frames: list[Frame] = []
    last, depth, error = index - 1, 0, None
    for at in range(index, len(texts)):
        line = texts[at]
        if match := _FILE.match(line):
            depth = len(match["indent"])
            found = file_frame(line)
            frames += [found] if found else []
        elif _REPEATED.match(line) or _ELIDED.match(line):
            pass
        elif not frames or indent(line) <= depth or not line:
            flattened = last >= index and _FILE.match(texts[last]) and _is_flat_source(texts, at)
            if not flattened:
                error = exception_span(line, at)
                break
        last = at
    if error:
        error = error._replace(last=_message_end(texts, error.first))
        last = error.last
    group = error is not None and _GROUP.search(texts[error.first]) is not None
    return Section(frames, error, last, group=group)


def _is_flat_source(texts: list[str], at: int) -> bool:
    """Whether a line is source code that lost its indentation: another frame or the error follows it."""
    if at + 1 >= len(texts) or not texts[at] or FENCE.match(texts[at]) or exception_span(texts[at], at):
        return False
    return _FILE.match(texts[at + 1]) is not None or exception_span(texts[at + 1], at + 1) is not None


def _message_end(texts: list[str], first: int) -> int:
    """The last line of a message: what is indented under it belongs to it, other lines may be the person's words."""
    last, base = first, indent(texts[first])
    fields = "validation error" in texts[first]
    while last + 1 < len(texts) and (line := texts[last + 1]):
        below = texts[last + 2] if last + 2 < len(texts) else ""
        field = fields and _FIELD.fullmatch(line.strip()) and below and indent(below) > base
        if indent(line) <= base and not _ADDED.match(line) and not field:
            break
        if FENCE.match(line) or HEADER.search(line) or _SEPARATOR.match(line):
            break
        last += 1
    return last


def _next_section(texts: list[str], index: int) -> tuple[str, int | None, int]:
    """What links a section to the next one: the link, the first line of the next one, and the last line looked at.

    Lines of a group's edge belong to the traceback even where nothing follows them. A member that was never raised has
    no traceback, only its message.
    """
    last = -1
    while index < len(texts) and (_SEPARATOR.match(texts[index]) or _MORE.match(texts[index])):
        last, index = index, index + 1
    if last >= 0 and index < len(texts):
        if HEADER.search(texts[index]):
            return "member", index + 1, last
        if exception_span(texts[index], index):
            return "member", index, last
    index = _skip_blank(texts, index)
    link = CHAINS.get(texts[index].strip(), "") if index < len(texts) else ""
    if link:
        last, index = index, _skip_blank(texts, index + 1)
        if index < len(texts) and HEADER.search(texts[index]):
            return link, index + 1, last
    return "", None, last


def _skip_blank(texts: list[str], index: int) -> int:
    while index < len(texts) and not texts[index]:
        index += 1
    return index
