"""Settings: defaults, overridden by the configuration file, by the environment, by flags."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from optafly.errors import ConfigError
from optafly.settings import BY_KEY, LONGEST_SHOWN, SETTINGS, Setting

__all__ = ["BY_KEY", "SETTINGS", "Config", "Setting", "Value", "load_config"]

EDITOR: Final = "the editor's settings"
SECTION: Final = "prompt_management_agent"
# Sections of the original design that later parts of OptaFly read; accepted so that one file serves all of them.
OTHER_SECTIONS: Final = frozenset({"router", "burn_lm_router", "pyo3_bridge", "api_keys"})
# Settings are a page of text; a megabyte of YAML would take seconds to read.
LARGEST_FILE_BYTES: Final = 65_536


class Value(msgspec.Struct, frozen=True):
    """A setting's value with where it came from."""

    value: Any
    origin: str


class Config(msgspec.Struct, frozen=True):
    """All settings, and one message for each value that was not accepted."""

    values: Mapping[str, Value]
    messages: tuple[str, ...] = ()

    def get(self, key: str) -> Any:
        """The value of a setting."""
        return self.values[key].value


def load_config(
    file: Path,
    environ: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
    editor: object = None,
) -> Config:
    """Merge defaults, file, the editor's settings, environment and flags.

    What is not accepted becomes a message and the value before it stays. ``editor`` holds what the file's section
    does, or that section by its name.
    """
    values = {setting.key: Value(setting.default, "default") for setting in SETTINGS}
    messages: list[str] = []
    for key, value in _read_file(file, messages).items():
        _set(values, messages, key, value, str(file))
    prefix, given = _of_editor(editor, messages)
    for key, value in given.items():
        _set(values, messages, key, value, EDITOR, prefix, environ)
    for setting in SETTINGS:
        if setting.variable in environ:
            _set(values, messages, setting.key, environ[setting.variable], setting.variable)
    for key, value in (flags or {}).items():
        _set(values, messages, key, value, "flag")
    return Config(MappingProxyType(values), tuple(messages))


def _of_editor(settings: object, messages: list[str]) -> tuple[str, dict[str, Any]]:
    """What stands before the keys as the person wrote them, and the keys with their values."""
    prefix = ""
    if isinstance(settings, dict) and SECTION in settings:
        prefix, settings = f"{SECTION}.", settings[SECTION]
    if settings is None:
        return prefix, {}
    if not isinstance(settings, dict):
        messages.append(f"{EDITOR}: must hold keys and values; using the defaults")
        return prefix, {}
    return prefix, dict(_leaves(settings, ""))


def _set(
    values: dict[str, Value],
    messages: list[str],
    key: str,
    raw: Any,
    origin: str,
    prefix: str = f"{SECTION}.",
    above: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Take a value, or say why not; ``above`` is an environment that counts more."""
    setting = BY_KEY.get(key)
    name = f"{prefix}{_name(key)}"
    if setting is None and _is_section(key):
        messages.append(f"{origin}: {name} is {_shown(raw)}; it must hold keys and values")
        return
    if setting is None:
        import difflib  # noqa: PLC0415  only a mistaken key needs it

        close = difflib.get_close_matches(key[:LONGEST_SHOWN], BY_KEY, n=1)
        # A message in an editor is a few lines in a corner of the screen.
        known = "docs/configuration.md has all keys" if origin == EDITOR else f"known keys: {', '.join(BY_KEY)}"
        hint = f"did you mean {prefix}{close[0]}?" if close else known
        messages.append(f"{origin}: unknown key {name}; {hint}")
        return
    try:
        given = setting.accept(raw)
        if setting.adds and values[key].origin != "default":
            given = tuple(dict.fromkeys((*values[key].value, *given)))
            origin = f"{values[key].origin}, {origin}"
        values[key] = Value(given, origin)
    except (ValueError, OverflowError):
        used = f"using {_shown(values[key].value)}"
        if not setting.adds and _accepts(setting, above.get(setting.variable)):
            used = f"{setting.variable} counts instead"
        messages.append(f"{origin}: {name} is {_shown(raw)}; allowed is {setting.allowed}; {used}")


def _accepts(setting: Setting, raw: str | None) -> bool:
    if raw is None:
        return False
    try:
        setting.accept(raw)
    except (ValueError, OverflowError):
        return False
    return True


def _name(key: object) -> str:
    """A key as a message shows it: one short line, whatever it is."""
    text = str(key)
    return text if text.isprintable() and len(text) <= LONGEST_SHOWN else _shown(text)


def _shown(value: Any) -> str:
    """A value as YAML takes it, cut short; dates and such as text."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except TypeError:  # a mapping with keys that JSON does not have
        text = str(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def _read_file(file: Path, messages: list[str]) -> dict[str, Any]:
    try:
        content = _parse(_read_text(file))
    except FileNotFoundError:
        return {}
    except ConfigError as error:
        messages.append(f"{file}: {error}; using the defaults")
        return {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        messages.append(f"{file}: must hold a section {SECTION}; using the defaults")
        return {}
    known = sorted({SECTION, *OTHER_SECTIONS})
    messages += [
        f"{file}: unknown section {_name(section)}; known are {', '.join(known)}"
        for section in content
        if section not in known
    ]
    section = content.get(SECTION)
    if section is None:
        return {}
    if not isinstance(section, dict):
        messages.append(f"{file}: {SECTION} must hold keys and values; using the defaults")
        return {}
    return dict(_leaves(section, ""))


def _read_text(file: Path) -> str:
    try:
        if file.exists() and not file.is_file():
            raise ConfigError("is not a file")
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})") from None
    if len(data) > LARGEST_FILE_BYTES:
        raise ConfigError(f"is larger than {LARGEST_FILE_BYTES // 1024} KiB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("cannot be read (it is not UTF-8 text)") from None


def _parse(text: str) -> Any:
    import yaml  # noqa: PLC0415

    try:
        # Aliases let a short file stand for an endless or a huge one, and no setting needs them.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise ConfigError("must not use aliases (*name)")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise ConfigError(f"is not valid YAML{where}") from None
    except RecursionError:
        raise ConfigError("is nested too deeply") from None
    except (ValueError, KeyError, AttributeError):
        # PyYAML lets these through for tagged values, dates and numbers that are none: 2024-13-45, !!bool maybe.
        raise ConfigError("is not valid YAML (a value is not what its tag or form says)") from None


def _leaves(section: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Keys with their values; only what is known as a section is looked into."""
    for key, value in section.items():
        name = f"{prefix}{key}"
        if not _is_section(name):
            yield name, value
        elif isinstance(value, dict):
            yield from _leaves(value, f"{name}.")
        elif value is not None:
            yield name, value


def _is_section(key: str) -> bool:
    return any(known.startswith(f"{key}.") for known in BY_KEY)
