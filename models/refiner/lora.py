"""Low-rank adaptation of a Llama's projections (Hu et al. 2021), made for two cores."""

import hashlib
import json
import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
MOST_BYTES = 12_000_000


class _Adapted(torch.autograd.Function):
    """``x Wᵀ + s (x Aᵀ) Bᵀ`` without a gradient for W: nothing is kept but x and the narrow product."""

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, a: Any, b: Any, scale: float) -> Any:
        flat = x.reshape(-1, x.shape[-1])
        narrow = flat @ a.T
        out = flat @ weight.T
        out.addmm_(narrow, b.T, alpha=scale)
        ctx.save_for_backward(flat, narrow, weight, a, b)
        ctx.scale = scale
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        flat, narrow, weight, a, b = ctx.saved_tensors
        grad = grads[0].reshape(-1, grads[0].shape[-1])
        back = (grad @ b) * ctx.scale
        to_x = None
        if ctx.needs_input_grad[0]:
            to_x = (grad @ weight).addmm_(back, a).view(*grads[0].shape[:-1], -1)
        return to_x, None, back.T @ flat, (grad.T @ narrow) * ctx.scale, None


class LoraLinear(nn.Module):
    """A frozen projection with a trained difference of low rank: A [r, in], B [out, r], both float32."""

    def __init__(self, frozen: Any, rank: int, alpha: float) -> None:
        super().__init__()
        if frozen.bias is not None:
            raise ValueError("a projection with a bias is not adapted here; Llama's have none")
        self.weight = frozen.weight
        self.scale = alpha / rank
        device = frozen.weight.device
        self.lora_A = nn.Parameter(torch.empty(rank, frozen.in_features, device=device))
        self.lora_B = nn.Parameter(torch.zeros(frozen.out_features, rank, device=device))
        self.kept: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The projection with its difference; `keep_some` says which inputs the difference reads."""
        a = self.lora_A if self.kept is None else self.lora_A * self.kept
        found: torch.Tensor = _Adapted.apply(x, self.weight, a.to(x.dtype), self.lora_B.to(x.dtype), self.scale)
        return found


def attach(model: Any, rank: int, alpha: float, seed: int) -> dict[str, LoraLinear]:
    """Put an adapter on every projection of every layer; by their names, ``model.layers.0.self_attn.q_proj``…

    B begins at zero, A as PEFT begins it (uniform, Kaiming with a = √5), from the seed alone.
    """
    adapted: dict[str, LoraLinear] = {}
    generator = torch.Generator().manual_seed(seed)
    for name, module in list(model.named_modules()):
        parent, _, last = name.rpartition(".")
        if last in PROJECTIONS:
            adapted[name] = LoraLinear(module, rank, alpha)
            setattr(model.get_submodule(parent), last, adapted[name])
            bound = 1 / math.sqrt(module.in_features)
            drawn = torch.rand(adapted[name].lora_A.shape, generator=generator)
            adapted[name].lora_A.data.copy_((drawn * 2 - 1) * bound)
    return adapted


def parameters_of(adapted: Mapping[str, LoraLinear]) -> list[Any]:
    """All that is trained, in a fixed order."""
    return [tensor for one in adapted.values() for tensor in (one.lora_A, one.lora_B)]


def keep_some(adapted: Mapping[str, LoraLinear], drop: float, seed: int) -> None:
    """Draw which inputs each adapter reads for the step; none is dropped where ``drop`` is 0.

    One draw for all tokens of a step: drawing for each token anew took a fifth of the time, and the system's turn,
    which all rows share, needs the same draw for every row.
    """
    if not drop:
        for one in adapted.values():
            one.kept = None
        return
    generator = torch.Generator().manual_seed(seed)
    for one in adapted.values():
        drawn = torch.rand(one.lora_A.shape[1], generator=generator)
        one.kept = ((drawn >= drop) / (1 - drop)).to(one.lora_A.device)


def read_adapter(adapted: Mapping[str, LoraLinear]) -> dict[str, torch.Tensor]:
    """Copies of what was trained, as they are named in the adapter's file."""
    return {
        f"{name}.{part}.weight": getattr(one, part).detach().cpu().clone()
        for name, one in adapted.items()
        for part in ("lora_A", "lora_B")
    }


def put_adapter(adapted: Mapping[str, LoraLinear], tensors: Mapping[str, torch.Tensor]) -> None:
    """Take over what `read_adapter` gave."""
    for name, one in adapted.items():
        one.lora_A.data.copy_(tensors[f"{name}.lora_A.weight"])
        one.lora_B.data.copy_(tensors[f"{name}.lora_B.weight"])


def size_of(adapted: Mapping[str, LoraLinear]) -> int:
    """Bytes of the tensors in float16."""
    return sum(2 * tensor.numel() for tensor in parameters_of(adapted))


def write_adapter(path: Path, tensors: Mapping[str, torch.Tensor], about: Mapping[str, str]) -> str:
    """Write a safetensors file in float16, whole or not at all; returns the version, a hash of the tensors.

    The header is written here because the library orders metadata by chance: same tensors, same bytes.
    """
    halves = {name: tensors[name].half().contiguous() for name in sorted(tensors)}
    body = b"".join(half.numpy().tobytes() for half in halves.values())
    shapes = json.dumps([[name, list(half.shape)] for name, half in halves.items()]).encode()
    version = hashlib.sha256(shapes + body).hexdigest()[:16]
    header = {"__metadata__": {**dict(sorted(about.items())), "version": version}, **dict(_places(halves))}
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    write_whole(path, struct.pack("<Q", len(head)) + head + body)
    return version


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name, then rename it."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _places(halves: Mapping[str, torch.Tensor]) -> Iterator[tuple[str, dict[str, Any]]]:
    at = 0
    for name, half in halves.items():
        end = at + 2 * half.numel()
        yield name, {"dtype": "F16", "shape": list(half.shape), "data_offsets": [at, end]}
        at = end
