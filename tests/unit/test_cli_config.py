"""``optafly config``: every setting with where it came from."""

import json
import os
from pathlib import Path

import pytest
import yaml

from optafly.cli.main import run
from optafly.config import SECTION, SETTINGS
from optafly.paths import resolve_paths

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("OPTAFLY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPTAFLY_HOME", str(tmp_path / "home"))
    found = resolve_paths().config_file
    found.parent.mkdir(parents=True)
    return found


def write(file: Path, **settings: object) -> None:
    file.write_text(yaml.safe_dump({SECTION: settings}), "utf-8")


def test_path_prints_the_file_that_need_not_exist(file: Path, capsys: Capture) -> None:
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert not file.exists()


def test_show_prints_every_setting(file: Path, capsys: Capture) -> None:
    write(file, device="cpu", private_files=["*.sql", "caf\N{LATIN SMALL LETTER E WITH ACUTE}/"])
    assert run(["config", "show"]) == 0

    shown, said = capsys.readouterr()
    rows = dict(line.split(maxsplit=1) for line in shown.splitlines())
    assert list(rows) == [setting.name for setting in SETTINGS]
    assert rows[f"{SECTION}.device"] == '"cpu"'
    assert rows[f"{SECTION}.enabled"] == "true"
    assert rows[f"{SECTION}.private_files"] == '["*.sql", "caf\N{LATIN SMALL LETTER E WITH ACUTE}/"]'
    assert said == ""


def test_show_says_where_every_value_came_from(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    write(file, device="cpu", time_limit_s=3)
    monkeypatch.setenv("OPTAFLY_TIME_LIMIT_S", "4")
    assert run(["config", "show", "--origin"]) == 0

    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert rows[f"{SECTION}.device"] == f'"cpu"  ({file})'
    assert rows[f"{SECTION}.time_limit_s"] == "4.0  (OPTAFLY_TIME_LIMIT_S)"
    assert rows[f"{SECTION}.model"] == '"optafly-refiner-135m"  (default)'


def test_show_prints_one_object(file: Path, capsys: Capture) -> None:
    write(file, device="cpu", context_gathering={"max_context_tokens": 5})
    assert run(["config", "show", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain[f"{SECTION}.device"] == "cpu"
    assert plain[f"{SECTION}.context_gathering.max_context_tokens"] == 5
    assert plain[f"{SECTION}.private_files"] == []

    assert run(["config", "show", "--json", "--origin"]) == 0
    with_origin = json.loads(capsys.readouterr().out)
    assert with_origin[f"{SECTION}.device"] == {"value": "cpu", "origin": str(file)}
    assert with_origin[f"{SECTION}.enabled"] == {"value": True, "origin": "default"}
    assert set(with_origin) == set(plain) == {setting.name for setting in SETTINGS}


def test_show_says_what_is_always_on(file: Path, capsys: Capture) -> None:
    file.write_text("pyo3_bridge: {zero_copy_transfers: true}")
    assert run(["config", "show", "--origin"]) == 0
    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert rows["pyo3_bridge.gil_optimization"] == "true  (always on)  (default)"
    assert rows["pyo3_bridge.zero_copy_transfers"] == f"true  (always on)  ({file})"
    assert rows["pyo3_bridge.connection_pool_size"] == "4  (default)"


def test_show_says_where_keys_are(file: Path, capsys: Capture) -> None:
    providers = [{"name": "work", "provider": "anthropic", "key_command": "pass show work"}]
    file.write_text(yaml.safe_dump({"api_keys": {"default": "work", "providers": providers}}))
    assert run(["config", "show", "--json", "--origin"]) == 0
    shown, said = capsys.readouterr()
    entry = {"name": "work", "provider": "anthropic", "key_command": ["pass", "show", "work"]}
    assert json.loads(shown)["api_keys.providers"] == {"value": [entry], "origin": str(file)}
    assert json.loads(shown)["api_keys.default"] == {"value": "work", "origin": str(file)}
    assert said == ""


def test_wrong_values_are_warnings_and_the_exit_status_is_0(file: Path, capsys: Capture) -> None:
    write(file, device="gpu", modell="x")
    assert run(["config", "show", "--json"]) == 0

    shown, said = capsys.readouterr()
    assert json.loads(shown)[f"{SECTION}.device"] == "auto"
    assert [line.split(": ")[:3] for line in said.splitlines()] == [
        ["warning", str(file), f'{SECTION}.device is "gpu"; allowed is auto, cpu, cuda:N or metal; using "auto"'],
        ["warning", str(file), f"unknown key {SECTION}.modell; did you mean {SECTION}.model?"],
    ]


def test_a_file_that_cannot_be_read_is_a_warning(file: Path, capsys: Capture) -> None:
    file.write_text("{")
    assert run(["config", "show"]) == 0
    shown, said = capsys.readouterr()
    assert len(shown.splitlines()) == len(SETTINGS)
    assert said == f"warning: {file}: is not valid YAML in line 1; using the defaults\n"


def test_bytes_that_are_not_utf8_are_no_obstacle(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    write(file, private_files=["\ud800.sql"])
    monkeypatch.setenv("OPTAFLY_MODEL", os.fsdecode(b"/nowhere/\xff"))
    assert run(["config", "show"]) == 0
    shown, said = capfdbinary.readouterr()
    assert shown.count(b"\n") == len(SETTINGS)
    assert said.startswith(b"warning: OPTAFLY_MODEL")

    monkeypatch.setenv("OPTAFLY_HOME", os.fsdecode(b"/tmp/\xff"))
    assert run(["config", "path"]) == 0
    assert capfdbinary.readouterr().out == b"/tmp/\xff/config/prompt-manager-config.yaml\n"
