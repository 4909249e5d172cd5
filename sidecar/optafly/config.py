"""Settings: defaults, overridden by the configuration file, by the environment, by flags."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from optafly.config_file import read_yaml
from optafly.errors import ConfigError
from optafly.routing.key_entries import (
    KeySettings,
    holds_known_key,
    is_known,
    kind_of,
    may_hold_key,
    unknown_workspace_names,
)
from optafly.settings import (
    BY_KEY,
    LONGEST_SHOWN,
    OTHER_SECTIONS,
    SECTION,
    SECTION_ALIASES,
    SETTINGS,
    PartlyAccepted,
    Setting,
)

__all__ = ["BY_KEY", "OTHER_SECTIONS", "SECTION", "SETTINGS", "Config", "Setting", "Value", "load_config"]

_OTHERS: Final = frozenset({*OTHER_SECTIONS, *SECTION_ALIASES})
EDITOR: Final = "the editor's settings"
KEYS_SECTION: Final = "api_keys"


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


class _Section(msgspec.Struct, frozen=True):
    """A section: what stands before its keys where they were written, and what does in `BY_KEY`."""

    written: str = f"{SECTION}."
    inside: str = ""

    @property
    def known(self) -> dict[str, Setting]:
        """Its settings by their keys in `BY_KEY`."""
        start = self.inside or f"{SECTION}."
        return {setting.key: setting for setting in SETTINGS if setting.name.startswith(start)}

    def name(self, key: str) -> str:
        """A key as it was written, in one short line."""
        return f"{self.written}{_name(key.removeprefix(self.inside))}"


_Given = tuple[_Section, str, Any]
_AGENT: Final = _Section()


def load_config(
    file: Path,
    environ: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
    editor: object = None,
) -> Config:
    """Merge defaults, file, the editor's settings, environment and flags.

    What is not accepted becomes a message and the value before it stays. ``editor`` holds what the file's section
    `SECTION` does, or that section by its name, and the other sections by theirs.
    """
    values = {setting.key: Value(setting.default, "default") for setting in SETTINGS}
    messages: list[str] = []
    for section, key, value in _read_file(file, messages):
        _set(values, messages, key, value, str(file), section)
    for section, key, value in _of_editor(editor, messages):
        _set(values, messages, key, value, EDITOR, section, environ)
    for setting in SETTINGS:
        if setting.variable in environ:
            _set(values, messages, setting.key, environ[setting.variable], setting.variable, _section_of(setting))
    for key, value in (flags or {}).items():
        _set(values, messages, key, value, "flag", _section_of(BY_KEY[key]) if key in BY_KEY else _AGENT)
    _settle_keys(values, messages, file)
    return Config(MappingProxyType(values), tuple(messages))


def _of_editor(settings: object, messages: list[str]) -> Iterator[_Given]:
    if settings is None:
        return
    if not isinstance(settings, dict):
        messages.append(f"{EDITOR}: must hold keys and values; using the defaults")
        return
    written = f"{SECTION}." if SECTION in settings else ""
    own: object = settings[SECTION] if written else settings
    if isinstance(own, dict):
        own = {key: value for key, value in own.items() if written or key not in _OTHERS}
        yield from _leaves(own, _Section(written))
    elif own is not None:
        messages.append(f"{EDITOR}: must hold keys and values; using the defaults")
    yield from _of_others(settings, EDITOR, messages)


def _settle_keys(values: dict[str, Value], messages: list[str], file: Path) -> None:
    """See that the settings of keys name each other."""
    providers, default = values["api_keys.providers"], values["api_keys.default"]
    settings = KeySettings(default.value, providers.value, values["api_keys.workspaces"].value)
    if settings.entries and not is_known(settings.default, settings.entries):
        used = settings.entries[0].name
        if default.origin != "default":
            messages.append(
                f"{file}: api_keys.default is {settings.default}, which api_keys.providers does not hold; using {used}"
            )
        values["api_keys.default"] = Value(used, providers.origin)
    messages += [
        f"{file}: api_keys.workspaces{problem.where} {problem.what}" for problem in unknown_workspace_names(settings)
    ]


def _section(name: str) -> _Section:
    return _AGENT if name == SECTION else _Section(f"{name}.", f"{SECTION_ALIASES.get(name, name)}.")


def _section_of(setting: Setting) -> _Section:
    return _section(setting.name.partition(".")[0])


def _set(
    values: dict[str, Value],
    messages: list[str],
    key: str,
    raw: Any,
    origin: str,
    section: _Section = _AGENT,
    above: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Take a value, or say why not; ``above`` is an environment that counts more."""
    setting = section.known.get(key)
    name = section.name(key)
    if setting is None:
        messages.append(f"{origin}: {_unknown(section, key, raw, origin)}")
        return
    refusal = _refusal(setting, origin)
    if refusal:
        messages.append(f"{origin}: {name} {refusal}")
        return
    try:
        given = setting.accept(raw)
        if setting.adds and values[key].origin != "default":
            given = tuple(dict.fromkeys((*values[key].value, *given)))
            origin = f"{values[key].origin}, {origin}"
        values[key] = Value(given, origin)
    except PartlyAccepted as error:
        values[key] = Value(error.value, origin)
        messages += [f"{origin}: {name}{problem.where} {problem.what}" for problem in error.problems]
    except (ValueError, OverflowError):
        used = f"using {_shown(values[key].value)}"
        if not setting.adds and _accepts(setting, above.get(setting.variable)):
            used = f"{setting.variable} counts instead"
        messages.append(f"{origin}: {name} is {_shown(raw, key)}; allowed is {setting.allowed}; {used}")


