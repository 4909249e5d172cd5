"""Models for front-ends: whether one is here, and fetching it."""

import threading
import time
from collections.abc import Callable
from typing import Final

from optafly.core.wire import ModelState, Progress
from optafly.engines.download import pull_model
from optafly.engines.models import find_entry, locate
from optafly.errors import ModelError
from optafly.paths import Paths

_TELL_EVERY_S: Final = 0.2


def model_state(name: str, paths: Paths) -> ModelState:
    """Whether a registered model is on this machine; raises `ModelUnknown`."""
    entry = find_entry(name)
    try:
        locate(entry, paths)
        present = True
    except ModelError:
        present = False
    return ModelState(name, present, entry.size_bytes, entry.licence, f"https://huggingface.co/{entry.hf_repo}")


def pull(name: str, paths: Paths, stop: threading.Event, tell: Callable[[Progress], None]) -> ModelState:
    """Fetch a model, telling how far it is; raises `ModelUnknown`, `DownloadFailed` and `Cancelled`."""
    entry = find_entry(name)
    last = float("-inf")

    def progress(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _TELL_EVERY_S or done >= total:
            last = now
            tell(Progress(f"downloading {name}", done, total))

    pull_model(entry, paths, progress=progress, cancel=stop)
    return model_state(name, paths)
