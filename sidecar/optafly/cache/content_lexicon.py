"""The word lists as tables to look things up in; built once, when first used."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

import msgspec

from optafly.cache import content_names, content_opposites, content_synonyms, content_words
from optafly.cache.content_numbers import number_words, units
from optafly.cache.content_stem import stem

Key = Callable[[str], str]
Phrase = tuple[tuple[str, ...], str]
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
    stems: frozenset[str]
    near: Mapping[str, tuple[str, ...]]


@cache
def lexicon() -> Lexicon:
    """The tables of all lists."""
    groups = dict(_groups(content_synonyms.VERBS, content_synonyms.NOUNS, content_synonyms.OTHERS))
    concepts: dict[str, str] = {}
    phrases: defaultdict[str, list[Phrase]] = defaultdict(list)
    for head, members in groups.items():
        for member in (head, *members):
            words = member.split("_")
            if len(words) == 1:
                concepts.setdefault(member, head)
                concepts.setdefault(stem(member), head)
            else:
                parts = tuple(stem(word) for word in words)
                phrases[parts[0]].append((parts, head))
    names, name_phrases, categories = _names()
    words = set(concepts) | set(content_words.STOP) | _singles(content_opposites.OPPOSITES, content_opposites.CONTRASTS)
    stems = frozenset(stem(word) for word in words | set(names) | _other_words())

    def key(word: str) -> str:
        return names.get(word) or concepts.get(word) or concepts.get(stem(word)) or stem(word)

    return Lexicon(
        concepts=concepts,
        phrases=_longest_first(phrases),
        names=names,
        name_phrases=name_phrases,
        categories=categories,
        implied=_implied(),
        opposites=_opposites(key),
        contrasts=_contrasts(key),
        stems=stems,
        near=_near(stems),
    )


def _groups(*lists: str) -> Iterator[tuple[str, list[str]]]:
    for lines in lists:
        for line in lines.replace("\n ", " ").strip().split("\n"):
            head, _, members = line.partition(": ")
            yield head, members.split()


def _names() -> tuple[dict[str, str], dict[str, tuple[Phrase, ...]], dict[str, frozenset[str]]]:
    names: dict[str, str] = {}
    phrases: defaultdict[str, list[Phrase]] = defaultdict(list)
    categories: defaultdict[str, set[str]] = defaultdict(set)
    for line in content_names.CATEGORIES.replace("\n ", " ").strip().split("\n"):
        category, _, entries = line.partition(": ")
        for entry in entries.split(","):
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
    classes = (content_words.QUANTIFIERS, content_words.ORDINALS, content_words.TIMES, number_words(), units())
    return {word for found in classes for word in found} | set(content_words.NEGATIVE_VERBS)


def _implied() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in content_names.IMPLIED.replace("\n ", " ").strip().split("\n"):
        head, _, members = line.partition(": ")
        for member in members.split():
            found[member].add(head)
    return {name: frozenset(heads) for name, heads in found.items()}


def _opposites(key: Key) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for pair in content_opposites.OPPOSITES.replace("\n", " ").split("|"):
        if pair.strip():
            first, second = (key(word) for word in pair.split())
            if first != second:
                found[first].add(second)
                found[second].add(first)
    return {word: frozenset(others) for word, others in found.items()}


def _contrasts(key: Key) -> dict[str, frozenset[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(content_opposites.CONTRASTS.replace("\n ", " ").strip().split("\n")):
        for word in line.split():
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
    base = stem(word)
    if base in tables.concepts or base in tables.stems or len(word) < _SHORTEST_TYPO or not _WORD.fullmatch(base):
        return tables.concepts.get(base, base)
    meant = {
        candidate
        for shorter in (base, *_deletes(base))
        for candidate in tables.near.get(shorter, ())
        if candidate[0] == base[0] and one_edit(base, candidate)
    }
    keys = {tables.names.get(candidate) or tables.concepts.get(candidate, candidate) for candidate in meant}
    return keys.pop() if len(keys) == 1 else base


def name_of(word: str) -> str | None:
    """The name that a lower-case word is, or is another spelling of; without regard to whether it is meant so."""
    return lexicon().names.get(word)
