"""Go: panics, fatal errors, and failed tests."""

import re
from typing import Final

from optafly.context.trace_text import FENCE, NUMBER, Block, Frame, Lines, Span, frame, indent, nothing

_FAR: Final = 40  # lines of a message, at most

_HEAD = re.compile(r"(?:panic: |fatal error: |runtime: goroutine stack exceeds|unexpected fault address)")
_KNOWN = re.compile(r"panic: (?:runtime error: |.* \[recovered)|fatal error: all goroutines are asleep")
_GOROUTINE = re.compile(r"(?:goroutine \d+ .*\[[^\]]*\]|runtime stack):$")
_PLACE = re.compile(rf"\s*(?P<path>\S.*?\.(?:go|s|c)):(?P<line>{NUMBER})(?: \+0x[0-9a-f]+| fp=|$)")
_LOGGED = re.compile(r"(?:http: panic serving \S+: (?P<served>.+)|panic: .+)$")
_TIME = re.compile(r"[0-9/:. -]*$")
_OTHER = re.compile(r"\s*(?:\.\.\..*elided\.\.\.|goroutine running on other thread; stack unavailable)$")
_EXIT = re.compile(r"exit status \d+$|FAIL(?:\t.*)?$")
_SIGNAL = re.compile(r"\[signal |runtime: sp=")
_FAILED_TEST = re.compile(r"\s*--- FAIL: (?P<function>\S+)")
_TEST_SAYS = re.compile(rf"\s+(?P<path>\S+\.go):(?P<line>{NUMBER}): (?P<said>\S.*)$")


def parse_panic(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the panic, fatal error or goroutine that begins in line ``index``."""
    texts = lines.texts
    start, at, last = indent(texts[index]), index, index
    message: Span | None = None
    if index > floor and _is_goroutine(texts[index]) and (logged := _LOGGED.search(texts[index - 1])):
        return [_logged(texts, index, logged)]
    if _HEAD.match(texts[index], start):
        stack = _stack_below(texts, index)
        message, last = _message(texts, index, len(texts) if stack is None else stack)
        if stack is None:
            return [Block("go", index, last, message, [])] if _KNOWN.match(texts[index], start) else []
        at = stack
    frames, last = _goroutines(texts, at, last)
    if not message and not frames:
        return nothing(index, last)
    tested = index > floor and _FAILED_TEST.match(texts[index - 1])
    return [Block("go", index - 1 if tested else index, _end(texts, last), message, frames)]


def _logged(texts: list[str], index: int, logged: re.Match[str]) -> Block:
    """The panic that stands in the line above its goroutine, after other words, as a server logs it."""
    frames, last = _goroutines(texts, index, index)
    message = Span(index - 1, logged.start("served") if logged["served"] else logged.start(), index - 1)
    column = 0 if _TIME.match(texts[index - 1][: logged.start()]) else logged.start()
    return Block("go", index - 1, last, message, frames, column)


def _stack_below(texts: list[str], index: int) -> int | None:
    for at in range(index + 1, min(len(texts), index + _FAR)):
        if _is_goroutine(texts[at]):
            return at
        if texts[at].startswith("panic: ") or FENCE.match(texts[at]):
            break
    return None


def _is_goroutine(line: str) -> bool:
    return _GOROUTINE.match(line.strip()) is not None


def _message(texts: list[str], index: int, stop: int) -> tuple[Span | None, int]:
    """The lines that say what happened, and the last line before a blank one."""
    while index < stop and not texts[index].lstrip().startswith(("panic: ", "fatal error: ")):
        index += 1
    if index >= stop:
        return None, index - 1
    last, base = index, indent(texts[index])
    while last + 1 < stop and indent(texts[last + 1]) > base:
        last += 1
    signal = last + 1 < stop and _SIGNAL.match(texts[last + 1].lstrip())
    return Span(index, base, last), last + 1 if signal else last


def _goroutines(texts: list[str], at: int, last: int) -> tuple[list[Frame], int]:
    """The frames of all goroutines, from where the first one panicked, and the last line of them."""
    frames: list[Frame] = []
    raised = goroutines = 0
    while at < len(texts):
        line = texts[at].strip()
        if _is_goroutine(line):
            goroutines += 1
        elif not line and at + 1 < len(texts) and _is_goroutine(texts[at + 1]):
            pass
        elif (name := _function(line)) and at + 1 < len(texts) and (match := _PLACE.match(texts[at + 1])):
            found = frame(match["path"], match["line"], None, name)
            frames += [found] if found else []
            at += 1
            # What stands above the call of panic ran after it: deferred functions that recovered and gave up.
            raised = len(frames) if name == "panic" and goroutines == 1 else raised
        elif not _OTHER.match(line):
            break
        last = at
        at += 1
    return frames[raised:] + frames[:raised], last


def _end(texts: list[str], last: int) -> int:
    """The last line of what ``go run`` and ``go test`` add."""
    while last + 1 < len(texts) and _EXIT.match(texts[last + 1]):
        last += 1
    return last


def _function(line: str) -> str | None:
    """The name in a line such as ``main.(*Cart).Total(0xc000012345, ...)`` or ``created by main.main``."""
    if line.startswith("created by "):
        return line.removeprefix("created by ").partition(" in goroutine ")[0]
    opening = line.rfind("(")
    return line[:opening] if opening > 0 and line.endswith(")") and " " not in line[:opening] else None


def parse_test(lines: Lines, index: int, _floor: int) -> list[Block]:
    """Read the failed Go test in line ``index`` with what it reported under its name."""
    texts = lines.texts
    said: list[Span] = []
    frames: list[Frame] = []
    at, function = index, ""
    while at < len(texts) and (at == index or indent(texts[at]) > indent(texts[index])):
        if match := _FAILED_TEST.match(texts[at]):
            function = match["function"]
        elif match := _TEST_SAYS.match(texts[at]):
            found = frame(match["path"], match["line"], None, function)
            frames += [found] if found else []
            said.append(Span(at, match.start("said"), at))
        at += 1
    return [Block("go", index, _end(texts, at - 1), said[0], frames)] if said else []
