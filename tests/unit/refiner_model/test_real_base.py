"""With the real base: the ids are those mistral.rs feeds, and the script trains what can be used."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optafly.engines.mistral import MistralEngine
from optafly.engines.models import find_entry, locate
from optafly.neural.weights import read_weights
from optafly.paths import resolve_paths
from optafly.refine.engine import CancelToken, ModelRequest
from optafly.refine.slots import SYSTEM
from tests.unit.refiner_model.conftest import FOLDER

PLACES = "A method Cart.total cart: cursor error\nB function parse_date dates: named"
SAID = [
    ("> fxi this pls", "fix A dt Fix the call-arg error in total."),
    ("> make lines 41-47 of invoice.ts faster, 12.5% at least", "optimise B - Make parse_date 12.5% faster."),
    ("> warum geht das nicht?  \n  400 ½ 日本語 🎉 don’t", "explain A - ="),
    ("> add `--retry 3`\r\n\tand \\n too", "clear"),
]
ROWS = [
    {"id": f"r{number}", "shown": f"{shown}\n{PLACES}\nchecks dt", "says": says}
    for number, (shown, says) in enumerate(SAID * 2)
]

pytestmark = pytest.mark.model


@pytest.fixture
def engine() -> Iterator[MistralEngine]:
    engine = MistralEngine(lambda: locate(find_entry("smollm2-135m"), resolve_paths()), "smollm2-135m")
    yield engine
    engine.close()


def prompt_tokens(engine: MistralEngine, shown: str) -> int:
    request = ModelRequest(SYSTEM, shown, None, None, max_tokens=1, time_limit_s=100, document=shown)
    return engine.submit(request, CancelToken()).result(110).prompt_tokens


def test_the_tokens_trained_on_are_those_the_engine_reads(code: Any, engine: MistralEngine) -> None:
    tokenizer = code.base.load_tokenizer(code.base.find_base())
    rows = [code.examples.Row(row["id"], row["shown"], row["says"]) for row in ROWS[: len(SAID)]]
    system = code.examples.system_ids(tokenizer, SYSTEM)
    for row, example in zip(rows, code.examples.encode(tokenizer, rows), strict=True):
        assert len(system) + len(example.shown) == prompt_tokens(engine, row.shown), row.shown
        turns = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": row.shown}]
        whole = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        assert tokenizer.decode([*system, *example.shown]) == whole
        assert tokenizer.decode(example.says) == f"{row.says}<|im_end|>"
        assert tokenizer.decode(example.says[: example.decides]) == code.examples.decision_of(row.says)
    assert tokenizer.tokenize("\n     400 2024") == ["ĊĠĠĠĠĠ", "4", "0", "0", "Ġ", "2", "0", "2", "4"]


def test_a_few_steps_give_an_adapter_with_its_figures(tmp_path: Path) -> None:
    for name in ("train.jsonl", "held-out.jsonl"):
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in ROWS), "utf-8")
    out = tmp_path / "out"
    options = ["--data", str(tmp_path), "--out", str(out), "--epochs", "1", "--batch", "2", "--limit", "4"]
    # One thread: two would wait for each other wherever the tests beside this one take a core.
    done = subprocess.run(
        [sys.executable, str(FOLDER / "train.py"), *options, "--threads", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "| epoch | seconds | tokens/s |" in done.stdout
    tensors, about = read_weights(out / "adapter.safetensors")
    assert len(tensors) == 30 * 7 * 2
    assert tensors["model.layers.29.mlp.down_proj.lora_A.weight"].shape == (16, 1536)
    assert (about["r"], about["alpha"]) == ("16", "32")
    assert about["base_sha256"] == find_entry("smollm2-135m").sha256
    assert (out / "adapter.safetensors").stat().st_size < 12_000_000
    figures = json.loads((out / "training.json").read_text("utf-8"))
    assert figures["version"] == about["version"]
    assert figures["rows"] == 4
    assert figures["epochs"][0]["held_out_loss"] > 0
    assert sorted(path.name for path in out.iterdir()) == ["adapter.safetensors", "training.json"]


def test_what_is_wrong_is_said_in_one_line(code: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code.train.main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said == "error: no rows at train.jsonl: build the data first, or name their folder with --data\n"


def test_a_part_of_the_rows_makes_no_adapter_to_ship(code: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        code.train.main(["--limit", "5"])
    assert left.value.code == 2
    assert "--limit needs --out" in capsys.readouterr().err
