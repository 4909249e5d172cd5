"""The built component, loaded as Zed loads it: every command and every answer, and the server it starts."""

import json
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import optafly
from tests.extension.host import Command, Editor, ExtensionError, Json, Zed, built, imports

Load = Callable[..., Zed]
UV_TOOL, PIPX = "uv tool install optafly", "pipx install optafly"
FOUND = {"optafly": "/found/optafly", "uvx": "/found/uvx"}
SHELL = {"PATH": "/found", "LANG": "C"}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(
        programs: dict[str, str] | None = None, lsp: Json | None = None, context_server: Json | None = None
    ) -> Zed:
        return Zed(Editor(programs or {}, SHELL, lsp or {}, context_server or {}), tmp_path)

    return load


def test_a_program_in_the_settings_goes_before_all_that_is_found(load: Load) -> None:
    zed = load(FOUND, lsp={"binary": {"path": "/mine/optafly", "arguments": None, "env": None}})
    assert zed.language_server_command() == Command("/mine/optafly", ["lsp"], SHELL)


def test_its_arguments_and_environment_are_taken_too(load: Load) -> None:
    binary = {"path": "/mine/python", "arguments": ["-m", "optafly", "lsp"], "env": {"LANG": "de", "MINE": "1"}}
    command = load(FOUND, lsp={"binary": binary}).language_server_command()
    assert command == Command("/mine/python", ["-m", "optafly", "lsp"], {"PATH": "/found", "LANG": "de", "MINE": "1"})


def test_no_arguments_at_all_can_be_asked_for(load: Load) -> None:
    zed = load(lsp={"binary": {"path": "/mine/start-optafly", "arguments": [], "env": {}}})
    assert zed.language_server_command() == Command("/mine/start-optafly", [], SHELL)


def test_the_program_on_the_path_comes_next(load: Load) -> None:
    assert load(FOUND).language_server_command() == Command("/found/optafly", ["lsp"], SHELL)


def test_arguments_and_environment_without_a_path_apply_to_what_is_found(load: Load) -> None:
    binary = {"path": None, "arguments": ["lsp", "--verbose"], "env": {"MINE": "1"}}
    command = load(FOUND, lsp={"binary": binary}).language_server_command()
    assert command == Command("/found/optafly", ["lsp", "--verbose"], SHELL | {"MINE": "1"})


def test_uvx_comes_last_and_runs_the_server_of_this_version(load: Load) -> None:
    requirement = f"optafly=={optafly.__version__}"
    command = load({"uvx": "/found/uvx"}).language_server_command()
    assert command == Command("/found/uvx", ["--from", requirement, "optafly", "lsp"], SHELL)


def test_arguments_reach_the_server_through_uvx(load: Load) -> None:
    binary = {"path": None, "arguments": ["lsp", "--verbose"], "env": None}
    command = load({"uvx": "/found/uvx"}, lsp={"binary": binary}).language_server_command()
    assert command.arguments[-3:] == ["optafly", "lsp", "--verbose"]


def test_with_nothing_to_start_the_error_says_how_to_install(load: Load) -> None:
    with pytest.raises(ExtensionError) as error:
        load().language_server_command()
    assert f"`{UV_TOOL}`" in str(error.value)
    assert f"`{PIPX}`" in str(error.value)
    assert "lsp.optafly.binary.path" in str(error.value)


def test_settings_that_cannot_be_read_are_an_error_and_not_a_default(load: Load) -> None:
    with pytest.raises(ExtensionError, match="expected a string"):
        load(FOUND, lsp={"binary": {"path": 1}}).language_server_command()


@pytest.mark.parametrize("options", [{"model": "qwen3-0.6b-q8", "editor": {"work_ahead": True}}, {}, None])
def test_initialization_options_pass_unchanged(load: Load, options: Json | None) -> None:
    assert load(lsp={"initialization_options": options}).initialization_options() == options


@pytest.mark.parametrize("settings", [{"refinement_threshold": 0.5}, {}])
def test_settings_are_found_under_the_section_the_server_asks_for(load: Load, settings: Json) -> None:
    assert load(lsp={"settings": settings}).workspace_configuration() == {"optafly": settings}


def test_without_settings_there_is_no_configuration(load: Load) -> None:
    assert load().workspace_configuration() is None


def test_the_context_server_is_started_by_name(load: Load) -> None:
    assert load(FOUND).context_server_command() == Command("optafly", ["mcp"], {})


def test_the_context_server_in_the_settings_goes_first(load: Load) -> None:
    mine = {"path": "/mine/optafly", "arguments": ["mcp", "--verbose"], "env": {"MINE": "1"}}
    command = load(context_server={"command": mine}).context_server_command()
    assert command == Command("/mine/optafly", ["mcp", "--verbose"], {"MINE": "1"})


def test_a_context_server_given_by_path_alone_gets_its_subcommand(load: Load) -> None:
    mine = {"path": "/mine/optafly", "arguments": None, "env": None}
    assert load(context_server={"command": mine}).context_server_command() == Command("/mine/optafly", ["mcp"], {})


def test_setting_up_the_context_server_is_explained(load: Load) -> None:
    configuration = load().context_server_configuration()
    assert configuration is not None
    assert UV_TOOL in configuration.instructions
    assert PIPX in configuration.instructions
    assert "`/refine fix this bug`" in configuration.instructions


def test_the_context_server_settings_have_a_schema_that_the_default_meets(load: Load) -> None:
    configuration = load().context_server_configuration()
    assert configuration is not None
    schema, default = json.loads(configuration.schema), json.loads(configuration.default_settings)
    assert schema["$schema"].startswith("http://json-schema.org/draft-07/")
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)
    assert set(default) <= set(schema["properties"])


def test_it_can_ask_zed_for_settings_and_places_and_nothing_else() -> None:
    """No import means no way: it cannot download, start a process or install anything."""
    assert {name for name in imports() if not name.startswith("wasi:")} == {
        *("worktree", "project", "key-value-store"),
        *("[method]worktree.id", "[method]worktree.which", "[method]worktree.shell-env"),
        *("[method]project.worktree-ids", "get-settings"),
    }


def test_it_names_the_version_of_the_interface_it_was_built_for() -> None:
    """Zed reads it from a custom section, which stripping must leave in."""
    section = re.search(rb"\x0fzed:api-version(.{6})", built().read_bytes(), re.DOTALL)
    assert section
    assert struct.unpack(">3H", section[1])[:2] == (0, 7)


def test_it_is_small() -> None:
    assert built().stat().st_size < 300_000
