"""What the model says of a request, in one line: intent, place, checks, sentence; the only texts it may write."""

import itertools
import math
import re
from collections.abc import Sequence
from typing import Final, cast

import msgspec

from optafly.context.mentions import subwords
from optafly.refine import lexicon
from optafly.refine.draft import Draft
from optafly.refine.engine import Spoken
from optafly.refine.lexicon import Intent
from optafly.refine.slips import one_apart
from optafly.refine.slots import LABELS, Slots

CLEAR: Final = "clear"
OWN_WORDS: Final = "="
NOTHING: Final = "-"
MAX_TOKENS: Final = 40  # the longest line of training has 34
MAX_WORDS: Final = 24
MAX_ASKED: Final = 4  # places in one question
ASKED: Final = "?"
_FORM: Final = re.compile(
    r"(?P<intent>[a-z]+) (?P<places>-|[A-F]|\?(?: [A-F])+) (?P<checks>-|[a-z]+) (?P<sentence>.+)", re.DOTALL
)
_WORD: Final = re.compile(r"[^\W\d_]\w*(?:[.'’-]\w+)*|_\w+|\d+(?:\.\d+)*")
_QUOTED: Final = re.compile(r"[`'\"“‘]([A-Za-z_][\w.]*)[`'\"”’]")
_HEAD: Final = 4  # words: letter of the place, tool, severity, code
_LONGEST: Final = 60


class Choice(msgspec.Struct, frozen=True):
    """The model's line, read: ``places`` are numbers from 1, several where it would ask.

    ``sentence`` is empty where the person's own words are best. ``sure`` holds how likely each part was, 0 to 1, by
    name; the sentence's is the mean of its tokens'.
    """

    clear: bool = False
    intent: Intent = "other"
    places: tuple[int, ...] = ()
    checks: str = ""
    sentence: str = ""
    sure: dict[str, float] = {}


def grammar(draft: Draft, slots: Slots) -> str:
    """A lark grammar of the lines that may be written, of places, checks and words that there are."""
    letters = LABELS[: len(slots.places)]
    asked = [rf"\{ask_line(some)}" for some in _some(letters, MAX_ASKED) if len(some) > 1]
    checks = _some(slots.checks, len(slots.checks))
    words = "|".join(re.escape(word) for word in vocabulary(draft, slots))
    openers = "|".join(re.escape(word) for word in opening_words(draft))
    return "\n".join((
        'start: "clear" | INTENT " " PLACE " " CHECKS " " (OWN | SENTENCE)',
        f"INTENT: /{'|'.join(lexicon.OPENERS)}/",
        f"PLACE: /{'|'.join([NOTHING, *letters, *asked])}/",
        f"CHECKS: /{'|'.join([NOTHING, *checks])}/",
        f'OWN: "{OWN_WORDS}"',
        f"SENTENCE: /({openers})(,? ({words})){{1,{MAX_WORDS}}}[.?]/",
    ))  # fmt: skip


def ask_line(letters: str) -> str:
    """How the line says that one of these places is meant, and only the person knows which."""
    return " ".join([ASKED, *letters])


def _some(letters: str, most: int) -> list[str]:
    """Every choice of one letter or more, in their order."""
    return ["".join(some) for count in range(1, most + 1) for some in itertools.combinations(letters, count)]


def vocabulary(draft: Draft, slots: Slots) -> list[str]:
    """The words a sentence may be made of, sorted: the draft's, right where they hold a slip, names, plain glue."""
    names = {item.target.symbol.name for item in slots.places if item.target.symbol is not None}
    names |= {word for problem in slots.problems for word in _names_in(problem)}
    typed = set(_WORD.findall(slots.said))
    known = {part for name in names for part in subwords(name) if len(part) > 2} | lexicon.GLUE | lexicon.CHANGES
    right = {meant for word in typed for meant in known if len(word) > 3 and one_apart(word.lower(), meant)}
    lowered = {word[0].lower() + word[1:] for word in typed}
    glue = lexicon.GLUE | (lexicon.GLUE_ELSEWHERE if lexicon.ELSEWHERE & {word.lower() for word in typed} else set())
    tests = {"test", "tests"} if draft.intent == "test" or not draft.content else set()
    return sorted(word for word in typed | lowered | names | right | glue | tests if word and len(word) <= _LONGEST)


def _names_in(problem: str) -> set[str]:
    """Tool, severity and code of a problem, and the names its message quotes: the message itself is not repeated."""
    head = " ".join(problem.split()[:_HEAD])
    return {*_WORD.findall(head), *_QUOTED.findall(problem)}


def opening_words(draft: Draft) -> list[str]:
    """How a sentence may begin: with a verb of any intent, or with a word of the draft, in upper case."""
    own = {word[0].upper() + word[1:] for word in draft.words if (word and not word.isascii()) or word in _ELSEWHERE}
    return sorted({opener for some in lexicon.OPENERS.values() for opener in some} | own)


_ELSEWHERE: Final = frozenset().union(*(lexicon.openers(intent) for intent in lexicon.OPENERS)) | lexicon.ELSEWHERE


def read_choice(tokens: Sequence[Spoken], slots: Slots) -> Choice | None:
    """Read a reply; None where it is of another form. Of a sentence that is cut off the decision before it counts."""
    text = "".join(token.text for token in tokens)
    start = len(text) - len(text.lstrip())
    if text.strip() == CLEAR:
        return Choice(clear=True, sure={"intent": _likely(tokens, start, len(text))})
    found = _FORM.match(text.rstrip(), start)
    if found is None or found["intent"] not in lexicon.OPENERS:
        return None
    places = tuple(LABELS.index(letter) + 1 for letter in found["places"] if letter in LABELS)
    if any(number > len(slots.places) for number in places) or len(set(places)) < len(places):
        return None
    checks = "" if found["checks"] == NOTHING else found["checks"]
    sentence = found["sentence"] if found["sentence"][-1] in ".?。？" else ""
    sure = {name: _likely(tokens, *found.span(name)) for name in ("intent", "places", "checks")}
    sure["sentence"] = _likely(tokens, *found.span("sentence"), mean=True)
    return Choice(False, cast("Intent", found["intent"]), places, checks, sentence, sure)


def _likely(tokens: Sequence[Spoken], start: int, end: int, *, mean: bool = False) -> float:
    """How likely the tokens were that stand between two places of the reply: all of them, or each on average."""
    at, inside = 0, []
    for token in tokens:
        if at < end and at + len(token.text) > start and token.text.strip():
            inside.append(token.logprob)
        at += len(token.text)
    total = sum(inside) / (len(inside) if mean and inside else 1)
    return round(math.exp(min(0.0, total)), 4)
