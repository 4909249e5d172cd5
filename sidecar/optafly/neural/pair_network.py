"""The network that reads two texts beside each other: does one answer serve both?

MiniLM's states of each text are given. Each word piece of one text looks for its like in the other and is compared with
what it found; all comparisons of both sides give one logit. After decomposable attention (Parikh et al. 2016, A
Decomposable Attention Model for Natural Language Inference), with contextual states. One function serves training and
use; the parameters are plain named tensors.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from optafly.neural.runtime import load_torch

LAYERS: Final = (0, 2, 4, 6)
"""The layers of MiniLM whose states are compared: from the words themselves to what they mean where they stand."""
WIDTH: Final = 384
DIM: Final = 128
_HEADS: Final = 4
_ATTENTION: Final = 64
_COMPARED: Final = 4 * DIM + 2 * len(LAYERS) + 4
_HIDDEN: Final = 192
_POOLED: Final = 6 * DIM
_UPPER: Final = (len(LAYERS) - 1) * WIDTH
_MASKED: Final = -1e4

Parameters = Mapping[str, Any]
"""The named tensors of one network."""


def shapes() -> dict[str, tuple[int, ...]]:
    """The shape of each parameter."""
    return {
        "mix.weight": (DIM, _UPPER), "mix.bias": (DIM,),
        "attention.weight": (_ATTENTION, _UPPER), "attention.bias": (_ATTENTION,),
        "similarity.weight": (len(LAYERS),), "similarity.scale": (1,),
        "compare.0.weight": (_HIDDEN, _COMPARED), "compare.0.bias": (_HIDDEN,),
        "compare.1.weight": (DIM, _HIDDEN), "compare.1.bias": (DIM,),
        "context.in.weight": (3 * DIM, DIM), "context.in.bias": (3 * DIM,),
        "context.out.weight": (DIM, DIM), "context.out.bias": (DIM,),
        "context.norm.weight": (DIM,), "context.norm.bias": (DIM,),
        "inner.0.weight": (2 * DIM, DIM), "inner.0.bias": (2 * DIM,),
        "inner.1.weight": (DIM, 2 * DIM), "inner.1.bias": (DIM,),
        "inner.norm.weight": (DIM,), "inner.norm.bias": (DIM,),
        "gate.weight": (1, DIM), "gate.bias": (1,),
        "pooled.norm.weight": (_POOLED,), "pooled.norm.bias": (_POOLED,),
        "head.0.weight": (DIM, _POOLED), "head.0.bias": (DIM,),
        "head.1.weight": (1, DIM), "head.1.bias": (1,),
    }  # fmt: skip


def initial() -> dict[str, Any]:
    """Parameters to begin training with, drawn from torch's global generator."""
    torch = load_torch()
    made: dict[str, Any] = {}
    for name, shape in shapes().items():
        if name == "similarity.weight":
            tensor = torch.full(shape, 2.0)
        elif name == "similarity.scale":
            tensor = torch.full(shape, 4.0)
        elif name.endswith("norm.weight"):
            tensor = torch.ones(shape)
        elif len(shape) == 1:
            tensor = torch.zeros(shape)
        else:
            bound = 1 / math.sqrt(shape[1])
            tensor = torch.empty(shape).uniform_(-bound, bound)
        made[name] = tensor.requires_grad_(True)
    return made


def logits(p: Parameters, a: Any, b: Any, mask_a: Any, mask_b: Any, *, drop: float = 0.0) -> Any:
    """One logit for each pair, the same for (a, b) and (b, a).

    ``a``, ``b``: states (pairs, pieces, len(LAYERS), 384) float32; masks (pairs, pieces) bool, true where there is a
    piece. ``drop`` is the share of units left out while training.
    """
    torch = load_torch()
    functional = torch.nn.functional
    unit_a, unit_b = functional.normalize(a, dim=-1), functional.normalize(b, dim=-1)
    similar = torch.einsum("bild,bjld->blij", unit_a, unit_b)
    upper_a, upper_b = _upper(a, drop), _upper(b, drop)
    mixed_a, mixed_b = _linear(p, "mix", upper_a), _linear(p, "mix", upper_b)
    learned = _linear(p, "attention", upper_a) @ _linear(p, "attention", upper_b).transpose(1, 2) / _ATTENTION
    weights = p["similarity.weight"] * p["similarity.scale"]
    attention = learned + torch.einsum("l,blij->bij", weights, similar)
    one = _side(p, mixed_a, mixed_b, attention, similar, mask_a, mask_b, drop)
    other = _side(p, mixed_b, mixed_a, attention.transpose(1, 2), similar.transpose(2, 3), mask_b, mask_a, drop)
    pooled = torch.cat([one + other, (one - other).abs()], -1)
    pooled = _norm(p, "pooled.norm", pooled)
    pooled = _dropped(pooled, drop)
    hidden = _dropped(functional.gelu(_linear(p, "head.0", pooled)), drop)
    return _linear(p, "head.1", hidden).squeeze(-1)


