"""The settings that an editor may give, and those that leave its server."""

from pathlib import Path

import msgspec
import pytest

from optafly.core.compose import effective
from optafly.lsp.settings import EditorSettings
from optafly.paths import resolve_paths


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def settings(tmp_path: Path, said: list[str]) -> EditorSettings:
    paths = resolve_paths({"OPTAFLY_HOME": str(tmp_path)})
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text(
        "api_keys: {providers: [{name: mine, key_command: [print-key]}]}\nrouter: {enabled: off}"
    )
    return EditorSettings(paths, {}, said.append)


def test_where_keys_are_never_leaves_the_process(settings: EditorSettings, said: list[str]) -> None:
    settings.begin({"device": "cpu"})
    assert settings.config.get("api_keys.default") == "mine"
    sent = msgspec.json.decode(msgspec.json.encode(settings.values))
    assert not [key for key in sent if key.startswith("api_keys")]
    assert (sent["device"], sent["router.enabled"]) == ("cpu", False)
    assert effective(sent).get("router.enabled") is False
    assert said == []


@pytest.mark.parametrize("wrap", [lambda given: given, lambda given: {"optafly": given}])
def test_a_project_names_no_command_and_no_other_key(settings: EditorSettings, said: list[str], wrap: object) -> None:
    given = {"api_keys": {"default": "theirs", "providers": [{"name": "theirs", "key_command": ["evil"]}]}}
    settings.begin(wrap(given))  # type: ignore[operator]
    settings.change(wrap(given))  # type: ignore[operator]
    assert said == [
        "the editor's settings: api_keys.default is read from the configuration file only",
        "the editor's settings: api_keys.providers is read from the configuration file only",
    ]
    assert [entry.name for entry in settings.config.get("api_keys.providers")] == ["mine"]
    assert settings.config.get("api_keys.default") == "mine"
