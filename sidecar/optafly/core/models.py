"""Models for front-ends: whether one is here, and fetching it."""

import threading
import time
from collections.abc import Callable
from typing import Final

from optafly.core.wire import ModelState, Progress
from optafly.engines.download import pull_model
from optafly.engines.models import find_entry
from optafly.engines.ready import is_here
from optafly.paths import Paths

_TELL_EVERY_S: Final = 0.2


def model_state(name: str, paths: Paths) -> ModelState:
    """Whether a registered model is on this machine; raises `ModelUnknown`."""
    entry = find_entry(name)
    # What has to be fetched is the base of a model that is made here.
    fetched = entry if entry.merge is None else entry.merge.base
    source = f"https://huggingface.co/{fetched.hf_repo}"
    return ModelState(name, is_here(entry, paths), fetched.size_bytes, entry.licence, source)


def pull(name: str, paths: Paths, stop: threading.Event, tell: Callable[[Progress], None]) -> ModelState:
    """Fetch a model, telling how far it is; raises `ModelUnknown`, `DownloadFailed` and `Cancelled`."""
    entry = find_entry(name)
    last = float("-inf")

    def progress(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _TELL_EVERY_S or done >= total:
            last = now
            tell(Progress(f"{'downloading' if entry.merge is None else 'making'} {name}", done, total))

    pull_model(entry, paths, progress=progress, cancel=stop)
    return model_state(name, paths)
