"""What pytest prints: failures in its long, short, line and native styles, and the short test summary."""

import re
from typing import Final

from optafly.context.trace_python import CHAINS, HEADER, Section, exception_span, file_frame, raised_first, read_chain
from optafly.context.trace_text import FENCE, NUMBER, Block, Frame, Lines, Span, frame, indent, is_exception, nothing

_PLACE_PATTERN = (
    rf"(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*\.pyi?|<[^>:]+>):(?P<line>{NUMBER}):"
    r"(?: in (?P<function>\S+)| (?!error\b|warning\b|note\b)(?P<error>[A-Za-z_][\w.]*(?:: .*)?))?$"
)
_OUTCOME_PATTERN = (
    r"(?:FAILED|ERROR|XFAIL|XPASS) (?P<test>(?:[^\s:]+\.py|[^\s:]+\.\w+(?=::))(?:::\S.*?)?)(?: - (?P<message>.*))?$"
)
_STARTS: Final = "test session starts"

_BANNER = re.compile(r"(?P<rule>[=!-])(?P=rule){2,} (?P<title>\S.*) (?P=rule){3,}$")
_TITLE = re.compile(r"__+ \S.* __+$")
_RULE = re.compile(r"(?:_ ){3,}_?$")
_DETAIL = re.compile(r"E(?:\s{2,}(?P<text>\S.*))?$")
_MARKED = re.compile(r">\s{2,}\S")
_PLACE = re.compile(_PLACE_PATTERN)
_OUTCOME = re.compile(_OUTCOME_PATTERN)
_COUNTS = re.compile(r"\d+ (?:failed|passed|errors?|skipped|deselected)\b.* in [0-9.]+s")
_COLLECTING = re.compile(r"Traceback:$|ImportError while (?:importing|loading) |Hint: make sure your test modules")
_PROGRESS = re.compile(r"(?:\S+ )?[.FEsxXpP]+ +\[ *\d+%\]$")
_DEFINITION = re.compile(r"\s{4,}(?:async )?def (?P<name>\w+)")
_LOCAL = re.compile(r"\.?\w+ += ")


def parse_pytest(lines: Lines, index: int, floor: int) -> list[Block]:
    """Read the pytest output that begins around line ``index``: one block for each failure."""
    reader = _Reader(lines, _source_above(lines.texts, index, floor))
    reader.read()
    return reader.blocks()


def _source_above(texts: list[str], index: int, floor: int) -> int:
    """The first line of what stands above: source before a ``>`` or ``E`` line, dots before a banner."""
    if _MARKED.match(texts[index]) or _DETAIL.match(texts[index]):
        while index > floor and indent(texts[index - 1]) >= 4 and not FENCE.match(texts[index - 1]):
            index -= 1
    elif _BANNER.match(texts[index]):
        above = index - 1 - (index > floor and not texts[index - 1])
        while above >= floor and _PROGRESS.match(texts[above]):
            index, above = above, above - 1
    return index


class _Failure:
    """One failed test while it is read; ``titled`` when a line of underscores with its name began it."""

    def __init__(self, first: int, titled: bool) -> None:
        self.first = first
        self.titled = titled
        self.chain: list[Section] = []
        self._link = ""
        self._begin()

    def _begin(self) -> None:
        self.frames: list[Frame] = []
        self.raised: Span | None = None  # "E   KeyError: 'name'"
        self.detail: Span | None = None  # "E   assert 6 == 7"
        self.ended: Span | None = None  # "shop/cart.py:5: KeyError"
        self.function: str | None = None

    def close(self, link: str) -> None:
        """End the current exception; ``link`` is what the next one is to it."""
        self.chain.append(Section(self.frames, self.raised or self.detail or self.ended, self.first, self._link))
        self._link = link
        self._begin()

    def certain(self) -> bool:
        """Whether there is more than a line that happens to begin with an E."""
        return bool(self.chain or self.frames or self.raised)


