"""Settings: every key, where it comes from, and that nothing in a file can make OptaFly fall over."""

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optafly.config import (
    BY_KEY,
    EDITOR,
    SECTION,
    SETTINGS,
    Config,
    Value,
    load_config,
)
from optafly.config_file import LARGEST_FILE_BYTES
from optafly.routing.key_entries import KeyEntry

DEFAULTS = {setting.key: setting.default for setting in SETTINGS}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prompt-manager-config.yaml"


def load(file: Path, content: object, environ: Mapping[str, str] | None = None, flags: Any = None) -> Config:
    """The settings with this as the file: bytes, text, or the section's keys and values."""
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content if isinstance(content, str) else yaml.safe_dump({SECTION: content}), "utf-8")
    return load_config(file, environ or {}, flags)


def values(config: Config) -> dict[str, Any]:
    return {key: config.get(key) for key in DEFAULTS}


def nested(key: str, value: object) -> dict[str, object]:
    for part in reversed(key.split(".")):
        value = {part: value}
    assert isinstance(value, dict)
    return value


def load_key(file: Path, key: str, value: object) -> Config:
    """The settings with this value in the section of its key."""
    return load(file, yaml.safe_dump(nested(BY_KEY[key].name, value)))


def message(config: Config) -> str:
    (only,) = config.messages
    assert "\n" not in only
    return only


# Every key: what it takes and what it does not

