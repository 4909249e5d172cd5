"""Small changes to a pair while training: some that keep its label, some that make it different."""

import random
import re
from collections.abc import Mapping, Sequence

from examples import Example

_BEFORE = ("please ", "hi, ", "could you tell me: ", "hey ", "quick question: ", "ok so ", "can you help? ", "pls ")
_AFTER = (" please", ", thanks", " thx", "?", ".", "!", " pls", " (thanks in advance)", "??", " …")
_WORD = re.compile(r"[A-Za-z]{4,}")
_PLAIN = frozenset(
    "about after also another anything because before best between could different does doing each every explain "
    "find from give have help into just know like make mean more most need only other please rather same should show "
    "some tell than that their them then there these they thing this those through want what when where which while "
    "will with without would write your using used uses".split()
)


def words_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The plain words of some texts, from which one is taken to put in the place of another."""
    found = {word.lower() for text in texts for word in _WORD.findall(text)}
    return tuple(sorted(found - _PLAIN))


def altered(example: Example, words: Mapping[str, tuple[str, ...]], topic: str, rng: random.Random) -> Example:
    """The example, mostly as it is; sometimes with its surface changed, sometimes with one word exchanged."""
    a, b, same, kind = example.a, example.b, example.same, example.kind
    if rng.random() < 0.5:
        a, b = b, a
    chance = rng.random()
    if same and chance < 0.12 and len(b.split()) <= 60:
        exchanged = _exchange(b, words[topic], rng)
        if exchanged is not None:
            b, same, kind = exchanged, False, "exchanged"
    elif chance > 0.75:
        b = _surface(b, rng)
    return Example(a, b, same, kind, written=False)


def renamed(example: Example, words: Sequence[str], rng: random.Random) -> Example | None:
    """The example with one or two words that both texts have put otherwise in both; None where they share none.

    What is the same stays so, and what differs still differs: it teaches to compare instead of to remember subjects.
    ``words`` are of other topics.
    """
    shared = _plain_words(example.a) & _plain_words(example.b)
    olds = rng.sample(sorted(shared), min(len(shared), rng.choice((1, 1, 2))))
    a, b = example.a, example.b
    for old in olds:
        other = rng.choice(words)
        # Another form of a word that is there already could change what the pair is about.
        if other[:4] in a.lower() or other[:4] in b.lower():
            continue
        a, b = _put_for(old, other, a), _put_for(old, other, b)
    return Example(a, b, example.same, example.kind, written=False) if a != example.a else None


def _plain_words(text: str) -> set[str]:
    """Its words in small letters that say what it is about."""
    return {found for found in re.findall(r"(?<![\w`./-])[a-z]{4,}(?![\w`/-]|\.\w)", text) if found not in _PLAIN}


def _put_for(old: str, other: str, text: str) -> str:
    return re.sub(rf"(?<![\w`./-]){old}(?![\w`/-]|\.\w)", other, text)


def _exchange(text: str, words: Sequence[str], rng: random.Random) -> str | None:
    places = [found for found in _WORD.finditer(text) if found.group().lower() not in _PLAIN]
    if not places or len(words) < 5:
        return None
    place = rng.choice(places)
    other = rng.choice(words)
    old = place.group().lower()
    # Another form of the same word would change nothing.
    if other[:4] == old[:4] or other in text.lower():
        return None
    return text[: place.start()] + other + text[place.end() :]


def _surface(text: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.3:
        return _typo(text, rng)
    if chance < 0.5:
        return text.rstrip("?.! ") + rng.choice(_AFTER)
    if chance < 0.75:
        return rng.choice(_BEFORE) + text
    if chance < 0.9:
        return text.rstrip("?.! ")
    return _typo(_typo(text, rng), rng)


def _typo(text: str, rng: random.Random) -> str:
    places = list(re.finditer(r"[a-z]{5,}", text))
    if not places:
        return text
    place = rng.choice(places)
    letters = list(place.group())
    where = rng.randrange(1, len(letters) - 2)
    if rng.random() < 0.5:
        letters[where], letters[where + 1] = letters[where + 1], letters[where]
    elif rng.random() < 0.5:
        del letters[where]
    else:
        letters.insert(where, letters[where])
    return text[: place.start()] + "".join(letters) + text[place.end() :]
