"""Refinements with the estimated chance of a cache hit, for a process of their own."""

from collections.abc import Callable

from optafly.config import Config
from optafly.core import texts
from optafly.core.decider import LOADING, LocalDecider
from optafly.core.remote import RefinesRequests
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import CancelToken


class Estimating:
    """Refines as another does, and estimates after it; the networks are loaded once."""

    def __init__(self, refiner: RefinesRequests, config: Config, paths: Paths) -> None:
        self._refiner = refiner
        self._decider = LocalDecider(config, paths, lambda _: None)

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
        if progress is not None:
            progress(LOADING)
        return texts.estimated(result, lambda: self._decider.estimate(result.original, result.refined))