FLAGS_GOOD: list[tuple[object, object]] = [
    (True, True),
    (False, False),
    ("yes", True),
    ("Off", False),
    ("1", True),
    ("0", False),
    ("TRUE", True),
]
FLAGS_BAD: list[object] = [None, 1, 0, 0.0, "maybe", "", [True], {"a": True}]
ALWAYS_ON_GOOD: list[tuple[object, object]] = [(True, True), ("yes", True)]
ANYTHING_ELSE: list[object] = [None, True, [1], {"a": 1}, "", "often", "0x10", ".5.", math.nan]
GOOD: dict[str, list[tuple[object, object]]] = {
    "enabled": FLAGS_GOOD,
    "model": [("phi-3-mini-q4", "phi-3-mini-q4"), (" tinyllama-q4 ", "tinyllama-q4"), (os.devnull, os.devnull)],
    "device": [("auto", "auto"), ("cpu", "cpu"), ("cuda:0", "cuda:0"), ("metal", "metal"), (" cpu ", "cpu")],
    "refinement_threshold": [(0, 0.0), (1, 1.0), (0.25, 0.25), ("0.5", 0.5), ("1e-1", 0.1)],
    "auto_approve_safe_refinements": FLAGS_GOOD,
    "time_limit_s": [(0.1, 0.1), (600, 600.0), ("2.5", 2.5)],
    "idle_unload_s": [(1, 1.0), (86400, 86400.0), ("60", 60.0)],
    "private_files": [([], ()), (["*.sql", "d/"], ("*.sql", "d/")), ("*.sql, d/ ,", ("*.sql", "d/")), ("", ())],
    "context_gathering.include_active_file": FLAGS_GOOD,
    "context_gathering.include_selection": FLAGS_GOOD,
    "context_gathering.include_project_structure": FLAGS_GOOD,
    "core.idle_exit_s": [(1, 1.0), ("86400", 86400.0)],
    "proxy.enabled": FLAGS_GOOD,
    "proxy.port": [(0, 0), (65535, 65535), ("8765", 8765)],
    "proxy.upstream": [("https://gateway.example/x/", "https://gateway.example/x"), ("http://127.0.0.1:1",) * 2],
    "core.port": [(0, 0), (65535, 65535), ("8123", 8123)],
    "editor.comment_marker": [("AI:", "AI:"), (" @claude ", "@claude")],
    "editor.work_ahead": FLAGS_GOOD,
    "editor.offer_model": FLAGS_GOOD,
    "context_gathering.max_context_tokens": [(0, 0), (100_000, 100_000), ("512", 512), (512.0, 512)],
    "router.enabled": FLAGS_GOOD,
    "router.cache_anchor_optimization": FLAGS_GOOD,
    "router.token_optimization": FLAGS_GOOD,
    "router.routing_strategy": [(word, word.strip()) for word in ("auto", "aggressive_cache", " minimize_latency ")],
    "semantic_cache.enabled": FLAGS_GOOD,
    "semantic_cache.similarity_threshold": [(0, 0.0), (1, 1.0), ("0.85", 0.85)],
    "semantic_cache.verifier_threshold": [(0, 0.0), (1, 1.0), ("0.85", 0.85)],
    "semantic_cache.ttl_s": [(1, 1.0), (31_536_000, 31_536_000.0), ("3600", 3600.0)],
    "sending.model": [("claude-opus-5-5", "claude-opus-5-5"), (" claude-haiku-5-5 ", "claude-haiku-5-5")],
    "sending.max_tokens": [(1, 1), (200_000, 200_000), ("4096", 4096)],
    "sending.base_url": [("https://gateway.example/x/", "https://gateway.example/x"), ("http://127.0.0.1:1",) * 2],
    "mcp.without_editor": [("refined", "refined"), ("original", "original")],
    "mcp.on_timeout": [("refined", "refined"), ("original", "original")],
    "mcp.time_limit_s": [(1, 1.0), (3600, 3600.0), ("2.5", 2.5)],
    "mcp.http": FLAGS_GOOD,
    "acp.start_time_limit_s": [(1, 1.0), (3600, 3600.0), ("2.5", 2.5)],
    "acp.time_limit_s": [(0.1, 0.1), (600, 600.0), ("2.5", 2.5)],
    "stats.keep_days": [(0, 0), (3650, 3650), ("30", 30)],
    "semantic_cache.max_entries": [(1, 1), (1_000_000, 1_000_000), ("500", 500)],
    "semantic_cache.max_mb": [(1, 1), (100_000, 100_000), ("64", 64)],
    "pyo3_bridge.connection_pool_size": [(1, 1), (64, 64), ("8", 8)],
    "pyo3_bridge.gil_optimization": ALWAYS_ON_GOOD,
    "pyo3_bridge.zero_copy_transfers": ALWAYS_ON_GOOD,
}  # fmt: skip
BAD: dict[str, list[object]] = {
    "enabled": FLAGS_BAD,
    "model": [None, 3, "", "  ", "gpt-5", "no/file.gguf", "~no-such-user/x.gguf", "a\0b", ["smollm2-135m"], {"a": 1}],
    "device": [None, 0, "", "gpu", "cuda", "cuda:", "cuda:1000", "CPU:0", ["cpu"]],
    "refinement_threshold": [*ANYTHING_ELSE, -0.1, 1.1, "2", math.inf],
    "auto_approve_safe_refinements": FLAGS_BAD,
    "time_limit_s": [*ANYTHING_ELSE, 0, 0.09, 601, -1, math.inf],
    "idle_unload_s": [*ANYTHING_ELSE, 0, 86401, -math.inf],
    "private_files": [None, 3, True, [1], [""], ["*.sql", None], ["!.env"], "*.sql, !.env", {"a": 1}],
    "context_gathering.include_active_file": FLAGS_BAD,
    "context_gathering.include_selection": FLAGS_BAD,
    "context_gathering.include_project_structure": FLAGS_BAD,
    "core.idle_exit_s": [*ANYTHING_ELSE, 0, 86401],
    "proxy.enabled": FLAGS_BAD,
    "proxy.port": [*ANYTHING_ELSE, -1, 65536, 1.5],
    "proxy.upstream": [*ANYTHING_ELSE, "api.anthropic.com", "http://api.anthropic.com", "https://a:b@c", "https://a?b=c"],
    "core.port": [*ANYTHING_ELSE, -1, 65536, 0.5],
    "editor.comment_marker": [None, 1, True, "", "  ", "a\nb", "x" * 61, ["AI:"], {"a": 1}],
    "editor.work_ahead": FLAGS_BAD,
    "editor.offer_model": FLAGS_BAD,
    "context_gathering.max_context_tokens": [*ANYTHING_ELSE, -1, 100_001, 0.5, "0.5", 10**400, math.inf, "9" * 5000],
    "router.enabled": FLAGS_BAD,
    "router.cache_anchor_optimization": FLAGS_BAD,
    "router.token_optimization": FLAGS_BAD,
    "router.routing_strategy": [None, 1, True, "", "AUTO", "aggressive", ["auto"], {"auto": 1}],
    "semantic_cache.enabled": FLAGS_BAD,
    "semantic_cache.similarity_threshold": [*ANYTHING_ELSE, -0.1, 1.1],
    "semantic_cache.verifier_threshold": [*ANYTHING_ELSE, -0.1, 1.1],
    "semantic_cache.ttl_s": [*ANYTHING_ELSE, 0, 31_536_001],
    "sending.model": [None, 1, True, "", " ", "two\nlines", "x" * 61, ["a"], {"a": 1}],
    "sending.max_tokens": [*ANYTHING_ELSE, 0, 200_001, 1.5],
    "sending.base_url": [*ANYTHING_ELSE, "api.anthropic.com", "http://api.anthropic.com", "https://a:b@c", "https://a?b=c"],
    "mcp.without_editor": [*ANYTHING_ELSE, "send refined"],
    "mcp.on_timeout": [*ANYTHING_ELSE, "send refined"],
    "mcp.time_limit_s": [*ANYTHING_ELSE, 0.9, 3601, math.inf],
    "mcp.http": FLAGS_BAD,
    "acp.start_time_limit_s": [*ANYTHING_ELSE, 0, 0.9, 3601, math.inf],
    "acp.time_limit_s": [*ANYTHING_ELSE, 0, 0.09, 601, -1, math.inf],
    "stats.keep_days": [*ANYTHING_ELSE, -1, 3651, 0.5],
    "semantic_cache.max_entries": [*ANYTHING_ELSE, 0, 1_000_001, 0.5],
    "semantic_cache.max_mb": [*ANYTHING_ELSE, 0, 100_001, 0.5],
    "pyo3_bridge.connection_pool_size": [*ANYTHING_ELSE, 0, 65, 1.5],
    "pyo3_bridge.gil_optimization": [*FLAGS_BAD, False, "off"],
    "pyo3_bridge.zero_copy_transfers": [*FLAGS_BAD, False, "off"],
}  # fmt: skip
# Where keys are has a file of tests of its own: test_config_keys.py.
OF_KEYS = {"api_keys.default", "api_keys.providers", "api_keys.workspaces"}


