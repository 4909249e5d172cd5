"""English words without their endings and spelling variants, so that forms of one word are equal."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from optafly.cache import content_forms

_ISE = re.compile(r"(?<=[a-z]{3})is(e|es|ed|er|ers|ing|able|ation|ations)$")
_YSE = re.compile(r"(?<=[a-z]{3})lys(e|es|ed|er|ers|ing)$")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
_LATIN = re.compile(r"[a-z]+")


def _table(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.split("\n"):
        key, colon, forms = line.partition(": ")
        if colon:
            found.update(dict.fromkeys(forms.split(), key))
    return found


_IRREGULAR: Final = _table(content_forms.IRREGULAR_LINES)
_BRITISH: Final = _table(content_forms.BRITISH_LINES)


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
    """The word without its ending: forms of one English word have one stem, which need not be a word itself."""
    word = american(word)
    if word in _IRREGULAR:
        word = _IRREGULAR[word]
    elif word not in content_forms.WHOLE and len(word) > 3 and _LATIN.fullmatch(word):
        word = _without_ending(word)
    return word[:-1] if len(word) > 3 and word.endswith("e") and word not in content_forms.WHOLE else word


def _without_ending(word: str) -> str:
    if word.endswith("ically") and len(word) > 8:
        word = word[:-4]
    elif word.endswith("ly") and len(word) > 5:
        word = word[:-2]
        if word.endswith("i"):
            word = f"{word[:-1]}y"
    if word.endswith("ies") and len(word) > 4:
        word = f"{word[:-3]}y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word in _IRREGULAR or word in content_forms.WHOLE:
        return _IRREGULAR.get(word, word)
    if word.endswith("ied") and len(word) > 4:
        return f"{word[:-3]}y"
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and re.search("[aeiouy]", word[: -len(ending)]):
            base = word[: -len(ending)]
            return base[:-1] if _DOUBLED.search(base) and len(base) > 3 and base not in content_forms.WHOLE else base
    return word
