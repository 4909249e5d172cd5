"""Who does what to whom in a request: what is asked for, its first verb, and words that have changed places."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from optafly.cache import content_words as words
from optafly.cache.content_align import Alignment
from optafly.cache.content_tokens import Reading, Token

_ASKED: Final[Mapping[str, str]] = MappingProxyType({
    "how": "how", "why": "why", "when": "when", "where": "where", "which": "which", "who": "who", "whom": "who",
    "whose": "who", "what": "what", "wie": "how", "warum": "why", "wieso": "why", "weshalb": "why", "wann": "when",
    "wo": "where", "was": "what", "welche": "which", "welcher": "which", "welches": "which", "welchen": "which",
    "wer": "who", "comment": "how", "pourquoi": "why", "quand": "when", "où": "where", "quel": "which",
    "quelle": "which", "quels": "which", "quelles": "which", "cómo": "how", "cuándo": "when", "dónde": "where",
    "qué": "what", "cuál": "which", "como": "how", "quando": "when", "come": "how", "perché": "why", "dove": "where",
    "cosa": "what", "quale": "which", "qual": "which", "onde": "where", "hoe": "how", "waarom": "why",
    "wanneer": "when", "waar": "where", "wat": "what", "welke": "which", "как": "how", "почему": "why",
    "зачем": "why", "когда": "when", "где": "where", "что": "what", "какой": "which", "какая": "which",
    "какие": "which", "jak": "how", "dlaczego": "why", "kiedy": "when", "gdzie": "where", "co": "what",
})  # fmt: skip
_WHETHER: Final = frozenset("is are was were do does did can could should will would has have must may".split())
_PRONOUNS: Final = frozenset("it they he she there that this one you we".split())
# What may stand before the question itself.
_OPENING: Final = words.FILLERS | frozenset(
    """
    and but so in with for can could you would i i'd do me tell explain describe know want to need help understand us
    like someone somebody anyone let my the a about from on at by if is of be it
    """.split()
)
_WINDOW: Final = 3
_LONGEST_RUN: Final = 7
_JOINING: Final = frozenset("and or und oder et ou y o e i en of и или 和 と".split())
_ARTICLES: Final = frozenset("the a an my our your".split())
# Where two things are compared their order says nothing.
_COMPARED: Final = frozenset({"compare", "versus", "between"})


def asked(reading: Reading) -> str:
    """What kind of answer is asked for: a question word of English, "whether", or "do" for an order."""
    english = reading.language == "en"
    tokens = [token.text.lower() for token in reading.tokens]
    for at, lower in enumerate(tokens):
        found = _ASKED.get(lower) if not (english and lower in {"was", "come", "co"}) else None
        if found == "when" and at > 0:
            found = None
        if found is not None:
            return found
        if at == 0 and lower in _WHETHER and english and tokens[1:2] != ["you"]:
            return "whether"
        if lower not in _OPENING:
            break
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


def exchanged(aligned: Alignment) -> str | None:
    """The relation whose two sides have been exchanged ("to" of "JSON to YAML" and "YAML to JSON"), or None."""
    ours, theirs = set(_relations(aligned.first)), set(_relations(aligned.second))
    for relation, left, right in ours - theirs:
        for other, other_left, other_right in theirs - ours:
            if relation == other:
                crossed = (left & other_right) - other_left - right, (right & other_left) - other_right - left
                if all(crossed):
                    return relation
    return None


def _relations(reading: Reading) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """Prepositions with a direction, and the keys of the content tokens that stand close by on either side."""
    tokens = [token for token in reading.tokens if token.role != "stop" or _relation(token)]
    for at, token in enumerate(tokens):
        relation = _relation(token)
        if not relation:
            continue
        left = _near(tokens[max(0, at - _WINDOW) : at][::-1])
        right = _near(tokens[at + 1 : at + 1 + _WINDOW])
        if relation == "after":
            yield "before", right, left
        elif relation == "from":
            yield "from", left, right
        else:
            yield relation, left, right


def _relation(token: Token) -> str:
    return "to" if token.text in {"->", "=>"} else words.RELATIONS.get(token.text.lower(), "")


def _near(tokens: Sequence[Token]) -> frozenset[str]:
    """The keys up to the next preposition."""
    found: set[str] = set()
    for token in tokens[:2]:
        if _relation(token):
            break
        found.add(token.key)
    return frozenset(found)


def swapped(aligned: Alignment) -> bool:
    """Whether one text is the other with two runs of words in each other's place, not only round "and" or "or"."""
    one = [token.key for token in aligned.first.tokens if token.key not in _ARTICLES]
    two = [token.key for token in aligned.second.tokens if token.key not in _ARTICLES]
    if one == two or sorted(one) != sorted(two) or not _COMPARED.isdisjoint(one):
        return False
    start = next(at for at, key in enumerate(one) if key != two[at])
    end = next(at for at, key in enumerate(reversed(one)) if key != two[-1 - at])
    ours, theirs = one[start : len(one) - end], two[start : len(two) - end]
    for left in range(1, min(_LONGEST_RUN, len(ours) - 1)):
        for right in range(1, min(_LONGEST_RUN, len(ours) - left)):
            between = ours[left : len(ours) - right]
            if (
                ours[:left] == theirs[len(theirs) - left :]
                and ours[len(ours) - right :] == theirs[:right]
                and between == theirs[right : len(theirs) - left]
            ):
                return not set(between) <= _JOINING
    return False


def has_tag(reading: Reading) -> bool:
    """Whether the text ends with a question tag ("isn't it", "or does it"): a question with no side to it."""
    end = [token.text.lower() for token in reading.tokens[-4:]]
    return len(end) == 4 and end[-1] in _PRONOUNS and any(word.partition("n't")[0] in _WHETHER for word in end[1:3])