def test_every_key_is_tried() -> None:
    assert set(GOOD) == set(BAD) == set(DEFAULTS) - OF_KEYS


@pytest.mark.parametrize(("key", "given", "expected"), [(key, *pair) for key, pairs in GOOD.items() for pair in pairs])
def test_a_good_value_is_taken(file: Path, key: str, given: object, expected: object) -> None:
    config = load_key(file, key, given)

    assert config.messages == ()
    assert values(config) == DEFAULTS | {key: expected}
    assert type(config.get(key)) is type(expected)
    assert config.values[key].origin == str(file)


@pytest.mark.parametrize(("key", "given"), [(key, value) for key, bad in BAD.items() for value in bad])
def test_a_bad_value_is_named_and_the_default_is_used(file: Path, key: str, given: object) -> None:
    config = load_key(file, key, given)

    assert values(config) == DEFAULTS
    assert config.values[key].origin == "default"
    said = message(config)
    assert said.startswith(f"{file}: {BY_KEY[key].name} is ")
    assert f"; allowed is {BY_KEY[key].allowed}; using " in said
    assert len(said) < 400


@pytest.mark.parametrize(
    ("key", "given", "shown"),
    [
        ("enabled", "maybe", 'is "maybe"; allowed is true or false; using true'),
        ("refinement_threshold", 3, "is 3; allowed is a number from 0 to 1; using 0.7"),
        ("enabled", None, "is null; allowed is true or false; using true"),
        ("device", ["a" * 100], 'is ["' + "a" * 55 + "...; allowed is auto, cpu, cuda:N or metal; using "),
        (
            "private_files",
            ["!.env"],
            'is ["!.env"]; allowed is a list of patterns as in .gitignore, none of them with !',
        ),
    ],
)
def test_values_are_shown_as_yaml_takes_them(file: Path, key: str, given: object, shown: str) -> None:
    assert shown in message(load(file, nested(key, given)))


