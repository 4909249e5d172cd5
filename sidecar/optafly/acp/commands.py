"""The commands that are added to those of the agent, and the names they go by."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from optafly.acp.messages import Fields, with_params

UPDATE: Final = "available_commands_update"
PREFIX: Final = "optafly-"
OURS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "name": "refine",
        "description": "Refine this request and ask before it is sent, a follow-up too",
        "input": {"hint": "request; without one, what was changed in the last"},
    },
    {
        "name": "original",
        "description": "Send this request in your own words; on and off do so for all that follow",
        "input": {"hint": "request, on or off"},
    },
    {"name": "stats", "description": "What was refined and saved"},
)


class _Named(msgspec.Struct, frozen=True):
    name: str = ""


class _Listed(msgspec.Struct, frozen=True, rename="camel"):
    available_commands: list[msgspec.Raw]


class _ListParams(msgspec.Struct, frozen=True):
    update: _Listed


class _ListMessage(msgspec.Struct, frozen=True):
    params: _ListParams


def names_beside(taken: Iterable[str]) -> Mapping[str, str]:
    """Our commands by a name that nobody else has."""
    others = set(taken)
    found = {}
    for command in OURS:
        name = command["name"]
        while name in others:
            name = PREFIX + name
        found[name] = command["name"]
    return MappingProxyType(found)


def listed(names: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Our commands as a client is told of them."""
    by_own_name = {command["name"]: command for command in OURS}
    return [{**by_own_name[own], "name": name} for name, own in names.items()]


def with_ours(line: bytes) -> tuple[bytes, Mapping[str, str]]:
    """The agent's update with our commands after its own, and the names that ours got.

    Raises `msgspec.DecodeError` where it is not what it should be.
    """
    theirs = msgspec.json.decode(line, type=_ListMessage).params.update.available_commands
    names = names_beside(msgspec.json.decode(command, type=_Named).name for command in theirs)
    params = msgspec.json.decode(msgspec.json.decode(line, type=Fields)["params"], type=Fields)
    update = msgspec.json.decode(params["update"], type=Fields)
    return with_params(line, update={**update, "availableCommands": [*theirs, *listed(names)]}), names


def own_update(session: str, names: Mapping[str, str]) -> dict[str, Any]:
    """The params of an update of our own, for an agent that has sent none."""
    return {"sessionId": session, "update": {"sessionUpdate": UPDATE, "availableCommands": listed(names)}}
