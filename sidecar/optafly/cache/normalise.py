"""One form for requests that cannot need different answers: blanks, capitals, politeness, spelling, typography."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from optafly.cache.content_languages import guess_language
from optafly.cache.content_lexicon import lexicon
from optafly.cache.content_names import AMBIGUOUS
from optafly.cache.content_polite import ABOUT_WORDS, BARE_PLEASE, BEGINNINGS, ENDINGS, SMALL_WORDS
from optafly.cache.content_stem import american, vocabulary

_MOST_ROUNDS: Final = 20
# What is left as it is: code, quoted text, addresses, tags.
_LITERAL: Final = re.compile(
    r"""```.*?(?:```|\Z)|`[^`\n]*`|"[^"\n]*"|(?<!\w)'[^'\n]*'(?!\w)|https?://\S+|<[^<>\n]*>""", re.DOTALL
)
# A line of code or data: indented, or with marks that prose does not have.
_CODE_LINE: Final = re.compile(r"\s|.*[{}=|\\$#<>~^;\t\[\]]|.*//|[^\w]*\Z|[^\w\s]|\d")
_CURLY: Final = re.compile(r"[“„]([^“”„\"\n]*)[”“]|«\s?([^«»\"\n]*?)\s?»")
_CURLY_APOSTROPHE: Final = re.compile(r"(?<=[^\W\d_])[’ʼ](?=[^\W\d_])")
_DASH: Final = re.compile(r"(?<=[^\W\d_])[\u2010\u2011\u2013](?=[^\W\d_])|(?<=[^\W_] )[\u2013\u2014](?= [^\W_])")
_BLANKS: Final = re.compile(r"[ \t\u00a0\u2009\u202f]+")
_LINE_END: Final = re.compile(r"(?<=[\w,.;:?!)]) ?\n(?=[^\W\d_(])")
# A word of prose: letters, and nothing on either side that would make it part of a name, a path or code.
_WORD: Final = re.compile(r"(?<![\w@#$&*+/\\.:=<>~^%'-])[^\W\d_]+(?:'[^\W\d_]+)*(?=[,.;:?!)]*(?:\s|\Z))")
_SENTENCE_START: Final = re.compile(r"(?:\A|[.?!:]\s|\n\s?)[(¿¡]*\Z")
_CONTRACTIONS: Final[Mapping[str, str]] = MappingProxyType({
    "what's": "what is", "where's": "where is", "how's": "how is", "who's": "who is", "there's": "there is",
    "that's": "that is", "it's": "it is", "whats": "what is", "can't": "can not", "cannot": "can not",
    "won't": "will not", "shan't": "shall not", "i'm": "i am", "let's": "let us", "dont": "do not",
    "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not", "wasnt": "was not",
    "havent": "have not", "hasnt": "has not", "shouldnt": "should not", "wouldnt": "would not",
    "couldnt": "could not", "vs.": "vs", "versus": "vs",
})  # fmt: skip
_NOT: Final = re.compile(r"(do|does|did|is|are|was|were|has|have|had|should|would|could|must|need)n't")
_SHORT: Final = re.compile(r"(i|you|we|they|who|what|there)'(ve|re|ll)")
_LONG: Final[Mapping[str, str]] = MappingProxyType({"ve": "have", "re": "are", "ll": "will"})
_EMAIL: Final = re.compile(r"(?<![\w./@-])[eE]-[mM]ail(s?)(?![\w./@-])")
_FINAL: Final = re.compile(r"(?<=[\w)\"'`%])(?:[.?!。？！]+|[ ][?!]+)\Z")
# In these languages a mark at the end of a name is part of it: sort!, empty?
_MARKS_IN_NAMES: Final = re.compile(
    r"\b(?:ruby|rails|crystal|elixir|clojure|scheme|lisp|racket|julia|macro)\b", re.IGNORECASE
)
_LAST_WORD: Final = re.compile(r"[^\W\d_]+(?=[.?!。？！]+\Z)")


def normalise(text: str) -> str:
    """The form shared by texts that cannot need different answers.

    Total on any text, and normalising twice changes nothing. Code, quoted text, indented lines, names, numbers and
    negations stay as they are, and so does a text of which hardly anything would be left.
    """
    seen = {text}
    for _ in range(_MOST_ROUNDS):
        text = _round(text)
        if text in seen:
            break
        seen.add(text)
    return text


