"""Panics of Rust and of Go."""

import re
from typing import Final

from optafly.context.trace_text import FENCE, NUMBER, Block, Frame, Lines, Span, frame, indent

_FAR: Final = 40  # lines of a message, at most

_PANICKED = re.compile(r"thread '[^']*'(?: \(\d+\))? panicked at ")
_RUST_PLACE = re.compile(rf"(?P<path>[^'].*?):(?P<line>{NUMBER}):(?P<column>{NUMBER}):?$")
_RUST_OLD_END = re.compile(rf"', (?P<path>[^']+):(?P<line>{NUMBER}):(?P<column>{NUMBER})$")
_RUST_FRAME = re.compile(r"\s*\d+: +(?:0x[0-9a-f]+ - )?(?P<function>\S.*)$")
_RUST_AT = re.compile(rf"\s+at (?P<path>.+):(?P<line>{NUMBER}):(?P<column>{NUMBER})$")
_RUST_HASH = re.compile(r"(?:::h[0-9a-f]{16})$")
_RUST_NOTE = re.compile(r"note: (?:run with|Some details are omitted|[Rr]un with)")
_BACKTRACE = "stack backtrace:"

_GO_HEAD = re.compile(r"(?:panic: |fatal error: |runtime: goroutine stack exceeds|unexpected fault address)")
_GO_KNOWN = re.compile(r"panic: (?:runtime error: |.* \[recovered)|fatal error: all goroutines are asleep")
_GOROUTINE = re.compile(r"(?:goroutine \d+ .*\[[^\]]*\]|runtime stack):$")
_GO_PLACE = re.compile(rf"\s*(?P<path>\S.*?\.(?:go|s|c)):(?P<line>{NUMBER})(?: \+0x[0-9a-f]+| fp=|$)")
_GO_OTHER = re.compile(r"\s*(?:\.\.\..*elided\.\.\.|goroutine running on other thread; stack unavailable)$")
_GO_EXIT = re.compile(r"exit status \d+$")
_GO_SIGNAL = re.compile(r"\[signal |runtime: sp=")


def parse_rust_panic(lines: Lines, index: int, _floor: int) -> list[Block]:
    """Read the panic in line ``index`` with its message and, where it was asked for, its backtrace."""
    texts = lines.texts
    head = _PANICKED.search(texts[index])
    if head is None:
        return []
    if match := _RUST_PLACE.match(texts[index], head.end()):
        message, below = _rust_message(texts, index + 1)
    else:
        message, match = _rust_old_message(texts, index, head.end())
        below = message.last + 1 if message else index + 1
    if match is None:
        return []
    place = frame(match["path"], match["line"], match["column"])
    frames, last = _rust_backtrace(texts, below)
    column = head.start() if texts[index][: head.start()].strip() else 0
    return [Block("rust", index, last, message, _rust_raised(place, frames), column)]


def _rust_message(texts: list[str], first: int) -> tuple[Span | None, int]:
    """The message that begins in line ``first``, and the line below it."""
    if first >= len(texts) or not texts[first] or FENCE.match(texts[first]):
        return None, first
    for at in range(first, min(len(texts), first + _FAR)):
        if _RUST_NOTE.match(texts[at].lstrip()) or texts[at].strip() == _BACKTRACE:
            return (Span(first, indent(texts[first]), at - 1) if at > first else None), at
        if at > first and (FENCE.match(texts[at]) or _PANICKED.search(texts[at])):
            break
    # Nothing printed marks the end: the first line, and what is indented under it as by assert_eq!.
    last = first
    while last + 1 < len(texts) and indent(texts[last + 1]) > indent(texts[first]):
        last += 1
    return Span(first, indent(texts[first]), last), last + 1


def _rust_old_message(texts: list[str], first: int, start: int) -> tuple[Span | None, re.Match[str] | None]:
    """The message of Rust before 1.73, which stands in quotes before the place."""
    for at in range(first, min(len(texts), first + _FAR)):
        if match := _RUST_OLD_END.search(texts[at], start if at == first else 0):
            return Span(first, start + 1, at, match.start()), match
        if at > first and _PANICKED.search(texts[at]):
            break
    return None, None


