"""Does a request stand for itself, where nothing comes with it but the project it is asked in?"""

from typing import Final

from optafly.cache.content_pointing import points_outside
from optafly.cache.content_read import read
from optafly.routing.classifier import Classifier
from optafly.routing.obvious import REASONS, obvious

_SAYS_TOO_LITTLE: Final = "it says too little to be understood alone"


class Standing:
    """Judges requests for `optafly cache explain`; to be used by one thread at a time."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def why_not(self, text: str) -> str | None:
        """Why its answer depends on a conversation or on what an editor shows, None where it does not."""
        kind = obvious(text, with_context=False)
        if kind is not None:
            return REASONS[kind]
        return _SAYS_TOO_LITTLE if points_outside(read(text)) else None
