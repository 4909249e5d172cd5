"""Who does what to whom in a request: what is asked for, its first verb, and words that have changed places."""

from itertools import pairwise
from typing import Final

from optafly.cache import content_words as words
from optafly.cache.content_align import Alignment
from optafly.cache.content_tokens import Reading, Token

_ASKED: Final = {
    "how": "how", "why": "why", "when": "when", "where": "where", "which": "which", "who": "who", "whom": "who",
    "whose": "who", "what": "what", "wie": "how", "warum": "why", "wieso": "why", "wann": "when", "wo": "where",
    "was": "what", "welche": "which", "welcher": "which", "welches": "which", "wer": "who",
    "comment": "how", "pourquoi": "why", "quand": "when", "où": "where", "que": "what", "quel": "which",
    "quelle": "which", "cómo": "how", "cuándo": "when", "dónde": "where", "qué": "what", "cuál": "which",
    "como": "how", "quando": "when", "come": "how", "perché": "why", "dove": "where", "cosa": "what", "quale": "which",
    "hoe": "how", "waarom": "why", "wanneer": "when", "waar": "where", "wat": "what", "как": "how", "почему": "why",
    "зачем": "why", "когда": "when", "где": "where", "что": "what", "какой": "which", "jak": "how",
    "dlaczego": "why", "kiedy": "when", "gdzie": "where", "co": "what",
}  # fmt: skip
_WHETHER: Final = frozenset("is are was were do does did can could should will would has have must may".split())
_SYMMETRIC: Final = frozenset("versus and or vs between".split())


def asked(reading: Reading) -> str:
    """What kind of answer is asked for: the question word, "whether", or "do" for an order."""
    first = True
    for token in reading.tokens[:24]:
        lower = token.text.lower()
        if lower in words.FILLERS:
            continue
        if lower in _ASKED and not (reading.language == "en" and lower == "was"):
            return _ASKED[lower]
        if first and lower in _WHETHER:
            return "whether"
        first = False
    return "do"


def first_verb(reading: Reading) -> str:
    """The key of the first content word, which in an order is what is to be done."""
    return next((token.key for token in reading.tokens if token.role == "content" and token.kind == "word"), "")


def inversions(aligned: Alignment) -> float:
    """The share of neighbouring matched tokens that stand the other way round in the second text, 0 to 1."""
    order = [match.second for match in sorted(aligned.matches, key=lambda match: match.first)]
    if len(order) < 2:
        return 0.0
    return sum(here > there for here, there in pairwise(order)) / (len(order) - 1)


def roles_differ(aligned: Alignment) -> str | None:
    """The role in which two things have been exchanged ("target" of "JSON to YAML" and "YAML to JSON"), or None."""
    one, two = _roles(aligned.first), _roles(aligned.second)
    said_one = {token.key for token in aligned.first.tokens}
    said_two = {token.key for token in aligned.second.tokens}
    for role in words.DIRECTED:
        mine, other = one.get(role, set()), two.get(role, set())
        gone, come = (mine - other) & said_two, (other - mine) & said_one
        if gone and come:
            return role
    return None


def _roles(reading: Reading) -> dict[str, set[str]]:
    """The heads behind prepositions: the last of the content tokens that follow one without a break."""
    found: dict[str, set[str]] = {}
    tokens = reading.tokens
    for at, token in enumerate(tokens):
        role = "target" if token.text in {"->", "=>"} else words.ROLES.get(token.text.lower(), "")
        if not role:
            continue
        head = _head(tokens, at + 1)
        if head is not None:
            found.setdefault(role, set()).add(head.key)
    return found


def _head(tokens: tuple[Token, ...], at: int) -> Token | None:
    while at < len(tokens) and tokens[at].role == "stop" and tokens[at].text.lower() in {"a", "an", "the", "my", "our"}:
        at += 1
    if at < len(tokens) and tokens[at].role != "stop":
        return tokens[at]
    return None
