"""Our commands stand beside those of the agent, and never in the place of one."""

import json
from typing import Any

import msgspec
import pytest

from optafly.acp.commands import OURS, names_beside, own_update, with_ours

OWN = ["refine", "original", "stats"]


def update(*names: str) -> bytes:
    commands = ",".join(f'{{"name":"{name}","description":"d","rank":1e400,"deep":{{"b":1, "a":2}}}}' for name in names)
    return (
        f'{{"x":1.0,"jsonrpc":"2.0","method":"session/update","params":{{"y":[ ],"sessionId":"s1","update":'
        f'{{"availableCommands":[{commands}],"sessionUpdate":"available_commands_update","z":"\\u00e9"}}}}}}\n'
    ).encode()


def listed(line: bytes) -> list[Any]:
    found: list[Any] = json.loads(line)["params"]["update"]["availableCommands"]
    return found


def test_ours_come_after_those_of_the_agent() -> None:
    line, names = with_ours(update("plan", "web"))
    assert [command["name"] for command in listed(line)] == ["plan", "web", *OWN]
    assert dict(names) == {name: name for name in OWN}


def test_what_the_agent_said_stays_to_the_letter() -> None:
    before = update("plan")
    line, _ = with_ours(before)
    for part in (b'"x":1.0', b'"y":[ ]', b'"z":"\\u00e9"', b'"rank":1e400', b'"deep":{"b":1, "a":2}'):
        assert part in line
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


def test_on_a_clash_the_agent_keeps_its_name() -> None:
    line, names = with_ours(update("refine", "stats", "optafly-stats"))
    added = [command["name"] for command in listed(line)][3:]
    assert added == ["optafly-refine", "original", "optafly-optafly-stats"]
    assert names["optafly-refine"] == "refine"
    assert names["optafly-optafly-stats"] == "stats"
    assert "refine" not in names


def test_each_says_what_it_does() -> None:
    commands = own_update("s1", names_beside(()))["update"]["availableCommands"]
    assert [command["name"] for command in commands] == OWN == [command["name"] for command in OURS]
    assert all(command["description"] for command in commands)


@pytest.mark.parametrize("commands", ["5", "{}", '["a"]', "null"])
def test_what_is_no_list_of_commands_is_said(commands: str) -> None:
    line = f'{{"params":{{"update":{{"availableCommands":{commands}}}}}}}'.encode()
    with pytest.raises(msgspec.DecodeError):
        with_ours(line)
