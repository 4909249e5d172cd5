"""The network that finds where the changing part of a free text begins, from MiniLM's states of its word pieces.

Places are the beginnings of lines and, within a line, of sentences. Each is seen through the states of the word pieces
before and behind it and the means over the stretches on both sides, with a few numbers on the layout; a recurrent layer
in both directions over all places of the text lets them know of each other.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from optafly.neural.encoder import MOST_PIECES, Encoder, readable
from optafly.neural.minilm import DIMENSIONS
from optafly.neural.runtime import load_torch

_MARKS: Final = 2
_STRIDE: Final = 190
"""Word pieces from one window to the next; each piece's state is taken from where most is seen around it."""
MOST_READ: Final = 4000
"""Letters read of the beginning, and as many of the end; no boundary is found between."""
_MOST_WINDOWS: Final = 6
_SIZE: Final = MOST_PIECES - _MARKS
_MOST: Final = _SIZE + (_MOST_WINDOWS - 1) * _STRIDE
"""Word pieces read of the beginning, and as many of the end, where the letters make more."""
_LAYOUT: Final = 19
FEATURES: Final = 4 * DIMENSIONS + _LAYOUT
_HIDDEN: Final = 96
_OVER: Final = 48

_SENTENCE: Final = re.compile(r"[.!?:][\"')\]]?[ \t]+(?=\S)")
_LINE: Final = re.compile(r"^[^\S\n]*(?=\S)", re.MULTILINE)
_OPENING: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"<[a-z]", r"</", r"#+ ", r"```|~~~|\"\"\"", r"[-*•] |\d+[.)] |\(\d+\)", r"> ", r"[\w .]{1,24}[:：]",
        r"={3,}|\[[a-z]",
    )
)  # fmt: skip
_CLOSED: Final = re.compile(r"(?:</[\w-]+>|```|~~~|\"\"\"|-{3,}|={3,}|\*{3,})\s*$")


class Place(msgspec.Struct, frozen=True):
    """Where a boundary may stand: an offset in code points, and whether a line begins there."""

    offset: int
    line: bool


class Stretch(msgspec.Struct, frozen=True, eq=False):
    """The word pieces of a part of a text: where each begins in the text, and torch float32 states (pieces, 384)."""

    starts: list[int]
    states: Any


def places(text: str) -> list[Place]:
    """All places of a text but its beginning, in order."""
    lines = {found.end() for found in _LINE.finditer(text)}
    sentences = {found.end() for found in _SENTENCE.finditer(text)} - lines
    first = len(text) - len(text.lstrip())
    return [Place(offset, offset in lines) for offset in sorted(lines | sentences) if first < offset < len(text)]


def build() -> Any:
    """The network with the parameters to begin training with, drawn from torch's global generator."""
    nn = load_torch().nn
    return nn.ModuleDict(
        {
            "look": nn.Linear(FEATURES, _HIDDEN),
            "over": nn.GRU(_HIDDEN, _OVER, bidirectional=True, batch_first=True),
            "say": nn.Linear(_HIDDEN + 2 * _OVER, 1),
        }
    )


def logits(network: Any, features: Any, *, drop: float = 0.0) -> Any:
    """How likely a boundary stands at each place: (places,) for features (places, `FEATURES`) of one text."""
    functional = load_torch().nn.functional
    seen = functional.dropout(functional.relu(network["look"](functional.dropout(features, drop))), drop)
    around, _ = network["over"](seen[None])
    together = functional.dropout(load_torch().cat([seen, around[0]], dim=1), drop)
    return network["say"](together)[:, 0]


