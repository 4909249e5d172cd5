"""Does a request stand for itself, where nothing comes with it but the project it is asked in?"""

from optafly.routing.classifier import Classifier
from optafly.routing.obvious import REASONS, obvious


class Standing:
    """Judges requests for `optafly cache explain`; to be used by one thread at a time."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def why_not(self, text: str) -> str | None:
        """Why its answer depends on a conversation or on what an editor shows, None where it does not."""
        kind = obvious(text, with_context=False)
        return REASONS[kind] if kind is not None else None
