"""The content-token guard: a request may be served another's answer only where both say the same things."""

from collections.abc import Callable, Iterable, Mapping, Set
from types import MappingProxyType
from typing import Final

from optafly.cache.content_align import Alignment, align
from optafly.cache.content_lexicon import contrasted, implied, opposed, rivals
from optafly.cache.content_read import read_both
from optafly.cache.content_roles import asked, exchanged, has_tag, swapped
from optafly.cache.content_tokens import Kind, Reading, Role, Token
from optafly.cache.content_words import NEGATIVE, NEGATIVE_PREFIXES

Check = Callable[[Alignment], str | None]

_EXACT: Final[Mapping[Kind, str]] = MappingProxyType({
    "identifier": "identifier", "path": "path", "flag": "flag", "version": "version", "code": "code",
})  # fmt: skip
_AMOUNTS: Final = frozenset({"number", "clock"})
# Roles of which one word for another always is a difference, and at how many other words left over one word more is.
_CLASSES: Final[Mapping[Role, tuple[str, int]]] = MappingProxyType({
    "negation": ("negation", 1), "ordinal": ("ordinal", 1), "quantifier": ("quantifier", 0), "time": ("time", 0),
    "limit": ("limit", 0),
})  # fmt: skip
_ASKED_APART: Final = frozenset(
    frozenset(pair.split("/"))
    for pair in """
    how/why how/when how/whether how/where how/who what/when what/whether what/where what/who when/why when/who
    when/where why/whether why/where
    """.split()
)
_CLOSE: Final = 1
# Said by a plural or an article as well.
_SMALL_NUMBERS: Final = frozenset({"#0", "#1", "#2"})
_FAR: Final = 0.6
_FEW_CHANGES: Final = 3
_SMALL_SHARE: Final = 0.2
_TINY_SHARE: Final = 0.1
_SHORT_ADDITION: Final = 2
_LONGEST_SHOWN: Final = 40


def content_difference(a: str, b: str) -> str | None:
    """What kind of content token two requests differ in, or None where all are the same.

    It answers the same for b and a, and None for a text and itself. Short reasons only, no more of the texts than the
    words that differ.
    """
    first, second = sorted((a, b))
    return difference(align(*read_both(first, second)))


def difference(aligned: Alignment) -> str | None:
    """As `content_difference`, for texts that are aligned already."""
    return next((found for check in CHECKS.values() if (found := check(aligned)) is not None), None)


def _language(aligned: Alignment) -> str | None:
    one, two = aligned.first.language, aligned.second.language
    return None if one == two else f"human language: {one} against {two}"


def _exact(aligned: Alignment) -> str | None:
    """Identifiers, paths, flags, versions and codes."""
    return _apart(aligned, lambda token: token.kind in _EXACT, lambda token: _EXACT[token.kind])


def _amount(aligned: Alignment) -> str | None:
    return _apart(aligned, lambda token: token.kind in _AMOUNTS, lambda _: "number", weak=_SMALL_NUMBERS)


def _symbol(aligned: Alignment) -> str | None:
    return _apart(aligned, lambda token: token.kind == "symbol", lambda _: "symbol", close=-1)


def _apart(
    aligned: Alignment,
    wanted: Callable[[Token], bool],
    name: Callable[[Token], str],
    close: int = _CLOSE,
    weak: Set[str] = frozenset(),
) -> str | None:
    """Tokens of a kind that are left over on both sides, or on one where hardly anything else is."""
    ours, theirs = ([token for token in side if wanted(token)] for side in aligned.left)
    if ours and theirs:
        return f"{name(ours[0])}: {_short(ours[0])} against {_short(theirs[0])}"
    alone = [token for token in (*ours, *theirs) if token.key not in weak]
    if alone and _plain(aligned) <= close:
        token = alone[0]
        return f"{name(token)}: {_short(token)} in one only"
    return None


def _short(token: Token) -> str:
    return token.text if len(token.text) <= _LONGEST_SHOWN else f"{token.text[:_LONGEST_SHOWN]}…"


def _plain(aligned: Alignment) -> int:
    """How many ordinary words are left over on both sides together."""
    return sum(token.kind == "word" and token.role == "content" for side in aligned.left for token in side)


def _name(aligned: Alignment) -> str | None:
    ours, theirs = ([token for token in side if token.kind == "name"] for side in aligned.left)
    for one in ours:
        for two in theirs:
            if rivals(one.key, two.key):
                return f"name: {one.key} against {two.key}"
    if not (ours and theirs) and _plain(aligned) <= _CLOSE:
        for mine, others in ((ours, aligned.second), (theirs, aligned.first)):
            if more := _not_implied(mine, others):
                return f"name: {more[0].key} in one only"
    return None


def _opposite(aligned: Alignment) -> str | None:
    ours, theirs = aligned.left
    if _is_far(aligned):
        return None
    # "Keep it" and "do not drop it" are the same.
    if _has(ours, "negation") != _has(theirs, "negation"):
        return None
    return next(
        (f"opposites: {one.key} against {two.key}" for one in ours for two in theirs if opposed(one.key, two.key)), None
    )


def _is_far(aligned: Alignment) -> bool:
    """Whether the texts share so little that any words may stand for any others."""
    return max(len(side) for side in aligned.left) > _FAR * aligned.content