def _refusal(setting: Setting, origin: str) -> str:
    """Why a setting is not taken from there: an editor's settings may be those of a project that was only opened."""
    if setting.origins == "file" and origin in {EDITOR, setting.variable}:
        return "is read from the configuration file only"
    if setting.origins == "person" and origin == EDITOR:
        return f"is not among an editor's settings; set it in the configuration file, or by {setting.variable}"
    return ""


def _unknown(section: _Section, key: str, raw: Any, origin: str) -> str:
    """What to say about a key that is no setting."""
    name, known = section.name(key), section.known
    if _holds_settings(key, known):
        return f"{name} is {_shown(raw, key)}; it must hold keys and values"
    if key.partition(".")[0] in _OTHERS and not section.inside:
        return f"unknown key {name}; it is a section of its own, beside {SECTION}"

    import difflib  # noqa: PLC0415  only a mistaken key needs it

    close = difflib.get_close_matches(key[:LONGEST_SHOWN], known, n=1)
    if close:
        return f"unknown key {name}; did you mean {section.name(close[0])}?"
    # A message in an editor is a few lines in a corner of the screen.
    if origin == EDITOR:
        return f"unknown key {name}; docs/configuration.md has all keys"
    return f"unknown key {name}; known keys: {', '.join(one.removeprefix(section.inside) for one in known)}"


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
    if may_hold_key(text):
        return "(a name that is not shown)"
    return text if text.isprintable() and len(text) <= LONGEST_SHOWN else _shown(text)


def _shown(value: Any, key: str = "") -> str:
    """A value as YAML takes it, cut short; only what kind it is where it may be a key in the wrong place."""
    if key.partition(".")[0] == KEYS_SECTION:
        return kind_of(value)
    try:
        text = json.dumps(value, ensure_ascii=False, default=_plain)
    except TypeError:  # a mapping with keys that JSON does not have
        text = str(value)
    if holds_known_key(text):
        return kind_of(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else str(value)


def _read_file(file: Path, messages: list[str]) -> Iterator[_Given]:
    try:
        content = read_yaml(file)
    except FileNotFoundError:
        return
    except ConfigError as error:
        messages.append(f"{file}: {error}; using the defaults")
        return
    if content is None:
        return
    if not isinstance(content, dict):
        messages.append(f"{file}: must hold a section {SECTION}; using the defaults")
        return
    known = sorted({SECTION, *_OTHERS})
    messages += [
        f"{file}: unknown section {_name(section)}; known are {', '.join(known)}"
        for section in content
        if section not in known
    ]
    own = content.get(SECTION)
    if isinstance(own, dict):
        yield from _leaves(own, _AGENT)
    elif own is not None:
        messages.append(f"{file}: {SECTION} must hold keys and values; using the defaults")
    yield from _of_others(content, str(file), messages)


def _of_others(content: Mapping[Any, Any], origin: str, messages: list[str]) -> Iterator[_Given]:
    """The settings of the other sections; of two names for one section the one that it has here counts more."""
    for name in (*SECTION_ALIASES, *OTHER_SECTIONS):
        section = content.get(name)
        if isinstance(section, dict):
            yield from _leaves(section, _section(name))
        elif section is not None:
            messages.append(f"{origin}: {name} must hold keys and values; using the defaults")
    for old, new in SECTION_ALIASES.items():
        if content.get(old) and content.get(new):
            messages.append(f"{origin}: {old} and {new} are the same section; what {new} says counts more")


def _leaves(content: Mapping[Any, Any], section: _Section, prefix: str | None = None) -> Iterator[_Given]:
    """Keys with their values; only what is known to hold settings is looked into."""
    prefix = section.inside if prefix is None else prefix
    known = section.known
    for key, value in content.items():
        name = f"{prefix}{key}"
        if not _holds_settings(name, known):
            yield section, name, value
        elif isinstance(value, dict):
            yield from _leaves(value, section, f"{name}.")
        elif value is not None:
            yield section, name, value


def _holds_settings(key: str, known: Iterable[str]) -> bool:
    return any(other.startswith(f"{key}.") for other in known)
