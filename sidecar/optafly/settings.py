"""The settings: every key with its default, what it may be, and what it means."""

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from optafly.errors import InputError

ENVIRONMENT_PREFIX: Final = "OPTAFLY_"
LONGEST_SHOWN: Final = 60


class Setting(msgspec.Struct, frozen=True):
    """One setting.

    ``accept`` turns a value from a file, the environment or a flag into a valid one, or raises ValueError. With
    ``adds`` the values of all of them count together: a project's settings must not take away what a person has set.
    """

    key: str
    default: Any
    allowed: str
    meaning: str
    accept: Callable[[Any], Any]
    adds: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return ENVIRONMENT_PREFIX + self.key.upper().replace(".", "_")


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


def _line(value: Any) -> str:
    text = _text(value)
    if len(text) > LONGEST_SHOWN or not text.isprintable():
        raise ValueError
    return text


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
            "Take a refinement without asking, in a terminal and in an editor, when every gate passed, nothing is open "
            "and the model worded nothing. Nothing is sent that way.", _flag),
    Setting("time_limit_s", 20.0, "seconds from 0.1 to 600",
            "How long to wait for the local model before going on without.", _number(0.1, 600, float)),
    Setting("idle_unload_s", 300.0, "seconds from 1 to 86400",
            "The model is unloaded after this time without a request.", _number(1, 86400, float)),
    Setting("private_files", (), "a list of patterns as in .gitignore, none of them with !",
            "Files never read, besides the built-in list (.env*, keys, credentials). The lists of the file, the editor "
            "and the environment are added up.", _patterns, adds=True),
    Setting("context_gathering.include_active_file", True, "true or false", "Whether the active file is used.", _flag),
    Setting("context_gathering.include_selection", True, "true or false", "Whether the selection is used.", _flag),
    Setting("context_gathering.include_project_structure", True, "true or false",
            "Whether manifests are read for languages and commands.", _flag),
    Setting("context_gathering.max_context_tokens", 2048, "a whole number from 0 to 100000",
            "Budget of the quoted context, in estimated tokens.", _number(0, 100_000, int)),
    Setting("core.idle_exit_s", 600.0, "seconds from 1 to 86400",
            "The core process ends after this time with no editor attached and nothing to do. Not among an editor's "
            "settings: all windows share the core.",
            _number(1, 86400, float)),
    Setting("core.port", 0, "a whole number from 0 to 65535 (0: any free one)",
            "Port on the loopback interface that the core process listens on. Not among an editor's settings.",
            _number(0, 65535, int)),
    Setting("editor.comment_marker", "AI:", "a text of one line, not empty",
            "A comment that starts with this is a request.", _line),
    Setting("editor.work_ahead", False, "true or false",
            "Whether the editor's request for code actions already starts the refinement it may lead to.", _flag),
    Setting("editor.offer_model", True, "true or false",
            "Whether the editor offers to download the local model where it is missing.", _flag),
)  # fmt: skip
BY_KEY: Final[Mapping[str, Setting]] = MappingProxyType({setting.key: setting for setting in SETTINGS})
