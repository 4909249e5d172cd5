"""Requests of 60 words for timing: of the project's own pairs, far from each other, and each in other words."""

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from optafly.cache.guard import difference
from optafly.cache.normalise import normalise
from tests.bench.cache_data import SEED, held_out_pairs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORDS: Final = 60
# Words that change nothing of what is asked, and the places where they are put in.
_SMALL: Final = ("just", "also", "now", "then", "really", "still")
_PLACES: Final = (20, 25, 30, 35, 40, 45)


def prompts(count: int, words: int = WORDS, seed: int = SEED) -> list[str]:
    """Prompts of so many words, put together from the English requests of the project's own pairs."""
    found = sorted(text for text in {text for pair in held_out_pairs() for text in (pair.a, pair.b)} if _plain(text))
    choose = random.Random(seed)
    made = []
    for _ in range(count):
        taken: list[str] = []
        while len(taken) < words:
            taken += choose.choice(found).split()
        made.append(" ".join(taken[:words]))
    return made


def polite(text: str) -> str:
    """The same request with words around it that cannot matter."""
    return f"Hello, please {text}, thanks!"


def reworded(text: str, count: int) -> list[str]:
    """Up to so many texts that differ from it and from each other in a small word, which no rule refuses."""
    return [made for made in _with_small_words(text) if _for_the_verifier(text, made)][:count]


def has_all_forms(text: str, count: int) -> bool:
    """Whether it counts as equal with politeness around it, and can be reworded so many times."""
    return normalise(polite(text)) == normalise(text) and len(reworded(text, count)) == count


def far_apart(texts: Sequence[str], vectors: "NDArray[np.float32]", least: float) -> list[str]:
    """Those of the texts of which no two are as similar as ``least``."""
    chosen: list[int] = []
    for number in range(len(texts)):
        if not chosen or (vectors[chosen] @ vectors[number]).max() < least:
            chosen.append(number)
    return [texts[number] for number in chosen]


def _plain(text: str) -> bool:
    """English, or code, and not one of our assembled prompts, whose task alone would be compared."""
    return text.isascii() and "<task>" not in text


def _with_small_words(text: str) -> Iterator[str]:
    words = text.split()
    for place, small in zip(_PLACES, _SMALL, strict=True):
        yield " ".join((*words[:place], small, *words[place:]))


def _for_the_verifier(a: str, b: str) -> bool:
    return difference(a, b) is None and normalise(a) != normalise(b)
