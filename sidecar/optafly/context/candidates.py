"""Every place a request could be about, with what speaks for it: what the local model chooses from."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from optafly.context.diff import Hunk
from optafly.context.places import Target
from optafly.context.search import coverage, word_score
from optafly.protocol import Diagnostic

MAX_CHOICES: Final = 6
_SIGNS: Final = (
    "named", "path", "pasted", "selected", "cursor", "whole", "words", "word", "best",
    "error", "warning", "edited", "open",
)  # fmt: skip


class Candidate(msgspec.Struct, frozen=True):
    """A place and what speaks for it: ``named``, ``path``, ``pasted``, ``selected``, ``cursor``, ``words``, …

    ``whole``, ``words``, ``word``: the request has all, several, one of the words of its name; ``best``: no other
    place's name fits the request better.
    """

    target: Target
    signs: tuple[str, ...]


class Seen(msgspec.Struct, frozen=True):
    """What can speak for a place: the words of the request, what failed, what was edited."""

    words: Sequence[str]
    diagnostics: Sequence[Diagnostic]
    edits: Sequence[Hunk]


def merge(found: Iterable[tuple[str, Target]], seen: Seen) -> tuple[Candidate, ...]:
    """Places in the order they were found, each once, with every sign that speaks for it; at most `MAX_CHOICES`."""
    targets: dict[tuple[str, str, int, int], Target] = {}
    signs: dict[tuple[str, str, int, int], set[str]] = {}
    for sign, target in found:
        key = _key(target)
        targets.setdefault(key, target)
        signs.setdefault(key, set()).add(sign)
    chosen = list(targets)[:MAX_CHOICES]
    fits = {key: _fit(targets[key], seen.words) for key in chosen}
    best = max(fits.values(), default=_NO_FIT)
    for key, fit in fits.items():
        signs[key] -= {"words", "word"}
        signs[key] |= _of_words(fit) | ({"best"} if fit == best != _NO_FIT else set())
    return tuple(Candidate(targets[key], _ordered(signs[key] | _further(targets[key], seen))) for key in chosen)


_NO_FIT: Final = (0, 0.0)


def _fit(target: Target, words: Sequence[str]) -> tuple[int, float]:
    """How many words of the request are in the name of a place, and how much of the name they are."""
    if target.symbol is None:
        return _NO_FIT
    return coverage(word_score(words, target.symbol.name), target.symbol.name)


def _of_words(fit: tuple[int, float]) -> set[str]:
    count, share = fit
    return set() if not count else {"whole"} if share == 1.0 else {"words"} if count > 1 else {"word"}


def _key(target: Target) -> tuple[str, str, int, int]:
    symbol = target.symbol
    if symbol is not None:
        return target.path, symbol.qualified, symbol.start_line, 0
    if target.whole_file:
        return target.path, "", 0, 0
    return target.path, "", target.start_line, target.end_line


def _further(target: Target, seen: Seen) -> set[str]:
    found = set()
    if target.symbol is not None:
        inside = range(target.start_line, target.end_line + 1)
        lines = [
            (item.severity or 1) for item in seen.diagnostics
            if item.path == target.path and item.range.start.line + 1 in inside
        ]  # fmt: skip
        if lines:
            found.add("error" if min(lines) == 1 else "warning")
        if any(hunk.path == target.path and any(line in inside for line in hunk.changed_lines) for hunk in seen.edits):
            found.add("edited")
    return found


def _ordered(signs: set[str]) -> tuple[str, ...]:
    if "selected" in signs:
        signs = signs - {"cursor"}
    return tuple(sign for sign in _SIGNS if sign in signs)
