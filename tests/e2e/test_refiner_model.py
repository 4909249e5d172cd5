"""The trained model as a person gets it: made by a command, then used by another."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.model
NAME = "optafly-refiner-135m"
BOUND_S = 240


def optafly(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPTAFLY_")}
    return subprocess.run(
        [sys.executable, "-m", "optafly", *arguments], env=environ | {"OPTAFLY_HOME": str(home)},
        capture_output=True, text=True, timeout=BOUND_S, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the model was made."""
    made = tmp_path_factory.mktemp("made") / "home"
    done = optafly(made, "models", "pull", NAME, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == NAME
    return made


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(
        "def load_rows(path):\n    rows = open(path)\n    return rows[0]\n\n\ndef save_rows(rows):\n    return rows\n",
        "utf-8",
    )
    (folder / "test_app.py").write_text("from app import load_rows\n\n\ndef test_it():\n    pass\n", "utf-8")
    return folder


def refine(home: Path, workspace: Path, prompt: str) -> Any:
    done = optafly(home, "refine", prompt, "--json", "--in-process", "--workspace", str(workspace),
                   "--file", "app.py", "--selection", "1:1-3:19")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_reads_what_the_rules_do_not(home: Path, workspace: Path) -> None:
    result = refine(home, workspace, "i dont get what dis does")
    assert (result["engine"]["model"], result["engine"]["used"]) == (NAME, True)
    assert "Explain only; change no code." in result["refined"]
    assert "`load_rows` (app.py:1)" in result["refined"]


def test_where_it_is_not_yet_it_is_made_when_it_is_first_wanted(tmp_path: Path, workspace: Path) -> None:
    result = refine(tmp_path / "new", workspace, "i dont get what dis does")
    assert (result["engine"]["model"], result["engine"]["used"]) == (NAME, True)
    assert [file.name for file in (tmp_path / "new").rglob("*.gguf")] == [f"{NAME}.Q8_0.gguf"]


def test_it_says_the_same_every_time(home: Path, workspace: Path) -> None:
    first, second = (refine(home, workspace, "fxi this pls") for _ in range(2))
    assert first["refined"] == second["refined"]
    assert "load_rows" in first["refined"]
    assert all(gate["passed"] for gate in first["gates"])


def test_it_is_listed_as_here(home: Path) -> None:
    (entry,) = (item for item in json.loads(optafly(home, "models", "list", "--json").stdout) if item["name"] == NAME)
    assert (entry["state"], Path(entry["path"]).parent.parent.parent) == ("made", home)