def _round(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()
    text = _outside(text, _BLANKS, lambda _: " ")
    if "\n" not in text:
        text = text.lstrip()
    text = _outside(text, _LINE_END, lambda _: " ")
    if not _about_words(text):
        for step in (_with_plain_marks, _without_capitals, _spelled_out, _without_politeness):
            text = step(text)
    return _without_final_mark(text)


@cache
def _pattern(expression: str, where: str) -> re.Pattern[str]:
    anchored = rf"\A(?:{expression})" if where == "begin" else expression
    return re.compile(anchored, re.IGNORECASE)


def _about_words(text: str) -> bool:
    return _pattern(ABOUT_WORDS, "any").search(text) is not None


def _kept(text: str) -> list[tuple[int, int]]:
    """Where the text must stay as it is: from and to, in order, apart from each other."""
    spans = [match.span() for match in _LITERAL.finditer(text)]
    if "\n" in text:
        at = 0
        for line in text.split("\n"):
            if _CODE_LINE.match(line):
                spans.append((at - 1, at + len(line) + 1))
            at += len(line) + 1
    return sorted(spans)


def _outside(text: str, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> str:
    """The text with each match replaced that does not touch what must stay as it is."""
    if pattern.search(text) is None:
        return text
    spans = _kept(text)

    def replaced(match: re.Match[str]) -> str:
        touching = any(start < match.end() and match.start() < end for start, end in spans)
        return match.group() if touching else replace(match)

    return pattern.sub(replaced, text)


def _with_plain_marks(text: str) -> str:
    text = _outside(text, _CURLY_APOSTROPHE, lambda _: "'")
    text = _outside(text, _DASH, lambda _: "-")
    text = _outside(text, _CURLY, lambda match: f'"{match[1] or match[2] or ""}"')
    return _outside(text, _EMAIL, lambda match: f"email{match[1]}")


def _without_capitals(text: str) -> str:
    shouting = text.isupper() and len(text.split()) >= 3

    def small(match: re.Match[str]) -> str:
        word, lower = match.group(), match.group().lower()
        if word == lower or len(lower) != len(word):
            return word
        names = lexicon().names
        if (lower in names and lower not in AMBIGUOUS and len(lower) > 2) or word == "I":
            return lower
        starts = _SENTENCE_START.search(text, 0, match.start()) is not None
        return lower if lower in SMALL_WORDS and (shouting or (starts and word[1:] == lower[1:])) else word

    return _outside(text, _WORD, small)


def _spelled_out(text: str) -> str:
    """Contractions in full and British words in American spelling, where the text is English."""
    if guess_language(text).language != "en":
        return text

    def full(match: re.Match[str]) -> str:
        word = match.group()
        lower = word.lower()
        if lower in _CONTRACTIONS:
            return _CONTRACTIONS[lower]
        if found := _NOT.fullmatch(lower):
            return f"{found[1]} not"
        if found := _SHORT.fullmatch(lower):
            return f"{found[1]} {_LONG[found[2]]}"
        return american(word) if word.islower() else word

    return _outside(text, _WORD, full)


def _without_politeness(text: str) -> str:
    before = ""
    while before != text:
        before = text
        for expression in BEGINNINGS:
            match = _pattern(expression, "begin").match(text)
            if match is not None and _enough(text[match.end() :]):
                text = text[match.end() :]
        for expression in ENDINGS if ":" in text else (*ENDINGS, BARE_PLEASE):
            match = _pattern(expression, "end").search(text)
            if match is not None and _enough(text[: match.start()]) and not _in_kept(text, match.start()):
                text = text[: match.start()]
    return text


def _in_kept(text: str, at: int) -> bool:
    return any(start < at < end for start, end in _kept(text))


def _enough(text: str) -> bool:
    """Whether a text still asks for something: two words at least, or a few characters of a script without blanks."""
    return len(text.split()) >= 2 or (len(text) >= 3 and not text.isascii())


def _without_final_mark(text: str) -> str:
    """The text without the mark that ends its last sentence, unless the mark may belong to a name."""
    match = _FINAL.search(text)
    if match is None or _in_kept(text, match.start() + 1) or text.endswith(".."):
        return text
    if match.group().strip() in {".", "。"} or not _MARKS_IN_NAMES.search(text):
        last = _LAST_WORD.search(text)
        plain = match.group().strip() in {".", "。", "？", "！"} or (
            last is not None and _is_ordinary(last.group().lower())
        )
        return text[: match.start()] if plain else text
    return text


def _is_ordinary(word: str) -> bool:
    return word in vocabulary() or word in lexicon().names or word in SMALL_WORDS or not word.isascii()
