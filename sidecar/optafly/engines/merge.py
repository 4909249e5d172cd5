"""A LoRA adapter merged into its base model, GGUF in and GGUF out, without torch (the only importer of gguf).

The same inputs give the same bytes on every machine: all arithmetic is element by element in IEEE single precision, in
a fixed order. No matrix products: what those round depends on the processor.
"""

import math
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from optafly.errors import ModelCorrupt
from optafly.neural.weights import read_arrays

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGUFReader, GGUFWriter, ReaderTensor
    from numpy.typing import NDArray

    Matrix = NDArray[np.floating]
    Pair = tuple[Matrix, Matrix]

Step = Callable[[int, int], None]
"""Called with the bytes that are written and the bytes that there will be; what it raises ends the work."""

_PROJECTIONS: Final = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
# Magic, version, tensor count and metadata count.
_HEADER: Final = struct.Struct("<4sIQQ")
# llama.cpp keeps the rows of these two in another order than transformers does.
_HEAD_COUNTS: Final = {"attn_q": "llama.attention.head_count", "attn_k": "llama.attention.head_count_kv"}


class Adapter(msgspec.Struct, frozen=True):
    """A LoRA adapter: by layer and projection the matrices A [rank, in] and B [out, rank]; it adds B·A·alpha/rank."""

    matrices: Mapping[str, "Pair"]
    scale: float
    base_sha256: str
    version: str


def read_adapter(path: Path) -> Adapter:
    """Read an adapter that training wrote; raises `ModelCorrupt` where it is something else."""
    tensors, about = read_arrays(path)
    try:
        rank, alpha = int(about["r"]), float(about["alpha"])
        layers = {name.removesuffix(".lora_A.weight") for name in tensors if name.endswith(".lora_A.weight")}
        matrices = {
            layer: (_checked(tensors.pop(f"{layer}.lora_A.weight")), _checked(tensors.pop(f"{layer}.lora_B.weight")))
            for layer in sorted(layers)
        }
        fits = all(len(a) == rank == b.shape[1] for a, b in matrices.values())
        if not matrices or tensors or not fits or not math.isfinite(alpha):
            raise ValueError
        return Adapter(matrices, alpha / rank, about["base_sha256"], about["version"])
    except (KeyError, ValueError, ZeroDivisionError):
        raise ModelCorrupt(f"{path.name} is not an adapter of this version; install optafly anew") from None


def merge_adapter(base: Path, adapter: Adapter, target: Path, name: str, step: Step) -> None:
    """Write the base with the adapter merged into it, as Q8_0, named ``name``; tensor by tensor, to spare memory.

    Raises `ModelCorrupt` where the two do not fit or the result does not open, OSError where it cannot be written, and
    what ``step`` raises; the target may be left unfinished then.
    """
    import gguf  # noqa: PLC0415

    reader = gguf.GGUFReader(base)
    matrices = _by_tensor(adapter, reader)
    writer = gguf.GGUFWriter(target, "llama")
    try:
        _describe(writer, reader, name)
        total = sum(_announce(writer, tensor) for tensor in reader.tensors)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        done = 0
        step(done, total)
        for tensor in reader.tensors:
            data = _merged(tensor, matrices.get(tensor.name), adapter.scale)
            writer.write_tensor_data(data)
            done += data.nbytes
            step(done, total)
    finally:
        writer.close()
    _verify(target, len(reader.tensors), total)


def _checked(matrix: Any) -> Any:
    import numpy as np  # noqa: PLC0415

    if matrix.ndim != 2 or matrix.dtype.kind != "f" or not np.isfinite(matrix).all():
        raise ValueError
    return matrix


