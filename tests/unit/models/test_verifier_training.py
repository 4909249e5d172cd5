"""The training of the pair verifier runs, and what it writes can be used."""

import os
import subprocess
import sys
from pathlib import Path

from optafly.cache.verifier import build_judge
from optafly.neural.encoder import Encoder

SCRIPT = Path(__file__).resolve().parents[3] / "models" / "verifier" / "train.py"


def test_a_slice_is_trained_and_can_be_used(tmp_path: Path) -> None:
    arguments = ["--slice", "80", "--epochs", "1", "--members", "1", "--into", str(tmp_path)]
    environ = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False, env=environ
    )
    assert done.returncode == 0, done.stderr[-2000:]
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "held out, all pairs" in card
    assert "different (false hits)" in card
    judged = build_judge(Encoder(), weights=tmp_path / "verifier.safetensors").same(
        "sort a list", "how to sort a list", 0.9
    )
    assert judged.p is None or 0 <= judged.p <= 1
