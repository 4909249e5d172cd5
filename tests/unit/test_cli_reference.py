"""The generated documents are in step with the code."""

import os
from pathlib import Path

import pytest

from optafly.config import SETTINGS, load_config
from optafly.paths import resolve_paths
from tests.reference import DOCS, DOCUMENTS, commands, configuration, sample


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_in_step(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == DOCUMENTS[name](), "run: make docs"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_names_a_place_of_this_machine(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("HOME", "OPTAFLY_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("COLUMNS", "40")
    text = DOCUMENTS[name]()

    assert text == (DOCS / name).read_text("utf-8")
    assert str(Path.cwd()) not in text
    assert str(Path.home()) not in text


def test_every_setting_is_described() -> None:
    for setting in SETTINGS:
        assert f"| `{setting.key}` | " in configuration()
        assert (f"| `{setting.variable}` |" in configuration()) == (setting.origins != "file")


def test_the_example_of_keys_is_one_that_is_read(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(configuration().partition("## Keys")[2].split("```")[1].removeprefix("yaml\n"), "utf-8")
    config = load_config(file, {})

    assert config.messages == ()
    assert [entry.name for entry in config.get("api_keys.providers")] == ["anthropic", "work", "vault"]
    assert [rule.name for rule in config.get("api_keys.workspaces")] == ["work"]


def test_the_sample_is_a_file_of_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "sample.yaml"
    file.write_text(sample(), "utf-8")
    config = load_config(file, {})

    assert config.messages == ()
    for setting in SETTINGS:
        assert config.get(setting.key) == setting.default
        assert config.values[setting.key].origin == str(file)


@pytest.mark.parametrize(("module", "place"), [("unix", "~/.config"), ("macos", "~/Library/Application Support")])
def test_the_places_are_those_of_the_platforms(
    module: str, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in list(os.environ):
        if name.startswith(("XDG_", "OPTAFLY_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    platform = __import__(f"platformdirs.{module}", fromlist=["Unix", "MacOS"])
    monkeypatch.setattr("platformdirs.PlatformDirs", platform.Unix if module == "unix" else platform.MacOS)

    file = resolve_paths().config_file.relative_to(tmp_path)
    assert f"`{place}/{file.relative_to(place.removeprefix('~/'))}`" in configuration()


def test_every_command_is_described() -> None:
    text = commands()
    for words in (
        "optafly",
        "optafly refine",
        "optafly route",
        "optafly cache explain",
        "optafly models pull",
        "optafly config show",
        "optafly doctor",
    ):
        assert f"# `{words}`\n" in text
        assert f"\nUsage: {words} [OPTIONS]" in text
