"""A model ready to be loaded: found, or made where everything that it is made from is here. Nothing is downloaded."""

from collections.abc import Mapping

from optafly.engines.download import pull_model
from optafly.engines.models import REGISTRY, LocalModel, locate, resolve_model
from optafly.engines.registry import ModelEntry
from optafly.errors import ModelError, ModelMissing
from optafly.paths import Paths


def ready_model(name_or_path: str, paths: Paths, registry: Mapping[str, ModelEntry] = REGISTRY) -> LocalModel:
    """Find a model as `resolve_model` does; one that can be made without a download is made first (some 10 s).

    Raises as `resolve_model`, and `DownloadFailed` where there is no room to make it.
    """
    try:
        return resolve_model(name_or_path, paths, registry)
    except ModelMissing:
        entry = registry.get(name_or_path)
        if entry is None or not can_be_made(entry, paths):
            raise
        return pull_model(entry, paths)


def is_here(entry: ModelEntry, paths: Paths) -> bool:
    """Whether a model of the registry can be used without a download."""
    try:
        locate(entry, paths)
    except ModelError:
        return can_be_made(entry, paths)
    return True


def can_be_made(entry: ModelEntry, paths: Paths) -> bool:
    """Whether a model is one that is made here, and its base is here."""
    if entry.merge is None:
        return False
    try:
        locate(entry.merge.base, paths)
    except ModelError:
        return False
    return True
