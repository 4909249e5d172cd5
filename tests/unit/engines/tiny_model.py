"""A base model of two layers and adapters for it, small enough to be made in each test; its weights are chance."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import save_file

LAYERS, WIDTH, HIDDEN, HEADS, KEY_HEADS, WORDS = 2, 64, 96, 4, 2, 40
HEAD_SIZE = WIDTH // HEADS
# Rows and columns of every projection, by the name that training gives it.
PROJECTIONS = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (KEY_HEADS * HEAD_SIZE, WIDTH),
    "self_attn.v_proj": (KEY_HEADS * HEAD_SIZE, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (HIDDEN, WIDTH),
    "mlp.up_proj": (HIDDEN, WIDTH),
    "mlp.down_proj": (WIDTH, HIDDEN),
}
IN_GGUF = dict(zip(PROJECTIONS, "attn_q attn_k attn_v attn_output ffn_gate ffn_up ffn_down".split(), strict=True))
RANK, ALPHA = 4, 6


def write_base(path: Path) -> Path:
    """A Q4_1 file with a Q8_0 embedding, as the real base is."""
    chance = np.random.default_rng(7)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("A tiny base")
    writer.add_array("general.languages", ["en"])
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_1)
    writer.add_add_bos_token(False)
    writer.add_token_list([f"word {number} ✓" for number in range(WORDS)])
    writer.add_token_types([1] * WORDS)

    def add(name: str, rows: int, columns: int, kind: gguf.GGMLQuantizationType) -> None:
        weights = chance.standard_normal((rows, columns), np.float32)
        writer.add_tensor(f"{name}.weight", gguf.quants.quantize(weights, kind), raw_dtype=kind)

    add("token_embd", WORDS, WIDTH, gguf.GGMLQuantizationType.Q8_0)
    for layer in range(LAYERS):
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", chance.standard_normal(WIDTH, np.float32))
        for name, (rows, columns) in PROJECTIONS.items():
            add(f"blk.{layer}.{IN_GGUF[name]}", rows, columns, gguf.GGMLQuantizationType.Q4_1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def matrices(seed: int = 0) -> dict[str, Any]:
    """The tensors of an adapter for the base."""
    chance = np.random.default_rng(seed)
    made = {}
    for layer in range(LAYERS):
        for name, (rows, columns) in PROJECTIONS.items():
            for part, shape in (("lora_A", (RANK, columns)), ("lora_B", (rows, RANK))):
                values = chance.standard_normal(shape).astype(np.float16)
                made[f"model.layers.{layer}.{name}.{part}.weight"] = values
    return made


def write_adapter(path: Path, base: Path, tensors: Mapping[str, Any] | None = None, **about: str) -> Path:
    """An adapter as training writes it."""
    digest = hashlib.sha256(base.read_bytes()).hexdigest()
    told = {"r": str(RANK), "alpha": str(ALPHA), "base_sha256": digest, "version": "1"} | about
    save_file(dict(tensors or matrices()), path, metadata=told)
    return path


def weights_of(path: Path) -> dict[str, Any]:
    """All tensors of a GGUF file as float32, by name."""
    tensors = gguf.GGUFReader(path).tensors
    return {tensor.name: np.array(gguf.quants.dequantize(tensor.data, tensor.tensor_type)) for tensor in tensors}


def told_by(path: Path) -> dict[str, Any]:
    """The metadata of a GGUF file."""
    fields = gguf.GGUFReader(path).fields.values()
    return {field.name: (field.types, field.contents()) for field in fields}
