"""The cheapest placement there is, found by search with the whole session known beforehand.

Every request may write entries anywhere, but only some places can be worth it. The blocks of a request fall into runs
that stand in exactly the same later requests; a run ends where this request and some later one part. All tokens of a
run are sent, read and paid together, so the cost of a session is linear in how far into a run an entry reaches, and one
of the run's two ends is at least as good as any place inside it. (The model's minimum could make an inner place better
than both ends: `exhaustive`, which tries every place, is there to compare.) So the search tries, for each request,
every set of run ends with every order of lifetimes that the API accepts, beside the breakpoint that reads the longest
entry alive, and keeps every state of the cache that no other one equals or beats in both cost and content.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec

from optafly.routing.prices import ModelFacts
from tests.bench.caching.rules import LIFE_S, Entry, Marks, Rules, Spot, Ttl, answer


class _Label(msgspec.Struct, frozen=True):
    """One way to have come so far: its cost, in input tokens, and the cache it left."""

    cost: float
    cache: dict[bytes, Entry]


class Search:
    """The requests of one session, as spots and times, with what the search needs to know of them."""

    def __init__(
        self, requests: Sequence[Sequence[Spot]], times: Sequence[float], facts: ModelFacts, rules: Rules
    ) -> None:
        self._requests, self._times, self._facts, self._rules = requests, times, facts, rules
        self._places = [{spot.digest: place for place, spot in enumerate(spots)} for spots in requests]
        self._last = {digest: number for number, places in enumerate(self._places) for digest in places}
        self._ends = [self._run_ends(number) for number in range(len(requests))]

    def best(self) -> float:
        """The least cost of the session, in input tokens at the usual price."""
        labels = [_Label(0.0, {})]
        for number in range(len(self._requests)):
            labels = self._pruned([after for label in labels for after in self._sent(label, number)], number + 1)
        return min(label.cost for label in labels)

    def exhaustive(self) -> float:
        """The same, trying every place of every request: for sessions of a few blocks."""
        least: dict[frozenset[tuple[bytes, Entry]], float] = {frozenset(): 0.0}
        for number, spots in enumerate(self._requests):
            after: dict[frozenset[tuple[bytes, Entry]], float] = {}
            places = [place for place, spot in enumerate(spots) if spot.markable]
            for state, cost in least.items():
                for marks in _marks(places, 4):
                    label = self._charged(_Label(cost, dict(state)), number, marks)
                    key = frozenset(label.cache.items())
                    after[key] = min(label.cost, after.get(key, label.cost))
            least = after
        return min(least.values())

    def _sent(self, label: _Label, number: int) -> Iterator[_Label]:
        places = self._places[number]
        alive = [digest for digest, entry in label.cache.items() if entry.ends >= self._times[number]]
        longest = max((places[digest] for digest in alive if digest in places), default=-1)
        # What is read is written already, and may be marked with either lifetime.
        reading: dict[int, Ttl] = {longest: "1h"} if longest >= 0 else {}
        ends = [place for place in self._ends[number] if place > longest]
        for marks in _marks(ends, 4 - len(reading)):
            yield self._charged(label, number, {**reading, **marks})

    def _run_ends(self, number: int) -> list[int]:
        """Where entries of this request could be read by later ones: the last place shared with each of them."""
        spots, ends = self._requests[number], set()
        for later in self._places[number + 1 :]:
            shared = [place for place, spot in enumerate(spots) if spot.markable and spot.digest in later]
            ends.update(shared[-1:])
        return sorted(place for place in ends if spots[place].tokens >= self._facts.minimum_tokens)

    def _charged(self, label: _Label, number: int, marks: Marks) -> _Label:
        at, minimum = self._times[number], self._facts.minimum_tokens
        usage, cache = answer(label.cache, self._requests[number], marks, at, minimum, self._rules)
        useful: dict[bytes, Entry] = {}
        # The newest entries reach furthest: most of the older ones are of no use beside them.
        for digest, entry in reversed(cache.items()):
            others = useful.items()
            if self._last.get(digest, -1) > number and not any(
                self._serves(other, one, digest, entry, number + 1) for other, one in others
            ):
                useful[digest] = entry
        return _Label(label.cost + usage.cost(self._facts.rates), useful)

    def _pruned(self, labels: Sequence[_Label], number: int) -> list[_Label]:
        kept: list[_Label] = []
        for label in sorted(labels, key=lambda label: label.cost):
            if not any(self._covers(other, label, number) for other in kept):
                kept.append(label)
        return kept

    def _covers(self, better: _Label, label: _Label, number: int) -> bool:
        return all(
            any(self._serves(other, one, digest, entry, number) for other, one in better.cache.items())
            for digest, entry in label.cache.items()
        )

    def _serves(self, other: bytes, one: Entry, digest: bytes, entry: Entry, number: int) -> bool:
        """Whether an entry does for every later request what another one would."""
        if LIFE_S[one.ttl] < LIFE_S[entry.ttl] or one.ends < entry.ends:
            return False
        later = self._places[number:]
        return all(places.get(other, -1) >= places[digest] for places in later if digest in places)


def _marks(places: Sequence[int], slots: int) -> Iterator[dict[int, Ttl]]:
    """Every set of at most so many places with every order of lifetimes: those of an hour first."""
    for size in range(min(slots, len(places)) + 1):
        for chosen in combinations(places, size):
            for hours in range(size + 1):
                yield {place: "1h" if number < hours else "5m" for number, place in enumerate(chosen)}