def _rust_backtrace(texts: list[str], at: int) -> tuple[list[Frame], int]:
    """The frames from line ``at`` on, and the last line of the panic."""
    frames: list[Frame] = []
    function, last = None, at - 1
    for index in range(at, len(texts)):
        line = texts[index]
        if match := _RUST_FRAME.match(line):
            function = _RUST_HASH.sub("", match["function"])
        elif match := _RUST_AT.match(line):
            found = frame(match["path"], match["line"], match["column"], function)
            frames += [found] if found else []
        elif not (line.strip() == _BACKTRACE or _RUST_NOTE.match(line.lstrip())):
            break
        last = index
    return frames, last


def _rust_raised(place: Frame | None, frames: list[Frame]) -> list[Frame]:
    """The frames from where the panic was raised; those before it are the machinery of panicking."""
    if place is None:
        return frames
    for index, found in enumerate(frames):
        same = (found.line, found.column) == (place.line, place.column)
        if same and found.path.removeprefix("./").endswith(place.path.removeprefix("./")):
            return [Frame(place.path, place.line, place.column, found.function), *frames[index + 1 :]]
    return [place, *frames]


def parse_go_panic(lines: Lines, index: int, _floor: int) -> list[Block]:
    """Read the panic, fatal error or goroutine that begins in line ``index``."""
    texts = lines.texts
    start, at, last = indent(texts[index]), index, index
    message: Span | None = None
    if _GO_HEAD.match(texts[index], start):
        stack = next((i for i in range(index, min(len(texts), index + _FAR)) if _is_goroutine(texts[i])), None)
        message, last = _go_message(texts, index, len(texts) if stack is None else stack)
        if stack is None:
            return [Block("go", index, last, message, [])] if _GO_KNOWN.match(texts[index], start) else []
        at = stack
    frames, last = _go_goroutines(texts, at, last)
    return [Block("go", index, last, message, frames)] if message or frames else []


def _is_goroutine(line: str) -> bool:
    return _GOROUTINE.match(line.strip()) is not None


def _go_message(texts: list[str], index: int, stop: int) -> tuple[Span | None, int]:
    """The lines that say what happened, and the last line before a blank one."""
    while index < stop and not texts[index].lstrip().startswith(("panic: ", "fatal error: ")):
        index += 1
    if index >= stop:
        return None, index - 1
    last, end = index, index
    base = indent(texts[index])
    while end + 1 < stop and (indent(texts[end + 1]) > base or _GO_SIGNAL.match(texts[end + 1].lstrip())):
        end += 1
        last = end if last == end - 1 and not _GO_SIGNAL.match(texts[end].lstrip()) else last
    return Span(index, base, last), end


def _go_goroutines(texts: list[str], at: int, last: int) -> tuple[list[Frame], int]:
    """The frames of all goroutines, from where the first one panicked, and the last line of them."""
    frames: list[Frame] = []
    raised = goroutines = 0
    while at < len(texts):
        line = texts[at].strip()
        if _is_goroutine(line):
            goroutines += 1
        elif not line and at + 1 < len(texts) and _is_goroutine(texts[at + 1]):
            pass
        elif (name := _go_function(line)) and at + 1 < len(texts) and (match := _GO_PLACE.match(texts[at + 1])):
            found = frame(match["path"], match["line"], None, name)
            frames += [found] if found else []
            at += 1
            # What stands above the call of panic ran after it: deferred functions that recovered and gave up.
            raised = len(frames) if name == "panic" and goroutines == 1 else raised
        elif not _GO_OTHER.match(line):
            last = at if _GO_EXIT.match(line) else last
            break
        last = at
        at += 1
    return frames[raised:] + frames[:raised], last


def _go_function(line: str) -> str | None:
    """The name in a line such as ``main.(*Cart).Total(0xc000012345, ...)`` or ``created by main.main``."""
    if line.startswith("created by "):
        return line.removeprefix("created by ").partition(" in goroutine ")[0]
    opening = line.rfind("(")
    return line[:opening] if opening > 0 and line.endswith(")") and " " not in line[:opening] else None
