"""The pairs to train on: what is written, and what follows from it (one answer serves all texts of a group)."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from check import Pair  # the data set's own module

MOST_FOR_EACH = 12
"""Pairs made for two groups, or within one: a large group must not outweigh the others."""


@dataclass(frozen=True)
class Example:
    """Two texts, whether one answer serves both, and what was done to one to get the other."""

    a: str
    b: str
    same: bool
    kind: str
    written: bool = True
    origin: str = ""


class Groups:
    """The texts of one topic in groups that one answer serves."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._leader: dict[str, str] = {}
        pairs = [pair for pair in pairs if pair.kind != "context_dependent"]
        for pair in pairs:
            self._leader.setdefault(pair.a, pair.a)
            self._leader.setdefault(pair.b, pair.b)
        for pair in pairs:
            if pair.same:
                self._leader[self.leader(pair.a)] = self.leader(pair.b)
        self.members: defaultdict[str, list[str]] = defaultdict(list)
        for text in self._leader:
            self.members[self.leader(text)].append(text)
        self.apart: dict[tuple[str, str], str] = {}
        for pair in pairs:
            if not pair.same:
                one, other = sorted((self.leader(pair.a), self.leader(pair.b)))
                if one != other:
                    self.apart.setdefault((one, other), pair.kind)

    def leader(self, text: str) -> str:
        """The text that stands for the group of this one."""
        while self._leader[text] != text:
            self._leader[text] = self._leader[self._leader[text]]
            text = self._leader[text]
        return text


def implied(pairs: Iterable[Pair], rng: random.Random) -> Iterator[Example]:
    """Pairs that nobody wrote but that follow: same by way of a third text, different as another of their group is."""
    topics: defaultdict[str, list[Pair]] = defaultdict(list)
    written: set[frozenset[str]] = set()
    for pair in pairs:
        topics[pair.topic].append(pair)
        written.add(frozenset((pair.a, pair.b)))
    for topic in sorted(topics):
        groups = Groups(topics[topic])
        for members in groups.members.values():
            both = [two for two in combinations(members, 2) if frozenset(two) not in written]
            for a, b in rng.sample(both, min(len(both), MOST_FOR_EACH)):
                yield Example(a, b, True, "implied", written=False)
        for (one, other), kind in groups.apart.items():
            cross = [
                (a, b) for a in groups.members[one] for b in groups.members[other] if frozenset((a, b)) not in written
            ]
            for a, b in rng.sample(cross, min(len(cross), MOST_FOR_EACH // 2)):
                yield Example(a, b, False, kind, written=False)
