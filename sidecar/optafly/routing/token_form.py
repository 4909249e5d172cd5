"""An assembled prompt read back into the pieces it was made of, to the letter."""

import re
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from optafly.context.languages import Language, language_of
from optafly.context.pieces import escape_tags

PASTED: Final = "Pasted with the request:"
Kind = Literal["code", "test", "edits", "trace"]

_FORM: Final = re.compile(r"<context>\n(?P<context>.*?)\n</context>\n(?P<request><task>.*)", re.DOTALL)
_REQUEST: Final = re.compile(
    r"<task>(.*?)</task>(?:\n<constraints>(.*?)</constraints>)?(?:\n<done_when>(.*?)</done_when>)?"
    r"(?:\n<open_questions>(.*?)</open_questions>)?\n?",
    re.DOTALL,
)
_CODE: Final = re.compile(
    r"(?P<path>.+?):(?P<first>\d{1,9})-(?P<last>\d{1,9})(?:, \w+ `.*`)?"
    r"(?: \((?:selection|cursor)(?:, line \d{1,9}| \d{1,9}-\d{1,9})\))?"
)
_SELECTED: Final = re.compile(r" \(selection(?:, line (?P<line>\d{1,9})| (?P<first>\d{1,9})-(?P<last>\d{1,9}))\)\Z")
_TEST: Final = re.compile(r"Failing test `.*` \((?P<path>.+):(?P<first>\d{1,9})-(?P<last>\d{1,9})\)")
_EDITS: Final = re.compile(r"(?:Recent edit|Uncommitted change) in (?P<path>.+):(?P<first>\d{1,9})-(?P<last>\d{1,9})")
_FENCE: Final = re.compile(r"(?P<ticks>`{3,})(?P<info>[\w+-]*)")
_DIAGNOSTIC: Final = re.compile(r"(?:.* )?(?:error|warning|information|hint)(?: .*)? at (?P<place>.+:\d{1,9}): ")
ABOVE: Final = ", quoted above"
BELOW: Final = ", quoted below"
# A line that stands for others; with white space before it, and the mark of a comment where the language has one.
_MARKER: Final = re.compile(rf"\s*(?:(?:#|//) )?… (?P<count>\d{{1,9}}) lines(?P<where>{ABOVE}|{BELOW})?")


class Quote(msgspec.Struct, frozen=True):
    """Lines in a fence under their title; ``first`` and ``last`` are the numbers that the title gives them, or 0.

    ``selected`` are the first and the last line of a selection that the title names. A cursor is none.
    """

    kind: Kind
    title: str
    ticks: str
    info: str
    lines: tuple[str, ...]
    path: str = ""
    first: int = 0
    last: int = 0
    selected: tuple[int, int] | None = None

    def render(self) -> str:
        """The quote as it stands in the prompt."""
        return "\n".join((self.title, f"{self.ticks}{self.info}", *self.lines, self.ticks))

    @property
    def language(self) -> Language | None:
        """The language that the lines are written in, where it has a grammar."""
        return language_of(self.path) if self.path and self.kind in {"code", "test"} else None

    @property
    def shortened(self) -> bool:
        """Whether a line in it stands for others."""
        return any("…" in line and _MARKER.fullmatch(line) for line in self.lines)

    def elsewhere(self) -> list[range]:
        """The numbers of the lines that a line in it says are quoted elsewhere."""
        marked = ((number, _MARKER.fullmatch(line)) for number, line in zip(self.numbers(), self.lines, strict=False))
        return [range(at, at + int(found["count"])) for at, found in marked if found and found["where"]]

    def numbers(self) -> list[int]:
        """The number of each line in its file; empty where the title's range is not what is quoted."""
        numbers, number = [], self.first
        for line in self.lines:
            numbers.append(number)
            number += stands_for(line)
        return numbers if self.first and number == self.last + 1 else []


