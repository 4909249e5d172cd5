"""Networks of dense layers, in training and in use, and how their outputs become probabilities."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from optafly.neural.runtime import load_torch

Parameters = Mapping[str, Any]
"""The tensors of one network: ``0.weight`` (outputs, inputs), ``0.bias`` (outputs), ``1.weight`` and so on."""

ROUTER_SIZES: Final = (384, 128, 64, 1)


class Calibration(msgspec.Struct, frozen=True):
    """Platt scaling (Platt 1999): a logit x has the probability sigmoid(slope * x + offset)."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, logit: float) -> float:
        """The probability, in [0, 1], of any finite logit."""
        scaled = self.slope * logit + self.offset
        # Of two forms the one that cannot overflow.
        return 1 / (1 + math.exp(-scaled)) if scaled >= 0 else math.exp(scaled) / (1 + math.exp(scaled))


def initial(sizes: Sequence[int]) -> dict[str, Any]:
    """Parameters to begin training with (He et al. 2015), drawn from torch's global generator."""
    torch = load_torch()
    made: dict[str, Any] = {}
    for number, (inputs, outputs) in enumerate(pairwise(sizes)):
        weight = torch.empty(outputs, inputs).normal_(0, math.sqrt(2 / inputs))
        made[f"{number}.weight"] = weight.requires_grad_(True)
        made[f"{number}.bias"] = torch.zeros(outputs).requires_grad_(True)
    return made


def logits(parameters: Parameters, inputs: Any, *, drop: float = 0.0) -> Any:
    """The outputs (n,) for inputs (n, size); ReLU between layers, ``drop`` of the units left out in training."""
    torch = load_torch()
    layers = len(parameters) // 2
    values = inputs
    for number in range(layers):
        values = torch.nn.functional.linear(values, parameters[f"{number}.weight"], parameters[f"{number}.bias"])
        if number + 1 < layers:
            values = torch.relu(values)
            if drop:
                values = torch.nn.functional.dropout(values, drop)
    return values[:, 0]


def sizes_of(parameters: Parameters) -> tuple[int, ...]:
    """How wide the layers are, the inputs first."""
    weights = [parameters[f"{number}.weight"] for number in range(len(parameters) // 2)]
    return (int(weights[0].shape[1]), *(int(weight.shape[0]) for weight in weights))


def only(tensors: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The parameters of one network of a file that holds several, by the name that theirs begin with."""
    return {key.removeprefix(f"{name}."): tensor for key, tensor in tensors.items() if key.startswith(f"{name}.")}