def test_one_bad_value_leaves_the_others(file: Path) -> None:
    config = load(file, {"enabled": "maybe", "device": "cpu", "time_limit_s": -1, "model": "tinyllama-q4"})

    assert len(config.messages) == 2
    assert values(config) == DEFAULTS | {"device": "cpu", "model": "tinyllama-q4"}


# The editor's settings


@pytest.mark.parametrize("settings", [{"device": "cpu"}, {SECTION: {"device": "cpu"}}])
def test_the_editor_counts_more_than_the_file_and_less_than_the_environment(file: Path, settings: object) -> None:
    file.write_text(yaml.safe_dump({SECTION: {"device": "metal", "time_limit_s": 3}}), "utf-8")
    config = load_config(file, {}, editor=settings)
    assert (config.get("device"), config.values["device"].origin) == ("cpu", EDITOR)
    assert config.get("time_limit_s") == 3
    assert load_config(file, {"OPTAFLY_DEVICE": "auto"}, editor=settings).get("device") == "auto"


@pytest.mark.parametrize(
    ("settings", "patterns"),
    [
        ([], ("*.sql", "d/")),
        (["d/", "notes/"], ("*.sql", "d/", "notes/")),
        ("a, b", ("*.sql", "d/", "a", "b")),
    ],
)
def test_no_settings_open_the_files_that_others_close(file: Path, settings: object, patterns: tuple[str, ...]) -> None:
    file.write_text(yaml.safe_dump({SECTION: {"private_files": ["*.sql", "d/"]}}), "utf-8")
    config = load_config(file, {}, editor={"private_files": settings})
    assert config.values["private_files"] == Value(patterns, f"{file}, {EDITOR}")
    environ = {"OPTAFLY_PRIVATE_FILES": "*.env.txt"}
    config = load_config(file, environ, {"private_files": ["z"]}, editor={"private_files": settings})
    assert config.values["private_files"] == Value(
        (*patterns, "*.env.txt", "z"), f"{file}, {EDITOR}, OPTAFLY_PRIVATE_FILES, flag"
    )


def test_a_wrong_list_leaves_the_others(file: Path) -> None:
    file.write_text(yaml.safe_dump({SECTION: {"private_files": ["*.sql"]}}), "utf-8")
    config = load_config(file, {}, editor={"private_files": ["!*.sql"]})
    assert config.values["private_files"] == Value(("*.sql",), str(file))
    assert message(config).startswith(f"{EDITOR}: ")


@pytest.mark.parametrize("settings", [{"device": "gpu"}, {"devise": "cpu"}, "cpu", ["cpu"], {SECTION: 1}, {"core": 1}])
def test_a_mistake_in_the_editors_settings_is_named(file: Path, settings: object) -> None:
    config = load_config(file, {}, editor=settings)
    assert message(config).startswith(f"{EDITOR}: ")
    assert values(config) == DEFAULTS


@pytest.mark.parametrize("settings", [None, {}, {SECTION: None}, {SECTION: {}}, {"core": None}])
def test_an_editor_need_not_have_settings(file: Path, settings: object) -> None:
    config = load_config(file, {}, editor=settings)
    assert (config.messages, values(config)) == ((), DEFAULTS)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"device": "gpu"}, 'device is "gpu"; allowed is auto, cpu, cuda:N or metal; using "auto"'),
        (
            {SECTION: {"device": "gpu"}},
            f'{SECTION}.device is "gpu"; allowed is auto, cpu, cuda:N or metal; using "auto"',
        ),
        ({"devise": "cpu"}, "unknown key devise; did you mean device?"),
        ({SECTION: {"devise": 1}}, f"unknown key {SECTION}.devise; did you mean {SECTION}.device?"),
        ({"core": 1}, "core is 1; it must hold keys and values"),
        ({"zzz": 1}, "unknown key zzz; docs/configuration.md has all keys"),
    ],
)
def test_a_mistake_in_the_editors_settings_is_named_as_it_is_written_there(
    file: Path, settings: object, said: str
) -> None:
    assert message(load_config(file, {}, editor=settings)) == f"{EDITOR}: {said}"


