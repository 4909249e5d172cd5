"""The first step of reading: cut a text into tokens and say what each is by its form."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from optafly.cache import content_words as words
from optafly.cache.content_languages import foreign
from optafly.cache.content_lexicon import corrected, key_of, lexicon
from optafly.cache.content_names import AMBIGUOUS
from optafly.cache.content_stem import stem, vocabulary, without_accents
from optafly.cache.content_tokens import Role, Token

_EXTENSIONS: Final = (
    r"py|pyi|js|mjs|cjs|ts|tsx|jsx|rs|go|rb|php|java|kt|kts|swift|c|h|cc|cpp|hpp|cs|fs|vb|lua|pl|sh|bash|ps1|bat|sql|html?"
    r"|css|scss|json|jsonl|ya?ml|toml|xml|csv|tsv|ini|cfg|conf|env|md|rst|txt|log|lock|pdf|docx|xlsx|png|jpe?g|gif|svg"
    r"|mp[34]|zip|tar|gz|tgz|pem|pfx|key|crt|der|db|sqlite|parquet|proto|tex|ipynb|gradle|exe|dll|so|jar|war|deb|rpm|vue"
    r"|svelte|ex|exs|erl|hs|scala|clj|dart|r|jl|m|mm|zig|nim|service|timer|dockerfile|tf|tfvars"
)
# What a part of a path may hold.
_PART: Final = r"[\w.@*+-]"
_CJK: Final = r"\u3040-\u30ff\u3400-\u9fff"
_LETTER: Final = rf"[^\W\d_{_CJK}]"
_TOKEN: Final = re.compile(
    rf"""
    (?P<url>https?://[^\s<>"'`)]+)
  | (?P<path>(?<![\w)])(?:~|\.{{1,2}}|\b[A-Za-z]:)?(?:[/\\]{_PART}*[\w@*+-])+[/\\]?
      | (?:{_PART}{{1,80}}/){{1,20}}[\w@+-]{{1,80}}\.\w+
      | {_PART}{{1,80}}(?:/{_PART}{{1,80}}){{2,20}}
      | (?<![\w.])\.(?:[A-Za-z][\w-]*\.)*[A-Za-z][\w-]+
      | [\w@+-]{{1,80}}(?:\.[\w-]{{1,40}}){{0,5}}\.(?:{_EXTENSIONS})\b(?![\w(]))
  | (?P<flag>(?<![\w)\]-])--?[A-Za-z][\w-]*)
  | (?P<ordinal>\d+(?:st|nd|rd|th)\b)
  | (?P<version>\bv\d+(?:\.\d+)*\b | \d+(?:\.\d+){{2,}}(?:-?[a-z]+\d*)?)
  | (?P<code>\b[A-Z]{{1,6}}-?\d{{2,6}}\b)
  | (?P<clock>\d{{1,2}}:\d\d(?::\d\d)?(?![\w:]))
  | (?P<number>(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:_\d+)+|\d+\.\d+|(?<![\d,])\d+,\d{{1,2}}(?![\d,])|\d+)
      (?:[kKM]\b)?)
    (?:'s\b)?
  | (?P<identifier>[A-Za-z_][\w$]*(?:(?:\.|::)[A-Za-z_]\w*)+ | \$[A-Za-z_]\w* | @[A-Za-z_][\w.]*\w)
  | (?P<cjk>[{_CJK}]+)
  | (?P<word>{_LETTER}(?:{_LETTER}|\d|'(?={_LETTER}))*(?:\+\+|\#(?!\w))?(?!{_LETTER}|[\d_$])
      | (?:{_LETTER}|_)(?:{_LETTER}|[\d_$])*)
  | (?P<symbol>[()\[\]{{}}"'`,;]|[^\w\s()\[\]{{}}"'`,;]+)
    """,
    re.VERBOSE,
)
_HUMP: Final = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}|\w_|_\w")
_SPAN: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_PROSE_SYMBOL: Final = re.compile(r"[.,;:?!()\"'\[\]{}…-]+|[/]|¿|¡")
_OPERATOR: Final = re.compile(r"%|[=<>!+*/&|^~@#$\\?:.-]+")
_SILENT: Final = frozenset({"->", "=>", "--", "...", "-", "..", "---"})
_BEFORE_A_LETTER: Final = frozenset("in for with to of from using".split())
_BEFORE_A_NAME: Final = frozenset("in with using use via for on into from".split())
_SURELY_BEFORE_A_NAME: Final = frozenset("in using via".split())


class Scanner:
    """Cuts one text, in the typography of `content_tokens.plain`, into tokens."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._language = language
        self._foreign = foreign(language)
        self._names = lexicon().names
        # In a text that is all capitals, capitals say nothing.
        self._shouting = sum(map(str.isupper, text)) > sum(map(str.islower, text))

    def tokens(self) -> Iterator[Token]:
        """The tokens in order; several for a contraction or a run of Chinese characters."""
        spans = [match.span() for match in _SPAN.finditer(self._text)] if "`" in self._text else []
        span = 0
        previous = ""
        for match in _TOKEN.finditer(self._text):
            while span < len(spans) and spans[span][1] <= match.start():
                span += 1
            literal = span < len(spans) and spans[span][0] <= match.start()
            yield from self._token(match, literal, previous)
            previous = match.group().lower()

    def _token(self, match: re.Match[str], literal: bool, previous: str) -> Iterator[Token]:
        kind, text = match.lastgroup, match.group()
        name = None if text.islower() and text in self._foreign else self._names.get(text.lower())
        if kind in {"url", "path"} and name is None:
            yield Token("path", text, text.removeprefix("./").rstrip("/."), literal=literal)
        elif kind == "flag":
            yield Token("flag", text, text, literal=literal)
        elif kind == "ordinal":
            yield Token("word", text, words.ORDINALS.get(text.lower(), text.lower()), "ordinal", literal)
        elif kind == "version":
            number = text.lower().removeprefix("v")
            yield Token("version", text, f"#{int(number)}" if number.isdecimal() else number, literal=literal)
        elif kind == "code" and name is None:
            yield Token("code", text, text, literal=literal)
        elif kind == "number":
            yield from self._number(match["number"], literal)
        elif kind == "clock":
            yield Token("clock", text, text, literal=literal)
        elif kind == "cjk":
            yield from self._cjk(text)
        elif kind == "symbol":
            yield from _symbols(text, literal, alone=self._is_alone(match))
        elif name is not None and (text.lower() not in AMBIGUOUS or self._is_name(match, previous)):
            yield Token("name", text, name, literal=literal)
        else:
            yield from self._word(text, literal, dotted=kind == "identifier")

    def _number(self, text: str, literal: bool) -> Iterator[Token]:
        """A number; in English a comma before one or two digits separates two."""
        two = self._language == "en" and text.count(",") == 1 and len(text.partition(",")[2]) < 3
        for part in text.split(",") if two else (text,):
            yield Token("number", part, part, literal=literal)

    def _word(self, text: str, literal: bool, *, dotted: bool) -> Iterator[Token]:
        lower = text.lower()
        if lower in words.CONTRACTIONS and self._language == "en":
            yield from (plain_word(part, part, literal) for part in words.CONTRACTIONS[lower])
        elif "'" in text:
            yield from self._with_apostrophe(text, literal)
        elif "_" in text or (not self._shouting and (dotted or _HUMP.search(text))):
            yield Token("identifier", text, lower, literal=literal)
        else:
            yield self._simple(text, lower, literal)

    def _simple(self, text: str, lower: str, literal: bool) -> Token:
        if self._foreign:
            found = self._foreign.get(lower) or self._foreign.get(without_accents(lower))
            if found == "stop":
                return Token("word", text, lower, "stop", literal)
            if found is not None:
                return plain_word(text, found, literal)
            base = stem(lower)
            if base not in vocabulary() and lower not in self._names:
                return Token("word", text, without_accents(lower), literal=literal)
        return plain_word(text, lower, literal)

    def _with_apostrophe(self, text: str, literal: bool) -> Iterator[Token]:
        head, _, rest = text.lower().rpartition("'")
        if head.endswith("n") and rest == "t":
            yield plain_word(text, head[:-1], literal)
            yield plain_word(text, "not", literal)
        elif self._language in {"fr", "it"}:
            yield Token("word", head, head, "stop", literal)
            yield self._simple(rest, rest, literal)
        elif rest in words.APOSTROPHES:
            name = self._names.get(head) if text[0].isupper() else None
            yield plain_word(head, head, literal) if name is None else Token("name", head, name, literal=literal)
            if words.APOSTROPHES[rest]:
                yield plain_word(rest, words.APOSTROPHES[rest], literal)
        else:
            yield from (self._simple(part, part, literal) for part in (head, rest) if part)

    def _cjk(self, text: str) -> Iterator[Token]:
        for part in _cjk_pattern(self._language).findall(text):
            found = self._foreign.get(part)
            if found == "stop" or (found is None and "\u3040" <= part[0] <= "\u309f"):
                yield Token("word", part, part, "stop")
            else:
                yield plain_word(part, found or part, False)

    def _is_alone(self, match: re.Match[str]) -> bool:
        """Whether marks stand in a sentence like a word: "the ? operator", "!! in Kotlin"."""
        before, after = self._text[: match.start()][-1:], self._text[match.end() :][:2]
        if not (before.isspace() or not before) or not after[:1].isspace():
            return False
        return len(match.group()) > 1 or (
            after[1:].islower() and self._language == "en" and match.group() not in "-:,."
        )

    def _is_name(self, match: re.Match[str], previous: str) -> bool:
        """Whether a word that is a common word too is meant as a name where it stands."""
        text, start = match.group(), match.start()
        if self._shouting or (len(text) == 1 and text not in {"C", "R"} and previous not in _BEFORE_A_LETTER):
            return False
        after = self._text[match.end() : match.end() + 1]
        if text[0].isupper():
            before = self._text[:start].rstrip()[-1:]
            return after in {":", ","} if not before or before in ".?!" else True
        if previous in _BEFORE_A_NAME:
            return not after or after in ".,:;?!)`\n" or previous in _SURELY_BEFORE_A_NAME
        return after == ":"


def plain_word(text: str, lower: str, literal: bool) -> Token:
    """The token of an English word, or of a foreign one by its English counterpart ``lower``."""
    name = lexicon().names.get(lower)
    if name is not None and lower not in AMBIGUOUS:
        return Token("name", text, name, literal=literal)
    role, key = _role(lower)
    return Token("word", text, key, role, literal)


@lru_cache(maxsize=8192)
def _role(word: str) -> tuple[Role, str]:
    lower = word if _is_listed(word) else corrected(word)
    if lower in words.NEGATIONS:
        return "negation", "not"
    if lower in words.LIMITS:
        return "limit", "only"
    if lower in words.QUANTIFIERS:
        return "quantifier", words.QUANTIFIERS[lower]
    if lower in words.ORDINALS:
        return "ordinal", words.ORDINALS[lower]
    if words.TIMES.get(lower):
        return "time", words.TIMES[lower]
    if lower == "one":
        return "stop", "#1"
    if lower == "per":
        return "stop", "all"
    if lower == "just":
        return "stop", "only"
    key = key_of(word)
    return ("stop" if lower in _stop_stems() or stem(lower) in _stop_stems() else "content"), key


def _is_listed(word: str) -> bool:
    return any(
        word in listed
        for listed in (words.STOP, words.NEGATIONS, words.LIMITS, words.QUANTIFIERS, words.ORDINALS, words.TIMES)
    )


@cache
def _stop_stems() -> frozenset[str]:
    return words.STOP | {stem(word) for word in words.STOP if len(word) > 4 and not word.endswith("ly")}


def _symbols(text: str, literal: bool, *, alone: bool) -> Iterator[Token]:
    for run in _OPERATOR.findall(text if literal or alone else text.rstrip(".,;:?!")):
        if alone or (literal and run not in {".", ":", "-"}) or not _PROSE_SYMBOL.fullmatch(run):
            yield Token("symbol", run, f"op {run}", "stop" if run in _SILENT else "content", literal)


@cache
def _cjk_pattern(language: str) -> re.Pattern[str]:
    listed = sorted(foreign(language), key=lambda word: (-len(word), word))
    return re.compile("|".join((*map(re.escape, listed), "[\u30a0-\u30ff]+", ".")))
