"""A long prompt in several parts, each a prompt of its own with the whole request."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from optafly.context.tokens import estimate_tokens
from optafly.routing.token_form import Prompt, Quote, stands_for
from optafly.routing.token_outline import indent

_CONTINUED: Final = " (continued)"
_FRAME: Final = 40  # tokens for the tags, and for the line that says which part it is
_LEAST_ROOM: Final = 60  # tokens of context in each part; with less there would be more request than context


def in_chunks(prompt: Prompt, most: int) -> tuple[str, ...]:
    """The prompt in parts of at most ``most`` tokens, cut between blocks, and inside of those that are longer.

    Every line of the context is in exactly one part, in order, and every part has the request; a part is longer only
    where a single line is. Nothing where one part is enough, or where the request leaves no room for a context.
    """
    room = most - estimate_tokens(prompt.request) - _FRAME
    if room < _LEAST_ROOM:
        return ()
    parts: list[list[Quote | str]] = [[]]
    used = 0
    for block in prompt.blocks:
        for piece in _pieces(block, room):
            size = _size(piece)
            if parts[-1] and used + size > room:
                parts.append([])
                used = 0
            parts[-1].append(piece)
            used += size
    if len(parts) == 1:
        return ()
    return tuple(
        msgspec.structs.replace(prompt, blocks=(f"Part {number} of {len(parts)} of this context.", *part)).render()
        for number, part in enumerate(parts, start=1)
    )


def _size(block: Quote | str) -> int:
    return estimate_tokens(block if isinstance(block, str) else block.render()) + 1


def _pieces(block: Quote | str, room: int) -> Iterator[Quote | str]:
    """A block, or the stretches of one that is too long for a part."""
    if isinstance(block, str) or _size(block) <= room:
        yield block
        return
    costs = [estimate_tokens(line) + 1 for line in block.lines]
    room -= estimate_tokens(block.title) + 10
    start, number = 0, block.first
    while start < len(costs):
        end, used = start, 0
        while end < len(costs) and (end == start or used + costs[end] <= room):
            used += costs[end]
            end += 1
        end = _good_end(block.lines, start, end)
        lines = block.lines[start:end]
        length = sum(map(stands_for, lines))
        yield msgspec.structs.replace(block, title=_title(block, number, length, again=start > 0), lines=lines)
        start, number = end, number + length


def _good_end(lines: Sequence[str], start: int, end: int) -> int:
    """Where to cut at the latest: before the line in the second half that is indented least, the last of several."""
    if end == len(lines):
        return end
    candidates = [at for at in range(start + (end - start) // 2 + 1, end + 1) if lines[at].strip()]
    return min(candidates, key=lambda at: (indent(lines[at]), -at), default=end)


def _title(block: Quote, number: int, length: int, *, again: bool) -> str:
    if block.kind in {"code", "test"} and block.numbers():
        whole = f"{block.path}:{block.first}-{block.last}"
        return block.title.replace(whole, f"{block.path}:{number}-{number + length - 1}", 1)
    return block.title + _CONTINUED * again
