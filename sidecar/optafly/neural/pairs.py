"""The pair verifier's networks: may the answer to one text be given to another? Trained in ``models/verifier``."""

import math
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import msgspec

from optafly.errors import ModelCorrupt
from optafly.neural import dense, pair_network
from optafly.neural.encoder import MOST_POSITIONS, Encoder
from optafly.neural.pair_network import LAYERS, Parameters
from optafly.neural.runtime import load_torch
from optafly.neural.weights import read_weights, weights_file

MOST_PIECES: Final = 200
"""Word pieces of each text, after cutting; pairs with more are not judged."""
SHORT: Final = 56
"""Texts of up to this many pieces are read whole."""
AROUND: Final = 10
"""Pieces left on each side of a difference where a shared stretch is cut."""


class PairModel(msgspec.Struct, frozen=True):
    """Networks of both kinds, whose logits are averaged, and how the averages become a probability and a decision.

    ``threshold`` is the least calibrated probability at which an answer is given again; ``features`` how many numbers
    of a lexical comparison are wanted.
    """

    aligned: tuple[Parameters, ...]
    lexical: tuple[Parameters, ...]
    features: int
    aligned_slope: float
    lexical_slope: float
    offset: float
    threshold: float


def load_pair_model(path: Path | None = None) -> PairModel:
    """The trained networks; raises `ModelMissing` where there are none, `ModelCorrupt` where they cannot be read."""
    path = path or weights_file("verifier.safetensors")
    tensors, about = read_weights(path)
    try:
        numbers = [float(about[name]) for name in ("aligned_slope", "lexical_slope", "offset", "threshold")]
        return PairModel(
            _members(tensors, "aligned", int(about["aligned"])),
            _members(tensors, "lexical", int(about["lexical"])),
            int(about["features"]),
            *numbers,
        )
    except (KeyError, ValueError):
        raise ModelCorrupt(f"the weights {path.name} are not those of a verifier; install optafly anew") from None


def _members(tensors: Mapping[str, Any], kind: str, count: int) -> tuple[Parameters, ...]:
    """The networks of one kind; stored with half the bits, which makes no difference that could be measured."""
    starts = [f"{kind}.{number}." for number in range(count)]
    return tuple(
        {name.removeprefix(start): tensor.float() for name, tensor in tensors.items() if name.startswith(start)}
        for start in starts
    )


def probability(model: PairModel, encoder: Encoder, a: str, b: str, features: Sequence[float]) -> float | None:
    """The calibrated probability that one answer serves both texts; None where they are too long to be judged.

    The same for (a, b) and (b, a), but for rounding.
    """
    if max(encoder.pieces(a), encoder.pieces(b)) > MOST_POSITIONS:
        return None
    torch = load_torch()
    one, other = encoder.read(a), encoder.read(b)
    places_a, places_b = cut_to_difference(one.ids, other.ids)
    if max(len(places_a), len(places_b)) > MOST_PIECES:
        return None
    with torch.inference_mode():
        states_a, mask_a = _batch(one.states, places_a)
        states_b, mask_b = _batch(other.states, places_b)
        sides = (states_a, states_b, mask_a, mask_b)
        aligned = fmean(float(pair_network.logits(member, *sides)) for member in model.aligned)
        row = torch.tensor([list(features)])
        lexical = fmean(float(dense.logits(member, row)) for member in model.lexical)
    logit = model.aligned_slope * aligned + model.lexical_slope * lexical + model.offset
    return 1 / (1 + math.exp(-logit))


def cut_to_difference(a: Sequence[int], b: Sequence[int]) -> tuple[list[int], list[int]]:
    """The places of two rows of word pieces that are read: without the middle of long stretches that both have.

    Long texts often differ in one thing near their end; cut so, it is always among what is read.
    """
    if max(len(a), len(b)) <= SHORT:
        return list(range(len(a))), list(range(len(b)))
    read_a: list[int] = []
    read_b: list[int] = []
    for tag, a_start, a_end, b_start, b_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal" or a_end - a_start <= 3 * AROUND:
            read_a += range(a_start, a_end)
            read_b += range(b_start, b_end)
            continue
        # The beginning of a text says what is wanted: more of it stays.
        head = 2 * AROUND if a_start == 0 or b_start == 0 else AROUND
        read_a += [*range(a_start, a_start + head), *range(a_end - AROUND, a_end)]
        read_b += [*range(b_start, b_start + head), *range(b_end - AROUND, b_end)]
    return read_a, read_b


def _batch(states: Any, places: list[int]) -> tuple[Any, Any]:
    """States of the given places and layers as a batch of one, with its mask."""
    torch = load_torch()
    return states[places][:, list(LAYERS)].unsqueeze(0), torch.ones(1, len(places), dtype=torch.bool)
