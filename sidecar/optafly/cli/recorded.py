"""Refinements of a command's own process, recorded as those of a core are."""

import logging
from collections.abc import Callable
from typing import Final

from optafly.core.recording import Recording
from optafly.core.remote import RefinesRequests
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import CancelToken

CLOSE_S: Final = 1.0
"""How long a command may last longer for the sake of what is recorded."""


def open_recording(paths: Paths) -> Recording:
    """Recording for a command; where it is not possible that is passed over, since nobody reads a command's log."""
    logging.getLogger("optafly.stats").addHandler(logging.NullHandler())
    return Recording(paths)


class Recorded:
    """Refines as another does, and records what came out."""

    def __init__(self, refiner: RefinesRequests, recording: Recording) -> None:
        self._refiner = refiner
        self._recording = recording

    def refine(
        self,
        request: RefineRequest,
        *,
        cancel: CancelToken | None = None,
        progress: Callable[[str], None] | None = None,
        on_draft: Callable[[RefinedPrompt], None] | None = None,
    ) -> RefinedPrompt:
        """As `Refiner.refine`."""
        result = self._refiner.refine(request, cancel=cancel, progress=progress, on_draft=on_draft)
        self._recording.refined(result, answers=len(request.answers))
        return result
