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
    """The torch module, set to few threads; raises `NotSetUp` where it is not installed."""
    torch = _import_torch()
    # Short texts gain nothing from many threads, and an editor needs its cores itself.
    torch.set_num_threads(max(1, min(MOST_THREADS, os.cpu_count() or 1)))
    return torch


def _import_torch() -> Any:
    try:
        import torch  # noqa: PLC0415
    except ImportError:
        raise NotSetUp(NOT_INSTALLED) from None
    return torch