def _linear(p: Parameters, name: str, x: Any) -> Any:
    return load_torch().nn.functional.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])


def _norm(p: Parameters, name: str, x: Any) -> Any:
    weight = p[f"{name}.weight"]
    return load_torch().nn.functional.layer_norm(x, weight.shape, weight, p[f"{name}.bias"])


def _upper(states: Any, drop: float) -> Any:
    """The normed states of all layers but the first: (pairs, pieces, _UPPER)."""
    normed = load_torch().nn.functional.layer_norm(states[:, :, 1:], (WIDTH,))
    return _dropped(normed.flatten(2), drop)


def _dropped(x: Any, drop: float) -> Any:
    """Some units left out for all pieces of a pair: chances for each piece would take a third of training's time."""
    torch = load_torch()
    if not drop:
        return x
    kept = torch.rand(len(x), *[1] * (x.dim() - 2), x.shape[-1]) >= drop
    return x * (kept / (1 - drop))


def _side(
    p: Parameters, own: Any, others: Any, attention: Any, similar: Any, mask: Any, mask_others: Any, drop: float
) -> Any:
    """What the pieces of one text found in the other: (pairs, 3 * DIM)."""
    torch = load_torch()
    functional = torch.nn.functional
    hidden = ~mask_others[:, None, :]
    share = torch.softmax(attention.masked_fill(hidden, _MASKED), -1)
    found = share @ others
    best = similar.masked_fill(hidden[:, None], -1.0).amax(-1).transpose(1, 2)
    mean = (share[:, None] * similar).sum(-1).transpose(1, 2)
    parts = [own, found, (own - found).abs(), own * found, best, mean, _places(share)]
    compared = functional.gelu(_linear(p, "compare.0", torch.cat(parts, -1)))
    compared = functional.gelu(_linear(p, "compare.1", _dropped(compared, drop)))
    compared = _norm(p, "context.norm", compared + _context(p, compared, mask, drop))
    inner = _dropped(functional.gelu(_linear(p, "inner.0", compared)), drop)
    compared = _norm(p, "inner.norm", compared + _linear(p, "inner.1", inner))
    seen = mask.unsqueeze(-1)
    gate = torch.softmax(_linear(p, "gate", compared).masked_fill(~seen, _MASKED), 1)
    most = compared.masked_fill(~seen, _MASKED).amax(1)
    average = (compared * seen).sum(1) / seen.sum(1)
    return torch.cat([most, average, (gate * compared).sum(1)], -1)


def _places(share: Any) -> Any:
    """Where the like of each piece stands, beside where it stands itself and where that of the piece before stands."""
    torch = load_torch()
    pairs, pieces, others = share.shape
    own = torch.arange(pieces, dtype=torch.float32).expand(pairs, -1)
    found = share @ torch.arange(others, dtype=torch.float32)
    step = torch.nn.functional.pad(found[:, 1:] - found[:, :-1], (1, 0))
    return torch.stack([own / 20, found / 20, (found - own) / 10, step / 5], -1)


def _context(p: Parameters, compared: Any, mask: Any, drop: float) -> Any:
    """Self-attention over the comparisons, so that two that belong together are seen together."""
    torch = load_torch()
    functional = torch.nn.functional
    pairs, pieces, _ = compared.shape
    parts = _linear(p, "context.in", compared).view(pairs, pieces, 3, _HEADS, DIM // _HEADS).permute(2, 0, 3, 1, 4)
    read = functional.scaled_dot_product_attention(
        parts[0], parts[1], parts[2], attn_mask=mask[:, None, None, :], dropout_p=drop
    )
    return _linear(p, "context.out", read.transpose(1, 2).reshape(pairs, pieces, DIM))
