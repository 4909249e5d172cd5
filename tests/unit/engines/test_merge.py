"""Merging an adapter into a base: the arithmetic, the same bytes everywhere, and what is refused."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optafly.engines.merge import lora_delta, merge_adapter, read_adapter
from optafly.errors import ModelCorrupt
from tests.unit.engines.tiny_model import (
    ALPHA,
    HEAD_SIZE,
    IN_GGUF,
    LAYERS,
    PROJECTIONS,
    RANK,
    matrices,
    told_by,
    weights_of,
    write_adapter,
    write_base,
)  # fmt: skip

NAME = "optafly-tiny"
# Of the largest of 32 weights. A step of Q8_0 is a 127th of it and half of one is lost; 127 steps are as much off as
# rounding the step to the 11 bits of a float16 makes them.
WITHIN = 0.5 / 127 + 2**-11


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base") / "base.gguf")


def merge(base: Path, adapter: Path, target: Path) -> Path:
    merge_adapter(base, read_adapter(adapter), target, NAME, lambda _done, _total: None)
    return target


@pytest.fixture(scope="module")
def merged(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("merged")
    return merge(base, write_adapter(folder / "adapter.safetensors", base), folder / "merged.gguf")


def row_in_gguf(name: str, row: int) -> int:
    """Where llama.cpp keeps a row: of a head's two halves, it takes one row in turn."""
    if name not in ("self_attn.q_proj", "self_attn.k_proj"):
        return row
    head, place = divmod(row, HEAD_SIZE)
    half, number = divmod(place, HEAD_SIZE // 2)
    return head * HEAD_SIZE + 2 * number + half


@pytest.mark.parametrize("layer", range(LAYERS))
@pytest.mark.parametrize("name", PROJECTIONS)
def test_every_row_gets_its_part_of_the_adapter(base: Path, merged: Path, layer: int, name: str) -> None:
    tensors, tensor = matrices(), f"blk.{layer}.{IN_GGUF[name]}.weight"
    a, b = (tensors[f"model.layers.{layer}.{name}.lora_{part}.weight"].astype(np.float64) for part in "AB")
    wanted = weights_of(base)[tensor].astype(np.float64)
    before = wanted.copy()
    for row, added in enumerate(b @ a * ALPHA / RANK):
        wanted[row_in_gguf(name, row)] += added

    found = weights_of(merged)[tensor]
    steps = np.abs(wanted.reshape(len(wanted), -1, 32)).max(axis=-1, keepdims=True)
    apart = np.abs(found - wanted).reshape(len(wanted), -1, 32)
    assert (apart <= steps * WITHIN).all()
    assert np.abs(before - wanted).max() > 20 * apart.max(), "an adapter that changes nothing shows nothing"


def test_what_the_adapter_does_not_change_stays_to_the_bit(base: Path, merged: Path) -> None:
    before, after = weights_of(base), weights_of(merged)

    assert list(after) == list(before)
    for name in ("token_embd.weight", "blk.0.attn_norm.weight", "blk.1.attn_norm.weight"):
        assert np.array_equal(before[name], after[name])


def test_what_the_base_says_of_itself_is_kept_but_for_name_and_format(base: Path, merged: Path) -> None:
    before, after = told_by(base), told_by(merged)

    assert list(after) == list(before)
    changed = {key: value for key, (_, value) in after.items() if (_, value) != before[key]}
    assert changed == {"general.name": NAME, "general.file_type": 7}


ON_A_PLAIN_PROCESSOR = f"""
import hashlib, sys
from pathlib import Path
import numpy as np
from optafly.engines.merge import lora_delta, merge_adapter, read_adapter
base, adapter, target = map(Path, sys.argv[1:])
merge_adapter(base, read_adapter(adapter), target, {NAME!r}, lambda done, total: None)
chance = np.random.default_rng(3)
delta = lora_delta(chance.standard_normal((16, 576), np.float32), chance.standard_normal((600, 16), np.float32), 1.5)
print(hashlib.sha256(delta.tobytes()).hexdigest())
"""


def test_the_same_inputs_give_the_same_bytes_on_another_processor(base: Path, merged: Path, tmp_path: Path) -> None:
    """numpy and its matrix library without the wider instructions of this processor stand for one that lacks them."""
    build: Any = np.show_config(mode="dicts")
    features = " ".join(build["SIMD Extensions"].get("found", []))
    plain = os.environ | {"NPY_DISABLE_CPU_FEATURES": features, "OPENBLAS_CORETYPE": "Nehalem"}
    adapter = write_adapter(tmp_path / "adapter.safetensors", base)
    command = [sys.executable, "-c", ON_A_PLAIN_PROCESSOR, str(base), str(adapter), str(tmp_path / "again.gguf")]
    done = subprocess.run(command, check=True, env=plain, capture_output=True, text=True)

    assert (tmp_path / "again.gguf").read_bytes() == merged.read_bytes()
    # Storing rounds most differences away; this is before it.
    chance = np.random.default_rng(3)
    delta = lora_delta(
        chance.standard_normal((16, 576), np.float32), chance.standard_normal((600, 16), np.float32), 1.5
    )
    assert done.stdout.strip() == hashlib.sha256(delta.tobytes()).hexdigest()


def test_an_adapter_of_some_projections_is_enough(base: Path, tmp_path: Path) -> None:
    name = "model.layers.1.mlp.down_proj"
    some = {key: value for key, value in matrices().items() if key.startswith(name)}
    found = weights_of(merge(base, write_adapter(tmp_path / "a.safetensors", base, some), tmp_path / "some.gguf"))

    before = weights_of(base)
    assert np.abs(found["blk.1.ffn_down.weight"] - before["blk.1.ffn_down.weight"]).max() > 1
    assert np.abs(found["blk.1.ffn_up.weight"] - before["blk.1.ffn_up.weight"]).max() < 0.05


def test_progress_goes_from_nothing_to_all(base: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    adapter = read_adapter(write_adapter(tmp_path / "adapter.safetensors", base))
    merge_adapter(base, adapter, tmp_path / "merged.gguf", NAME, lambda done, total: seen.append((done, total)))

    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1]
    assert sorted(seen) == seen
    assert len({total for _, total in seen}) == 1


def without(part: str) -> Callable[[dict[str, Any]], None]:
    return lambda tensors: tensors.pop(f"model.layers.0.mlp.up_proj.{part}.weight")


def with_nan(tensors: dict[str, Any]) -> None:
    tensors["model.layers.0.mlp.up_proj.lora_A.weight"][0, 0] = np.nan


def of_another_rank(tensors: dict[str, Any]) -> None:
    for part, axis in (("lora_A", 0), ("lora_B", 1)):
        name = f"model.layers.0.mlp.up_proj.{part}.weight"
        tensors[name] = np.ascontiguousarray(np.delete(tensors[name], 0, axis))


@pytest.mark.parametrize("damage", [without("lora_A"), without("lora_B"), with_nan, of_another_rank, dict.clear])
def test_an_adapter_that_is_not_whole_is_refused(
    base: Path, tmp_path: Path, damage: Callable[[dict[str, Any]], None]
) -> None:
    tensors = matrices()
    damage(tensors)
    path = write_adapter(tmp_path / "adapter.safetensors", base, tensors or {"other": np.zeros(1, np.float16)})

    with pytest.raises(ModelCorrupt, match=r"^adapter\.safetensors is not an adapter .*; install optafly anew$"):
        read_adapter(path)


@pytest.mark.parametrize("about", [{"r": "0"}, {"r": "many"}, {"alpha": "nan"}])
def test_an_adapter_that_says_nonsense_of_itself_is_refused(base: Path, tmp_path: Path, about: dict[str, str]) -> None:
    with pytest.raises(ModelCorrupt, match="is not an adapter"):
        read_adapter(write_adapter(tmp_path / "adapter.safetensors", base, None, **about))


def test_a_file_that_is_no_adapter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "adapter.safetensors").write_bytes(b"anything")

    with pytest.raises(ModelCorrupt, match=r"adapter\.safetensors cannot be read"):
        read_adapter(tmp_path / "adapter.safetensors")


def test_an_adapter_for_another_shape_is_refused(base: Path, tmp_path: Path) -> None:
    tensors = matrices()
    name = "model.layers.0.mlp.up_proj.lora_B.weight"
    tensors[name] = tensors[name][:-1].copy()
    path = write_adapter(tmp_path / "adapter.safetensors", base, tensors)

    with pytest.raises(ModelCorrupt, match=r"does not fit blk\.0\.ffn_up\.weight"):
        merge(base, path, tmp_path / "merged.gguf")


def test_an_adapter_for_more_layers_is_refused(base: Path, tmp_path: Path) -> None:
    more = {key.replace("layers.1", "layers.9"): value for key, value in matrices().items()}
    path = write_adapter(tmp_path / "adapter.safetensors", base, more)

    with pytest.raises(ModelCorrupt, match=r"changes model\.layers\.9\.mlp\.down_proj, which"):
        merge(base, path, tmp_path / "merged.gguf")
