"""Slips of the finger: one letter wrong, missing, doubled, or changed places with its neighbour."""

from collections.abc import Iterable
from typing import Final

from optafly.refine import lexicon

MIN_LETTERS: Final = 4  # shorter words have too many neighbours
MIN_BEGINNING: Final = 3
_SHORT: Final = frozenset("the and add fix for this that has".split())  # short words that are mistyped most
_MEANT: Final = (
    lexicon.STOPWORDS | lexicon.GLUE | lexicon.CHANGES | lexicon.GENERIC | lexicon.LIMITS | lexicon.NEGATIONS
)


def is_slip(typed: str, meant: str, known: Iterable[str] = ()) -> bool:
    """Whether a typed word is most likely ``meant`` with a slip; never for a word that is itself meant as it stands.

    ``known`` are words of the project: they are no slips either. Both in lower case.
    """
    if meant in lexicon.ACTIONS and meant.startswith(typed) and len(typed) >= MIN_BEGINNING:
        return typed != meant  # "doc this", "impl it": the beginning of a verb
    if meant in _SHORT and typed not in _MEANT and len(typed) >= 2:
        return one_apart(typed, meant)
    if typed == meant or min(len(typed), len(meant)) < MIN_LETTERS or typed[0] != meant[0]:
        return False
    return typed not in _MEANT and one_apart(typed, meant) and typed not in set(known)


def one_apart(first: str, second: str) -> bool:
    """Whether one letter changed, missing, added, or two neighbours exchanged makes one word the other."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    one, other = first[start:], second[start:]
    if len(one) == len(other):
        swapped = len(one) > 1 and one[0] == other[1] and one[1] == other[0] and one[2:] == other[2:]
        return one[1:] == other[1:] or swapped
    return one[1:] == other or one == other[1:]
