"""A request as tokens with keys: tokens that mean the same have the same key."""

import re
import unicodedata
from typing import Final, Literal

import msgspec

Kind = Literal["word", "name", "number", "clock", "identifier", "path", "flag", "version", "code", "symbol"]
Role = Literal["content", "stop", "negation", "quantifier", "ordinal", "time", "limit"]


class Token(msgspec.Struct, frozen=True):
    """One token: what it is, how it is written, its key, what it does in the sentence, whether it stands in code."""

    kind: Kind
    text: str
    key: str
    role: Role = "content"
    literal: bool = False


class Reading(msgspec.Struct, frozen=True):
    """A text's tokens in order, and the human language (ISO 639-1) it was read in."""

    tokens: tuple[Token, ...]
    language: str


_TYPOGRAPHY: Final = str.maketrans({
    "’": "'", "‘": "'", "‛": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-",
    "‑": "-", "−": "-", "…": "...", "×": "x", "→": "->", "⇒": "->", "≤": "<=", "≥": ">=", "≠": "!=", "²": "^2",
    "³": "^3",
})  # fmt: skip
# The marks round the task of a refined prompt say nothing.
_TASK: Final = re.compile(r"</?task>")
_SHORT: Final = re.compile(r"\bw/(?:o|out) ", re.IGNORECASE)


def plain(text: str) -> str:
    """The text in one typography: straight quotes, plain dashes and arrows, compatible characters in one form."""
    text = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY)).translate(_TYPOGRAPHY)
    return _SHORT.sub("without ", _TASK.sub(" ", text))
