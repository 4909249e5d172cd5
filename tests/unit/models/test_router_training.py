"""The training of the router's networks runs, always with the same result, and what it writes can be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from optafly.neural.encoder import Encoder
from optafly.neural.weights import read_weights, weights_file, write_weights
from optafly.routing.classifier import FILE, Classifier

SCRIPT = Path(__file__).resolve().parents[3] / "models" / "router" / "train.py"
SLICE = 24


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("trained")
    done = run("--slice", str(SLICE), "--into", str(into))
    assert done.returncode == 0, done.stderr[-2000:]
    return into


def test_a_slice_is_trained_and_can_be_used(trained: Path) -> None:
    card = (trained / "README.md").read_text("utf-8")
    assert "| alone | auto |" in card
    assert f"heldout {SLICE} lines" in card
    said = Classifier(Encoder(), trained / FILE).use_cache("How do I reverse a list in Python?")
    assert 0 <= said.p <= 1
    assert 0 < said.threshold < 1


def test_the_same_data_give_the_same_networks(trained: Path, tmp_path: Path) -> None:
    done = run("--slice", str(SLICE), "--into", str(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    tensors, about = read_weights(trained / FILE)
    again, about_again = read_weights(tmp_path / FILE)
    assert about == about_again
    assert tensors.keys() == again.keys()
    assert all(tensors[name].equal(again[name]) for name in tensors)


def test_the_committed_weights_give_the_figures_written_with_them() -> None:
    done = run("--check")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count("written 0.") == 2


def test_weights_of_other_figures_are_noticed(tmp_path: Path) -> None:
    tensors, about = read_weights(weights_file(FILE))
    write_weights(tmp_path / FILE, tensors, about | {"figures": '{"reusable": 0.5, "volatile": 0.867}'})
    done = run("--check", "--into", str(tmp_path))
    assert done.returncode == 1, done.stdout + done.stderr[-2000:]
    assert "written 0.500" in done.stdout


def test_a_slice_is_not_written_over_the_committed_weights() -> None:
    done = run("--slice", "5")
    assert done.returncode == 2
    assert "--slice needs --into" in done.stderr
