"""How two requests differ in their words, as numbers for a learned verifier."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from optafly.cache import content_words as words
from optafly.cache.content import difference
from optafly.cache.content_align import Alignment, align
from optafly.cache.content_lexicon import contrasted, lexicon, opposed, rivals
from optafly.cache.content_pointing import points_outside
from optafly.cache.content_read import read_both
from optafly.cache.content_roles import asked, exchanged, first_verb, inversions, swapped
from optafly.cache.content_tokens import Reading, Token

_EXACT_KINDS: Final = frozenset({"identifier", "path", "flag", "version", "code", "symbol"})


class _Sides:
    """An alignment and what several features are made of."""

    def __init__(self, aligned: Alignment) -> None:
        self.aligned = aligned
        self.one, self.two = aligned.first.tokens, aligned.second.tokens
        self.left_one = [self.one[at] for at in aligned.left_first]
        self.left_two = [self.two[at] for at in aligned.left_second]
        self.content = max(1, _content(self.one), _content(self.two))
        self.matched = max(1, len(aligned.matches))
        self.longest = max(1, len(self.one), len(self.two))
        self.shortest = min(len(self.one), len(self.two))

    def left(self, wanted: Callable[[Token], bool]) -> tuple[int, int]:
        """How many tokens left over are wanted ones: the fewer and the more of the two sides."""
        counts = sorted((sum(map(wanted, self.left_one)), sum(map(wanted, self.left_two))))
        return counts[0], counts[1]

    def crossed(self) -> list[tuple[Token, Token]]:
        return [(one, two) for one in self.left_one for two in self.left_two]


def _content(tokens: Sequence[Token]) -> int:
    return sum(token.role != "stop" for token in tokens)


def _capped(count: float, most: float) -> float:
    return min(count / most, 1.0)


def _is_plain(token: Token) -> bool:
    return token.kind == "word" and token.role == "content"


def _stop_difference(sides: _Sides) -> float:
    one = Counter(token.key for token in sides.one if token.role == "stop")
    two = Counter(token.key for token in sides.two if token.role == "stop")
    return _capped((one - two).total() + (two - one).total(), 10)


def _preposition_difference(sides: _Sides) -> float:
    one = Counter(token.key for token in sides.one if token.text.lower() in words.PREPOSITIONS)
    two = Counter(token.key for token in sides.two if token.text.lower() in words.PREPOSITIONS)
    return _capped(min((one - two).total(), (two - one).total()), 3)


def _role_difference(sides: _Sides, role: str) -> float:
    one = Counter(token.key for token in sides.one if token.role == role)
    two = Counter(token.key for token in sides.two if token.role == role)
    return _capped((one - two).total() + (two - one).total(), 3)


def _changed(sides: _Sides) -> tuple[int, int]:
    """Tokens inside the changed runs: the fewer and the more of the two sides."""
    one = sum(change.first_end - change.first for change in sides.aligned.changes)
    two = sum(change.second_end - change.second for change in sides.aligned.changes)
    return min(one, two), max(one, two)


def _likeness(sides: _Sides) -> float:
    _, most = _changed(sides)
    return max(0.0, 1 - most / sides.longest)


def _single_substitution(sides: _Sides) -> float:
    """1 where all but one short run is the same and in the same order."""
    changes = sides.aligned.changes
    if len(changes) != 1:
        return 0.0
    fewer, more = _changed(sides)
    return 1.0 if fewer >= 1 and more <= 4 else 0.0


def _single_insertion(sides: _Sides) -> float:
    fewer, more = _changed(sides)
    return 1.0 if len(sides.aligned.changes) == 1 and fewer == 0 and more <= 8 else 0.0


def _at(sides: _Sides, *, last: bool) -> float:
    changes = sides.aligned.changes
    if not changes:
        return 1.0
    change = changes[-1 if last else 0]
    place = max(change.first_end, change.second_end) if last else max(change.first, change.second)
    return _capped(place, sides.longest)


def _relation_share(sides: _Sides, relation: str) -> float:
    return sum(match.relation == relation for match in sides.aligned.matches) / sides.matched


def _opposed(sides: _Sides) -> float:
    return _capped(sum(opposed(one.key, two.key) for one, two in sides.crossed()), 2)


def _contrasted(sides: _Sides) -> float:
    return _capped(sum(contrasted(one.key, two.key) for one, two in sides.crossed()), 2)


def _rival_names(sides: _Sides) -> float:
    return _capped(sum(rivals(one.key, two.key) for one, two in sides.crossed()), 2)


def _near_words(sides: _Sides) -> float:
    """The greatest likeness in letters of two words left over: a slip of the pen or a treacherous neighbour."""
    return max((_dice(one.text.lower(), two.text.lower()) for one, two in sides.crossed()[:64]), default=0.0)


def _dice(one: str, two: str) -> float:
    first = {one[at : at + 2] for at in range(max(1, len(one) - 1))}
    second = {two[at : at + 2] for at in range(max(1, len(two) - 1))}
    return 2 * len(first & second) / (len(first) + len(second))


def _runs(sides: _Sides, *, first: bool, second: bool) -> float:
    """Changed runs that have, or have not, content tokens left over in the texts, but for a run before everything."""
    one, two = set(sides.aligned.left_first), set(sides.aligned.left_second)
    found = 0
    for change in sides.aligned.changes:
        left = any(at in one for at in range(change.first, change.first_end))
        right = any(at in two for at in range(change.second, change.second_end))
        both_or_one = (left and right, left or right) == (first and second, first or second)
        found += both_or_one and not (not first and not second and change.first == change.second == 0)
    return _capped(found, 4)


def _prefix(sides: _Sides) -> float:
    """1 where the texts begin differently with words that say nothing ("how do I")."""
    changes = sides.aligned.changes
    if not changes or changes[0].first or changes[0].second:
        return 0.0
    one, two = set(sides.aligned.left_first), set(sides.aligned.left_second)
    return float(one.isdisjoint(range(changes[0].first_end)) and two.isdisjoint(range(changes[0].second_end)))


def _letters(sides: _Sides) -> float:
    """Likeness of the texts in runs of three letters."""
    one, two = (" ".join(token.text.lower() for token in tokens) for tokens in (sides.one, sides.two))
    first = {one[at : at + 3] for at in range(max(1, len(one) - 2))}
    second = {two[at : at + 3] for at in range(max(1, len(two) - 2))}
    return 2 * len(first & second) / (len(first) + len(second))


def _unknown(tokens: Iterable[Token]) -> int:
    known = lexicon().stems
    return sum(_is_plain(token) and token.key not in known for token in tokens)


def _longest_word(tokens: Iterable[Token]) -> int:
    return max((len(token.text) for token in tokens), default=0)


def _pointing(reading: Reading) -> float:
    return float(points_outside(reading))


def _code_share(tokens: Sequence[Token]) -> float:
    return sum(token.literal or token.kind in _EXACT_KINDS for token in tokens) / max(1, len(tokens))


def _question(reading: Reading) -> bool:
    return asked(reading) in {"how", "what", "why", "when", "where", "which", "who", "whether"}


_TABLE: Final[Mapping[str, Callable[[_Sides], float]]] = MappingProxyType(
    {
        "length_ratio": lambda sides: sides.shortest / sides.longest,
        "length": lambda sides: _capped(sides.longest, 120),
        "content_length": lambda sides: _capped(sides.content, 40),
        "left_share_less": lambda sides: min(len(sides.left_one), len(sides.left_two)) / sides.content,
        "left_share_more": lambda sides: max(len(sides.left_one), len(sides.left_two)) / sides.content,
        "left_count_less": lambda sides: _capped(min(len(sides.left_one), len(sides.left_two)), 6),
        "left_count_more": lambda sides: _capped(max(len(sides.left_one), len(sides.left_two)), 6),
        "matched_share": lambda sides: _capped(len(sides.aligned.matches), sides.content),
        "likeness": _likeness,
        "single_substitution": _single_substitution,
        "single_insertion": _single_insertion,
        "changes": lambda sides: _capped(len(sides.aligned.changes), 8),
        "changed_less": lambda sides: _capped(_changed(sides)[0], 12),
        "changed_more": lambda sides: _capped(_changed(sides)[1], 12),
        "first_change": lambda sides: _at(sides, last=False),
        "last_change": lambda sides: _at(sides, last=True),
        "replaced_runs": lambda sides: _runs(sides, first=True, second=True),
        "added_runs": lambda sides: _runs(sides, first=True, second=False),
        "other_runs": lambda sides: _runs(sides, first=False, second=False),
        "other_beginning": _prefix,
        "letters": _letters,
        "related": lambda sides: _relation_share(sides, "related"),
        "synonyms": lambda sides: _relation_share(sides, "synonym"),
        "typos": lambda sides: _relation_share(sides, "typo"),
        "kin": lambda sides: _relation_share(sides, "kin"),
        "compounds": lambda sides: _relation_share(sides, "compound"),
        "opposites": _opposed,
        "contrasts": _contrasted,
        "rival_names": _rival_names,
        "near_words": _near_words,
        "names_less": lambda sides: _capped(sides.left(lambda token: token.kind == "name")[0], 2),
        "names_more": lambda sides: _capped(sides.left(lambda token: token.kind == "name")[1], 2),
        "numbers_less": lambda sides: _capped(sides.left(lambda token: token.kind == "number")[0], 2),
        "numbers_more": lambda sides: _capped(sides.left(lambda token: token.kind == "number")[1], 2),
        "exact_less": lambda sides: _capped(sides.left(lambda token: token.kind in _EXACT_KINDS)[0], 3),
        "exact_more": lambda sides: _capped(sides.left(lambda token: token.kind in _EXACT_KINDS)[1], 3),
        "unknown_less": lambda sides: _capped(min(_unknown(sides.left_one), _unknown(sides.left_two)), 4),
        "unknown_more": lambda sides: _capped(max(_unknown(sides.left_one), _unknown(sides.left_two)), 4),
        "longest_less": lambda sides: _capped(min(_longest_word(sides.left_one), _longest_word(sides.left_two)), 14),
        "longest_more": lambda sides: _capped(max(_longest_word(sides.left_one), _longest_word(sides.left_two)), 14),
        "negations": lambda sides: _role_difference(sides, "negation"),
        "quantifiers": lambda sides: _role_difference(sides, "quantifier"),
        "ordinals": lambda sides: _role_difference(sides, "ordinal"),
        "times": lambda sides: _role_difference(sides, "time"),
        "limits": lambda sides: _role_difference(sides, "limit"),
        "function_words": _stop_difference,
        "prepositions": _preposition_difference,
        "inversions": lambda sides: inversions(sides.aligned),
        "exchanged": lambda sides: float(exchanged(sides.aligned) is not None),
        "swapped": lambda sides: float(swapped(sides.aligned)),
        "asked_differs": lambda sides: float(asked(sides.aligned.first) != asked(sides.aligned.second)),
        "first_verb_same": lambda sides: float(first_verb(sides.aligned.first) == first_verb(sides.aligned.second)),
        "both_questions": lambda sides: float(_question(sides.aligned.first) and _question(sides.aligned.second)),
        "one_question": lambda sides: float(_question(sides.aligned.first) != _question(sides.aligned.second)),
        "points_outside": lambda sides: max(_pointing(sides.aligned.first), _pointing(sides.aligned.second)),
        "code_share": lambda sides: max(_code_share(sides.one), _code_share(sides.two)),
        "foreign": lambda sides: float(sides.aligned.first.language != "en"),
        "languages_differ": lambda sides: float(sides.aligned.first.language != sides.aligned.second.language),
        "guard": lambda sides: float(difference(sides.aligned) is not None),
    }
)

FEATURE_NAMES: Final[tuple[str, ...]] = tuple(_TABLE)
"""What the numbers of `features` are, in order."""


def features(a: str, b: str) -> tuple[float, ...]:
    """The features of two requests, each from 0 to 1, in the order of `FEATURE_NAMES`; b and a give the same."""
    first, second = sorted((a, b))
    sides = _Sides(align(*read_both(first, second)))
    return tuple(feature(sides) for feature in _TABLE.values())
