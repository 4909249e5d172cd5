"""Reads a file of settings: a page of YAML, whatever stands in it."""

from pathlib import Path
from typing import Any, Final

from optafly.errors import ConfigError

# Settings are a page of text; a megabyte of YAML would take seconds to read.
LARGEST_FILE_BYTES: Final = 65_536


def read_yaml(file: Path) -> Any:
    """What a file holds, as plain data; raises `FileNotFoundError`, or `ConfigError` with why it cannot be read."""
    return _parse(_read_text(file))


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
