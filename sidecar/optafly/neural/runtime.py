"""torch, loaded when it is first needed; the only module that imports it."""

import os
from functools import cache
from typing import Any, Final

from optafly.errors import NotSetUp

MOST_THREADS: Final = 4
NOT_INSTALLED: Final = (
    "the router and the semantic cache need torch, sentence-transformers and chromadb, which are not installed; "
    "install optafly with its extra `decide`, as the README says"
)


@cache
def load_torch() -> Any:
    """The torch module, set to half of the cores at most; raises `NotSetUp` where it is not installed."""
    torch = _import_torch()
    # Short texts gain little from more, and an editor needs cores itself: where both of two are taken, each of the
    # network's threads waits for the other's turn, and a text takes several times as long.
    torch.set_num_threads(max(1, min(MOST_THREADS, (os.cpu_count() or 1) // 2)))
    return torch


def _import_torch() -> Any:
    try:
        import torch  # noqa: PLC0415
    except ImportError:
        raise NotSetUp(NOT_INSTALLED) from None
    return torch
