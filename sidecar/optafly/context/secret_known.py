"""Secrets already found, looked for wherever else they stand."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from optafly.context.secret_spans import Span

SHORTEST: Final = 4
_INSIDE_WORDS: Final = 8
# A single word of ordinary letters may be part of any identifier: it must be this long to be replaced inside one.
_LONG_WORD: Final = 12
_QUOTES: Final = frozenset("\"'`")
_PLAIN: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


class KnownSecrets:
    """Finds given secrets in texts, in time that grows with the text and not with the number of secrets.

    Eight characters or more are found inside longer words too. Shorter ones must stand alone, and where they are
    nothing but a word or a number, in quotes: ``admin`` and ``8080`` are too common to be hidden everywhere.
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = {secret: kind for secret, kind in types.items() if len(secret) >= SHORTEST}
        lengths: dict[str, set[int]] = {}
        for secret in self._types:
            lengths.setdefault(secret[:SHORTEST], set()).add(len(secret))
        self._lengths = {start: sorted(of_start, reverse=True) for start, of_start in lengths.items()}
        # The search for the first four characters runs in `re`; only the few places it lets through are looked up.
        sets = ("".join(map(re.escape, sorted({start[place] for start in lengths}))) for place in range(SHORTEST))
        self._possible = re.compile("(?=" + "".join(f"[{chars}]" for chars in sets) + ")") if lengths else None

    def spans(self, text: str, start: int, stop: int) -> Iterator[Span]:
        """Where known secrets stand between two places of a text, the longest at each place, none overlapping."""
        if self._possible is None:
            return
        done = start
        for candidate in self._possible.finditer(text, start, stop):
            at = candidate.start()
            if at < done:
                continue
            for length in self._lengths.get(text[at : at + SHORTEST], ()):
                kind = self._types.get(text[at : at + length]) if at + length <= stop else None
                if kind is not None and _stands_out(text, at, at + length):
                    yield Span(at, at + length, kind)
                    done = at + length
                    break


def _stands_out(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    plain = _PLAIN.fullmatch(text, start, end) is not None
    if end - start >= (_LONG_WORD if plain else _INSIDE_WORDS):
        return True
    if plain and end - start < _INSIDE_WORDS:
        return before in _QUOTES and after in _QUOTES
    return not (_in_word(before) or _in_word(after))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
