"""The guard before the verifier: what two requests must not differ in, whatever a network thinks of them."""

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Final

from optafly.cache.content import content_difference

_TRIMMED: Final = ".,;:!?()\"'`…"
_COMMAND: Final = re.compile(r"(?:^|\s)(?:--?[A-Za-z][\w-]*|\S*[|<>&$=]\S*)(?=\s|$)")
_COMPARISON: Final = re.compile(r"\b(?:vs\.?|versus|or|oder|ou|o)\b", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[\"“„«]([^\"“”„«»\n]{1,40})[\"”“»]|(?<!\w)'([^'\n]{1,40})'(?!\w)|`([^`\n]{1,60})`")
_WORD: Final = re.compile(r"\w+")
_REASON: Final = frozenset(
    "why reason reasons cause causes caused causing because rationale motivation purpose explain explanation makes "
    "come good warum wieso weshalb pourquoi porque perché waarom почему зачем".split()
)
_SHORT: Final = 25
"""Words; in longer requests a "why" may stand for something told by the way."""
_MOST_MOVED: Final = 6


def difference(a: str, b: str) -> str | None:
    """The kind of a difference that changes the answer, or None; the same for (a, b) and (b, a)."""
    return content_difference(a, b) or _moved_in_command(a, b) or _quotes(a, b) or _reason(a, b)


def _tokens(text: str) -> list[str]:
    return [token.strip(_TRIMMED).lower() or token for token in text.split()]


def _moved_in_command(a: str, b: str) -> str | None:
    """The same words in another order, where they are (part of) a command."""
    one, other = _tokens(a), _tokens(b)
    if one == other or Counter(one) != Counter(other) or not (_COMMAND.search(a) and _COMMAND.search(b)):
        return None
    if _COMPARISON.search(a):
        return None
    moves = [code for code in SequenceMatcher(None, one, other, autojunk=False).get_opcodes() if code[0] != "equal"]
    # A whole command at the other end of a sentence has not changed.
    moved = max(code[2] for code in moves) - min(code[1] for code in moves)
    return "order in a command" if moved <= _MOST_MOVED else None


def _quotes(a: str, b: str) -> str | None:
    """As many quoted texts in both, but others."""
    one, other = _quoted(a), _quoted(b)
    return "quoted text" if one and len(one) == len(other) and one != other else None


def _quoted(text: str) -> list[str]:
    found = ["".join(parts).strip().lower() for parts in _QUOTED.findall(text)]
    return sorted({re.sub(r"[\"'`\s]+", " ", quote) for quote in found if quote})


def _reason(a: str, b: str) -> str | None:
    """One asks why, and the other does not ask for anything like it."""
    one, other = set(_WORD.findall(a.lower())), set(_WORD.findall(b.lower()))
    if max(len(a.split()), len(b.split())) > _SHORT:
        return None
    for asks, does_not in ((one, other), (other, one)):
        if "why" in asks and not does_not & _REASON:
            return "a reason is asked for in one only"
    return None
