"""What a sentence has to keep of the draft it words: action, object words, negations, limits, numbers."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from optafly.context.mentions import same_word
from optafly.refine import lexicon
from optafly.refine.draft import Draft
from optafly.refine.intent import read_intent
from optafly.refine.slips import is_slip

_WORD: Final = r"[^\W\d_]+(?:'[^\W\d_]+)?"
_WHOLE_WORD: Final = re.compile(rf"(?<!\w){_WORD}(?!\w)")
_TOKEN: Final = re.compile(rf"\d+(?:[.,]\d+)*|{_WORD}")
_NOT: Final = "not"
_WITHOUT_APOSTROPHE: Final = frozenset(
    "dont doesnt didnt cant wont wouldnt isnt wasnt arent werent shouldnt couldnt mustnt hasnt havent hadnt".split()
)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_CLAUSE_END: Final = re.compile(r"[,;:!?\n]|\.(?!\w)|\b(?:but|just|and|instead|aber|sondern|pero|sino|mais)\b")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, each once; parts of names count ("price" of ``total_price``)."""
    return list(dict.fromkeys(word for word in _tokens(text) if not word[0].isdigit()))


def plain_words_of(text: str) -> list[str]:
    """The words of a text in lower case that are no part of a name, each once."""
    return list(dict.fromkeys(_WHOLE_WORD.findall(_plain(text))))


def says(text: str, words: str) -> bool:
    """Whether words stand in a text as they are, letter case apart, not as part of longer words."""
    plain = words.strip().lower()
    before = r"(?<!\w)" if plain[:1].isalnum() else ""
    after = r"(?!\w)" if plain[-1:].isalnum() else ""
    return bool(plain) and re.search(before + re.escape(plain) + after, text.lower()) is not None


def lost(sentence: str, draft: Draft, clean: str) -> list[str]:
    """What of the draft's meaning a sentence no longer says; ``clean`` is the draft without traces and secrets."""
    if says(sentence, clean.rstrip(".:;!?, \n")):
        return []
    said = words_of(sentence)
    kept = [word for word in plain_words_of(clean) if word in lexicon.LIMITS or word in lexicon.CHANGES]
    gone = [
        word
        for word in (*(word for word in draft.content if word not in lexicon.NOISE), *kept)
        if not any(same_word(word, other) or is_slip(word, other) for other in said)
    ]
    gone += _lost_negations(sentence, clean)
    gone += _lost_numbers(sentence, clean)
    if not gone and draft.intent != "other" and not _acts(sentence, draft.intent):
        gone.append(draft.intent)
    return list(dict.fromkeys(gone))


def _lost_negations(sentence: str, clean: str) -> list[str]:
    if any(mark in clean for mark in lexicon.NEGATIONS_CJK):
        return ["negation"]
    left = _negated(sentence)
    gone = []
    for negation in _negated(clean):
        kept = next((other for other in left if _same(negation, other)), None)
        if kept is None:
            gone.append(" ".join(negation))
        else:
            left.remove(kept)
    return gone


def _negated(text: str) -> list[tuple[str, ...]]:
    """Each negation with the first words of what it negates: "dont change the rate, just fix" gives one of three."""
    found = []
    for clause in _CLAUSE_END.split(_plain(text)):
        tokens = _TOKEN.findall(clause)
        for at, token in enumerate(tokens):
            if is_negation(token):
                behind = [other for other in tokens[at + 1 :] if other not in lexicon.LITTLE and not is_negation(other)]
                found.append((_NOT if _is_not(token) else token, *behind[:2]))
    return found


def _same(first: Sequence[str], second: Sequence[str]) -> bool:
    alike = (same_word(one, other) or is_slip(one, other) for one, other in zip(first, second, strict=False))
    return len(first) == len(second) and all(alike)


def is_negation(word: str) -> bool:
    """Whether a word in lower case turns what follows into its opposite."""
    return word in lexicon.NEGATIONS or word.endswith("n't")


def negates_alike(word: str, words: Sequence[str]) -> bool:
    """Whether a word is "not" in one form, and one of the others in any: "don't" for "dont", "do not" for "don't"."""
    return _is_not(word) and any(map(_is_not, words))


def _is_not(word: str) -> bool:
    return word == _NOT or word.endswith("n't") or word in _WITHOUT_APOSTROPHE


def _lost_numbers(sentence: str, clean: str) -> list[str]:
    numbers = _NUMBER.findall(clean)
    gone = Counter(numbers) - Counter(_NUMBER.findall(sentence))
    if not gone and len(set(numbers)) > 1:
        # "3 times after 5 seconds" must not become "5 times after 3 seconds".
        gone = Counter(_counted(clean)) - Counter(_counted(sentence))
    return sorted(gone)


def _counted(text: str) -> list[str]:
    """Each number with the word behind it."""
    tokens = _tokens(text)
    return [" ".join(tokens[at : at + 2]) for at, token in enumerate(tokens) if token[0].isdigit()]


def _acts(sentence: str, intent: lexicon.Intent) -> bool:
    """Whether a sentence asks for what the intent asks for."""
    words = plain_words_of(sentence)
    asked = read_intent(sentence.lower(), words, has_trace=False)
    if asked == intent:
        return True
    # "Handle the KeyError": how it begins says it, where nothing else does.
    opens = {opener.lower() for opener in lexicon.OPENERS[intent]}
    if words and words[0] in opens - {opener.lower() for opener in lexicon.OPENERS["implement"]} - {"write", "find"}:
        return True
    weak = asked in {"other", "implement"} and intent not in {"optimize", "test", "document"}
    return weak and bool(words) and words[0] in opens


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_plain(text))


def _plain(text: str) -> str:
    return text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
