"""Outline instead of body: what stays of code that a request is not about, and where that code begins and ends."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Final, NamedTuple

from optafly.context.document import Document
from optafly.context.one_line import one_line
from optafly.context.symbols import SIGNATURE_LENGTH, Parsed, Symbol

_BODIES: Final = frozenset({"function", "method", "constructor", "test"})
_CONSTRUCTORS: Final = frozenset({"__init__", "__new__", "__post_init__", "constructor"})
_ATTRIBUTE: Final = re.compile(r"\s*(?:self|this|cls)(?:\.|->)\w+\s*(?::[^=]*)?=(?!=)")
# Read from the text alone, so that a definition that the grammar did not find is none the less kept.
_DECLARES: Final = re.compile(
    r"\s*(?:(?:export|default|async|pub(?:\([^)]*\))?|static|public|private|protected|abstract|final|unsafe|const"
    r"|inline|extern|virtual)\s+)*"
    r"(?:def|class|fn|func|function\*?|struct|enum|interface|trait|impl|union|namespace|mod|macro_rules!|#define)"
    r"\s+[\w<(]"
)
_DECORATES: Final = re.compile(r"\s*@\w")
_CLOSES: Final = re.compile(r"[\s})\];,]*")
_ONE_LINE_STRING: Final = re.compile(r"\s*[rRuU]?(?P<quotes>\"\"\"|''').*(?P=quotes)\s*")
_SPACE: Final = re.compile(r"\s+")
_LONGEST_SIGNATURE: Final = 40


class Definition(NamedTuple):
    """A definition by the indexes of its lines: ``head`` is the last one of its signature, ``last`` its last one."""

    symbol: Symbol
    first: int
    head: int
    last: int

    @property
    def foldable(self) -> bool:
        """Whether it has a body that an outline does without; the members of a class are its outline."""
        return self.symbol.kind in _BODIES and self.last > self.head

    def holds(self, line: int) -> bool:
        """Whether a line is one of its lines."""
        return self.first <= line <= self.last


@lru_cache(maxsize=8)
def definitions(path: str, lines: tuple[str, ...]) -> tuple[Definition, ...]:
    """The definitions that begin in a stretch of a file, outer before inner.

    The stretch may begin inside a definition or inside a string. What is read wrongly because of that is left out: a
    definition counts where its signature stands in its lines and everything in its body is indented under it.
    """
    start = _first_definition(lines)
    shown = ["" if at < start else line for at, line in enumerate(lines)]
    # Members without their class are a syntax error that the grammar of Python does not get over.
    around = ["class _:"] if path.endswith((".py", ".pyi")) and indent(lines[start]) else []
    found = []
    for symbol in Parsed(Document(path, "\n".join([*around, *shown]))).outline.symbols:
        first, last = symbol.start_line - 1 - len(around), symbol.end_line - 1 - len(around)
        if not start <= first <= last < len(lines):
            continue
        head = _end_of_signature(symbol, lines, first, last)
        if head is not None and _is_under(lines, first, head, last):
            found.append(Definition(symbol, first, head, last))
    return tuple(found)


def declares(line: str) -> bool:
    """Whether a line begins a definition, judged by its words alone."""
    return _DECLARES.match(line) is not None


def begins_definition(line: str) -> bool:
    """Whether a line begins a definition or decorates one."""
    return declares(line) or _DECORATES.match(line) is not None


def body_of(definition: Definition, lines: Sequence[str]) -> list[int]:
    """The indexes of the lines that an outline of a definition does without."""
    body = list(range(definition.head + 1, definition.last + 1))
    if body and _ONE_LINE_STRING.fullmatch(lines[body[0]]):
        body = body[1:]
    while body and _CLOSES.fullmatch(lines[body[-1]]):
        body.pop()
    if definition.symbol.name in _CONSTRUCTORS or definition.symbol.kind == "constructor":
        body = [at for at in body if not _ATTRIBUTE.match(lines[at])]
    return body


def begun_before(lines: Sequence[str]) -> list[int]:
    """The indexes of the lines at the beginning that are in the body of a definition which began before them.

    They are indented further than the next definition, which is its neighbour or inside of it. Before one that is not
    indented nothing tells a body from the members of a class.
    """
    start = _first_definition(lines)
    depth = indent(lines[start])
    if depth == 0:
        return []
    body = list(takewhile(lambda at: not lines[at].strip() or indent(lines[at]) > depth, range(start)))
    while body and (_CLOSES.fullmatch(lines[body[-1]]) or not lines[body[-1]].strip()):
        body.pop()
    return body


def indent(line: str) -> int:
    """How far a line is indented; tabs count as one."""
    return len(line) - len(line.lstrip())


def _first_definition(lines: Sequence[str]) -> int:
    """The index of the first line that begins a definition and is indented no further than all before it, or 0."""
    least = None
    for at, line in enumerate(lines):
        if line.strip():
            if (least is None or indent(line) <= least) and begins_definition(line):
                return at
            least = indent(line) if least is None else min(least, indent(line))
    return 0


def _end_of_signature(symbol: Symbol, lines: Sequence[str], first: int, last: int) -> int | None:
    text, cut = "", len(symbol.signature) >= SIGNATURE_LENGTH
    for at in range(first, min(last, first + _LONGEST_SIGNATURE) + 1):
        text = f"{text} {one_line(_SPACE.sub(' ', lines[at])).strip()}"
        begin = text.find(symbol.signature[:SIGNATURE_LENGTH])
        # Of a signature that was cut, the rest goes on until every bracket in it is closed.
        if begin >= 0 and not (cut and _opens(text[begin:])):
            # Some put the brace that opens a body on a line of its own.
            return at + (at < last and lines[at + 1].strip() == "{")
    return None


def _opens(text: str) -> bool:
    return sum(map(text.count, "([")) > sum(map(text.count, ")]"))


def _is_under(lines: Sequence[str], first: int, head: int, last: int) -> bool:
    depth = indent(lines[first])
    return all(indent(line) > depth or _CLOSES.fullmatch(line) for line in lines[head + 1 : last + 1])
