"""The data sets that models are trained from: every line is as their cards say."""

import subprocess
import sys
from pathlib import Path

import pytest

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.mark.parametrize("check", sorted(MODELS.glob("*/data/check.py")), ids=lambda path: path.parts[-3])
def test_a_data_set_is_without_faults(check: Path) -> None:
    done = subprocess.run([sys.executable, str(check)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize("check", sorted(MODELS.glob("*/data/check.py")), ids=lambda path: path.parts[-3])
def test_its_card_has_the_counts_of_today(check: Path) -> None:
    done = subprocess.run([sys.executable, str(check)], capture_output=True, text=True, check=False)
    card = (check.parent / "README.md").read_text("utf-8")
    counts = [line.strip() for line in done.stdout.splitlines() if any(map(str.isdigit, line))]
    assert len(counts) > 20
    for line in counts:
        assert line in card


def test_there_are_data_sets() -> None:
    assert {path.parts[-3] for path in MODELS.glob("*/data/check.py")} == {"anchors", "router", "verifier"}