def _by_tensor(adapter: Adapter, reader: "GGUFReader") -> dict[str, "Pair"]:
    """The adapter's matrices by the name of the tensor they change, rows in the order of that tensor."""
    left, found = dict(adapter.matrices), {}
    for tensor in reader.tensors:
        block, _, kind = tensor.name.removesuffix(".weight").rpartition(".")
        layer = f"model.layers.{block.removeprefix('blk.')}.{_PROJECTIONS.get(kind)}"
        if layer not in left:
            continue
        a, b = left.pop(layer)
        if [a.shape[1], b.shape[0]] != tensor.shape.tolist():
            raise ModelCorrupt(f"the adapter does not fit {tensor.name} of its base; install optafly anew")
        if kind in _HEAD_COUNTS:
            b = interleave_halves(b, reader.fields[_HEAD_COUNTS[kind]].contents())
        found[tensor.name] = a, b
    if left:
        raise ModelCorrupt(f"the adapter changes {min(left)}, which its base does not have; install optafly anew")
    return found


def interleave_halves(rows: "Matrix", heads: int) -> "Matrix":
    """Rows of a query or key projection in the order of GGUF files.

    Rotary embedding turns pairs of rows: transformers keeps the two of a pair half a head apart, llama.cpp side by side
    (``LlamaModel.permute`` of its converter).
    """
    halves = rows.reshape(heads, 2, len(rows) // heads // 2, -1)
    return halves.swapaxes(1, 2).reshape(rows.shape)


def _describe(writer: "GGUFWriter", reader: "GGUFReader", name: str) -> None:
    import gguf  # noqa: PLC0415

    changed = {gguf.Keys.General.NAME: name, gguf.Keys.General.FILE_TYPE: int(gguf.LlamaFileType.MOSTLY_Q8_0)}
    for key, field in reader.fields.items():
        # The counts and the architecture are written by the writer itself.
        if not key.startswith("GGUF.") and key != gguf.Keys.General.ARCHITECTURE:
            sub_type = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(key, changed.get(key, field.contents()), field.types[0], sub_type)


def _stored_as(tensor: "ReaderTensor") -> Any:
    """Norms stay as they are: they are small, and a rounding there is felt everywhere."""
    import gguf  # noqa: PLC0415

    return gguf.GGMLQuantizationType.Q8_0 if len(tensor.shape) > 1 else tensor.tensor_type


def _announce(writer: "GGUFWriter", tensor: "ReaderTensor") -> int:
    """Tell the writer of a tensor to come, and return its bytes in the new file."""
    import gguf  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    stored_as = _stored_as(tensor)
    weights_in_block, bytes_of_block = gguf.GGML_QUANT_SIZES[stored_as]
    size = int(tensor.n_elements) // weights_in_block * bytes_of_block
    writer.add_tensor_info(tensor.name, tensor.shape[::-1].tolist(), np.dtype(np.float32), size, raw_dtype=stored_as)
    return size


def _merged(tensor: "ReaderTensor", matrices: "Pair | None", scale: float) -> Any:
    """The tensor as it is stored in the new file."""
    import gguf  # noqa: PLC0415

    stored_as = _stored_as(tensor)
    if matrices is None and tensor.tensor_type == stored_as:
        return tensor.data
    weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    if matrices is not None:
        weights = weights + lora_delta(*matrices, scale)
    return gguf.quants.quantize(weights, stored_as)


def lora_delta(a: "Matrix", b: "Matrix", scale: float) -> "Matrix":
    """B·A·scale, [out, in] of [rank, in] and [out, rank], one rank after the other."""
    import numpy as np  # noqa: PLC0415

    rows, columns = a.astype(np.float32), b.astype(np.float32) * np.float32(scale)
    product, term = (np.zeros((len(b), a.shape[1]), np.float32) for _ in range(2))
    for rank, row in enumerate(rows):
        np.multiply(columns[:, rank : rank + 1], row, out=term)
        product += term
    return product


def _verify(file: Path, tensors: int, data_bytes: int) -> None:
    """Open what was written, as any reader begins; reading all of its vocabulary would take seconds more."""
    with file.open("rb") as stream:
        header = stream.read(_HEADER.size)
    magic, _version, count, _keys = _HEADER.unpack(header) if len(header) == _HEADER.size else (b"", 0, 0, 0)
    if (magic, count) != (b"GGUF", tensors) or file.stat().st_size < data_bytes:
        raise ModelCorrupt("the file that was made cannot be read back; check the disk and run the same command again")
