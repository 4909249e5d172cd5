"""Reading requests: the steps from text to tokens."""

from functools import lru_cache

from optafly.cache.content_join import with_numbers, with_phrases
from optafly.cache.content_languages import guess_language
from optafly.cache.content_scan import Scanner
from optafly.cache.content_tokens import Reading, plain


def read(text: str) -> Reading:
    """Read a request; any text is fine."""
    text = plain(text)
    return _read(text, guess_language(text).language)


def read_both(a: str, b: str) -> tuple[Reading, Reading]:
    """Read two requests; one whose language is not certain is read in the language of the other."""
    a, b = plain(a), plain(b)
    one, two = guess_language(a), guess_language(b)
    first = two.language if two.sure and not one.sure else one.language
    second = one.language if one.sure and not two.sure else two.language
    if not one.sure and not two.sure and first != second:
        first = second = next((language for language in (first, second) if language != "en"), "en")
    return _read(a, first), _read(b, second)


# The same request is read beside every candidate, by the guard and for the features.
@lru_cache(maxsize=16)
def _read(text: str, language: str) -> Reading:
    return Reading(tuple(with_numbers(with_phrases(Scanner(text, language).tokens()))), language)
