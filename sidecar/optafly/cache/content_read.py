"""Reading a request: the steps from text to tokens."""

from optafly.cache.content_join import with_numbers, with_phrases
from optafly.cache.content_languages import guess_language
from optafly.cache.content_scan import Scanner
from optafly.cache.content_tokens import Reading, plain


def read(text: str) -> Reading:
    """Read a request; any text is fine."""
    text = plain(text)
    language = guess_language(text)
    return Reading(tuple(with_numbers(with_phrases(Scanner(text, language).tokens()))), language)