class Prompt(msgspec.Struct, frozen=True):
    """A prompt that OptaFly assembled.

    ``blocks`` are quotes, and lines that stand outside of any; ``request`` is all that follows the context, with its
    tags, and ``sections`` what these hold (task, constraints, done-when, questions).
    """

    blocks: tuple[Quote | str, ...]
    request: str
    sections: tuple[str, ...]

    def render(self) -> str:
        """The prompt as a text."""
        return f"<context>\n{self.context}\n</context>\n{self.request}"

    @property
    def context(self) -> str:
        """What stands between the context's tags."""
        return "\n".join(block if isinstance(block, str) else block.render() for block in self.blocks)

    @property
    def quotes(self) -> list[tuple[int, Quote]]:
        """The quotes with their places among the blocks."""
        return [(at, block) for at, block in enumerate(self.blocks) if isinstance(block, Quote)]

    @property
    def plain(self) -> list[str]:
        """The lines outside of quotes: diagnostics, signatures, callers."""
        return [block for block in self.blocks if isinstance(block, str)]


def read_prompt(text: str) -> Prompt | None:
    """Read a prompt in the form of `optafly.refine.assemble`, with a context; None for every other text."""
    form = _FORM.fullmatch(text)
    request = _REQUEST.fullmatch(form["request"]) if form else None
    if form is None or request is None:
        return None
    sections = tuple(body for body in request.groups() if body is not None)
    if any(escape_tags(body) != body for body in (form["context"], *sections)):
        return None
    prompt = Prompt(tuple(_blocks(form["context"].split("\n"))), form["request"], sections)
    return prompt if prompt.render() == text else None


def quoted_elsewhere(line: str) -> Quote | None:
    """The quote, without its lines, of which a line outside of quotes says that they are quoted elsewhere."""
    title = line.removesuffix(ABOVE).removesuffix(BELOW)
    return _titled(title) if title != line else None


def marker(count: int, language: Language | None, indent: str, where: str = "") -> str:
    """The line that stands for others: a comment where the language has them to the end of a line."""
    comment = "" if language is None else "# " if language.name == "python" else "// "
    return f"{indent}{comment}… {count} lines{where}"


def stands_for(line: str) -> int:
    """How many lines of the file one line of a quote is."""
    found = _MARKER.fullmatch(line) if "…" in line else None
    return int(found["count"]) if found else 1


def is_diagnostic(line: str) -> bool:
    """Whether a line outside of quotes begins a diagnostic."""
    return _DIAGNOSTIC.match(line) is not None


def indent_of(line: str) -> str:
    """The white space a line begins with."""
    return line[: len(line) - len(line.lstrip())]


def _blocks(lines: list[str]) -> Iterator[Quote | str]:
    at, told = 0, False
    while at < len(lines):
        quote, end = _quote(lines, at, after_diagnostics=told)
        if quote is None:
            # A message may hold anything, titles and fences of code included: that comes before all diagnostics.
            told = told or is_diagnostic(lines[at])
            yield lines[at]
            at += 1
        else:
            yield quote
            at = end


def _quote(lines: list[str], at: int, *, after_diagnostics: bool) -> tuple[Quote | None, int]:
    fence = _FENCE.fullmatch(lines[at + 1]) if at + 1 < len(lines) else None
    if fence is None:
        return None, at
    quote = _titled(lines[at])
    if quote is None or (after_diagnostics and quote.kind in {"code", "trace"}):
        return None, at
    try:
        end = lines.index(fence["ticks"], at + 2)
    except ValueError:
        return None, at
    body = tuple(lines[at + 2 : end])
    return msgspec.structs.replace(quote, ticks=fence["ticks"], info=fence["info"], lines=body), end + 1


def _titled(title: str) -> Quote | None:
    """An empty quote with what its title says."""
    if title == PASTED:
        return Quote("trace", title, "", "", ())
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...] = (("test", _TEST), ("edits", _EDITS), ("code", _CODE))
    for kind, pattern in kinds:
        if found := pattern.fullmatch(title):
            first, last = int(found["first"]), int(found["last"])
            return Quote(kind, title, "", "", (), found["path"], first, last, _selected(title))
    return None


def _selected(title: str) -> tuple[int, int] | None:
    found = _SELECTED.search(title)
    if found is None:
        return None
    first = int(found["line"] or found["first"])
    return first, int(found["last"] or first)