@pytest.mark.parametrize(
    ("above", "end"), [({"OPTAFLY_DEVICE": "cpu"}, "OPTAFLY_DEVICE counts instead"), ({}, 'using "auto"')]
)
def test_what_is_used_instead_is_what_counts(file: Path, above: dict[str, str], end: str) -> None:
    config = load_config(file, above, editor={"device": "gpu"})
    assert message(config).endswith(f"; {end}")
    config = load_config(file, {"OPTAFLY_DEVICE": "abc"}, editor={"device": "gpu"})
    assert [said.rpartition("; ")[2] for said in config.messages] == ['using "auto"'] * 2


# Keys and sections


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"modell": "x"}, f"unknown key {SECTION}.modell; did you mean {SECTION}.model?"),
        ({"refinement_treshold": 1}, f"did you mean {SECTION}.refinement_threshold?"),
        ({"context_gathering": {"include_files": True}}, "context_gathering.include_files; did you mean"),
        ({"zzz": 1}, "known keys: enabled, model, device, "),
        ({1: 2}, f"unknown key {SECTION}.1; known keys: "),
        ({"zz\n\x1b[31m": 1}, f'unknown key {SECTION}."zz\\n\\u001b[31m"; known keys: '),
        ({"z" * 1000: 1}, "zzz...; known keys: "),
        ({"context_gathering": 5}, f"{SECTION}.context_gathering is 5; it must hold keys and values"),
        ({"context_gathering": ["x"]}, f'{SECTION}.context_gathering is ["x"]; it must hold keys and values'),
        ({"model": {"name": "x"}}, f'{SECTION}.model is {{"name": "x"}}; allowed is a name of'),
    ],
)  # fmt: skip
def test_an_unknown_key_is_named_with_a_hint(file: Path, section: object, said: str) -> None:
    config = load(file, section)

    assert said in message(config)
    assert str(file) in message(config)
    assert values(config) == DEFAULTS


def test_keys_may_be_written_with_dots(file: Path) -> None:
    config = load(file, {"context_gathering.max_context_tokens": 100})
    assert config.messages == ()
    assert config.get("context_gathering.max_context_tokens") == 100


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "---\n", "null", f"{SECTION}:", f"{SECTION}: {{}}", f"{SECTION}:\n  context_gathering:\n"],
)
def test_an_empty_file_or_section_is_no_mistake(file: Path, text: str) -> None:
    config = load(file, text)
    assert config.messages == ()
    assert values(config) == DEFAULTS


def test_the_file_of_the_original_design_is_read_as_it_is(file: Path) -> None:
    config = load(
        file,
        """
        prompt_management_agent:
          enabled: true
          model: "phi-3-mini-q4"
          refinement_threshold: 0.7
          auto_approve_safe_refinements: false
          context_gathering:
            include_active_file: true
            include_selection: true
            include_project_structure: true
            max_context_tokens: 2048
        burn_lm_router:
          enabled: true
          cache_anchor_optimization: true
          token_optimization: true
          routing_strategy: "minimize_latency"
        pyo3_bridge:
          gil_optimization: true
          zero_copy_transfers: true
          connection_pool_size: 6
        api_keys:
          default: "anthropic"
          providers:
            - name: "anthropic"
              key_env: "ANTHROPIC_API_KEY"
            - name: "openai"  # Future support
              key_env: "OPENAI_API_KEY"
        """,
    )
    assert config.messages == ()
    changed = {
        "model": "phi-3-mini-q4",
        "router.routing_strategy": "minimize_latency",
        "pyo3_bridge.connection_pool_size": 6,
        "api_keys.providers": (
            KeyEntry("anthropic", "anthropic", key_env="ANTHROPIC_API_KEY"),
            KeyEntry("openai", "openai", key_env="OPENAI_API_KEY"),
        ),
    }
    assert values(config) == DEFAULTS | changed
    assert config.values["pyo3_bridge.gil_optimization"] == Value(value=True, origin=str(file))


