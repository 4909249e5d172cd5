"""English words without their endings and spelling variants, so that forms of one word are equal."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from optafly.cache import content_forms, content_terms, content_vocabulary
from optafly.cache.content_lists import entries

_ISE = re.compile(r"(?<=[a-z]{3})is(e|es|ed|er|ers|ing|able|ation|ations)$")
_YSE = re.compile(r"(?<=[a-z]{3})lys(e|es|ed|er|ers|ing)$")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
_VOWEL = re.compile(r"[aeiouy]")
# A consonant after a single vowel, which would be doubled before the ending.
_SHORT = re.compile(r"(?:^|[^aeiou])[aeiou][bdgklmnpt]$")
_PREFIX = re.compile(r"^(?:re|un|de|pre|dis|mis|non|sub|over|auto|multi|inter)")
_LATIN = re.compile(r"[a-z]+")


def _by_form(lines: str) -> dict[str, str]:
    return {form: word for word, forms in entries(lines) for form in forms}


_IRREGULAR: Final = _by_form(content_forms.IRREGULAR + "|" + content_forms.VARIANTS)
_BRITISH: Final = _by_form(content_forms.BRITISH)


def without_accents(word: str) -> str:
    """The word with accents taken off its Latin letters."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(char for char in parts if not "\u0300" <= char <= "\u036f"))


def american(word: str) -> str:
    """The American spelling of a lower-case English word; the word itself where there is no other."""
    if word in _BRITISH:
        return _BRITISH[word]
    if word.endswith("s") and word[:-1] in _BRITISH:
        return _BRITISH[word[:-1]] + "s"
    for ending in ("ed", "ing", "al", "ly", "er", "ers"):
        stem = word.removesuffix(ending)
        if stem != word and stem in _BRITISH:
            return _BRITISH[stem] + ending
    if word in content_forms.KEEP_S or len(word) < 6:
        return word
    word = _ISE.sub(r"iz\1", word)
    return _YSE.sub(r"lyz\1", word)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The plain form of a lower-case English word, the same for all its forms; as good as the vocabulary is."""
    word = american(word)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or word in content_forms.WHOLE or not _LATIN.fullmatch(word):
        return word
    return _without_ending(word)


def _without_ending(word: str) -> str:
    known = vocabulary()
    if word.endswith("ly") and len(word) > 5 and word not in known:
        word = _first_known(word, ("ically", "ic"), ("ily", "y"), ("bly", "ble"), ("ly", ""), ("ly", "e"), ("ly", "le"))
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and word not in known:
        word = _first_known(word, ("ies", "y"), ("s", ""), ("es", ""))
        word = _IRREGULAR.get(word, word)
    if word.endswith("ied") and len(word) > 4:
        return f"{word[:-3]}y"
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 2 and _VOWEL.search(base):
            return _verb(base)
    return word


def _first_known(word: str, *endings: tuple[str, str]) -> str:
    """The word with the first of the endings exchanged that gives a known word, or else the first that fits."""
    fitting = [word.removesuffix(old) + new for old, new in endings if word.endswith(old)]
    return next((form for form in fitting if form in vocabulary()), fitting[0] if fitting else word)


def _verb(base: str) -> str:
    """The verb whose form is ``base`` with -ing or -ed behind it."""
    if _DOUBLED.search(base) and _is_known(base[:-1]):
        return base[:-1]
    if _is_known(f"{base}e") and (not _is_known(base) or len(base) == 2 or _SHORT.search(base)):
        return f"{base}e"
    if _is_known(base) or not _DOUBLED.search(base) or len(base) < 4:
        return base
    return base[:-1]


def _is_known(word: str) -> bool:
    known = vocabulary()
    return word in known or (len(word) > 5 and _PREFIX.sub("", word, count=1) in known)


@cache
def vocabulary() -> frozenset[str]:
    """The words of `content_vocabulary` and `content_terms`."""
    return frozenset((content_vocabulary.ENGLISH + content_terms.TERMS).split())
