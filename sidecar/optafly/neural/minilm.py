"""The forward pass of all-MiniLM-L6-v2 in torch: a BERT of 6 layers.

Our own, for the libraries that bring one load 2,500 modules for it, which takes seconds and a quarter of a gigabyte. It
computes bit for bit what transformers computes, which a test compares.
"""

from collections.abc import Mapping
from typing import Any, Final

from optafly.errors import ModelCorrupt
from optafly.neural.runtime import load_torch

LAYERS: Final = 6
DIMENSIONS: Final = 384
POSITIONS: Final = 512
_HEADS: Final = 12
_EPSILON: Final = 1e-12
_EMBEDDINGS: Final = ("word_embeddings.weight", "position_embeddings.weight", "token_type_embeddings.weight")
_NORM: Final = ("LayerNorm.weight", "LayerNorm.bias")
_LINEAR: Final = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mix": "attention.output.dense",
    "mix_norm": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "narrow_norm": "output.LayerNorm",
}


class MiniLM:
    """The network; its weights are float32 on the CPU. Calls from two threads at once are fine: it keeps nothing."""

    def __init__(self, tensors: Mapping[str, Any]) -> None:
        """Take the weights by their names in the published file; raises `ModelCorrupt` where one is missing."""
        torch = load_torch()
        try:
            self._words, self._positions, kinds = (tensors[f"embeddings.{name}"] for name in _EMBEDDINGS)
            self._norm = tuple(tensors[f"embeddings.{name}"] for name in _NORM)
            self._layers = [_layer(torch, tensors, number) for number in range(LAYERS)]
        except KeyError as missing:
            raise ModelCorrupt(f"the embedding model lacks {missing}; install optafly anew") from None
        self._kind = kinds[0]

    def states(self, ids: Any, mask: Any = None) -> tuple[Any, ...]:
        """The states of the words themselves, then those after each layer: 7 tensors (texts, pieces, 384).

        ``ids``: word pieces, integers (texts, pieces), of at most `POSITIONS` pieces; ``mask``: the same shape, true
        where there is a piece and not padding, None where all texts are of one length.
        """
        functions = load_torch().nn.functional
        shape = (DIMENSIONS,)
        state = functions.embedding(ids, self._words) + self._kind + self._positions[: ids.shape[1]]
        state = functions.layer_norm(state, shape, *self._norm, _EPSILON)
        states = [state]
        seen = None if mask is None else mask.bool()[:, None, None, :]
        for layer in self._layers:
            mixed = functions.linear(_attention(functions, state, layer["read"], seen), *layer["mix"])
            state = functions.layer_norm(mixed + state, shape, *layer["mix_norm"], _EPSILON)
            wide = functions.gelu(functions.linear(state, *layer["wide"]))
            narrow = functions.linear(wide, *layer["narrow"])
            state = functions.layer_norm(narrow + state, shape, *layer["narrow_norm"], _EPSILON)
            states.append(state)
        return tuple(states)


def _layer(torch: Any, tensors: Mapping[str, Any], number: int) -> dict[str, tuple[Any, Any]]:
    """Weight and bias of each part of a layer; what reads the state for the attention is one product of three."""
    parts = {
        name: tuple(tensors[f"encoder.layer.{number}.{place}.{kind}"] for kind in ("weight", "bias"))
        for name, place in _LINEAR.items()
    }
    three = [parts.pop(name) for name in ("query", "key", "value")]
    weights, biases = (torch.cat(some) for some in zip(*three, strict=True))
    return {"read": (weights, biases), **{name: (weight, bias) for name, (weight, bias) in parts.items()}}


def _attention(functions: Any, state: Any, read: tuple[Any, Any], seen: Any) -> Any:
    texts, pieces, _ = state.shape
    heads = functions.linear(state, *read).view(texts, pieces, 3, _HEADS, DIMENSIONS // _HEADS)
    query, key, value = heads.permute(2, 0, 3, 1, 4)
    mixed = functions.scaled_dot_product_attention(query, key, value, attn_mask=seen)
    return mixed.transpose(1, 2).reshape(texts, pieces, DIMENSIONS)