# Sections beside the first one


@pytest.mark.parametrize("name", ["router", "burn_lm_router"])
def test_the_routers_section_has_two_names(file: Path, name: str) -> None:
    config = load(file, f"{name}: {{token_optimization: false, routing_strategy: fast, enabeld: true}}")
    assert config.get("router.token_optimization") is False
    assert config.messages == (
        f'{file}: {name}.routing_strategy is "fast"; allowed is auto, aggressive_cache or minimize_latency; '
        'using "auto"',
        f"{file}: unknown key {name}.enabeld; did you mean {name}.enabled?",
    )


def test_of_two_names_for_a_section_the_newer_counts_and_it_is_said(file: Path) -> None:
    config = load(file, "burn_lm_router: {enabled: false, token_optimization: false}\nrouter: {enabled: true}")
    assert (config.get("router.enabled"), config.get("router.token_optimization")) == (True, False)
    assert message(config) == f"{file}: burn_lm_router and router are the same section; what router says counts more"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("semantic_cache: 5", "semantic_cache must hold keys and values; using the defaults"),
        ("pyo3_bridge: [a]", "pyo3_bridge must hold keys and values; using the defaults"),
        ("router: {zzz: 1}", "unknown key router.zzz; known keys: enabled, cache_anchor_optimization, "),
        ("router: {device: cpu}", "unknown key router.device; "),
        ("semantic_cache: {ttl: 5}", "unknown key semantic_cache.ttl; did you mean semantic_cache.ttl_s?"),
        (f"{SECTION}: {{router: {{enabled: false}}}}", f"unknown key {SECTION}.router; it is a section of its own"),
        (f"{SECTION}: {{router.enabled: false}}", f"unknown key {SECTION}.router.enabled; it is a section of its own"),
        ("pyo3_bridge: {gil_optimization: false}", "is false; allowed is true (always on); using true"),
    ],
)
def test_a_mistake_in_another_section_is_named(file: Path, content: str, said: str) -> None:
    config = load(file, content)
    assert said in message(config)
    assert message(config).startswith(f"{file}: ")
    assert values(config) == DEFAULTS


@pytest.mark.parametrize(
    "settings",
    [
        {"router": {"routing_strategy": "minimize_latency"}, "device": "cpu"},
        {"burn_lm_router": {"routing_strategy": "minimize_latency"}, SECTION: {"device": "cpu"}},
    ],
)
def test_an_editors_settings_have_the_other_sections_beside_its_own(file: Path, settings: object) -> None:
    config = load_config(file, {}, editor=settings)
    assert config.messages == ()
    assert values(config) == DEFAULTS | {"router.routing_strategy": "minimize_latency", "device": "cpu"}


