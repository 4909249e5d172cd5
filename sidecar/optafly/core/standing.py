"""Does a request stand for itself, where nothing comes with it but the project it is asked in?"""

from collections.abc import Sequence
from typing import Final, Protocol

from optafly.cache.content_pointing import points_outside
from optafly.cache.content_read import read
from optafly.cache.normalise import normalise
from optafly.routing.obvious import REASONS, obvious

SURELY_NOT: Final = 0.15
"""Below this the router's network alone is believed; requests that name a path or a symbol lie above it, mostly."""
LIKELY_NOT: Final = 0.5
_SAYS_TOO_LITTLE: Final = "it says too little to be understood alone"
_NOT_ALONE: Final = "it does not stand for itself ({p:.2f})"


class Judges(Protocol):
    """What `optafly.routing.classifier.Classifier` does for it."""

    def judge(self, texts: Sequence[str]) -> list[tuple[float, float]]:
        """The probabilities that each stands for itself, and that it is about what changes by itself."""


class Standing:
    """Judges requests for `optafly cache explain`; to be used by one thread at a time."""

    def __init__(self, classifier: Judges) -> None:
        self._classifier = classifier

    def why_not(self, text: str) -> str | None:
        """Why its answer depends on a conversation or on what an editor shows, None where it does not."""
        kind = obvious(text, with_context=False)
        if kind is not None:
            return REASONS[kind]
        # What cannot matter, a "please", must not matter here either.
        plain = normalise(text)
        p, _ = self._classifier.judge([plain])[0]
        if p < SURELY_NOT:
            return _NOT_ALONE.format(p=p)
        # The words alone are not believed: "undo the last commit" points at nothing outside.
        return _SAYS_TOO_LITTLE if p < LIKELY_NOT and points_outside(read(plain)) else None
