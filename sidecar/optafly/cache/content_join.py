"""The second step of reading: words that belong together become one token."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from optafly.cache.content_lexicon import Phrase, lexicon
from optafly.cache.content_numbers import FRACTION_WORDS, SCALES, number_words, parse, quantity, unit_of
from optafly.cache.content_scan import plain_word
from optafly.cache.content_stem import stem
from optafly.cache.content_tokens import Token


def with_phrases(scanned: Iterable[Token]) -> list[Token]:
    """Put one token for the words of each phrase of the lists."""
    tokens = list(scanned)
    tables = lexicon()
    stems = [stem(token.text.lower()) if token.kind in {"word", "name"} else "" for token in tokens]
    lowers = [token.text.lower() for token in tokens]
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        name = _phrase_at(tables.name_phrases, lowers, at)
        phrase = name or _phrase_at(tables.phrases, stems, at)
        if phrase is None:
            found.append(tokens[at])
            at += 1
            continue
        parts, key = phrase
        text = " ".join(token.text for token in tokens[at : at + len(parts)])
        found.append(Token("name", text, key) if name else plain_word(text, key, False))
        at += len(parts)
    return found


def _phrase_at(phrases: Mapping[str, tuple[Phrase, ...]], forms: Sequence[str], at: int) -> Phrase | None:
    for phrase in phrases.get(forms[at], ()):
        if tuple(forms[at : at + len(phrase[0])]) == phrase[0]:
            return phrase
    return None


def with_numbers(tokens: Sequence[Token]) -> list[Token]:
    """Read digits and number words with the units behind them."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        value = _value(token)
        if value is None:
            found.append(token)
            at += 1
            continue
        after = at + 1
        while after < len(tokens) and tokens[after].text.lower() in SCALES:
            value *= SCALES[tokens[after].text.lower()]
            after += 1
        if token.key == "half" and after < len(tokens) and tokens[after].text.lower() in {"a", "an"}:
            after += 1
        unit = unit_of(tokens[after].text) if after < len(tokens) else None
        if unit is None and "." in token.text:
            found.append(Token("version", token.text, token.text, literal=token.literal))
        else:
            found.append(Token("number", token.text, quantity(value, unit), literal=token.literal))
        at = after + (unit is not None)
    return found


def _value(token: Token) -> Fraction | None:
    if token.kind == "number":
        return parse(token.text)
    if token.kind != "word" or token.role == "ordinal" or token.literal:
        return None
    number = number_words().get(token.key)
    return FRACTION_WORDS.get(token.key) if number is None else Fraction(number)
