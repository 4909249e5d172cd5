"""The word lists as tables to look things up in; built once, when first used."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cache, lru_cache
from typing import Final

import msgspec

from optafly.cache import content_names, content_opposites, content_related, content_synonyms, content_words
from optafly.cache.content_lists import entries, groups
from optafly.cache.content_numbers import number_words
from optafly.cache.content_stem import stem, vocabulary

Key = Callable[[str], str]
Phrase = tuple[tuple[str, ...], str]
_NO_ENTRY: Final[frozenset[int]] = frozenset()
_NO_CATEGORY: Final[frozenset[str]] = frozenset()
_SHORTEST_TYPO: Final = 5
_WORD: Final = re.compile(r"[a-z]+")


class Lexicon(msgspec.Struct, frozen=True):
    """What the word lists say: keys of words and phrases, names with their categories, what excludes what."""

    concepts: Mapping[str, str]
    phrases: Mapping[str, tuple[Phrase, ...]]
    names: Mapping[str, str]
    name_phrases: Mapping[str, tuple[Phrase, ...]]
    categories: Mapping[str, frozenset[str]]
    implied: Mapping[str, frozenset[str]]
    opposites: Mapping[str, frozenset[str]]
    contrasts: Mapping[str, frozenset[int]]
    related: Mapping[str, frozenset[int]]
    stems: frozenset[str]
    near: Mapping[str, tuple[str, ...]]


@cache
def lexicon() -> Lexicon:
    """The tables of all lists."""
    concepts: dict[str, str] = {}
    phrases: defaultdict[str, list[Phrase]] = defaultdict(list)
    for head, members in entries(content_synonyms.SYNONYMS):
        for member in (head, *members):
            parts = tuple(stem(word) for word in member.split("_"))
            if len(parts) == 1:
                concepts.setdefault(member, head)
                # A listed form stands for itself only: "settings" is configuration, "set" is not.
                if stem(member) == member or stem(member) not in vocabulary():
                    concepts.setdefault(stem(member), head)
            else:
                phrases[parts[0]].append((parts, head))
    names, name_phrases, categories = _names()
    known = set(concepts) | set(content_words.STOP) | _singles(content_opposites.OPPOSITES, content_opposites.CONTRASTS)
    stems = frozenset(stem(word) for word in known | set(names) | _other_words() | vocabulary())
    classes = {**content_words.QUANTIFIERS, **content_words.ORDINALS, **content_words.TIMES}

    def key(word: str) -> str:
        own = classes.get(word) or (None if word in content_names.AMBIGUOUS else names.get(word))
        return own or concepts.get(word) or concepts.get(stem(word)) or stem(word)

    return Lexicon(
        concepts=concepts,
        phrases=_longest_first(phrases),
        names=names,
        name_phrases=name_phrases,
        categories=categories,
        implied=_implied(),
        opposites=_opposites(key),
        contrasts=_numbered(content_opposites.CONTRASTS, key),
        related=_numbered(content_related.RELATED, key),
        stems=stems,
        near=_near(stems),
    )


def _names() -> tuple[dict[str, str], dict[str, tuple[Phrase, ...]], dict[str, frozenset[str]]]:
    names: dict[str, str] = {}
    phrases: defaultdict[str, list[Phrase]] = defaultdict(list)
    categories: defaultdict[str, set[str]] = defaultdict(set)
    for category, members in entries(content_names.CATEGORIES):
        for entry in " ".join(members).split(","):
            head, *aliases = entry.split()
            categories[head].add(category)
            for alias in (head, *aliases):
                parts = tuple(alias.split("_"))
                if len(parts) == 1:
                    names.setdefault(alias, head)
                else:
                    phrases[parts[0]].append((parts, head))
    return names, _longest_first(phrases), {name: frozenset(found) for name, found in categories.items()}


def _longest_first(phrases: Mapping[str, list[Phrase]]) -> dict[str, tuple[Phrase, ...]]:
    return {first: tuple(sorted(found, key=lambda phrase: -len(phrase[0]))) for first, found in phrases.items()}


def _singles(*lists: str) -> set[str]:
    return {word for lines in lists for entry in lines.replace("|", " ").split() for word in entry.split("_")}


def _other_words() -> set[str]:
    classes = (content_words.QUANTIFIERS, content_words.ORDINALS, content_words.TIMES, number_words())
    return {word for found in classes for word in found} | set(content_words.NEGATIVE)


def _implied() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for head, members in entries(content_names.IMPLIED):
        for member in members:
            found[member].add(head)
    return {name: frozenset(heads) for name, heads in found.items()}


def _opposites(key: Key) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for pair in groups(content_opposites.OPPOSITES):
        first, second = map(key, pair)
        if first != second:
            found[first].add(second)
            found[second].add(first)
    return {word: frozenset(others) for word, others in found.items()}


def _numbered(lists: str, key: Key) -> dict[str, frozenset[int]]:
    """The numbers of the groups that a key stands in."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, group in enumerate(groups(lists)):
        for word in group:
            found[key(word)].add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def _deletes(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _near(stems: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word in stems:
        if len(word) >= _SHORTEST_TYPO - 1 and _WORD.fullmatch(word):
            found[word].add(word)
            for shorter in _deletes(word):
                found[shorter].add(word)
    return {word: tuple(sorted(words)) for word, words in found.items()}


def one_edit(first: str, second: str) -> bool:
    """Whether one letter more, less, other, or two neighbours swapped make one word of the other."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    if len(first) > len(second):
        first, second = second, first
    at = next((at for at, char in enumerate(first) if char != second[at]), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    if first[at + 1 :] == second[at + 1 :]:
        return True
    return first[at : at + 2] == second[at : at + 2][::-1] and first[at + 2 :] == second[at + 2 :]


@lru_cache(maxsize=8192)
def key_of(word: str) -> str:
    """The key of a lower-case English word: equal for forms, synonyms and slips of the pen of one word."""
    tables = lexicon()
    found = tables.concepts.get(word)
    if found is not None:
        return found
    base = corrected(word)
    return (
        tables.names.get(base, base) if base in tables.names and base != stem(word) else tables.concepts.get(base, base)
    )


@lru_cache(maxsize=8192)
def corrected(word: str) -> str:
    """The stem of a lower-case word, or of the only known word that it is a slip of the pen of."""
    base = stem(word)
    known = lexicon().stems
    if word in known or base in known or len(word) < _SHORTEST_TYPO - 1 or not _WORD.fullmatch(word):
        return base
    for form in (word, base):
        meant = _meant(form)
        if len(meant) == 1:
            return meant.pop()
    return base


def _meant(word: str) -> set[str]:
    near = lexicon().near
    return {
        candidate
        for shorter in (word, *_deletes(word))
        for candidate in near.get(shorter, ())
        if len(candidate) >= _SHORTEST_TYPO and candidate[0] == word[0] and one_edit(word, candidate)
    }


def opposed(one: str, two: str) -> bool:
    """Whether two keys are opposites."""
    return two in lexicon().opposites.get(one, ())


def contrasted(one: str, two: str) -> bool:
    """Whether two different keys are alternatives of one kind."""
    table = lexicon().contrasts
    return one != two and not table.get(one, _NO_ENTRY).isdisjoint(table.get(two, _NO_ENTRY))


def related(one: str, two: str) -> bool:
    """Whether one key can stand for the other."""
    table = lexicon().related
    if table.get(one, _NO_ENTRY).isdisjoint(table.get(two, _NO_ENTRY)):
        return False
    return not opposed(one, two) and not contrasted(one, two)


def implied(name: str, keys: Set[str]) -> bool:
    """Whether one of the keys can only be meant with a name: pandas is Python."""
    table = lexicon().implied
    return any(name in table.get(key, ()) for key in keys)


def rivals(one: str, two: str) -> bool:
    """Whether two different names are of one category: two languages, two libraries."""
    table = lexicon().categories
    return one != two and not table.get(one, _NO_CATEGORY).isdisjoint(table.get(two, _NO_CATEGORY))
