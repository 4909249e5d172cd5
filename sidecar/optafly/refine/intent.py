"""What a draft asks for: the intent its words say, slips of the finger and negated verbs heeded."""

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from optafly.refine import lexicon
from optafly.refine.lexicon import Intent

_VERBS_READ: Final = 12  # words from the beginning among which a verb says the intent outright
_OUTRIGHT: Final[tuple[Intent, ...]] = ("test", "optimize")
_NEGATING: Final = frozenset({"not", "dont", "don", "never", "without"})
_QUESTION: Final = re.compile(
    r"(?:is|are|was|were|does|do|did|which|where|why|how|who|should i|should we|list|show me|suggest|compare"
    r"|give me \d+|can (?:this|it|that|these|the)|could (?:this|it|that|the)"
    r"|warum|wieso|wo|welche[rs]?|por qué|cómo|pourquoi|comment)\b"
)
_REQUEST: Final = re.compile(
    r"\b(?:please|pls|plz|can you|could you|would you|will you|fix|repair|add|change|make it|make this|remove|replace"
    r"|rename|implement|refactor|optimi[sz]e|write|needs? to"
    r"|should (?:be|return|not|also|accept|raise|use|skip|go|write))\b"
)
_WIDE: Final = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_SHAPES: Final[Mapping[Intent, re.Pattern[str]]] = {
    intent: re.compile(shape) for intent, shape in lexicon.INTENT_SHAPES.items()
}
_LONG_VERBS: Final = tuple(verb for verb in lexicon.STRONG_VERBS if len(verb) > 5)


def read_intent(lowered: str, words: Sequence[str], *, has_trace: bool) -> Intent:
    """The intent of a draft in lower case; ``words`` are those outside its literals."""
    right = {word: without_slip(word) for word in words}
    for word in sorted(word for word in right if right[word] != word):
        lowered = re.sub(rf"\b{word}\b", right[word], lowered)
    words = [right[word] for word in words]
    intent = _created(lowered, words) or _outright(lowered, words)
    if intent is None:
        intent = _said(lowered) or _named(words)
        if intent != "review" and _is_question(lowered):
            return "explain"
    # An error was pasted: whatever is to be made is to make that go away.
    return "fix" if has_trace and intent in {"other", "implement"} else intent


def _is_question(lowered: str) -> bool:
    """Whether a draft asks for an answer: it opens like a question or ends as one, and requests nothing else."""
    text = lowered.strip()
    opens = _QUESTION.match(text) is not None
    ends = text.endswith(("?", "\N{FULLWIDTH QUESTION MARK}")) and any(map(str.isalnum, text))
    return (opens or ends) and not _REQUEST.search(text)


def _created(lowered: str, words: Sequence[str]) -> Intent | None:
    """The intent of a draft that begins with "add" or the like: its nouns say nothing ("add an upgrade button")."""
    opener = next((word for word in words if word not in lexicon.POLITE), "")
    if opener not in lexicon.CREATING_VERBS:
        return None
    wanted: tuple[Intent, ...] = ("test", "document", "optimize")
    return next((intent for intent in wanted if _first(lowered, intent, verbs=False) is not None), "implement")


def _outright(lowered: str, words: Sequence[str]) -> Intent | None:
    for before, word in zip(("", *words), words[:_VERBS_READ], strict=False):
        verb = strong_verb(word)
        if verb is None or before in _NEGATING:
            continue
        if word != verb or _phrase(verb).search(lowered):
            return lexicon.STRONG_VERBS[verb]
    return None


def _said(lowered: str) -> Intent | None:
    """The intent of the phrase that stands first; tests and speed count wherever they stand, weak verbs last."""
    found = {intent: at for intent in lexicon.INTENT_PHRASES if (at := _first(lowered, intent)) is not None}
    outright = next((intent for intent in _OUTRIGHT if intent in found), None)
    if outright is not None:
        return outright
    # Weak verbs ("make", "should") give way to any other intent wherever that stands.
    return min(found, key=lambda intent: (intent == "implement", found[intent]), default=None)


def _named(words: Sequence[str]) -> Intent:
    return next((lexicon.INTENT_NOUNS[word] for word in words if word in lexicon.INTENT_NOUNS), "other")


def _first(lowered: str, intent: Intent, *, verbs: bool = True) -> int | None:
    """Where the first phrase of an intent begins; without ``verbs``, not counting words that may be nouns."""
    places = [
        found.start()
        for phrase in lexicon.INTENT_PHRASES.get(intent, ())
        if phrase in lowered and (verbs or phrase not in lexicon.STRONG_VERBS)
        if (found := _phrase(phrase).search(lowered))
    ]
    if intent in _SHAPES and (shape := _SHAPES[intent].search(lowered)):
        places.append(shape.start())
    return min(places, default=None)


def has_phrase(lowered: str, phrases: Sequence[str]) -> bool:
    """Whether one of the phrases stands in a text, both in lower case, as whole words."""
    return any(phrase in lowered and _phrase(phrase).search(lowered) for phrase in phrases)


@cache
def _phrase(phrase: str) -> re.Pattern[str]:
    # Scripts without spaces have no word ends.
    if _WIDE.search(phrase):
        return re.compile(re.escape(phrase))
    # "A review" asks for none.
    noun = "".join(rf"(?<!\b{word} )" for word in sorted(lexicon.DETERMINERS)) if phrase in lexicon.STRONG_VERBS else ""
    return re.compile(rf"(?<![\w'-]){noun}{re.escape(phrase)}(?![\w-])")


def strong_verb(word: str) -> str | None:
    """The verb that says an intent outright, also where a letter was missed: "optmize", "documnt"."""
    if word in lexicon.STRONG_VERBS:
        return word
    if len(word) < 4 or word in lexicon.STOPWORDS or word in lexicon.GENERIC:
        return None
    # Compared only with verbs it can be a slip of: comparing is slow, and drafts may be long.
    near = [verb for verb in _LONG_VERBS if verb[0] == word[0] and abs(len(verb) - len(word)) <= 2]
    close = difflib.get_close_matches(word, near, n=1, cutoff=0.84)
    return close[0] if close else None


def without_slip(word: str) -> str:
    """The word that was meant where two neighbouring letters of it changed places: "reveiw", "fxi"."""
    for meant in _letters().get("".join(sorted(word)), ()):
        differing = [at for at, (one, other) in enumerate(zip(word, meant, strict=True)) if one != other]
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            return meant
    return word


@cache
def _letters() -> Mapping[str, Sequence[str]]:
    """Words that say an intent, by their sorted letters; short ones have too many neighbours."""
    found: dict[str, list[str]] = {}
    phrases = [phrase for phrases in lexicon.INTENT_PHRASES.values() for phrase in phrases if phrase.isascii()]
    for word in dict.fromkeys([*phrases, *lexicon.STRONG_VERBS]):
        if word.isalpha() and (len(word) >= 4 or word == "fix"):
            found.setdefault("".join(sorted(word)), []).append(word)
    return found


def says_intent(word: str) -> bool:
    """Whether a word does no more than say what is to be done, or that something is wrong."""
    right = without_slip(word)
    return strong_verb(right) is not None or bool(_intent_words().fullmatch(right))


@cache
def _intent_words() -> re.Pattern[str]:
    # What is to be fixed or migrated is said by the words themselves: "leak", "null".
    words = [
        re.escape(phrase)
        for intent, phrases in lexicon.INTENT_PHRASES.items()
        if intent not in {"fix", "migrate"}
        for phrase in phrases
        if " " not in phrase
    ]
    return re.compile("|".join([*words, lexicon.SYMPTOMS]))
