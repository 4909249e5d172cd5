"""Settings of keys: where they are, never what they are."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optafly.config import EDITOR, Config, load_config
from optafly.routing.key_entries import DEFAULT_ENTRIES, KeyEntry, WorkspaceKey

CANARY = "sk-ant-api03-" + "Zx81Qw27Er" * 5
PLAIN_CANARY = "q8w7e6r5t4y3u2i1o0p9"
ANTHROPIC = {"name": "anthropic", "key_env": "ANTHROPIC_API_KEY"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prompt-manager-config.yaml"


def load(file: Path, **keys: object) -> Config:
    file.write_text(yaml.safe_dump({"api_keys": keys}), "utf-8")
    return load_config(file, {})


def message(config: Config) -> str:
    (only,) = config.messages
    assert "\n" not in only
    assert len(only) < 400
    return only


@pytest.mark.parametrize(
    ("given", "entry"),
    [
        (ANTHROPIC, KeyEntry("anthropic", "anthropic", key_env="ANTHROPIC_API_KEY")),
        ({"name": "work", "provider": "x.ai", "key_env": "_K2"}, KeyEntry("work", "x.ai", key_env="_K2")),
        ({"name": "w", "keyring": "optafly/team a"}, KeyEntry("w", "w", keyring="optafly/team a")),
        ({"name": "w", "keyring": True}, KeyEntry("w", "w", keyring="optafly/w")),
        (
            {"name": "w", "key_command": "op read 'op://a b/c'"},
            KeyEntry("w", "w", key_command=("op", "read", "op://a b/c")),
        ),
        ({"name": "w", "key_command": ["/usr/bin/pass", "w"]}, KeyEntry("w", "w", key_command=("/usr/bin/pass", "w"))),
        ({"name": "w", "key_command": ["~/bin/key"]}, KeyEntry("w", "w", key_command=("~/bin/key",))),
        (
            {"name": "w", "key_env": "A", "keyring": "s/u", "key_command": ["c"]},
            KeyEntry("w", "w", key_env="A", keyring="s/u", key_command=("c",)),
        ),
    ],
)
def test_an_entry(file: Path, given: object, entry: KeyEntry) -> None:
    config = load(file, default=entry.name, providers=[given])
    assert config.messages == ()
    assert config.get("api_keys.providers") == (entry,)
    assert config.values["api_keys.providers"].origin == str(file)


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("key_env", "anthropic_api_key", "the name of a variable in capital letters"),
        ("key_env", "$ANTHROPIC_API_KEY", "the name of a variable"),
        ("key_env", "AKIAIOSFODNN7EXAMPLE", "the name of a variable"),
        ("key_env", ["A"], "the name of a variable"),
        ("key_env", None, "the name of a variable"),
        ("keyring", "optafly", "true, or SERVICE/USER"),
        ("keyring", False, "true, or SERVICE/USER"),
        ("keyring", "/user", "true, or SERVICE/USER"),
        ("keyring", "a/b\nc", "true, or SERVICE/USER"),
        ("key_command", "", "a program with its arguments"),
        ("key_command", [], "a program with its arguments"),
        ("key_command", ["op", 5], "a program with its arguments"),
        ("key_command", "op 'read", "a program with its arguments"),
        ("key_command", "./key.sh", "by its name or absolute path"),
        ("key_command", "bin/key", "by its name or absolute path"),
        ("key_command", ["echo", CANARY], "with no key among them"),
        ("key_command", PLAIN_CANARY, "a program with its arguments"),
        ("provider", "a b", "a name of letters"),
        ("provider", 5, "a name of letters"),
    ],
)  # fmt: skip
def test_an_entry_with_a_mistake_is_named_and_its_place_is_taken_by_no_other(
    file: Path, field: str, value: object, allowed: str
) -> None:
    config = load(file, providers=[ANTHROPIC | {field: value}, {"name": "other", "key_env": "OTHER"}])
    said = message(config)
    assert said.startswith(f"{file}: api_keys.providers[0].{field} is ")
    assert allowed in said
    assert said.endswith("; no key is looked for there")
    placeless, other = config.get("api_keys.providers")
    assert (placeless.name, placeless.key_env, placeless.keyring, placeless.key_command) == ("anthropic", "", "", ())
    assert other == KeyEntry("other", "other", key_env="OTHER")
    assert config.get("api_keys.default") == "anthropic"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key_env": "A"}, ".name is missing; allowed is a name of letters"),
        ({"name": "a b", "key_env": "A"}, ".name is a text (not shown); allowed is a name of letters"),
        ({"name": CANARY, "key_env": "A"}, ".name is a text (not shown)"),
        ({"name": PLAIN_CANARY, "key_env": "A"}, ".name is a text (not shown)"),
        ({"name": "a"}, " says nowhere to look for its key; allowed is key_env, keyring or key_command"),
        ("anthropic", " is a text (not shown); allowed are keys and values: name, provider, key_env, "),
        (5, " is a number or date (not shown); allowed are keys and values"),
        (None, " is empty; allowed are keys and values"),
    ],
)
def test_what_is_no_entry_is_named(file: Path, given: object, said: str) -> None:
    assert f"{file}: api_keys.providers[1]{said}" in message(load(file, providers=[ANTHROPIC, given]))


def test_a_name_counts_once(file: Path) -> None:
    config = load(file, providers=[ANTHROPIC, {"name": "anthropic", "key_env": "SECOND"}])
    assert config.get("api_keys.providers") == DEFAULT_ENTRIES
    assert "providers[1].name is anthropic, which is taken" in message(config)


@pytest.mark.parametrize("field", ["key", "api_key", "api-key", "API_KEY", "token", "value"])
def test_a_key_written_into_the_file_is_refused_in_words_that_do_not_repeat_it(file: Path, field: str) -> None:
    config = load(file, providers=[{"name": "anthropic", field: PLAIN_CANARY}])
    said = message(config)
    assert f"providers[0].{field} would be a key kept in this file, which is not read; take it out" in said
    assert "key_env" in said
    assert "; no key is looked for there" in said
    assert PLAIN_CANARY not in said
    beside = load(file, providers=[ANTHROPIC | {field: PLAIN_CANARY}])
    assert beside.get("api_keys.providers") == DEFAULT_ENTRIES
    assert "no key is looked for there" not in message(beside)


def test_an_unknown_field_is_named_and_the_entry_counts(file: Path) -> None:
    config = load(file, providers=[ANTHROPIC | {"comment": "mine"}])
    assert config.get("api_keys.providers") == DEFAULT_ENTRIES
    assert "providers[0].comment is not known; known are name, provider, " in message(config)


@pytest.mark.parametrize("keys", [CANARY, [CANARY], {"default": CANARY}, {"providers": CANARY}, {CANARY: 1}])
def test_what_is_written_in_the_place_of_settings_is_not_repeated(file: Path, keys: object) -> None:
    for canary in (CANARY, PLAIN_CANARY):
        file.write_text(yaml.safe_dump({"api_keys": keys}).replace(CANARY, canary))
        assert canary not in message(load_config(file, {}))


@pytest.mark.parametrize("value", ["x", 5, {"name": "a"}, None, True])
@pytest.mark.parametrize("key", ["providers", "workspaces"])
def test_what_is_no_list_is_named_and_the_default_is_used(file: Path, key: str, value: object) -> None:
    config = load(file, **{key: value})
    assert f"{file}: api_keys.{key} is " in message(config)
    assert "; allowed is a list as shown under Keys; using [" in message(config)
    assert config.get("api_keys.providers") == DEFAULT_ENTRIES
    assert config.get("api_keys.workspaces") == ()


def test_a_default_that_names_nothing_is_named(file: Path) -> None:
    config = load(file, default="antropic", providers=[ANTHROPIC])
    assert message(config) == (
        f"{file}: api_keys.default is antropic, which api_keys.providers does not hold; using anthropic"
    )
    assert config.get("api_keys.default") == "anthropic"


def test_a_default_may_be_a_provider(file: Path) -> None:
    config = load(file, default="anthropic", providers=[{"name": "work", "provider": "anthropic", "keyring": True}])
    assert (config.messages, config.get("api_keys.default")) == ((), "anthropic")


def test_without_a_word_about_the_default_the_first_entry_is_it(file: Path) -> None:
    config = load(file, providers=[{"name": "openai", "key_env": "OPENAI_API_KEY"}])
    assert (config.messages, config.get("api_keys.default")) == ((), "openai")


@pytest.mark.parametrize(
    ("rule", "said", "kept"),
    [
        ({"path": "/w", "name": "anthropic"}, "", [WorkspaceKey("/w", "anthropic")]),
        ({"path": "~/w", "name": "anthropic"}, "", [WorkspaceKey("~/w", "anthropic")]),
        ({"path": "~", "name": "anthropic"}, "", [WorkspaceKey("~", "anthropic")]),
        (
            {"path": "/w", "name": "work"},
            "[0].name is work, which api_keys.providers does not hold; no key is used there",
            [WorkspaceKey("/w", "work")],
        ),
        ({"path": "/w"}, "[0].name is missing; allowed is a name", [WorkspaceKey("/w", "")]),
        ({"path": "/w", "name": "a b"}, "[0].name is a text (not shown); allowed is", [WorkspaceKey("/w", "")]),
        ({"path": "w", "name": "anthropic"}, "[0].path is a text (not shown); allowed is an absolute path", []),
        ({"path": "~other/w", "name": "anthropic"}, "[0].path is a text (not shown); allowed is an absolute path", []),
        ({"name": "anthropic"}, "[0].path is missing; allowed is an absolute path", []),
        ("/w", "[0] is a text (not shown); allowed are keys and values: path, name; it counts for no folder", []),
        (
            {"path": "/w", "name": "anthropic", "provider": "x"},
            "[0].provider is not known; known are path, name",
            [WorkspaceKey("/w", "anthropic")],
        ),
    ],
)
def test_the_key_of_a_folder(file: Path, rule: object, said: str, kept: list[WorkspaceKey]) -> None:
    config = load(file, workspaces=[rule])
    assert list(config.get("api_keys.workspaces")) == kept
    if said:
        assert message(config).startswith(f"{file}: api_keys.workspaces{said}")
    else:
        assert config.messages == ()


# Who may say it


@pytest.mark.parametrize(
    "keys",
    [
        {"providers": [{"name": "anthropic", "key_command": "evil"}]},
        {"default": "openai"},
        {"workspaces": [{"path": "/", "name": "anthropic"}]},
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_editor_says_nothing_about_keys(file: Path, keys: dict[str, object], wrapped: bool) -> None:
    settings = {"prompt_management_agent": {}, "api_keys": keys} if wrapped else {"api_keys": keys}
    config = load_config(file, {}, editor=settings)
    assert message(config) == f"{EDITOR}: api_keys.{next(iter(keys))} is read from the configuration file only"
    assert all(config.values[key].origin == "default" for key in config.values)


def test_a_variable_says_nothing_about_keys(file: Path) -> None:
    environ = {"OPTAFLY_API_KEYS_DEFAULT": "openai", "OPTAFLY_API_KEYS_PROVIDERS": CANARY}
    config = load_config(file, environ)
    assert config.messages == (
        "OPTAFLY_API_KEYS_DEFAULT: api_keys.default is read from the configuration file only",
        "OPTAFLY_API_KEYS_PROVIDERS: api_keys.providers is read from the configuration file only",
    )
    assert config.get("api_keys.providers") == DEFAULT_ENTRIES


FIELDS = st.sampled_from(["name", "provider", "key_env", "keyring", "key_command", "path", "key", "x", CANARY])
VALUES = st.sampled_from([CANARY, PLAIN_CANARY, f"echo {CANARY}", f"x/{PLAIN_CANARY}"])
ITEMS = st.lists(
    VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(FIELDS, VALUES | st.lists(VALUES, max_size=2), max_size=5),
    max_size=3,
)
ANY = st.fixed_dictionaries({}, optional={"default": VALUES, "providers": ITEMS, "workspaces": ITEMS, CANARY: VALUES})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=ANY)
def test_however_keys_are_mixed_into_these_settings_no_message_repeats_one(file: Path, keys: dict[str, object]) -> None:
    config = load(file, **keys)
    said = " ".join(config.messages)
    assert CANARY not in said
    assert PLAIN_CANARY not in said
