"""What the context is made of, and cutting it to a budget of tokens."""

import re
from collections.abc import Sequence

import msgspec

from optafly.context.languages import fence_of
from optafly.context.tokens import estimate_tokens

TAGS = ("context", "task", "constraints", "done_when", "open_questions")
# However it is spaced, and with attributes: a reader would still take it for the section's.
_TAG = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join(TAGS)})(?:\s[^<>]*)?/?>)")
_TICKS = re.compile("`+")


class Piece(msgspec.Struct, frozen=True):
    """One part of the context, quoted verbatim.

    ``priority`` decides what stays when the budget is short (low numbers stay), ``order`` where it stands.
    """

    kind: str
    title: str
    body: str
    path: str | None
    source: str
    priority: int
    order: int
    fence: bool = True
    start_line: int | None = None
    focus: tuple[int, int] | None = None

    def render(self) -> str:
        """The piece as it stands in the prompt: its title, then its text in a fence longer than any inside it."""
        if not self.body:
            return self.title
        if not self.fence:
            return f"{self.title}\n{self.body}" if self.title else self.body
        ticks = "`" * max(3, _longest_run(self.body) + 1)
        name = fence_of(self.path) if self.path and self.kind != "edits" else "diff" if self.kind == "edits" else ""
        return f"{self.title}\n{ticks}{name}\n{self.body}\n{ticks}"

    @property
    def tokens(self) -> int:
        """Estimated tokens of the rendered piece."""
        return estimate_tokens(self.render())


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def fit(pieces: Sequence[Piece], max_tokens: int) -> list[Piece]:
    """Choose the pieces that fit, most important first, shortening code that is too long around its focus."""
    left = max_tokens
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda item: (item.priority, item.order, item.title)):
        cost = piece.tokens
        if cost > left and piece.start_line is not None and left > 60:
            shorter = _shorten(piece, left)
            if shorter is not None:
                piece, cost = shorter, shorter.tokens  # noqa: PLW2901
        # What the person pasted is part of the request.
        if cost <= left or piece.kind == "trace":
            kept.append(piece)
            left = max(0, left - cost)
    return sorted(kept, key=lambda item: (item.order, item.path or "", item.start_line or 0, item.title))


def _shorten(piece: Piece, max_tokens: int) -> Piece | None:
    """Keep the lines around the focus (and the first line, which names the definition)."""
    assert piece.start_line is not None  # noqa: S101
    lines = piece.body.split("\n")
    first, last = piece.focus or (piece.start_line, piece.start_line)
    low = min(max(first - piece.start_line, 0), len(lines) - 1)
    high = min(max(last - piece.start_line, low), len(lines) - 1)
    costs = [estimate_tokens(line) + 1 for line in lines]
    room = max_tokens - estimate_tokens(piece.title) - 30
    while high > low and sum(costs[low : high + 1]) > room:
        high -= 1
    used = sum(costs[low : high + 1])
    if used > room:
        return None
    grown = True
    while grown:
        grown = False
        if high + 1 < len(lines) and used + costs[high + 1] <= room:
            high += 1
            used += costs[high]
            grown = True
        if low > 0 and used + costs[low - 1] <= room:
            low -= 1
            used += costs[low]
            grown = True
    start = piece.start_line + low
    body = "\n".join(lines[low : high + 1])
    title = piece.title.replace(
        f":{piece.start_line}-{piece.start_line + len(lines) - 1}", f":{start}-{start + high - low}", 1
    )
    return msgspec.structs.replace(piece, title=title, body=body, start_line=start)


def escape_tags(text: str) -> str:
    """Break up section tags inside quoted text, so that it cannot close its section; everything else stays as it is."""
    return _TAG.sub(r"<\\", text) if "<" in text else text
