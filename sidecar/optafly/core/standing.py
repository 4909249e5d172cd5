"""Does a request stand for itself, where nothing comes with it but the project it is asked in?"""

import re
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from optafly.cache.content_pointing import points_outside
from optafly.cache.content_read import read
from optafly.cache.normalise import normalise
from optafly.core import standing_words as words
from optafly.routing.obvious import REASONS, Kind, obvious

# All of these were chosen on the training and calibration parts of models/verifier/data: there 1 of 230 pairs that
# depend on a context is not found, and 1.7 % of the pairs that ask for the same are taken for dependent; on the
# held-out part 3 of 21, and 4.2 %. ``p`` is the probability, by the router's network, that a request stands for itself.
_FEW: Final = 6
_SOME: Final = 8
_SHORT: Final = 12
_MOST: Final = 16
"""Numbers of tokens; longer requests say what they mean."""
_LEAST: Final = ((3, 0.5), (_FEW, 0.35), (_SHORT, 0.25))
"""The least ``p`` by number of tokens, where a request names nothing."""
_LEAST_NAMED: Final = 0.12
_LEAST_ASKED_WHAT: Final = 0.1
"""The same where a tool or language is named, and where it is asked what something is."""
_LIKELY: Final = 0.67
"""From here on words that could point outside are not believed."""
_LIKELY_ASKED_HOW: Final = 0.4
_LINE: Final = 0.6
_UNSEEN: Final = 0.9
_UNSEEN_NAMED: Final = 0.6
_UNSEEN_EXACT: Final = 0.3
_CHANGES_NAMED: Final = 0.3
"""At this ``p`` the network is believed rather than a rule that something unseen, or that changes, is meant."""
_CERTAIN: Final = 0.95

_TASK: Final = re.compile(r"\s*<task>\n?(.*?)\n?</task>\s*", re.DOTALL)
_EXACT: Final = frozenset({"identifier", "path", "flag", "version", "code"})
_CHANGES: Final[frozenset[Kind]] = frozenset({"time", "chance", "private", "machine", "action"})
_SAYS_TOO_LITTLE: Final = "it says too little to be understood alone"
_NOT_ALONE: Final = "it does not seem to stand for itself ({p:.2f})"


class Judges(Protocol):
    """What `optafly.routing.classifier.Classifier` does for it."""

    def judge(self, texts: Sequence[str]) -> list[tuple[float, float]]:
        """The probabilities that each stands for itself, and that it is about what changes by itself."""


class _Request(msgspec.Struct, frozen=True):
    """A request without politeness, the network's probability, its number of tokens, and what it names or asks."""

    text: str
    p: float
    count: int
    exact: bool
    named: bool
    asks_how: bool
    asks_what: bool
    points: bool


class Standing:
    """Judges requests for `optafly cache explain`; to be used by one thread at a time.

    The router would say no more often: a request that names its path or symbol need not be looked up by similarity,
    but stands for itself in its project.
    """

    def __init__(self, classifier: Judges) -> None:
        self._classifier = classifier

    def why_not(self, text: str) -> str | None:
        """Why its answer depends on a conversation or on what an editor shows, None where it does not."""
        task = _TASK.fullmatch(text)
        text = task[1] if task else text
        kind = obvious(text, with_context=False)
        if kind == "empty":
            return REASONS[kind]
        request = self._read(text)
        if kind is not None and _is_believed(kind, request):
            return REASONS[kind]
        if _depends(request):
            return _SAYS_TOO_LITTLE
        return _NOT_ALONE.format(p=request.p) if request.p < _least(request) else None

    def _read(self, text: str) -> _Request:
        # What cannot matter, a "please", must not matter here either.
        plain = normalise(text)
        reading = read(words.RELATIVE_CE.sub(" ", plain))
        kinds = {token.kind for token in reading.tokens}
        return _Request(
            text=plain,
            p=self._classifier.judge([plain])[0][0],
            count=len(reading.tokens),
            exact=bool(kinds & _EXACT),
            named="name" in kinds
            or words.names_acronym(text)
            or bool(words.GIT.search(plain))
            or bool(words.DEFINES.search(plain)),
            asks_how=words.ASKS_HOW.search(plain) is not None,
            asks_what=words.ASKS_WHAT.search(plain) is not None,
            points=points_outside(reading),
        )


def _is_believed(kind: Kind, request: _Request) -> bool:
    """Whether the words that prove it count: some of them mean something else beside a name."""
    p, exact, named = request.p, request.exact, request.named
    if kind == "unseen":
        least = _UNSEEN_EXACT if exact else _UNSEEN_NAMED if named else _UNSEEN
        return p < least and not words.CHECKS_THAT.search(request.text)
    if kind in _CHANGES:
        return p < (_CHANGES_NAMED if exact or named or request.count > _SHORT else _LIKELY)
    return p < _UNSEEN or not (exact or named)


def _depends(request: _Request) -> bool:
    """Whether words and network together say that it speaks of something said before, or shown."""
    text, p, count = request.text, request.p, request.count
    if count > _MOST:
        return False
    if words.OF_WHAT.search(text):
        return True
    if words.ABOVE.search(text) or words.TO_YOU.search(text):
        return not request.exact and p < _CERTAIN
    if _is_about_git(request):
        return False
    if request.points and p < _LIKELY:
        return p < _LIKELY_ASKED_HOW or not request.asks_how or words.IT.search(text) is not None
    if request.exact or count > _SHORT or words.SHOWN.search(text):
        return False
    if count <= _SOME and p < _LIKELY and words.FOLLOWS.search(text):
        return True
    return not request.named and _points_weakly(text, p, count)


def _points_weakly(text: str, p: float, count: int) -> bool:
    """The same of a short request that names nothing."""
    if words.LINE_NUMBER.search(text) and p < _LINE:
        return True
    if count <= _FEW and p < _UNSEEN and words.WHY_IT_FAILS.search(text):
        return True
    if p >= _LIKELY:
        return False
    if words.DEMONSTRATIVE.search(text) or words.HERE.search(text):
        return True
    return count <= _FEW and words.IT.search(text) is not None


def _is_about_git(request: _Request) -> bool:
    """Whether it is asked how git does something: "how do I undo the last commit?" """
    text = request.text
    return (
        request.asks_how
        and (words.GIT.search(text) or words.COMMON_GIT.search(text)) is not None
        and not (words.IT.search(text) or words.DEMONSTRATIVE.search(text))
    )


def _least(request: _Request) -> float:
    """The least probability at which the network is not heard."""
    if request.exact or request.count > _SHORT or words.SHOWN.search(request.text) or _is_about_git(request):
        return 0.0
    if request.named:
        return 0.0 if request.asks_what else _LEAST_NAMED
    least = next(least for most, least in _LEAST if request.count <= most)
    return min(least, _LEAST_ASKED_WHAT) if request.asks_what else least
