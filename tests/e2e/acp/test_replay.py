"""A recorded session with and without OptaFly in between: equal but for the refined prompt and the added commands."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.e2e.acp.panel import environment
from tests.e2e.acp.raw import Message, RawClient, before, talking
from tests.e2e.acp.replayed import recorded
from tests.e2e.lsp.conftest import end_core, write_project

RECORDING = Path(__file__).parent / "recorded" / "claude_agent_acp.ndjson"
UPDATE = b"available_commands_update"
OURS = ["refine", "original", "stats"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "home"
    yield made
    end_core(made)


def play(client: RawClient, session: Sequence[tuple[str, bytes]]) -> tuple[list[bytes], list[Message]]:
    """Play the client; what it heard of the agent, and what it was told and asked besides."""
    waited = [said for who, said in session if who == "agent"]
    heard: list[bytes] = []
    besides: list[Message] = []
    for who, said in session:
        if who == "client":
            client.send(said)
            continue
        while True:
            line = client.hear()
            assert line, client.errors
            if line == waited[len(heard)] or (UPDATE in line and without_ours(line) == json.loads(waited[len(heard)])):
                break
            besides.append(message := json.loads(line))
            if "id" in message:
                assert message["method"] == "elicitation/create"
                fields = message["params"]["requestedSchema"]["properties"]
                content = {name: field["default"] for name, field in fields.items() if "default" in field}
                result = {"action": "accept", "content": content}
                client.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        heard.append(line)
    return heard, besides


def without_ours(line: bytes) -> Message:
    """An update without the commands that were added; any other message as it is."""
    message: Message = json.loads(line)
    commands = message.get("params", {}).get("update", {}).get("availableCommands")
    if commands:
        assert [command["name"] for command in commands[-3:]] == OURS
        del commands[-3:]
    return message


def texts(line: bytes) -> list[str]:
    return [block["text"] for block in json.loads(line)["params"]["prompt"] if block["type"] == "text"]


def test_a_recorded_session(tmp_path: Path, home: Path) -> None:
    project = write_project(tmp_path / "project")
    session = recorded(RECORDING, project)
    heard_file = tmp_path / "heard"
    agent = (sys.executable, "-m", "tests.e2e.acp.replayed", str(RECORDING), str(project), str(heard_file))

    with talking(environment(home), *agent) as client:
        alone, besides = play(client, session)
        assert client.leave() == 0
    assert not besides
    asked_alone = heard_file.read_bytes().splitlines(keepends=True)

    with talking(environment(home), *before(agent)) as client:
        through, besides = play(client, session)
        client.leave()
    asked = heard_file.read_bytes().splitlines(keepends=True)

    assert asked_alone == [said for who, said in session if who == "client"]
    differ = [index for index, line in enumerate(asked) if line != asked_alone[index]]
    assert len(asked) == len(asked_alone)
    (prompt,) = differ
    assert texts(asked_alone[prompt]) == ["fix this bug in split_evenly"]
    assert "def split_evenly" in texts(asked[prompt])[0]
    assert without_texts(asked[prompt]) == without_texts(asked_alone[prompt])

    assert len(through) == len(alone)
    for index, line in enumerate(through):
        assert line == alone[index] or (UPDATE in line and without_ours(line) == json.loads(alone[index]))
    assert sum(line != alone[index] for index, line in enumerate(through)) == sum(UPDATE in line for line in alone)
    kinds = [message["params"].get("update", {}).get("sessionUpdate", message["method"]) for message in besides]
    assert [kind for kind in kinds if kind == "elicitation/create"] == ["elicitation/create"]
    assert set(kinds) <= {"elicitation/create", UPDATE.decode(), "agent_message_chunk", "agent_thought_chunk"}


def without_texts(line: bytes) -> Message:
    message: Message = json.loads(line)
    message["params"]["prompt"] = [block for block in message["params"]["prompt"] if block["type"] != "text"]
    return message