def features_of(encoder: Encoder, text: str) -> tuple[list[Place], Any]:
    """The places that are read and what the network is given of them: torch float32 (places, `FEATURES`)."""
    torch = load_torch()
    text = readable(text)
    whole = places(text)
    read: list[Place] = []
    rows: list[Any] = []
    for stretch in _stretches(encoder, text):
        if not stretch.starts:
            continue
        some = _found(stretch.starts, whole)
        cuts = [0, *(at for _, at in some), len(stretch.starts)]
        for (place, at), before, behind in zip(some, cuts, cuts[2:], strict=False):
            states = stretch.states
            rows.append(torch.cat([states[at - 1], states[at], states[before:at].mean(0), states[at:behind].mean(0)]))
            read.append(place)
    if not read:
        return [], torch.zeros(0, FEATURES)
    return read, torch.cat([torch.stack(rows), torch.tensor(_layout(text, read))], dim=1)


def _stretches(encoder: Encoder, text: str) -> list[Stretch]:
    """All of a text, or as much of its beginning as of its end."""
    if len(text) > 2 * MOST_READ:
        head = _pieces(encoder, text, 0, MOST_READ)
        tail = _pieces(encoder, text, len(text) - MOST_READ, len(text))
    else:
        head = tail = _pieces(encoder, text, 0, len(text))
        if len(head) <= 2 * _MOST:
            return [_read(encoder, head)]
    return [_read(encoder, head[:_MOST]), _read(encoder, tail[-_MOST:])]


def _pieces(encoder: Encoder, text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """The word pieces of a part of a text: each one's number and where in the text it begins."""
    tokenizer = encoder.tokenizer
    found = tokenizer.encode(text[begin:end], add_special_tokens=False)
    return [(number, begin + start) for number, (start, _) in zip(found.ids, found.offsets, strict=True)]


def _found(starts: Sequence[int], whole: Sequence[Place]) -> list[tuple[Place, int]]:
    """The places within a stretch, each with the number of the piece that begins there; no piece has two."""
    found: list[tuple[Place, int]] = []
    for place in whole:
        at = bisect_left(starts, place.offset)
        if 0 < at < len(starts) and at > (found[-1][1] if found else 0):
            found.append((place, at))
    return found


def _read(encoder: Encoder, read: Sequence[tuple[int, int]]) -> Stretch:
    """The states of word pieces that follow each other, read in windows that overlap."""
    torch = load_torch()
    ids = [number for number, _ in read]
    first, last = encoder.tokenizer.token_to_id("[CLS]"), encoder.tokenizer.token_to_id("[SEP]")
    windows = range(0, max(1, len(ids) - _SIZE + _STRIDE), _STRIDE)
    states = torch.zeros(len(ids), DIMENSIONS)
    with torch.inference_mode():
        for number, at in enumerate(windows):
            pieces = ids[at : at + _SIZE]
            if not pieces:
                continue
            out = encoder.network.states(torch.tensor([[first, *pieces, last]]))[-1][0, 1:-1]
            # In the middle of the overlap one window hands over to the next.
            skip = 0 if number == 0 else (_SIZE - _STRIDE) // 2
            states[at + skip : at + len(pieces)] = out[skip:]
    return Stretch([start for _, start in read], states)


def _layout(text: str, read: Sequence[Place]) -> list[list[float]]:
    """Numbers on what each place looks like: (places, `_LAYOUT`)."""
    total = max(1, len(text))
    last_gap = text.rstrip().rfind("\n\n")
    rows = []
    for number, place in enumerate(read):
        before, rest = text[max(0, place.offset - 80) : place.offset], text[place.offset : place.offset + 400]
        gap = before[len(before.rstrip()) :].count("\n")
        line = rest.partition("\n")[0]
        ahead = len(read) - 1 - number
        rows.append(
            [
                float(place.line), float(gap > 1), float(gap > 2), float(_CLOSED.search(before) is not None),
                place.offset / total, math.log1p(place.offset) / 8, math.log1p(total - place.offset) / 8,
                math.log1p(ahead) / 4, math.log1p(number) / 4,
                float(place.offset > last_gap), float("?" in rest and ahead < 4),
                *(float(pattern.match(line) is not None) for pattern in _OPENING),
            ]
        )  # fmt: skip
    return rows