class _Reader:
    """Reads line by line; a block reaches to the last line that only pytest can have printed."""

    def __init__(self, lines: Lines, first: int) -> None:
        self._lines = lines
        self._first = self._last = first
        self._failures: list[_Failure] = []
        self._outcomes: list[tuple[Frame | None, Span | None]] = []
        self._new_part = False  # a banner has come since the last failure
        self._free = False  # in captured output and the like: any line may stand here
        self._flowing = False  # and no blank line has come yet

    def read(self) -> None:
        """Read up to the first line that pytest does not print."""
        texts, index = self._lines.texts, self._first
        while index < len(texts) and not FENCE.match(texts[index]):
            line = texts[index]
            if HEADER.search(line) and (sections := read_chain(self._lines, index + 1)):
                self._failure(index).chain += sections
                index = self._last = sections[-1].last
                self._flowing = True  # a message of several lines
            elif self._strong(line, index) or (self._flowing and line):
                self._last = index
            elif not self._weak(line, index):
                return
            self._flowing = self._flowing and bool(line)
            index += 1

    def blocks(self) -> list[Block]:
        """The failures as blocks that touch: what stands before the first or after the last one belongs to it."""
        failures = [failure for failure in self._failures if failure.certain()]
        found = []
        for failure in failures:
            failure.close("")
            frames, message = raised_first(failure.chain)
            found.append((failure.first, message, frames))
        if not found and self._outcomes:
            message = next((span for _, span in self._outcomes if span), None)
            found = [(self._first, message, [place for place, _ in self._outcomes if place])]
        starts = [self._first, *(first for first, _, _ in found[1:])]
        ends = [first - 1 for first in starts[1:]] + [self._last]
        if not found:
            return nothing(self._first, self._last)
        return [
            Block("pytest", first, last, message, frames)
            for first, last, (_, message, frames) in zip(starts, ends, found, strict=True)
        ]

    def _failure(self, index: int) -> _Failure:
        # In the line style nothing but the end of one failure separates it from the next.
        current = self._failures[-1] if self._failures else None
        if current is None or self._new_part or (current.ended and not current.titled):
            self._failures.append(_Failure(index, False))
            self._new_part = False
        return self._failures[-1]

    def _strong(self, line: str, index: int) -> bool:
        if match := _BANNER.match(line):
            title = match["title"]
            self._new_part = line[0] == "="
            self._free = self._flowing = line[0] == "-" or title == _STARTS or title.startswith("warnings summary")
        elif _TITLE.match(line):
            self._free = self._flowing = self._new_part = False
            self._failures.append(_Failure(index, True))
        elif match := _OUTCOME.match(line):
            self._outcome(match, index)
        elif not _COUNTS.match(line):
            return not self._free and self._strong_in_failure(line, index)
        return True

    def _strong_in_failure(self, line: str, index: int) -> bool:
        if match := _DETAIL.match(line):
            self._detail(match, index)
        elif match := _PLACE.match(line):
            return self._place(match, index)
        elif link := CHAINS.get(line):
            if self._failures:
                self._failures[-1].close(link)
        else:
            return any(known.match(line) for known in (_RULE, _MARKED, _COLLECTING, _PROGRESS))
        return True

    def _weak(self, line: str, index: int) -> bool:
        """Whether pytest may have printed this line; it counts only when a line follows that it surely did."""
        if not line or self._free:
            return True
        if match := _DEFINITION.match(line):
            failure = self._failure(index)
            failure.function = failure.function or match["name"]
        return indent(line) >= 4 or _LOCAL.match(line) is not None

    def _detail(self, match: re.Match[str], index: int) -> None:
        if not match["text"]:
            return
        failure, span = self._failure(index), Span(index, match.start("text"), index)
        if found := file_frame(match["text"]):
            failure.frames.append(found)
        elif exception_span(match["text"], index):
            failure.raised = failure.raised or span
        else:
            failure.detail = failure.detail or span

    def _place(self, match: re.Match[str], index: int) -> bool:
        name, said, _ = (match["error"] or "").partition(":")
        if name and not is_exception(name, bool(said)):
            return False
        failure = self._failure(index)
        found = frame(match["path"], match["line"], None, match["function"] or failure.function)
        failure.frames += [found] if found else []
        failure.function = None
        if name:
            failure.ended = Span(index, match.start("error"), index)
        return True

    def _outcome(self, match: re.Match[str], index: int) -> None:
        self._free = self._flowing = False
        path, _, test = match["test"].partition("::")
        place = frame(path, "1", None, test.partition("[")[0].replace("::", ".") or None)
        span = Span(index, match.start("message"), index) if match["message"] else None
        self._outcomes.append((Frame(place.path, 1, None, place.function, False) if place else None, span))
