"""Tracebacks and compiler output that a person pasted into a request, found without a model."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from optafly.context import trace_go, trace_rust
from optafly.context.trace_compilers import parse_eslint, parse_problems
from optafly.context.trace_java import parse_java, parse_thread
from optafly.context.trace_node import parse_node, parse_uncaught
from optafly.context.trace_pytest import parse_pytest
from optafly.context.trace_python import parse_python
from optafly.context.trace_resolve import FrameResolver
from optafly.context.trace_text import Block, Frame, Lines, Trace

__all__ = ["Frame", "FrameResolver", "Trace", "find_traces"]

_Parser = Callable[[Lines, int, int], list[Block]]

# Which reader to ask about a line. Each of them decides for itself: these only spare most lines the question.
_BEGINNINGS: Final = re.compile(
    r"\s*(?:"
    r"(?P<stack>at \S)"
    r'|(?P<file>File ")'
    r'|(?P<thread>Exception in thread "[^"]*" \S)'
    r"|(?P<go_panic>panic: |fatal error: |goroutine \d+ .*:$|runtime: goroutine stack|unexpected fault address)"
    r"|(?P<go_test>--- FAIL: )"
    r"|(?P<eslint>[0-9]+:[0-9]+\s+(?:error|warning)\s)"
    r"|(?P<included>In file included from )"
    r"|(?P<rustc>(?:error|warning)(?:\[[\w:-]+\])?: |[A-Z]{1,5}[0-9]{2,5} \S)"
    r"|(?P<pytest>={3,} (?:test session starts|FAILURES|ERRORS|short test summary info) =|__+ \S.* __+$|[E>]\s{3,}\S"
    r"|(?:FAILED|ERROR) \S+\.\w+(?:::| - |$)|\S[^:]*\.pyi?:[0-9]+: (?!error|warning|note)\S+(?:: | \S+$|$))"
    r"|(?P<inside>[^\s:][^:]*: (?:In [a-z ]+|At (?:top level|global scope)).*:$)"
    r"|(?P<uncaught>[^\n]+:[0-9]+$)"
    r")"
)
_ANYWHERE: Final = re.compile(
    r"(?P<header>Traceback \(most recent call last\):$)"
    r"|(?P<rust_panic>thread '[^']*'(?: \([0-9]+\))? panicked at )"
    r"|(?P<problem>[0-9]\)?(?::| -|\s:) ?(?:(?:fatal )?error|warning|\*\*\*|[A-Z]{1,5}[0-9]{2,5}:? |"
    r"undefined reference|multiple definition)|\.go:[0-9]+:[0-9]+: )"
)
_PARSERS: Final[Mapping[str, tuple[_Parser, ...]]] = MappingProxyType(
    {
        "stack": (parse_java, parse_node),
        "file": (parse_python,),
        "header": (parse_python,),
        "thread": (parse_thread,),
        "go_panic": (trace_go.parse_panic,),
        "go_test": (trace_go.parse_test,),
        "rust_panic": (trace_rust.parse_panic,),
        "rustc": (trace_rust.parse_rustc,),
        "pytest": (parse_pytest,),
        "uncaught": (parse_uncaught,),
        "eslint": (parse_eslint,),
        "included": (parse_problems,),
        "inside": (parse_problems,),
        "problem": (parse_problems,),
    }
)
# Readers of formats that begin at the margin; the others know what is indented under what.
_AT_MARGIN: Final = frozenset({"pytest", "included", "inside", "problem"})


def find_traces(text: str) -> tuple[Trace, ...]:
    """Find the tracebacks and compiler outputs in a text, in order of appearance.

    They never overlap, and what is written around them is not part of them. Colour codes, quote marks, code fences and
    Windows line ends may be in the text; offsets are of the text as given.
    """
    lines = Lines(text)
    found: list[Block] = []
    index = floor = 0
    while index < len(lines.texts):
        if not lines.texts[index]:
            index += 1
            continue
        blocks = _read(lines, index, floor)
        found += [block for block in blocks if block.kind]
        index = max(index, blocks[-1].last if blocks else index) + 1
        floor = index if blocks else floor
    return lines.traces(found)


def _read(lines: Lines, index: int, floor: int) -> list[Block]:
    for question in (_BEGINNINGS.match, _ANYWHERE.search):
        match = question(lines.texts[index])
        if match and match.lastgroup in _AT_MARGIN:
            lines.dedent(index)
        for parser in _PARSERS[match.lastgroup or ""] if match else ():
            if blocks := parser(lines, index, floor):
                return blocks
    return []
