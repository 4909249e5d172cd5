"""Which tokens of one request answer to which of the other, and what is left over on each side."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal

import msgspec

from optafly.cache.content_lexicon import lexicon, one_edit, related
from optafly.cache.content_stem import stem
from optafly.cache.content_tokens import Reading, Token

Relation = Literal["equal", "synonym", "compound", "typo", "kin", "related"]
_TYPO_LETTERS: Final = 5
_KIN_LETTERS: Final = 5


class Match(msgspec.Struct, frozen=True):
    """Tokens at two places (indices into the readings) that mean the same, and by what."""

    first: int
    second: int
    relation: Relation


class Change(msgspec.Struct, frozen=True):
    """A run of tokens of one text that stands where another run stands in the other; ends are exclusive."""

    first: int
    first_end: int
    second: int
    second_end: int


class Alignment(msgspec.Struct, frozen=True):
    """Two readings side by side.

    ``left_first`` and ``left_second`` are indices of content tokens without a counterpart; words that are only said
    again are in ``again_first`` and ``again_second``. ``changes`` are the differing runs of keys when both are read as
    sequences.
    """

    first: Reading
    second: Reading
    matches: tuple[Match, ...]
    left_first: tuple[int, ...]
    left_second: tuple[int, ...]
    again_first: tuple[int, ...]
    again_second: tuple[int, ...]
    changes: tuple[Change, ...]

    @property
    def left(self) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
        """The tokens left over on either side."""
        one, two = self.first.tokens, self.second.tokens
        return tuple(one[at] for at in self.left_first), tuple(two[at] for at in self.left_second)

    @property
    def content(self) -> int:
        """How many content tokens the text with more of them has, at least 1."""
        return max(1, *(sum(token.role != "stop" for token in text.tokens) for text in (self.first, self.second)))


def align(first: Reading, second: Reading) -> Alignment:
    """Match the content tokens of two readings by key, then by spelling; what is matched may stand anywhere."""
    one, two = first.tokens, second.tokens
    matches, left_one, left_two = _by_key(one, two)
    left_one = _without_stops(one, two, left_one)
    left_two = _without_stops(two, one, left_two)
    steps: tuple[tuple[Relation, Callable[[], list[tuple[int, int]]]], ...] = (
        ("compound", lambda: _compounds(one, two, left_one, left_two)),
        ("compound", lambda: _swapped(_compounds(two, one, left_two, left_one))),
        ("compound", lambda: _acronyms(one, two, left_one, left_two)),
        ("compound", lambda: _swapped(_acronyms(two, one, left_two, left_one))),
        ("equal", lambda: _numbers(one, two, left_one, left_two)),
        ("kin", lambda: _plurals(one, two, left_one, left_two)),
        ("typo", lambda: _pairs(one, two, left_one, left_two, _typo)),
        ("kin", lambda: _pairs(one, two, left_one, left_two, _kin)),
        ("related", lambda: _pairs(one, two, left_one, left_two, _related)),
    )
    for relation, found in steps:
        for at, other in found():
            matches.append(Match(at, other, relation))
            if at in left_one:
                left_one.remove(at)
            if other in left_two:
                left_two.remove(other)
    changes = tuple(
        Change(start, end, other, other_end)
        for tag, start, end, other, other_end in _codes([token.key for token in one], [token.key for token in two])
        if tag != "equal"
    )
    said_one = {one[match.first].key for match in matches}
    said_two = {two[match.second].key for match in matches}
    return Alignment(
        first,
        second,
        tuple(matches),
        tuple(at for at in left_one if one[at].key not in said_one),
        tuple(at for at in left_two if two[at].key not in said_two),
        tuple(at for at in left_one if one[at].key in said_one),
        tuple(at for at in left_two if two[at].key in said_two),
        changes,
    )


def _codes(one: Sequence[str], two: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """The opcodes of a sequence comparison; ends that are equal are cut off first, which is most of a small edit."""
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    inner_one, inner_two = one[start : len(one) - end], two[start : len(two) - end]
    for tag, at, at_end, other, other_end in SequenceMatcher(None, inner_one, inner_two, autojunk=False).get_opcodes():
        yield tag, at + start, at_end + start, other + start, other_end + start


def _by_key(one: Sequence[Token], two: Sequence[Token]) -> tuple[list[Match], list[int], list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, token in reversed(list(enumerate(two))):
        if token.role != "stop":
            places[token.key].append(at)
    matches: list[Match] = []
    left: list[int] = []
    for at, token in enumerate(one):
        if token.role == "stop":
            continue
        if places[token.key]:
            other = places[token.key].pop()
            plain = token.kind != "word" or stem(token.text.lower()) == stem(two[other].text.lower())
            matches.append(Match(at, other, "equal" if plain else "synonym"))
        else:
            left.append(at)
    return matches, left, sorted(at for found in places.values() for at in found)


def _compounds(
    one: Sequence[Token], two: Sequence[Token], left_one: list[int], left_two: list[int]
) -> list[tuple[int, int]]:
    """Words of ``one`` that are two neighbours of ``two`` written together ("dataset", "data set")."""
    joined = {
        two[at].text.lower() + two[at + 1].text.lower(): (at, at + 1)
        for at in left_two
        if at + 1 < len(two) and two[at].kind in {"word", "identifier"}
    }
    joined |= {
        two[at - 1].text.lower() + two[at].text.lower(): (at - 1, at)
        for at in left_two
        if at > 0 and two[at].kind in {"word", "identifier"}
    }
    if not joined:
        return []
    found: list[tuple[int, int]] = []
    for at in left_one:
        lower = one[at].text.lower().replace("_", "")
        parts = joined.get(lower) or joined.get(lower.removesuffix("s")) or joined.get(f"{lower}s")
        if parts is not None:
            found += [(at, part) for part in parts if part in left_two]
    return found


def _without_stops(one: Sequence[Token], two: Sequence[Token], left: list[int]) -> list[int]:
    """The places left whose keys the other text does not have among its stop words either ("find" and "get")."""
    stops = {token.key for token in two if token.role == "stop"}
    more = stops - {token.key for token in one if token.role == "stop"}
    return [
        at for at in left if one[at].key not in stops and not any(related(one[at].key, stop) for stop in sorted(more))
    ]


def _acronyms(
    one: Sequence[Token], two: Sequence[Token], left_one: list[int], left_two: list[int]
) -> list[tuple[int, int]]:
    """Short words of ``one`` that are the initials of neighbours in ``two`` ("TDD", "test driven development")."""
    found: list[tuple[int, int]] = []
    initials = "".join(token.text[:1].lower() or " " for token in two)
    for at in left_one:
        text = one[at].text.lower()
        if not 2 <= len(text) <= 5 or not text.isalpha():
            continue
        start = initials.find(text)
        places = range(start, start + len(text))
        if start >= 0 and sum(place in left_two for place in places) >= len(text) - 1:
            found += [(at, place) for place in places if place in left_two]
    return found


def _numbers(
    one: Sequence[Token], two: Sequence[Token], left_one: list[int], left_two: list[int]
) -> list[tuple[int, int]]:
    """Numbers that are written the same, of which one has no unit, and hours of which one is a mere number."""
    return [
        (at, other)
        for at in left_one
        for other in left_two
        if {one[at].kind, two[other].kind} <= {"number", "clock"} and _same_number(one[at], two[other])
    ]


def _same_number(one: Token, two: Token) -> bool:
    if one.kind == two.kind:
        return one.kind == "number" and one.text.lower() == two.text.lower() and (" " in one.key) != (" " in two.key)
    number, hour = (one, two) if one.kind == "number" else (two, one)
    return hour.key.endswith(":00:00") and number.key in {f"#{int(hour.key[1:3])}", f"#{int(hour.key[1:3]) % 12}"}


def _plurals(
    one: Sequence[Token], two: Sequence[Token], left_one: list[int], left_two: list[int]
) -> list[tuple[int, int]]:
    """Types of which one text speaks in the plural ("HashMap", "HashMaps")."""
    return [
        (at, other)
        for at in left_one
        for other in left_two
        if "identifier" in {one[at].kind, two[other].kind} and _same_type(one[at].text, two[other].text)
    ]


def _same_type(one: str, two: str) -> bool:
    if one.lower() == two.lower():
        return True
    return one[0].isupper() and one.removesuffix("s") == two.removesuffix("s")


def _swapped(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(other, at) for at, other in pairs]


def _pairs(
    one: Sequence[Token],
    two: Sequence[Token],
    left_one: list[int],
    left_two: list[int],
    alike: Callable[[Token, Token], bool],
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    taken: set[int] = set()
    for at in left_one:
        if one[at].kind != "word":
            continue
        for other in left_two:
            if other not in taken and two[other].kind == "word" and alike(one[at], two[other]):
                found.append((at, other))
                taken.add(other)
                break
    return found


def _typo(one: Token, two: Token) -> bool:
    """Whether one of two words can be a slip of the pen for the other: both are no words that are known."""
    first, second = one.text.lower(), two.text.lower()
    if min(len(first), len(second)) < _TYPO_LETTERS - 1 or max(len(first), len(second)) < _TYPO_LETTERS:
        return False
    if first[0] != second[0] or not one_edit(first, second):
        return False
    known = lexicon().stems
    return not ((stem(first) in known or first in known) and (stem(second) in known or second in known))


def _kin(one: Token, two: Token) -> bool:
    """Whether two words share their beginning, as forms of one word do."""
    shorter, longer = sorted((one.key, two.key), key=len)
    if len(shorter) < _KIN_LETTERS:
        return False
    common = next((at for at, char in enumerate(shorter) if char != longer[at]), len(shorter))
    return common >= _KIN_LETTERS and common >= len(shorter) - 2 and len(longer) - common <= 5


def _related(one: Token, two: Token) -> bool:
    return related(one.key, two.key)
