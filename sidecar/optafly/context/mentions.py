"""What the person's own words name: literals that must survive, names to look up, and plain words to search by."""

import re
from typing import Final

import msgspec

_EXTENSIONS = (
    "py|pyi|ts|tsx|mts|cts|js|jsx|mjs|cjs|rs|go|c|h|cc|cpp|cxx|hpp|hh|java|kt|rb|php|cs|swift|md|txt|json|toml|ya?ml|"
    "lock|ini|cfg|sh|sql|html|css|scss|xml|proto|gradle|lua|zig|vue|svelte|env|csv|log|mod"
)
# In order: what an earlier pattern took, a later one does not see.
_PATTERNS: Final = (
    ("code", re.compile(r"```.*?(?:```|\Z)", re.DOTALL)),
    ("quoted", re.compile(r"`[^`\n]+`")),
    ("url", re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s<>\"')\]]+")),
    ("quoted", re.compile(r'"[^"\n]+"|“[^”\n]+”|„[^“”\n]+[“”]|«[^»\n]+»|「[^」\n]+」|(?<![\w])\'[^\'\n]+\'(?!\w)')),
    ("flag", re.compile(r"(?<![\w/-])--?[A-Za-z][\w-]*(?:=[^\s,;]+)?")),
    ("path", re.compile(
        r"(?<![\w/.])(?:~|\.{1,2})?(?:[\w.@+-]{0,120}/)+[\w.@+-]{0,120}[\w](?::\d+(?::\d+)?)?"
        rf"|(?<![\w/.])[\w.@+-]{{0,120}}[\w@+-]\.(?:{_EXTENSIONS})\b(?!\()(?::\d+(?::\d+)?)?"
    )),
    ("name", re.compile(r"\b[A-Za-z_]\w*(?:(?:\.|::|->|#)[A-Za-z_]\w*)+(?:\(\))?")),
    ("name", re.compile(r"\b[A-Za-z]\w*_\w+(?:\(\))?|\b_+[A-Za-z]\w*|\b[A-Za-z_]\w*\(\)")),
    ("name", re.compile(r"\b[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+\b|\b(?:[A-Z][a-z0-9]+){2,}\b|\b[A-Z]{2,}[a-z]\w*\b")),
    ("code_word", re.compile(r"\b[A-Z]{1,6}-?\d{2,6}\b")),
    ("number", re.compile(r"(?<![\w.])v?\d+(?:[.,:]\d+)*(?:-[A-Za-z][\w.]*)?(?:\s?%|[A-Za-zµ]{1,4}\b)?")),
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{2,}")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*")
_LOCATION = re.compile(r"(.+?):(\d+)(?::\d+)?")
_SUBWORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Brands, products and abbreviations that look like names of a program.
_NOT_NAMES: Final = frozenset(
    "javascript typescript github gitlab macos ios postgresql mysql graphql openai youtube "
    "e.g i.e a.m p.m z.b d.h p.ex".split()
)


class Literal(msgspec.Struct, frozen=True):
    """A stretch of the draft to keep to the letter; ``kind`` says what it looks like."""

    kind: str
    text: str
    start: int


class Mentions(msgspec.Struct, frozen=True):
    """What a draft names: identifiers and paths (with a line where one is given), in order, and all literals."""

    literals: tuple[Literal, ...]
    names: tuple[str, ...]
    paths: tuple[tuple[str, int | None], ...]


def find_mentions(draft: str) -> Mentions:
    """Find the literals of a draft and, among them, what can be looked up in a workspace."""
    literals = tuple(_literals(draft))
    names: dict[str, None] = {}
    paths: dict[tuple[str, int | None], None] = {}
    for literal in literals:
        inner = literal.text
        if literal.kind == "quoted":
            inner = inner[1:-1].strip()
        if literal.kind == "path" or (literal.kind == "quoted" and _looks_like_path(inner)):
            located = _LOCATION.fullmatch(inner)
            paths[(located[1], int(located[2])) if located else (inner, None)] = None
        elif literal.kind in {"name", "quoted"}:
            plain = inner.removesuffix("()")
            if _NAME.fullmatch(plain) and plain.lower() not in _NOT_NAMES:
                names[plain] = None
    return Mentions(literals, tuple(names), tuple(paths))


def _looks_like_path(text: str) -> bool:
    return (bool(re.fullmatch(rf"[^\n]*\.(?:{_EXTENSIONS})(?::\d+){{0,2}}", text)) and "(" not in text) or "/" in text


def _literals(draft: str) -> list[Literal]:
    taken = bytearray(len(draft))
    found: list[Literal] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(draft):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Literal(kind, match[0], start))
    return sorted(found, key=lambda literal: literal.start)


def plain_words(draft: str, literals: tuple[Literal, ...]) -> list[str]:
    """Lower-case words of the draft outside its literals, in order, repeated ones kept."""
    masked = list(draft)
    for literal in literals:
        masked[literal.start : literal.start + len(literal.text)] = " " * len(literal.text)
    return [word.lower() for word in _WORD.findall("".join(masked))]


def subwords(name: str) -> list[str]:
    """The lower-case words an identifier is made of."""
    return [part.lower() for part in _SUBWORD.findall(name)]


def same_word(first: str, second: str) -> bool:
    """Whether two lower-case words are forms of one word (plural, tense): a shared stem, short endings apart."""
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) < 3 or len(longer) - len(shorter) > 3:
        return False
    stem = shorter[:-1] if len(shorter) > 4 and shorter[-1] in "ey" else shorter
    return longer.startswith(stem) and longer[len(stem) :] in _ENDINGS and shorter[len(stem) :] in _ENDINGS


_ENDINGS: Final = frozenset(
    {"", "s", "es", "e", "y", "ed", "d", "er", "ers", "or", "ing", "ies", "ied", "ion", "ions", "al"}
)  # fmt: skip
