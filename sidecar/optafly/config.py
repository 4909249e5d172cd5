"""Settings: defaults, overridden by the configuration file, by the environment, by flags."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from optafly.errors import ConfigError, InputError

SECTION: Final = "prompt_management_agent"
# Sections of the original design that later parts of OptaFly read; accepted so that one file serves all of them.
OTHER_SECTIONS: Final = frozenset({"router", "burn_lm_router", "pyo3_bridge", "api_keys"})
ENVIRONMENT_PREFIX: Final = "OPTAFLY_"
# Settings are a page of text; a megabyte of YAML would take seconds to read.
LARGEST_FILE_BYTES: Final = 65_536
_LONGEST_SHOWN: Final = 60


class Setting(msgspec.Struct, frozen=True):
    """One setting.

    ``accept`` turns a value from a file, the environment or a flag into a valid one, or raises ValueError.
    """

    key: str
    default: Any
    allowed: str
    meaning: str
    accept: Callable[[Any], Any]

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return ENVIRONMENT_PREFIX + self.key.upper().replace(".", "_")


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


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError


def _number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[Any], float]:
    def accept(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = kind(value)
        if kind is int and isinstance(value, float) and value != number:
            raise ValueError
        if not low <= number <= high:
            raise ValueError
        return number

    return accept


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _model(value: Any) -> str:
    from optafly.engines.models import REGISTRY  # noqa: PLC0415

    text = _text(value)
    # Not Path.expanduser, which raises for a "~someone" who is not a user here.
    if text not in REGISTRY and not os.path.lexists(os.path.expanduser(text)):  # noqa: PTH111
        raise ValueError
    return text


def _device(value: Any) -> str:
    from optafly.engines.device import is_device  # noqa: PLC0415

    text = _text(value)
    if not is_device(text):
        raise ValueError
    return text


def _patterns(value: Any) -> tuple[str, ...]:
    from optafly.context.private import PrivateFiles  # noqa: PLC0415

    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError
    try:
        PrivateFiles(value)
    except InputError:
        raise ValueError from None
    return tuple(value)


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("enabled", True, "true or false", "Whether requests are refined at all.", _flag),
    Setting("model", "smollm2-135m", "a name of `optafly models list`, or the path of a GGUF file",
            "The local model that words the request.", _model),
    Setting("device", "auto", "auto, cpu, cuda:N or metal", "Where the local model runs.", _device),
    Setting("refinement_threshold", 0.7, "a number from 0 to 1",
            "A refinement is suggested only when it fills at least this share of what the request lacks.",
            _number(0, 1, float)),
    Setting("auto_approve_safe_refinements", False, "true or false",
            "In a terminal, take a refinement without asking when every gate passed, nothing is open and the model "
            "worded nothing.", _flag),
    Setting("time_limit_s", 20.0, "seconds from 0.1 to 600",
            "How long to wait for the local model before going on without.", _number(0.1, 600, float)),
    Setting("idle_unload_s", 300.0, "seconds from 1 to 86400",
            "The model is unloaded after this time without a request.", _number(1, 86400, float)),
    Setting("private_files", (), "a list of patterns as in .gitignore, none of them with !",
            "Files never read, besides the built-in list (.env*, keys, credentials).", _patterns),
    Setting("context_gathering.include_active_file", True, "true or false", "Whether the active file is used.", _flag),
    Setting("context_gathering.include_selection", True, "true or false", "Whether the selection is used.", _flag),
    Setting("context_gathering.include_project_structure", True, "true or false",
            "Whether manifests are read for languages and commands.", _flag),
    Setting("context_gathering.max_context_tokens", 2048, "a whole number from 0 to 100000",
            "Budget of the quoted context, in estimated tokens.", _number(0, 100_000, int)),
)  # fmt: skip
BY_KEY: Final[Mapping[str, Setting]] = MappingProxyType({setting.key: setting for setting in SETTINGS})


def load_config(file: Path, environ: Mapping[str, str], flags: Mapping[str, Any] | None = None) -> Config:
    """Merge defaults, file, environment and flags; what is not accepted becomes a message and the default stays."""
    values = {setting.key: Value(setting.default, "default") for setting in SETTINGS}
    messages: list[str] = []
    for key, value in _read_file(file, messages).items():
        _set(values, messages, key, value, str(file))
    for setting in SETTINGS:
        if setting.variable in environ:
            _set(values, messages, setting.key, environ[setting.variable], setting.variable)
    for key, value in (flags or {}).items():
        _set(values, messages, key, value, "flag")
    return Config(MappingProxyType(values), tuple(messages))


def _set(values: dict[str, Value], messages: list[str], key: str, raw: Any, origin: str) -> None:
    setting = BY_KEY.get(key)
    name = f"{SECTION}.{_name(key)}"
    if setting is None and _is_section(key):
        messages.append(f"{origin}: {name} is {_shown(raw)}; it must hold keys and values")
        return
    if setting is None:
        import difflib  # noqa: PLC0415  only a mistaken key needs it

        close = difflib.get_close_matches(key[:_LONGEST_SHOWN], BY_KEY, n=1)
        hint = f"did you mean {SECTION}.{close[0]}?" if close else f"known keys: {', '.join(BY_KEY)}"
        messages.append(f"{origin}: unknown key {name}; {hint}")
        return
    try:
        values[key] = Value(setting.accept(raw), origin)
    except (ValueError, OverflowError):
        messages.append(
            f"{origin}: {name} is {_shown(raw)}; allowed is {setting.allowed}; using {_shown(values[key].value)}"
        )


def _name(key: object) -> str:
    """A key as a message shows it: one short line, whatever it is."""
    text = str(key)
    return text if text.isprintable() and len(text) <= _LONGEST_SHOWN else _shown(text)


def _shown(value: Any) -> str:
    """A value as YAML takes it, cut short; dates and such as text."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except TypeError:  # a mapping with keys that JSON does not have
        text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."


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
