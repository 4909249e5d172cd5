"""Lines that a prompt quotes twice: the second place keeps its title and says where the lines stand."""

import re
from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.context.tokens import estimate_tokens
from optafly.routing.token_form import ABOVE, BELOW, Prompt, Quote, marker

_SHORTEST_RUN: Final = 3  # lines
_LEAST_SAVED: Final = 4  # tokens
_SIGNATURE_LINES: Final = 30
_HUNK: Final = re.compile(r"@@ -\d+(?:,\d+)? \+(?P<first>\d+)(?:,\d+)? @@")
_SIGNATURE: Final = re.compile(r"`(?P<text>.+)` \((?P<path>.+):(?P<line>\d{1,9})\)")
_DECLARED: Final = re.compile(
    r"(?:\b(?:def|class|fn|func|function\*?|struct|enum|interface|trait|impl|union|type|namespace|mod|module|record)\s+"
    r"(?:\([^)]*\)\s*)?|^(?=\w+\s*\()|(?:^|[\s*&])(?=\w+\s*\())(?P<name>\w+)"
)
_SPACE: Final = re.compile(r"\s+")


def without_duplicates(prompt: Prompt) -> Prompt:
    """The prompt with each line of a file quoted once.

    A quote with a selection stays; else of two quotes of the same lines the longer one does, of equal ones the first. A
    pasted text counts as the same when all of it is. A signature whose definition is quoted gives way to its name.
    """
    order = sorted(prompt.quotes, key=lambda pair: (pair[1].selected is None, -len(pair[1].lines), pair[0]))
    blocks = list(prompt.blocks)
    lines: dict[str, dict[int, tuple[str, int]]] = {}
    pasted: dict[tuple[str, ...], int] = {}
    for at, quote in order:
        numbers = quote.numbers() if quote.kind in {"code", "test"} else []
        known = lines.setdefault(quote.path, {})
        if quote.kind == "trace":
            first = pasted.setdefault(quote.lines, at)
            where = "above" if first < at else "below"
            blocks[at] = quote if first == at else f"{quote.title} (the same text as {where})"
        elif quote.kind != "edits" and numbers:
            blocks[at] = quote if quote.selected else _once(at, quote, numbers, known)
            for number, line in zip(numbers, quote.lines, strict=True):
                known.setdefault(number, (line.rstrip(), at))
    for at, quote in order:
        if quote.kind == "edits":
            blocks[at] = _changes_only(at, quote, lines.get(quote.path, {}))
    blocks = [_named_only(at, block, lines) if isinstance(block, str) else block for at, block in enumerate(blocks)]
    return msgspec.structs.replace(prompt, blocks=tuple(blocks))


def _once(at: int, quote: Quote, numbers: list[int], known: Mapping[int, tuple[str, int]]) -> Quote | str:
    where = [_place(at, known.get(number), line) for number, line in zip(numbers, quote.lines, strict=True)]
    if len(set(where)) == 1 and where[0]:
        return quote.title + where[0]
    return _replaced(quote, where)


def _place(at: int, other: tuple[str, int] | None, line: str) -> str:
    """Where else a line stands, in words; empty for nowhere."""
    if other is None or other[0] != line.rstrip():
        return ""
    return ABOVE if other[1] < at else BELOW


def _changes_only(at: int, quote: Quote, known: Mapping[int, tuple[str, int]]) -> Quote:
    """A hunk without the lines around its changes that are quoted as code."""
    found = _HUNK.match(quote.lines[0]) if quote.lines else None
    if found is None or quote.shortened:
        return quote
    number, where = int(found["first"]), [""]
    for line in quote.lines[1:]:
        where.append(_place(at, known.get(number), line[1:]) if line[:1] == " " else "")
        number += line[:1] != "-"
    return _replaced(quote, where)


def _replaced(quote: Quote, where: list[str]) -> Quote:
    """The quote with a marker in the place of each run of lines that stand elsewhere, where that is shorter."""
    kept: list[str] = []
    at = 0
    for place, group in groupby(where):
        count = len(list(group))
        run = list(quote.lines[at : at + count])
        at += count
        sign = marker(count, quote.language, "", place)
        kept += [sign] if place and count >= _SHORTEST_RUN and _gained(run, sign) >= _LEAST_SAVED else run
    return msgspec.structs.replace(quote, lines=tuple(kept))


def _gained(run: list[str], sign: str) -> int:
    return estimate_tokens("\n".join(run)) - estimate_tokens(sign)


def _named_only(at: int, line: str, lines: Mapping[str, Mapping[int, tuple[str, int]]]) -> str:
    """The line of a signature, or only its name and place where the definition is quoted."""
    found = _SIGNATURE.fullmatch(line)
    known = lines.get(found["path"], MappingProxyType({})) if found else {}
    if found is None or (first := known.get(int(found["line"]))) is None:
        return line
    begin = int(found["line"])
    rows = [known[number][0] for number in range(begin, begin + _SIGNATURE_LINES) if number in known]
    declared = _DECLARED.search(found["text"])
    if declared is None or found["text"] not in _SPACE.sub(" ", " ".join(rows)):
        return line
    place = ABOVE if first[1] < at else BELOW
    short = f"`{declared['name']}` ({found['path']}:{found['line']}){place}"
    return short if estimate_tokens(line) - estimate_tokens(short) >= _LEAST_SAVED else line
