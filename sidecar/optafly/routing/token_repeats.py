"""Pasted logs and tracebacks: repeated lines are counted, frames of libraries are listed in one line."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from optafly.context.tokens import estimate_tokens
from optafly.routing.token_form import Prompt
from optafly.routing.token_names import Names, same_file
from optafly.routing.token_outline import declares

_LONGEST_BLOCK: Final = 12  # lines that repeat together
_LEAST_TIMES: Final = 3
_LEAST_FRAMES: Final = 2
_LEAST_SAVED: Final = 8  # tokens
_PYTHON: Final = re.compile(r'(?P<indent>\s*)File "(?P<path>[^"]+)", line (?P<line>\d{1,9}), in (?P<function>.+)')
_NODE: Final = re.compile(
    r"(?P<indent>\s*)at (?:(?P<function>.+?) \()?(?:file://)?(?P<path>(?:node:|/|[A-Za-z]:[\\/])[^()]*?)"
    r":(?P<line>\d{1,9}:\d{1,9})\)?"
)
_LIBRARY: Final = re.compile(
    r".*(?:^|[\\/])(?:site-packages|dist-packages|node_modules|lib[\\/]python\d[\d.]*)[\\/](?P<inside>.+)"
)
_BUILT_IN: Final = re.compile(r"(?P<inside>node:.+|<frozen [^>]+>)")


class _Frame(NamedTuple):
    """A frame of a library: its lines from ``first`` on, ``size`` of them, and what names it."""

    first: int
    size: int
    path: str
    line: str
    function: str
    indent: str


def folded(prompt: Prompt, names: Names) -> Prompt:
    """The prompt with its pasted texts shortened.

    Each frame that is folded keeps file, line and function. Frames stay that raised the error, that are in a quoted
    file, or that hold a name.
    """
    paths = [quote.path for _, quote in prompt.quotes if quote.path]
    blocks = list(prompt.blocks)
    for at, quote in prompt.quotes:
        if quote.kind == "trace":
            lines = _without_repeats(_without_library_frames(list(quote.lines), paths, names))
            blocks[at] = msgspec.structs.replace(quote, lines=tuple(lines))
    return msgspec.structs.replace(prompt, blocks=tuple(blocks))


def _without_repeats(lines: list[str]) -> list[str]:
    """Runs of the same line, and of the same few lines in turn, once and with their number."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        size, times = _repeated(lines, at)
        if times < _LEAST_TIMES:
            kept.append(lines[at])
            at += 1
            continue
        block = lines[at : at + size]
        what = "the line above" if size == 1 else f"the {size} lines above"
        told = f"… {what}, {times} times in all"
        gained = estimate_tokens("\n".join(block)) * (times - 1) - estimate_tokens(told)
        kept += [*block, told] if gained >= _LEAST_SAVED else lines[at : at + size * times]
        at += size * times
    return kept


def _repeated(lines: Sequence[str], at: int) -> tuple[int, int]:
    """The shortest block that is repeated from here on, and how often it stands there."""
    for size in range(1, _LONGEST_BLOCK + 1):
        if not any(line.strip() for line in lines[at : at + size]):
            continue
        times = 1
        while lines[at : at + size] == lines[at + size * times : at + size * (times + 1)]:
            times += 1
        if times >= _LEAST_TIMES:
            return size, times
    return 1, 1


def _without_library_frames(lines: list[str], quoted: Sequence[str], names: Names) -> list[str]:
    frames = {
        frame.first: frame
        for frame in _frames(lines, quoted)
        if not any(names.in_line(line) or declares(line) for line in lines[frame.first : frame.first + frame.size])
    }
    kept: list[str] = []
    at = 0
    while at < len(lines):
        run = _run(frames, at)
        if not run:
            kept.append(lines[at])
            at += 1
            continue
        end = run[-1].first + run[-1].size
        told = f"{run[0].indent}… {len(run)} library frames: {_listed(run)}"
        gained = estimate_tokens("\n".join(lines[at:end])) - estimate_tokens(told)
        kept += [told] if gained >= _LEAST_SAVED else lines[at:end]
        at = end
    return kept


def _run(frames: dict[int, _Frame], at: int) -> list[_Frame]:
    """The frames of libraries that follow each other from a line on, where there are enough of them."""
    run: list[_Frame] = []
    while (frame := frames.get(at)) is not None:
        run.append(frame)
        at += frame.size
    return run if len(run) >= _LEAST_FRAMES else []


def _listed(run: Sequence[_Frame]) -> str:
    """Each frame by file, line and function; a file that is the one before is not said again."""
    parts, before = [], ""
    for frame in run:
        parts.append(f"{'' if frame.path == before else frame.path}:{frame.line} {frame.function}".rstrip())
        before = frame.path
    return ", ".join(parts)


def _frames(lines: Sequence[str], quoted: Sequence[str]) -> Iterator[_Frame]:
    """The frames of libraries without those that raised: what is read first stays."""
    for at, line in enumerate(lines):
        match = _PYTHON.fullmatch(line) or _NODE.fullmatch(line)
        if match is None:
            continue
        inside = _LIBRARY.fullmatch(match["path"]) or _BUILT_IN.fullmatch(match["path"])
        if inside is None or any(same_file(match["path"].replace("\\", "/"), path) for path in quoted):
            continue
        python = match.re is _PYTHON
        size = _size(lines, at, len(match["indent"])) if python else 1
        # Python prints the frame that raised last, Node first.
        raised = not (_PYTHON.fullmatch(_line(lines, at + size)) if python else _NODE.fullmatch(_line(lines, at - 1)))
        if not raised:
            path = inside["inside"].replace("\\", "/")
            yield _Frame(at, size, path, match["line"], match["function"] or "", match["indent"])


def _size(lines: Sequence[str], at: int, depth: int) -> int:
    """How many lines a frame of Python has: its place, and what is indented under it."""
    end = at + 1
    while end < len(lines) and lines[end][: depth + 1].isspace() and not _PYTHON.fullmatch(lines[end]):
        end += 1
    return end - at


def _line(lines: Sequence[str], at: int) -> str:
    return lines[at] if 0 <= at < len(lines) else ""
