"""Where the settings say API keys are; a key itself is never among them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final

import msgspec

MOST_CHARACTERS: Final = 32
NOT_SHOWN: Final = "not shown"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
# Nobody names a thing like this, and most keys hold one such stretch.
_RUN: Final = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{16,}")
_KEPT_IN_FILE: Final = frozenset({"key", "api_key", "apikey", "value", "secret", "token", "password"})


class KeyEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One API key: what it is called, whose API it is for, and where it is looked for, in this order.

    ``key_env`` is the name of a variable, ``keyring`` SERVICE/USER of the system keyring, ``key_command`` a program
    with its arguments that prints the key. One that was written with a mistake has none of them, and its provider may
    be empty.
    """

    name: str
    provider: str
    key_env: str = ""
    keyring: str = ""
    key_command: tuple[str, ...] = ()


class WorkspaceKey(msgspec.Struct, frozen=True):
    """The key for all workspaces in a folder: an absolute path, or one that begins with ~, and the name of an entry.

    The name is empty where it was written with a mistake.
    """

    path: str
    name: str


class KeySettings(msgspec.Struct, frozen=True):
    """All that is said about keys; ``default`` is the name of an entry or of a provider."""

    default: str
    entries: tuple[KeyEntry, ...]
    workspaces: tuple[WorkspaceKey, ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a part of a list: ``where`` as ``[1].key_env``, ``what`` in words that hold no value of it."""

    where: str
    what: str


DEFAULT_ENTRIES: Final = (KeyEntry("anthropic", "anthropic", key_env="ANTHROPIC_API_KEY"),)


def may_hold_key(text: str) -> bool:
    """Whether a text has the shape of a known kind of key in it, or a stretch that only a key would have."""
    return _RUN.search(text) is not None or holds_known_key(text)


def holds_known_key(text: str) -> bool:
    """Whether a text has the shape of a known kind of key in it."""
    from optafly.context.secret_patterns import TOKENS, compiled  # noqa: PLC0415  settings are read at every start

    return any(shape.hint in text and compiled(shape.source).search(text) for shape in TOKENS)


def read_name(value: Any) -> str:
    """The name of an entry or a provider; raises ValueError."""
    if not isinstance(value, str) or not _NAME.fullmatch(value) or may_hold_key(value):
        raise ValueError
    return value


def read_entries(value: Any) -> tuple[tuple[KeyEntry, ...], tuple[Problem, ...]]:
    """The entries of ``api_keys.providers``, and what is wrong with them.

    One with a mistake keeps its name and no place: another key must not be used where it was meant. Raises ValueError
    for what is no list.
    """
    if not isinstance(value, list):
        raise ValueError
    entries: dict[str, KeyEntry] = {}
    problems: list[Problem] = []
    for number, item in enumerate(value):
        entry, wrong = _read_entry(item)
        if entry is not None and entry.name in entries:
            wrong.append(Problem(".name", f"is {entry.name}, which is taken; allowed is each name once"))
            entry = None
        end = "" if entry is not None and sources_named(entry) else "; no key is looked for there"
        problems += _numbered(number, wrong, end)
        if entry is not None:
            entries[entry.name] = entry
    return tuple(entries.values()), tuple(problems)


def sources_named(entry: KeyEntry) -> bool:
    """Whether there is anywhere to look for the key of an entry."""
    return bool(entry.key_env or entry.keyring or entry.key_command)


def read_workspaces(value: Any) -> tuple[tuple[WorkspaceKey, ...], tuple[Problem, ...]]:
    """The rules of ``api_keys.workspaces``, and what is wrong with them; raises ValueError for what is no list."""
    if not isinstance(value, list):
        raise ValueError
    rules: list[WorkspaceKey] = []
    problems: list[Problem] = []
    for number, item in enumerate(value):
        fields, wrong = _read_fields(item, _RULE_FIELDS)
        if isinstance(item, dict):
            missing = (name for name in _RULE_FIELDS if name not in item)
            wrong += [Problem(f".{name}", f"is missing; allowed is {_RULE_FIELDS[name][1]}") for name in missing]
        if "path" not in fields:
            end = "; it counts for no folder"
        else:
            rules.append(WorkspaceKey(fields["path"], fields.get("name", "")))
            end = "" if "name" in fields else "; no key is used there"
        problems += _numbered(number, wrong, end)
    return tuple(rules), tuple(problems)


def unknown_workspace_names(settings: KeySettings) -> tuple[Problem, ...]:
    """The rules that name no entry; they stay, so that no other key is used in those folders."""
    names = {entry.name for entry in settings.entries}
    return tuple(
        Problem(f"[{number}].name", f"is {rule.name}, which api_keys.providers does not hold; no key is used there")
        for number, rule in enumerate(settings.workspaces)
        if rule.name and rule.name not in names
    )


def is_known(name: str, entries: Sequence[KeyEntry]) -> bool:
    """Whether an entry or a provider has this name."""
    return any(name in {entry.name, entry.provider} for entry in entries)


def _read_entry(item: Any) -> tuple[KeyEntry | None, list[Problem]]:
    fields, wrong = _read_fields(item, _FIELDS)
    if isinstance(item, dict) and "name" not in item:
        wrong.append(Problem(".name", f"is missing; allowed is {_NAMES}"))
    if "name" not in fields:
        return None, wrong
    name = fields["name"]
    if fields.get("keyring") is True:
        fields["keyring"] = f"optafly/{name}"
    mistaken = any(key in _FIELDS and key not in fields for key in item)
    if not mistaken and not fields.keys() & {"key_env", "keyring", "key_command"}:
        # One that holds a key itself has been told what to do.
        wrong = wrong or [Problem("", "says nowhere to look for its key; allowed is key_env, keyring or key_command")]
        mistaken = True
    if mistaken:
        return KeyEntry(name, fields.get("provider", "" if "provider" in item else name)), wrong
    return KeyEntry(**{"provider": name} | fields), wrong


_Reader = Callable[[Any], Any]


def _read_fields(item: Any, known: Mapping[str, tuple[_Reader, str]]) -> tuple[dict[str, Any], list[Problem]]:
    """The good fields of one item, and what is wrong with the others."""
    if not isinstance(item, dict):
        return {}, [Problem("", f"is {kind_of(item)}; allowed are keys and values: {', '.join(known)}")]
    fields: dict[str, Any] = {}
    wrong: list[Problem] = []
    for key, value in item.items():
        if key not in known:
            wrong.append(_unknown(key, known))
            continue
        read, allowed = known[key]
        try:
            fields[key] = read(value)
        except ValueError:
            wrong.append(Problem(f".{key}", f"is {kind_of(value)}; allowed is {allowed}"))
    return fields, wrong


def _unknown(key: Any, known: Mapping[str, Any]) -> Problem:
    if isinstance(key, str) and key.lower().replace("-", "_") in _KEPT_IN_FILE:
        return Problem(
            f".{key}",
            "would be a key kept in this file, which is not read; take it out, and name a variable (key_env), an entry "
            "of the system keyring (keyring) or a command (key_command)",
        )
    shown = f".{key}" if isinstance(key, str) and _NAME.fullmatch(key) and not may_hold_key(key) else ""
    what = "is not known" if shown else f"has a key that is not known ({NOT_SHOWN})"
    return Problem(shown, f"{what}; known are {', '.join(known)}")


def _numbered(number: int, problems: Sequence[Problem], end: str) -> Iterator[Problem]:
    return (Problem(f"[{number}]{problem.where}", f"{problem.what}{end}") for problem in problems)


def kind_of(value: Any) -> str:
    """What a value is, without what it says: it may be a key that was written into the wrong place."""
    if value is None:
        return "empty"
    kinds = ((bool, "true or false"), (str, f"a text ({NOT_SHOWN})"), (list, "a list"), (dict, "keys and values"))
    return next((kind for type_, kind in kinds if isinstance(value, type_)), f"a number or date ({NOT_SHOWN})")


def _variable(value: Any) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value) or may_hold_key(value):
        raise ValueError
    return value


def _keyring(value: Any) -> str | bool:
    if value is True:
        return True
    if not isinstance(value, str) or not value.isprintable() or len(value) > 2 * MOST_CHARACTERS:
        raise ValueError
    service, slash, user = value.partition("/")
    if not (service.strip() and slash and user.strip()) or may_hold_key(value):
        raise ValueError
    return value


def _command(value: Any) -> tuple[str, ...]:
    import shlex  # noqa: PLC0415

    words = shlex.split(value) if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not words:
        raise ValueError
    if not all(isinstance(word, str) and word and "\0" not in word and not holds_known_key(word) for word in words):
        raise ValueError
    program = str(words[0])
    # What is not a program is named in a message, and may be a key that was written into the wrong place.
    if may_hold_key(PurePath(program).name):
        raise ValueError
    # One in the current folder could be anybody's.
    if PurePath(program).name != program and not program.startswith("~/") and not PurePath(program).is_absolute():
        raise ValueError
    return tuple(words)


def _path(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value or holds_known_key(value):
        raise ValueError
    if value != "~" and not value.startswith("~/") and not PurePath(value).is_absolute():
        raise ValueError
    return value


_NAMES: Final = "a name of letters, digits and . _ -, up to 32"
_PATH: Final = "an absolute path, or one that begins with ~/"
_RULE_FIELDS: Final[Mapping[str, tuple[_Reader, str]]] = MappingProxyType(
    {"path": (_path, _PATH), "name": (read_name, _NAMES)}
)
_FIELDS: Final[Mapping[str, tuple[_Reader, str]]] = MappingProxyType(
    {
        "name": (read_name, _NAMES),
        "provider": (read_name, _NAMES),
        "key_env": (_variable, "the name of a variable in capital letters, as ANTHROPIC_API_KEY"),
        "keyring": (_keyring, "true, or SERVICE/USER of the system keyring"),
        "key_command": (_command, "a program with its arguments, by its name or absolute path, with no key among them"),
    }
)
