"""The real base with an adapter merged into it, beside PEFT's own arithmetic, and in mistral.rs."""

import functools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from safetensors.numpy import save_file

from optafly.engines.made import file_sha256
from optafly.engines.merge import merge_adapter, read_adapter
from optafly.engines.mistral import MistralEngine
from optafly.engines.models import LocalModel, find_entry, locate
from optafly.paths import resolve_paths
from optafly.refine.engine import CancelToken, ModelRequest

NAME = "optafly-refiner-135m"
BOUND_S = 120.0
LAYERS, WIDTH, HIDDEN, KEYS, HEAD_SIZE, RANK, ALPHA = 30, 576, 1536, 192, 64, 8, 16
PROJECTIONS = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (KEYS, WIDTH),
    "self_attn.v_proj": (KEYS, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (HIDDEN, WIDTH),
    "mlp.up_proj": (HIDDEN, WIDTH),
    "mlp.down_proj": (WIDTH, HIDDEN),
}
# Queries and keys are changed most: a mistake in the order of their rows is to be seen in what comes out.
STRENGTH = {"self_attn.q_proj": 0.06, "self_attn.k_proj": 0.06}
# "You are a helpful AI assistant.", "What is the capital of France, and which river flows through it?" and "The capital
# of France is Paris, and the river" in the model's template and vocabulary, which takes seconds to read.
TOKENS = [
    1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 30, 2, 198, 1, 4093, 198, 1780, 314, 260, 3575,
    282, 4649, 28, 284, 527, 4626, 8634, 738, 357, 47, 2, 198, 1, 520, 9531, 198, 504, 3575, 282,
    4649, 314, 7042, 28, 284, 260, 4626,
]  # fmt: skip
# What storing in 8 bits costs: root mean square of the differences of all logits (which spread by 6).
WITHIN = 0.35

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def base() -> Path:
    return locate(find_entry("smollm2-135m"), resolve_paths()).path


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chance, strong enough that the model's answers change."""
    chance = np.random.default_rng(11)
    tensors = {}
    for layer in range(LAYERS):
        for name, (rows, columns) in PROJECTIONS.items():
            a = chance.standard_normal((RANK, columns)) / np.sqrt(columns)
            b = chance.standard_normal((rows, RANK)) * STRENGTH.get(name, 0.02)
            tensors[f"model.layers.{layer}.{name}.lora_A.weight"] = a.astype(np.float16)
            tensors[f"model.layers.{layer}.{name}.lora_B.weight"] = b.astype(np.float16)
    path = tmp_path_factory.mktemp("adapter") / "adapter.safetensors"
    about = {"r": str(RANK), "alpha": str(ALPHA), "base_sha256": file_sha256(base), "version": "1"}
    save_file(tensors, path, metadata=about)
    return path


@pytest.fixture(scope="module")
def merged(base: Path, adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("merged") / f"{NAME}.gguf"
    merge_adapter(base, read_adapter(adapter), path, NAME, lambda _done, _total: None)
    return path


@pytest.fixture
def other_libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Their warnings to people who program with them are none of ours."""
    # transformers has this table made anew for each of 400 modules.
    monkeypatch.setattr(gguf, "get_tensor_name_map", functools.cache(gguf.get_tensor_name_map))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def without_vocabulary(path: Path, folder: Path) -> Path:
    """The same weights in a file that transformers reads in a fraction of the time; it opens each file twice."""
    reader = gguf.GGUFReader(path)
    writer = gguf.GGUFWriter(folder / path.name, "llama")
    for key, field in reader.fields.items():
        if key.startswith("llama."):
            writer.add_key_value(key, field.contents(), field.types[0])
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return folder / path.name


def load(path: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()


def logits(model: Any) -> Any:
    import torch

    with torch.inference_mode():
        return model(torch.tensor([TOKENS])).logits[0].numpy()


def as_if_not_interleaved(rows: Any) -> Any:
    """What reading a GGUF file makes of rows that were written into it in the order of transformers."""
    return rows.reshape(-1, HEAD_SIZE // 2, 2, rows.shape[1]).transpose(1, 2).reshape(rows.shape)


def apart(one: Any, other: Any) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))


def test_the_merged_model_answers_as_peft_does_with_the_adapter(
    base: Path, adapter: Path, merged: Path, tmp_path: Path, other_libraries: None
) -> None:
    import peft
    from safetensors.torch import load_file

    (tmp_path / "base").mkdir()
    model = load(without_vocabulary(base, tmp_path / "base"))
    plain = logits(model)
    targets = [name.rpartition(".")[2] for name in PROJECTIONS]
    model = peft.get_peft_model(model, peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets)).eval()

    def adapted(tensors: dict[str, Any]) -> Any:
        named = {f"base_model.model.{name}": tensor.float() for name, tensor in tensors.items()}
        taken: Any = peft.set_peft_model_state_dict(model, named)
        assert not taken.unexpected_keys
        return logits(model)

    tensors = load_file(adapter)
    wanted = adapted(tensors)
    found = logits(load(without_vocabulary(merged, tmp_path)))

    assert apart(found, wanted) < WITHIN
    assert (found.argmax(-1) == wanted.argmax(-1)).mean() > 0.85
    # The same comparison sees an adapter left out, and one whose queries and keys are in a wrong order of rows.
    assert apart(plain, wanted) > 3 * WITHIN
    turned = ("q_proj.lora_B.weight", "k_proj.lora_B.weight")
    misplaced = {name: as_if_not_interleaved(b) for name, b in tensors.items() if name.endswith(turned)}
    assert apart(adapted(tensors | misplaced), wanted) > 3 * WITHIN


def test_mistral_rs_loads_the_merged_file_as_it_is(merged: Path) -> None:
    entry = find_entry(NAME)
    assert entry.in_situ_quant is None
    model = LocalModel(NAME, merged.parent, merged.name, entry)
    engine = MistralEngine(lambda: model, NAME, device="cpu")
    try:
        request = ModelRequest(
            system="You are a helpful AI assistant.", user="What is the capital of France?",
            grammar="start: S\nS: /(Paris|London|Rome)( [a-z]+){2,4}\\./", grammar_kind="lark", max_tokens=24,
            time_limit_s=BOUND_S, document="a",
        )  # fmt: skip
        reply = engine.submit(request, CancelToken()).result(timeout=BOUND_S)
    finally:
        engine.close()
    assert reply.text.startswith(("Paris", "London", "Rome"))
    assert reply.completion_tokens > 2
