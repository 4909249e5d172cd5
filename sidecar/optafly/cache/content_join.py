"""The second step of reading: words that belong together become one token."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from optafly.cache.content_lexicon import Phrase, corrected, lexicon
from optafly.cache.content_numbers import SCALES, clock, number_words, parse, quantity, unit_of
from optafly.cache.content_scan import plain_word
from optafly.cache.content_tokens import Token

_APART: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({
    "turn": {"off": "disable"}, "switch": {"off": "disable"}, "shut": {"down": "stop"},
    "leave": {"out": "skip"}, "keep": {"out": "exclude"}, "throw": {"away": "remove"}, "take": {"out": "remove"},
    "clean": {"up": "refactor"}, "roll": {"back": "undo"}, "bring": {"up": "start"}, "strip": {"off": "remove"},
    "cut": {"off": "truncate"}, "add": {"up": "sum"},
})  # fmt: skip
_MOST_BETWEEN: Final = 5
_TAKEN: Final = "\0"
_HALF: Final = Fraction(1, 2)


def with_phrases(scanned: Iterable[Token]) -> list[Token]:
    """Put one token for the words of each phrase of the lists."""
    tokens = list(scanned)
    tables = lexicon()
    stems = [corrected(token.text.lower()) if token.kind in {"word", "name"} else "" for token in tokens]
    lowers = [token.text.lower() for token in tokens]
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        name = _phrase_at(tables.name_phrases, lowers, at)
        phrase = name or _phrase_at(tables.phrases, stems, at)
        if phrase is None:
            apart = _apart_at(stems, at)
            if apart is not None:
                key, particle = apart
                found.append(plain_word(tokens[at].text, key, False))
                stems[particle] = _TAKEN
            elif stems[at] != _TAKEN:
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


def _apart_at(stems: Sequence[str], at: int) -> tuple[str, int] | None:
    """The key of a verb whose particle stands some words behind it ("turn the proxy off"), and the particle's place."""
    particles = _APART.get(stems[at])
    if particles is None:
        return None
    for place in range(at + 2, min(at + 2 + _MOST_BETWEEN, len(stems))):
        if stems[place] in particles:
            return particles[stems[place]], place
    return None


def with_numbers(tokens: Sequence[Token]) -> list[Token]:
    """Read digits and number words with the units behind them, and times of day."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token, after = _number_at(tokens, at)
        found.append(token)
        at = after
    return found


def _number_at(tokens: Sequence[Token], at: int) -> tuple[Token, int]:
    """The token that begins at a place, and where the next one does."""
    token = tokens[at]
    value = _value(token)
    after = at + 1
    if token.key == "#1" and token.role == "stop" and after < len(tokens):
        unit = unit_of(tokens[after].text, tokens[after].key) if len(tokens[after].text) > 3 else None
        return (token, after) if unit is None else (Token("number", token.text, quantity(Fraction(1), unit)), after + 1)
    if value is None:
        return _clock_at(tokens, at) if token.kind == "clock" else (token, after)
    if token.kind == "word" and 20 <= value <= 90 and after < len(tokens):
        units = _value(tokens[after])
        if tokens[after].kind == "word" and units is not None and 0 < units < 10:
            value, after = value + units, after + 1
    while after < len(tokens) and tokens[after].text.lower() in SCALES:
        value, after = value * SCALES[tokens[after].text.lower()], after + 1
    if value == _HALF and after < len(tokens) and tokens[after].text.lower() in {"a", "an"}:
        after += 1
    if after < len(tokens):
        end = _clock_end(tokens, after)
        if end is not None and value < 24 and value.denominator == 1:
            add, after = end
            return Token(
                "clock", token.text, clock((int(value) % 12 if add >= 0 else int(value)) + max(add, 0), 0)
            ), after
        unit = unit_of(tokens[after].text, tokens[after].key)
        if unit is not None:
            return Token("number", token.text, quantity(value, unit), literal=token.literal), after + 1
    if "." in token.text and "," not in token.text:
        return Token("version", token.text, token.text, literal=token.literal), after
    return Token("number", token.text, quantity(value, None), literal=token.literal), after


def _clock_at(tokens: Sequence[Token], at: int) -> tuple[Token, int]:
    hours, minutes, *seconds = map(int, tokens[at].text.split(":"))
    twelve = _half_day(tokens[at + 1].text.lower()) if at + 1 < len(tokens) else None
    if twelve is not None and hours <= 12:
        hours = hours % 12 + twelve
    key = clock(hours, minutes, *seconds)
    return Token("clock", tokens[at].text, key, literal=tokens[at].literal), at + (1 if twelve is None else 2)


def _clock_end(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The hours to add to an hour before this place, -1 for none, and where its words end; None where it is no hour."""
    words = [token.text.lower() for token in tokens[at : at + 3]]
    add = _half_day(words[0])
    if add is not None:
        return add, at + 1
    if words[0] in {"uhr", "o'clock"}:
        return -1, at + 1
    if words[:2] == ["in", "the"] and words[2:] in (["morning"], ["evening"], ["afternoon"]):
        return (0 if words[2] == "morning" else 12), at + 3
    return None


def _half_day(word: str) -> int | None:
    return 0 if word in {"am", "a.m"} else 12 if word in {"pm", "p.m"} else None


def _value(token: Token) -> Fraction | None:
    if token.kind == "number":
        return parse(token.text)
    if token.kind != "word" or token.role == "ordinal" or token.literal:
        return None
    if token.key == "half":
        return _HALF
    number = number_words().get(token.key)
    return None if number is None else Fraction(number)
