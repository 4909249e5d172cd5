"""``optafly refine`` with the real model, as a process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from optafly.engines.models import resolve_model
from optafly.paths import resolve_paths
from tests.small_model import SMALL_MODEL

pytestmark = pytest.mark.model
BOUND_S = 240


def refine(workspace: Path, home: Path, *arguments: str, **environment: str) -> Any:
    """Run the command and return its JSON."""
    command = [sys.executable, "-m", "optafly", "refine", "fix this", "--json", "--workspace", str(workspace),
               "--file", "app.py", "--selection", "1:1-4:1", *arguments]  # fmt: skip
    environ = os.environ | SMALL_MODEL | {"OPTAFLY_HOME": str(home)} | environment
    done = subprocess.run(command, env=environ, capture_output=True, timeout=BOUND_S, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text("def load_rows(path):\n    rows = open(path)\n    return rows[0]\n", "utf-8")
    return folder


def test_the_model_is_asked_and_nothing_but_json_reaches_standard_output(workspace: Path, tmp_path: Path) -> None:
    result = refine(workspace, tmp_path / "home")
    assert result["outcome"] == "refined"
    assert result["engine"]["model"] == "smollm2-135m"
    assert result["engine"]["device"] in {"cpu", "metal", "cuda:0"}
    assert result["engine"]["completion_tokens"] > 0
    assert result["timings_ms"]["model"] > 0
    assert "`load_rows` (app.py:1)" in result["refined"]


def test_any_local_gguf_is_a_model(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "my model.gguf"
    file.symlink_to(resolve_model("smollm2-135m", resolve_paths()).path)
    result = refine(workspace, tmp_path / "home", "--model", str(file))
    assert result["outcome"] == "refined"
    assert result["engine"]["model"] == str(file)
    assert result["engine"]["completion_tokens"] > 0


def test_a_corrupt_model_falls_back_and_says_so(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + b"\x03\0\0\0" + b"\xff" * 4096)
    result = refine(workspace, tmp_path / "home", "--model", str(file))
    assert result["outcome"] == "fallback"
    assert not result["engine"]["used"]
    assert "broken.gguf" in result["notes"][0]
    assert "`load_rows` (app.py:1)" in result["refined"]


def test_a_model_that_is_not_there_falls_back_and_names_the_command_that_fetches_it(
    workspace: Path, tmp_path: Path
) -> None:
    result = refine(workspace, tmp_path / "home", "--model", "phi-3-mini-q4")
    assert result["outcome"] == "fallback"
    assert "optafly models pull phi-3-mini-q4" in result["notes"][0]


def test_a_time_limit_falls_back_and_names_it(workspace: Path, tmp_path: Path) -> None:
    result = refine(workspace, tmp_path / "home", OPTAFLY_TIME_LIMIT_S="0.1")
    assert result["outcome"] == "fallback"
    assert "longer than 0.1 s" in result["notes"][0]


def test_the_same_request_gives_the_same_text_in_every_process(workspace: Path, tmp_path: Path) -> None:
    first = refine(workspace, tmp_path / "home")
    second = refine(workspace, tmp_path / "home")
    assert first["refined"] == second["refined"]
