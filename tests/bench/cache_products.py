"""What an embedding cannot be faster than on this machine: the matrix products of MiniLM's layers, and nothing else."""

import time
from typing import Final

from optafly.neural.minilm import DIMENSIONS
from optafly.neural.runtime import load_torch

_LAYERS: Final = 6
_INNER: Final = 4 * DIMENSIONS
_WARM: Final = 5


def product_times(pieces: int, runs: int) -> list[float]:
    """Milliseconds of the products of all layers for a text of so many word pieces, once for each run."""
    torch = load_torch()
    states, inner = torch.randn(pieces, DIMENSIONS), torch.randn(pieces, _INNER)
    square = [torch.randn(DIMENSIONS, DIMENSIONS) for _ in range(4 * _LAYERS)]
    wide = [torch.randn(_INNER, DIMENSIONS) for _ in range(_LAYERS)]
    narrow = [torch.randn(DIMENSIONS, _INNER) for _ in range(_LAYERS)]
    linear = torch.nn.functional.linear
    times = []
    with torch.inference_mode():
        for _ in range(_WARM + runs):
            begun = time.perf_counter()
            for weight in (*square, *wide):
                linear(states, weight)
            for weight in narrow:
                linear(inner, weight)
            times.append((time.perf_counter() - begun) * 1e3)
    return times[_WARM:]
