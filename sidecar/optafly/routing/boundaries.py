"""Where the leading part of a free text that stays the same may end, proposed by a network over MiniLM's states."""

from pathlib import Path
from typing import Any, Final

import msgspec

from optafly.errors import ModelCorrupt
from optafly.neural.boundary_network import build, features_of, logits
from optafly.neural.dense import Calibration
from optafly.neural.encoder import Encoder
from optafly.neural.runtime import load_torch
from optafly.neural.weights import read_weights, weights_file
from optafly.routing.anchors import Boundary

FILE: Final = "boundaries.safetensors"
LEAST: Final = 0.1
"""Places with a smaller probability are not named."""


class TokenBoundaries:
    """Proposes boundaries of free text; loaded when first used, to be used by one thread at a time.

    Boundaries lie at the beginning of a line, or of a sentence within one. Of long texts the beginning and the end are
    read. The same text gives the same boundaries. Raises `NotSetUp`, `ModelMissing` or `ModelCorrupt` when used.
    """

    def __init__(self, encoder: Encoder, weights: Path | None = None) -> None:
        self._encoder = encoder
        self._weights = weights
        self._loaded: tuple[Any, Calibration] | None = None

    def boundaries(self, text: str) -> list[Boundary]:
        """The likely places, from the first to the last, each with the calibrated probability that it is one."""
        network, calibration = self._load()
        read, features = features_of(self._encoder, text)
        if not read:
            return []
        with load_torch().inference_mode():
            found = logits(network, features)
            if not found.isfinite().all():
                raise ModelCorrupt(f"the weights {FILE} give no probabilities; install optafly anew")
        scored = [
            Boundary(place.offset, calibration.probability(logit))
            for place, logit in zip(read, found.tolist(), strict=True)
        ]
        return [boundary for boundary in scored if boundary.p >= LEAST]

    def _load(self) -> tuple[Any, Calibration]:
        if self._loaded is None:
            path = self._weights or weights_file(FILE)
            tensors, about = read_weights(path)
            network = build()
            try:
                if about["encoder"] != self._encoder.version:
                    raise KeyError("encoder")
                network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
                calibration = msgspec.json.decode(about["calibration"], type=Calibration)
            except (KeyError, RuntimeError, msgspec.MsgspecError):
                raise ModelCorrupt(f"the weights {path.name} are of another version; install optafly anew") from None
            network.eval()
            self._loaded = network, calibration
        return self._loaded
