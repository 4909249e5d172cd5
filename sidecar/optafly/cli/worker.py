"""Who does the work of a command: a core that runs already, or this process."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

from optafly.cli.recorded import CLOSE_S, Recorded, open_recording
from optafly.config import Config
from optafly.core.compose import build_engine, build_refiner
from optafly.core.remote import RefinesRequests, find_refiner
from optafly.paths import Paths
from optafly.settings import SENT

if TYPE_CHECKING:
    from optafly.engines.mistral import MistralEngine


class Worker:
    """The refiner of one command: the running core's, where there is one of this version, else one of this process.

    Never starts a core: a single command is not worth one.
    """

    def __init__(self, config: Config, paths: Paths, *, model: bool, in_process: bool, estimate: bool = False) -> None:
        """With ``estimate`` results have the chance of a cache hit, which may take seconds."""
        self._config = config
        self._paths = paths
        self._model = model
        self._estimate = estimate
        self._engine: MistralEngine | None = None
        self.recording = open_recording(paths)
        settings = {key: config.get(key) for key in SENT}
        remote = None
        if not in_process and not (model and _is_of_this_folder(str(config.get("model")))):
            remote = find_refiner(paths, settings, model=model, otherwise=self._refiner_here, estimate=estimate)
        self.refiner: RefinesRequests = remote or self._refiner_here()

    @property
    def is_loading(self) -> bool:
        """Whether the model of this process is still to be loaded."""
        return self._engine is not None and not self._engine.loaded

    def go_on_without_model(self) -> None:
        """Do without the model from now on."""
        self.refiner = self._finished(build_refiner(self._config, None))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The process is about to end: a model that still reads a prompt would only keep the person waiting.
        if self._engine is not None:
            self._engine.close(wait=False)
        self.recording.close(CLOSE_S)

    def _refiner_here(self) -> RefinesRequests:
        self._engine = build_engine(self._config, self._paths) if self._model else None
        return self._finished(build_refiner(self._config, self._engine))

    def _finished(self, refiner: RefinesRequests) -> RefinesRequests:
        if self._estimate:
            from optafly.cli.estimate import Estimating  # noqa: PLC0415  needs what decides

            refiner = Estimating(refiner, self._config, self._paths)
        return Recorded(refiner, self.recording)


def _is_of_this_folder(model: str) -> bool:
    """Whether a model is named by a path that means another file in the core's folder."""
    from optafly.engines.models import REGISTRY  # noqa: PLC0415

    return model not in REGISTRY and not Path(model).is_absolute()
