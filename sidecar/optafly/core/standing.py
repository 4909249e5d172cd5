"""Does a request stand for itself, where nothing comes with it but the project it is asked in?"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from optafly.cache.content_pointing import points_outside
from optafly.cache.content_read import read
from optafly.routing.obvious import REASONS, Kind, obvious

if TYPE_CHECKING:
    from optafly.routing.decision import Strategy

# All of these are chosen on the training and calibration parts of models/verifier/data: of their 230 pairs that depend
# on a context one is not found, and 2.3 % of the pairs that ask for the same are taken for dependent.
_FEW: Final = 6
_SHORT: Final = 12
"""Tokens; longer requests say what they mean."""
_LEAST: Final = ((3, 0.5), (_FEW, 0.35), (_SHORT, 0.25))
"""The least probability of the router's network by number of tokens, where a request names nothing."""
_LEAST_NAMED: Final = 0.12
_LEAST_ASKED_WHAT: Final = 0.1
"""The same where a tool or language is named, and where it is asked what something is."""
_UNSEEN: Final = 0.9
_UNSEEN_EXACT: Final = 0.3
_CHANGES_NAMED: Final = 0.3
"""At this probability the network is believed rather than a rule that something unseen, or that changes, is meant."""
_LINE: Final = 0.6

_TASK: Final = re.compile(r"\s*<task>\n?(.*?)\n?</task>\s*", re.DOTALL)
_ASKS_WHAT: Final = re.compile(
    r"\b(?:vs\.?|versus|differ\w*|what (?:is|are)|what's|was (?:ist|sind)|unterschied|qu'est-ce qu\w*|qué es|o que é|"
    r"(?:che )?cos'è|что такое)\b|什么是|是什么|区别|とは",
    re.IGNORECASE,
)
_SHOWN: Final = re.compile(r"\n|[\"“«„「][^\"”»“」]{8,}|`[^`]{8,}`|:\s*\S+.*[{}=;]")
_LINE_NUMBER: Final = re.compile(r"\b(?:lines?|zeilen?|lignes?|línea|linha|riga|строк\w+)\s+\d+\b", re.IGNORECASE)
_IT: Final = re.compile(r"\b(?:it|its|them|they)\b", re.IGNORECASE)
_ABOVE: Final = re.compile(r"\b(?:line|error|message|query|code|text)s? (?:above|below)\b", re.IGNORECASE)
_EXACT: Final = frozenset({"identifier", "path", "flag", "version", "code"})
_CHANGES: Final[frozenset[Kind]] = frozenset({"time", "chance", "private", "machine", "action"})
_SAYS_TOO_LITTLE: Final = "it says too little to be understood alone"
_NOT_ALONE: Final = "it does not seem to stand for itself ({p:.2f})"


class Judges(Protocol):
    """What `optafly.routing.classifier.Classifier` does for it."""

    def judge(self, texts: Sequence[str]) -> list[tuple[float, float]]:
        """The probabilities that each stands for itself, and that it is about what changes by itself."""

    def threshold(self, *, with_context: bool, strategy: "Strategy") -> float:
        """The least probability at which similar requests are looked for."""


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
        return self._why_not(task[1] if task else text)

    def _why_not(self, text: str) -> str | None:
        kind = obvious(text, with_context=False)
        if kind in {"empty", "goes on"}:
            return REASONS[kind]
        reading = read(text)
        kinds = {token.kind for token in reading.tokens}
        exact, named = bool(kinds & _EXACT), "name" in kinds
        p, _ = self._classifier.judge([text])[0]
        if kind == "unseen" and p < (_UNSEEN_EXACT if exact else _UNSEEN):
            return REASONS[kind]
        if kind in _CHANGES and (p < _CHANGES_NAMED or not (exact or named)):
            return REASONS[kind]
        likely = self._classifier.threshold(with_context=False, strategy="auto")
        if p < likely and points_outside(reading):
            return _SAYS_TOO_LITTLE
        count = len(reading.tokens)
        if exact or count > _SHORT or _SHOWN.search(text):
            return None
        if not named and _points(text, count, p, likely):
            return _SAYS_TOO_LITTLE
        return _NOT_ALONE.format(p=p) if p < _least(text, count, named=named) else None


def _points(text: str, count: int, p: float, likely: float) -> bool:
    """Whether a short request that names nothing speaks of a line, or of something said before."""
    if _ABOVE.search(text) or (p < _LINE and _LINE_NUMBER.search(text)):
        return True
    return count <= _FEW and p < likely and _IT.search(text) is not None


def _least(text: str, count: int, *, named: bool) -> float:
    if named:
        return _LEAST_NAMED
    least = next(least for most, least in _LEAST if count <= most)
    return min(least, _LEAST_ASKED_WHAT) if _ASKS_WHAT.search(text) else least