@pytest.mark.parametrize("key", [setting.key for setting in SETTINGS if setting.origins == "person"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_all_windows_share_is_not_among_an_editors_settings(file: Path, key: str, wrapped: bool) -> None:
    text, expected = next(pair for pair in GOOD[key] if isinstance(pair[0], str))
    settings = nested(BY_KEY[key].name if wrapped else key, text)
    config = load_config(file, {}, editor=settings)
    written = BY_KEY[key].name if wrapped else key
    assert message(config) == (
        f"{EDITOR}: {written} is not among an editor's settings; set it in the configuration file, or by "
        f"{BY_KEY[key].variable}"
    )
    assert values(config) == DEFAULTS
    assert load_config(file, {BY_KEY[key].variable: str(text)}, editor={}).get(key) == expected


@pytest.mark.parametrize("where", ["a section", "a key", "a value", "a list", "an alias", "the editor", "a variable"])
def test_a_key_written_anywhere_is_not_repeated(file: Path, where: str) -> None:
    key = "sk-ant-api03-" + "Ab3dE6gH9j" * 4
    environ: dict[str, str] = {}
    editor: object = None
    if where == "a variable":
        environ = {"OPTAFLY_MODEL": key, "OPTAFLY_DEVICE": key}
    elif where == "the editor":
        editor = {key: key, "device": key, "router": {"routing_strategy": key}, "core": key}
    file.write_text(
        {
            "a section": f"{key}: 1",
            "a key": f"{SECTION}: {{{key}: 1}}\nrouter: {{{key}: 1}}",
            "a value": f"{SECTION}: {{device: {key}, core: {key}, model: '  {key}'}}\nrouter: {key}",
            "a list": f"{SECTION}: {{private_files: ['!{key}'], device: [{key}, {{a: {key}}}]}}",
            "an alias": f"{SECTION}: {{device: &{key} cpu, model: *{key}}}",
        }.get(where, "")
    )
    config = load_config(file, environ, editor=editor)
    assert config.messages
    assert "Ab3dE6gH9j" not in " ".join(config.messages)


def test_an_unknown_section_is_named(file: Path) -> None:
    config = load(file, "promt_management_agent:\n  enabled: false\n")
    said = message(config)
    assert "unknown section promt_management_agent; known are " in said
    assert SECTION in said
    assert config.get("enabled") is True


# The file itself


def test_a_missing_file_is_no_mistake(tmp_path: Path) -> None:
    config = load_config(tmp_path / "no" / "file.yaml", {})
    assert config.messages == ()
    assert all(value.origin == "default" for value in config.values.values())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{SECTION}:\n  enabled: [\n", "is not valid YAML in line 3"),
        (f"{SECTION}:\n\tenabled: true\n", "is not valid YAML in line 2"),
        ("a: b: c", "is not valid YAML in line 1"),
        ("a: 1\n---\nb: 2\n", "is not valid YAML in line 2"),
        ("a: \x07", "is not valid YAML"),
        ("a: !!python/object/apply:os.system [echo]", "is not valid YAML in line 1"),
        ("? [a]\n: 1", "is not valid YAML in line 1"),
        (b"\xff\xfea\x00", "cannot be read (it is not UTF-8 text)"),
        ("model: smollm2".encode("utf-16"), "cannot be read (it is not UTF-8 text)"),
        ("just words", f"must hold a section {SECTION}"),
        ("- a\n- b\n", f"must hold a section {SECTION}"),
        ("5", f"must hold a section {SECTION}"),
        (f"{SECTION}: yes please", f"{SECTION} must hold keys and values"),
        (f"{SECTION}: [enabled]", f"{SECTION} must hold keys and values"),
        ("a: &a [x]\nb: *a\n", "must not use aliases"),
        ("a: &a [*a]\n", "must not use aliases"),
        (f"{SECTION}: &a\n  context_gathering: *a\n", "must not use aliases"),
        ("[" * 5000, "is not valid YAML in line 1"),
        ("[" * 5000 + "]" * 5000, "is nested too deeply"),
        ("{a: " * 5000 + "}" * 5000, "is nested too deeply"),
        (f"{SECTION}:\n  enabled: 2024-13-45\n", "a value is not what its tag or form says"),
        ("a: !!timestamp soon", "a value is not what its tag or form says"),
        ("a: !!bool maybe", "a value is not what its tag or form says"),
        ("a: !!int many", "a value is not what its tag or form says"),
        ("a: " + "9" * 5000, "a value is not what its tag or form says"),
        ("# " + "x" * LARGEST_FILE_BYTES, f"is larger than {LARGEST_FILE_BYTES // 1024} KiB"),
    ],
    ids=lambda value: "" if isinstance(value, str) and len(value) > 60 else None,
)
def test_a_file_that_cannot_be_used_is_named_and_the_defaults_are_used(
    file: Path, content: object, reason: str
) -> None:
    config = load(file, content)

    assert reason in message(config)
    assert message(config).startswith(f"{file}: ")
    assert message(config).endswith("; using the defaults")
    assert values(config) == DEFAULTS


def test_a_bomb_of_aliases_is_refused_before_it_grows(file: Path) -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    config = load(file, "\n".join([*lines, f"{SECTION}: {{model: *a29}}"]))
    assert "must not use aliases (*name)" in message(config)


def test_a_byte_order_mark_is_passed_over(file: Path) -> None:
    config = load(file, f"\ufeff{SECTION}:\n  device: cpu\n".encode())
    assert config.messages == ()
    assert config.get("device") == "cpu"


def test_a_folder_in_its_place_is_named(file: Path) -> None:
    file.mkdir()
    assert load_config(file, {}).messages == (f"{file}: is not a file; using the defaults",)


def test_a_pipe_in_its_place_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    assert load_config(file, {}).messages == (f"{file}: is not a file; using the defaults",)


def test_a_file_in_the_place_of_its_folder_is_named(file: Path) -> None:
    file.write_text("")
    assert "cannot be read (Not a directory)" in message(load_config(file / "config.yaml", {}))


def test_an_unreadable_file_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    file.write_text("")
    monkeypatch.setattr(Path, "open", refuse)  # permissions do not stop root, who may run these tests
    assert message(load_config(file, {})) == f"{file}: cannot be read (Permission denied); using the defaults"


# Precedence


@pytest.mark.parametrize("key", list(GOOD))
def test_every_key_has_a_variable(file: Path, key: str) -> None:
    text, expected = next(pair for pair in GOOD[key] if isinstance(pair[0], str))
    variable = "OPTAFLY_" + key.upper().replace(".", "_")
    config = load(file, {}, {variable: str(text)})

    assert BY_KEY[key].variable == variable
    assert values(config) == DEFAULTS | {key: expected}
    assert config.values[key].origin == variable


def test_a_bad_variable_is_named_and_what_was_set_before_stays(file: Path) -> None:
    config = load(file, {"device": "cpu"}, {"OPTAFLY_DEVICE": "gpu", "OPTAFLY_ENABLED": ""})

    assert config.messages == (
        'OPTAFLY_ENABLED: prompt_management_agent.enabled is ""; allowed is true or false; using true',
        'OPTAFLY_DEVICE: prompt_management_agent.device is "gpu"; allowed is auto, cpu, cuda:N or metal; using "cpu"',
    )
    assert config.values["device"].origin == str(file)


def test_flags_win_over_variables_over_the_file_over_defaults(file: Path) -> None:
    content = {"device": "cpu", "time_limit_s": 1, "idle_unload_s": 1}
    environ = {"OPTAFLY_TIME_LIMIT_S": "2", "OPTAFLY_IDLE_UNLOAD_S": "2", "OTHER": "x"}
    config = load(file, content, environ, {"idle_unload_s": 3})

    assert [config.values[key].origin for key in ("enabled", "device", "time_limit_s", "idle_unload_s")] == [
        "default", str(file), "OPTAFLY_TIME_LIMIT_S", "flag",
    ]  # fmt: skip
    assert [config.get(key) for key in ("device", "time_limit_s", "idle_unload_s")] == ["cpu", 2.0, 3.0]
    assert config.messages == ()


def test_the_defaults_are_values_that_are_allowed() -> None:
    for setting in SETTINGS:
        default = msgspec.to_builtins(setting.default)
        assert setting.accept(list(default) if isinstance(default, tuple) else default) == setting.default


# Anything at all

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates() | st.binary(max_size=4)
)
NAMES = [
    "context_gathering",
    "zz",
    "router",
    "api_keys",
    "providers",
    "workspaces",
    "name",
    "key_env",
    "key_command",
    "path",
]
KEYS = st.sampled_from([*DEFAULTS, *NAMES]) | PLAIN
TREES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=10
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=TREES
    | st.fixed_dictionaries({SECTION: TREES})
    | st.fixed_dictionaries({"api_keys": st.fixed_dictionaries({"providers": TREES, "workspaces": TREES})})
    | st.fixed_dictionaries({"api_keys": st.fixed_dictionaries({"providers": st.lists(TREES), "default": PLAIN})})
)
def test_no_yaml_makes_it_fall_over(file: Path, tree: object) -> None:
    config = load(file, yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "replace"))
    assert all("\n" not in said for said in config.messages)
    assert set(config.values) == set(DEFAULTS)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200) | st.text(alphabet=": -[]{}&*!|>'\"%@`#,?\n\tab1.~", max_size=60).map(str.encode))
def test_no_bytes_make_it_fall_over(file: Path, data: bytes) -> None:
    assert set(load(file, data).values) == set(DEFAULTS)