def _contrast(aligned: Alignment) -> str | None:
    if _is_far(aligned):
        return None
    ours, theirs = aligned.left
    return next(
        (f"{one.key} against {two.key}" for one in ours for two in theirs if contrasted(one.key, two.key)), None
    )


def _class(aligned: Alignment) -> str | None:
    """Negations, ordinals, quantifiers, times and limits."""
    ours, theirs = aligned.left
    plain = _plain(aligned)
    for role, (name, close) in _CLASSES.items():
        mine, others = _has(ours, role), _has(theirs, role)
        if mine and others and role != "negation" and (role != "quantifier" or plain <= _CLOSE + 1):
            return f"{name}: {_first(ours, role)} against {_first(theirs, role)}"
        if mine != others and plain <= close:
            if role == "negation" and _is_said_otherwise(aligned):
                continue
            return f"{name}: {_first(ours, role) or _first(theirs, role)} in one only"
    return None


def _is_said_otherwise(aligned: Alignment) -> bool:
    """Whether a negation that only one text has is in a word of the other, or in a tag that says nothing."""
    ours, theirs = aligned.left
    if any(opposed(one.key, two.key) for one in ours for two in theirs):
        return True
    without = theirs if _has(ours, "negation") else ours
    if any(token.key in NEGATIVE or token.text.lower().startswith(NEGATIVE_PREFIXES) for token in without):
        return True
    return has_tag(aligned.first) or has_tag(aligned.second)


def _has(tokens: Iterable[Token], role: Role) -> bool:
    return any(token.role == role for token in tokens)


def _first(tokens: Iterable[Token], role: Role) -> str:
    return next((token.key for token in tokens if token.role == role), "")


def _direction(aligned: Alignment) -> str | None:
    relation = exchanged(aligned)
    return None if relation is None else f"direction: the sides of {relation!r} are exchanged"


def _order(aligned: Alignment) -> str | None:
    return "order: two parts have changed places" if swapped(aligned) else None


def _question(aligned: Alignment) -> str | None:
    one, two = asked(aligned.first), asked(aligned.second)
    return f"question: {one} against {two}" if frozenset((one, two)) in _ASKED_APART else None


def _replaced(aligned: Alignment) -> str | None:
    """Words in place of other words, where everything round them is the same."""
    if len(aligned.changes) > _FEW_CHANGES:
        return None
    ours, theirs = _unmatched(aligned)
    if not ours or not theirs:
        return None
    share = max(len(ours), len(theirs)) / aligned.content
    if len(aligned.changes) == 1 or share < _TINY_SHARE or (share < _SMALL_SHARE and _in_one_run(aligned)):
        return f"word: {_short(ours[0])} against {_short(theirs[0])}"
    return None


def _unmatched(aligned: Alignment) -> tuple[list[Token], list[Token]]:
    """Content tokens without a counterpart, those as well that are said once more elsewhere.

    Names that the other text implies are left out, and so is "not drop" where the other text has "keep".
    """
    ours = [aligned.first.tokens[at] for at in sorted((*aligned.left_first, *aligned.again_first))]
    theirs = [aligned.second.tokens[at] for at in sorted((*aligned.left_second, *aligned.again_second))]
    if _has(ours, "negation") != _has(theirs, "negation"):
        turned = {key for one in ours for two in theirs if opposed(one.key, two.key) for key in (one.key, two.key)}
        if turned:
            ours = [token for token in ours if token.key not in turned and token.role != "negation"]
            theirs = [token for token in theirs if token.key not in turned and token.role != "negation"]
    return _not_implied(ours, aligned.second), _not_implied(theirs, aligned.first)


def _not_implied(tokens: list[Token], other: Reading) -> list[Token]:
    keys = {token.key for token in other.tokens}
    return [token for token in tokens if token.kind != "name" or not implied(token.key, keys)]


def _in_one_run(aligned: Alignment) -> bool:
    """Whether some changed run has a token left over on either side."""
    ours, theirs = {*aligned.left_first, *aligned.again_first}, {*aligned.left_second, *aligned.again_second}
    return any(
        not ours.isdisjoint(range(change.first, change.first_end))
        and not theirs.isdisjoint(range(change.second, change.second_end))
        for change in aligned.changes
    )


def _added(aligned: Alignment) -> str | None:
    """Words more in one text, where everything else is the same; a whole sentence more often is a mere remark."""
    if len(aligned.changes) != 1:
        return None
    ours, theirs = _unmatched(aligned)
    if bool(ours) == bool(theirs):
        return None
    change = aligned.changes[0]
    if change.first == change.second == 0 and (not change.first_end or not change.second_end):
        return None
    at_end = change.first_end == len(aligned.first.tokens) and change.second_end == len(aligned.second.tokens)
    if at_end and len(ours or theirs) > _SHORT_ADDITION:
        return None
    return f"word: {_short((ours or theirs)[0])} in one only"


CHECKS: Final[Mapping[str, Check]] = MappingProxyType({
    "language": _language, "exact": _exact, "amount": _amount, "symbol": _symbol, "name": _name,
    "opposite": _opposite, "class": _class, "contrast": _contrast, "direction": _direction, "order": _order,
    "question": _question, "replaced": _replaced, "added": _added,
})  # fmt: skip
"""The checks by what they look for; the first that finds something gives the reason."""
