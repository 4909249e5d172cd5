"""Of a long definition, the lines around those that are meant, and what these hang on."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from optafly.context.places import AROUND
from optafly.routing.token_names import WORD
from optafly.routing.token_outline import Definition, body_of, indent

LONG: Final = 40  # lines of a definition up to which it stays whole
_SHORTEST_RUN: Final = 6  # lines; less would only make it harder to read
_LONGEST_STATEMENT: Final = 15
_BINDS: Final = re.compile(r"(?P<target>[^=(]*?[^=(!<>:+*/%|&^~-])\s*(?::|[-+*/%|&^]|//|\*\*|<<|>>)?=(?![=>])")
_BINDS_IN: Final = re.compile(r"\s*(?:async\s+)?(?:for|with|except|catch|if let|while let)\b")
_GOES_ON: Final = re.compile(r"\s*(?:\}\s*)?(?:else|elif|except|finally|catch|case|default)\b")
_STRING: Final = re.compile(r"\s*[rRuU]?(?P<quotes>\"\"\"|''')")
_NO_NAMES: Final = frozenset(
    "self this cls None True False null true false return if else for in not and or is".split()
)


def beside(item: Definition, lines: Sequence[str], meant: Collection[int], named: Collection[int]) -> set[int]:
    """The indexes of body lines that are neither near a line that is meant nor needed to read what stays.

    Needed are the lines that are ``named``, those that give a value to a name that a meant line uses, the documentation
    of the definition, and what all these hang on. Nothing is beside where most of it is meant.
    """
    here = [line for line in meant if item.holds(line)]
    size = item.last - item.first + 1
    if size <= LONG or 2 * len(here) > size:
        return set()
    body = body_of(item, lines)
    kept = {near for line in here for near in range(line - AROUND, line + AROUND + 1)}
    kept.update(_documentation(item, lines))
    used = {word for line in here for word in WORD.findall(lines[line])} - _NO_NAMES
    kept.update(line for line in body if line in named or not used.isdisjoint(_bound(lines[line])))
    gone = set(body) - kept - needed_by(kept & set(body), item, lines)
    return {line for run in _runs(gone) if len(run) >= _SHORTEST_RUN for line in run}


def needed_by(kept: Collection[int], item: Definition, lines: Sequence[str]) -> set[int]:
    """What lines of a definition hang on: the headers of the blocks around them, and the rest of their statements."""
    parents = _parents(item, lines)
    needed = {above for line in kept for above in _around(line, parents)}
    return needed.union(*(_statement(line, item, lines) for line in {*kept, *needed}))


def _runs(indexes: Collection[int]) -> list[list[int]]:
    """The indexes in stretches that follow each other."""
    runs: list[list[int]] = []
    for at in sorted(indexes):
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _documentation(item: Definition, lines: Sequence[str]) -> range:
    """The lines of a string that stands first in a body."""
    first = item.head + 1
    opened = _STRING.match(lines[first]) if first <= item.last else None
    if opened is None:
        return range(0)
    if opened["quotes"] in lines[first][opened.end() :]:
        return range(first, first + 1)
    last = next((at for at in range(first + 1, item.last + 1) if opened["quotes"] in lines[at]), first)
    return range(first, last + 1)


def _bound(line: str) -> list[str]:
    """The names that a line gives a value to."""
    if _BINDS_IN.match(line):
        return WORD.findall(line)
    found = _BINDS.match(line)
    return WORD.findall(found["target"]) if found else []


def _parents(item: Definition, lines: Sequence[str]) -> dict[int, int]:
    """For each line the one that it hangs on: the header it is indented under, or of ``else`` what comes before it."""
    parents: dict[int, int] = {}
    open_blocks: list[int] = []
    for at in range(item.first, item.last + 1):
        line = lines[at]
        if not line.strip():
            continue
        depth = indent(line)
        while open_blocks and indent(lines[open_blocks[-1]]) > depth:
            open_blocks.pop()
        before = open_blocks[-1] if open_blocks else None
        if before is not None and indent(lines[before]) == depth:
            open_blocks.pop()
            if _GOES_ON.match(line):
                parents[at] = before
            elif open_blocks:
                parents[at] = open_blocks[-1]
        elif before is not None:
            parents[at] = before
        open_blocks.append(at)
    return parents


def _around(line: int, parents: dict[int, int]) -> Iterator[int]:
    while (line := parents.get(line, -1)) >= 0:
        yield line


def _statement(line: int, item: Definition, lines: Sequence[str]) -> range:
    """The lines on which the brackets are closed that a line opens."""
    depth = 0
    for at in range(line, min(item.last, line + _LONGEST_STATEMENT) + 1):
        depth += sum(map(lines[at].count, "([")) - sum(map(lines[at].count, ")]"))
        if depth <= 0:
            return range(line, at + 1)
    return range(line, line + 1)
