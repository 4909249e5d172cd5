"""Rust: panics, and problems as rustc draws them (ruff and others draw them the same way)."""

import re
from typing import Final

from optafly.context.trace_text import FENCE, NUMBER, Block, Frame, Lines, Span, frame, indent

_FAR: Final = 40  # lines of a panic's message, at most
_NEAR: Final = 6  # lines between the first line of a problem's message and its arrow

_PANICKED = re.compile(r"thread '[^']*'(?: \(\d+\))? panicked at ")
_PLACE = re.compile(rf"(?P<path>[^'].*?):(?P<line>{NUMBER}):(?P<column>{NUMBER}):?$")
_OLD_END = re.compile(rf"', (?P<path>[^']+):(?P<line>{NUMBER}):(?P<column>{NUMBER})$")
_FRAME = re.compile(r"\s*\d+: +(?:0x[0-9a-f]+ - )?(?P<function>\S.*)$")
_AT = re.compile(rf"\s+at (?P<path>.+):(?P<line>{NUMBER}):(?P<column>{NUMBER})$")
_HASH = re.compile(r"(?:::h[0-9a-f]{16})$")
_NOTE = re.compile(r"note: (?:[Rr]un with|Some details are omitted)")
_TEST = re.compile(r"\s*---- .* (?:stdout|stderr) ----$")
_BACKTRACE: Final = "stack backtrace:"

_HEAD = re.compile(r"\s*(?P<said>(?:(?P<severity>error|warning)(?:\[[\w:-]+\])?: |[A-Z]{1,5}[0-9]{2,5} )\S.*)$")
_ARROW = re.compile(rf"\s*(?:-->|:::) (?P<path>.+?):(?P<line>{NUMBER})(?::(?P<column>{NUMBER}))?$")
_DRAWN = re.compile(r"\s*(?:(?:\d+|LL)?\s*\||\d+ +[-+~]|\.\.\.$|= (?:note|help|warning): |(?:\d+|LL)$|- )")
_SUB = re.compile(r"\s*(?:help|note)(?:\[[\w:-]+\])?: ")
_TAIL = re.compile(
    r"\s*(?:error: (?:aborting due to|could not compile|test failed)|"
    r"warning: (?:`.*generated|build failed|unused manifest)|Some errors have detailed|"
    r"For more information about (?:this|an) error|Found \d+ errors?|\[\*\] \d+ fixable)"
)
_CARGO = re.compile(r"\s+(?:Compiling|Checking|Building|Updating|Locking|Downloaded|Downloading|Blocking|Adding) \S")


def parse_panic(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the panic in line ``index`` with its message and, where it was asked for, its backtrace."""
    texts = lines.texts
    head = _PANICKED.search(texts[index])
    if head is None:
        return []
    if match := _PLACE.match(texts[index], head.end()):
        message, below = _message(texts, index + 1)
    else:
        message, match = _old_message(texts, index, head.end())
        below = message.last + 1 if message else index + 1
    if match is None:
        return []
    place = frame(match["path"], match["line"], match["column"])
    frames, last = _backtrace(texts, below)
    column = head.start() if texts[index][: head.start()].strip() else 0
    captured = index - 2 >= floor and not texts[index - 1] and _TEST.match(texts[index - 2])
    return [Block("rust", index - 2 if captured else index, last, message, _raised(place, frames), column)]


def _message(texts: list[str], first: int) -> tuple[Span | None, int]:
    """The message that begins in line ``first``, and the line below it."""
    if first >= len(texts) or not texts[first] or FENCE.match(texts[first]):
        return None, first
    for at in range(first, min(len(texts), first + _FAR)):
        if _NOTE.match(texts[at].lstrip()) or texts[at].strip() == _BACKTRACE:
            return (Span(first, indent(texts[first]), at - 1) if at > first else None), at
        if at > first and (FENCE.match(texts[at]) or _PANICKED.search(texts[at])):
            break
    # Nothing printed marks the end: the first line, and what is indented under it as by assert_eq!.
    last = first
    while last + 1 < len(texts) and indent(texts[last + 1]) > indent(texts[first]):
        last += 1
    return Span(first, indent(texts[first]), last), last + 1


def _old_message(texts: list[str], first: int, start: int) -> tuple[Span | None, re.Match[str] | None]:
    """The message of Rust before 1.73, which stands in quotes before the place."""
    for at in range(first, min(len(texts), first + _FAR)):
        if match := _OLD_END.search(texts[at], start if at == first else 0):
            return Span(first, start + 1, at, match.start()), match
        if at > first and _PANICKED.search(texts[at]):
            break
    return None, None


def _backtrace(texts: list[str], at: int) -> tuple[list[Frame], int]:
    """The frames from line ``at`` on, and the last line of the panic."""
    frames: list[Frame] = []
    function, last = None, at - 1
    for index in range(at, len(texts)):
        line = texts[index]
        if match := _FRAME.match(line):
            function = _HASH.sub("", match["function"])
        elif match := _AT.match(line):
            found = frame(match["path"], match["line"], match["column"], function)
            frames += [found] if found else []
        elif not (line.strip() == _BACKTRACE or _NOTE.match(line.lstrip())):
            break
        last = index
    return frames, last


def _raised(place: Frame | None, frames: list[Frame]) -> list[Frame]:
    """The frames from where the panic was raised; those before it are the machinery of panicking."""
    if place is None:
        return frames
    for index, found in enumerate(frames):
        if found.line == place.line and found.path.removeprefix("./").endswith(place.path.removeprefix("./")):
            return [Frame(place.path, place.line, place.column, found.function), *frames[index + 1 :]]
    return [place, *frames]


def parse_rustc(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the problems that begin with the message in line ``index``."""
    texts = lines.texts
    drawn: list[tuple[int, Span, Frame | None]] = []
    notes: list[Frame] = []
    at, last = index, index - 1
    while at < len(texts) and not FENCE.match(texts[at]):
        line, adjacent = texts[at], last == at - 1
        head = _HEAD.match(line)
        arrow = _arrow_below(texts, at) if head and not _TAIL.match(line) else None
        if head and arrow is not None:
            said = Span(at, head.start("said"), at)
            drawn.append((0 if head["severity"] != "warning" else 1, said, _place(texts[arrow])))
            at = arrow
        elif not drawn:
            return []
        elif _ARROW.match(line):
            place = _place(line)
            notes += [place] if place else []
        elif line and not (_TAIL.match(line) or (adjacent and (_SUB.match(line) or _continues(line)))):
            break
        last = at if line else last
        at += 1
    first = index
    while first > floor and _CARGO.match(texts[first - 1]):
        first -= 1
    worst = min(drawn, key=lambda problem: problem[0])
    kind = "rust" if texts[worst[1].first].lstrip().startswith(("error", "warning")) else "gcc"
    frames = [place for _, _, place in sorted(drawn, key=lambda problem: problem[0]) if place]
    return [Block(kind, first, last, worst[1], frames + notes)]


def _arrow_below(texts: list[str], at: int) -> int | None:
    for below in range(at + 1, min(len(texts), at + _NEAR)):
        if _ARROW.match(texts[below]):
            return below
        if not texts[below] or _HEAD.match(texts[below]):
            break
    return None


def _place(line: str) -> Frame | None:
    match = _ARROW.match(line)
    return frame(match["path"], match["line"], match["column"]) if match else None


def _continues(line: str) -> bool:
    return _DRAWN.match(line) is not None or indent(line) >= 2
