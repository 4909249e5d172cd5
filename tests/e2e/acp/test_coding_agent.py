"""A real coding agent behind OptaFly, its API behind the proxy: from a rough prompt to a file that it wrote."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.acp.panel import BOUND_S, Panel, panel
from tests.e2e.agents.driven import CLAUDE_CODE_QUIET, ClaudeCode, Desk, Outside, Place, adapter, node, program
from tests.e2e.lsp.conftest import write_project
from tests.e2e.proxy.conftest import KEY, Running, running
from tests.small_model import SMALL_MODEL
from tests.standin import Answer, Gate, Recorded, text, tool_use
from tests.standin.replies import Reply

PROMPT = "fix this bug in split_evenly"
FIXED = "def split_evenly(total, people):\n    raise NotImplementedError\n"


@pytest.fixture
def desk(tmp_path: Path, running: Running) -> Iterator[Desk]:
    outside = Outside()
    made = Desk(tmp_path, outside)
    write_project(made.project)
    yield made
    running.standin.answer_with(None)
    assert outside.close() == [], "the agent asked for something that is not on this machine"


def environment(desk: Desk, running: Running) -> dict[str, str]:
    agent = ClaudeCode().environment(Place(running.url, running.token), desk.home)
    own = {"OPTAFLY_HOME": running.environment["OPTAFLY_HOME"], "CLAUDE_CODE_EXECUTABLE": program("claude")}
    return {**CLAUDE_CODE_QUIET} | desk.environment | agent | own | SMALL_MODEL


def write(file: Path) -> Any:
    """Have the agent write a file, then say so."""

    def reply(recorded: Recorded) -> Reply:
        contents = [message["content"] for message in recorded.json["messages"] if isinstance(message["content"], list)]
        if any(block["type"] == "tool_result" for content in contents for block in content):
            return Answer("It is fixed.")
        call = tool_use("Write", {"file_path": str(file), "content": FIXED})
        return Answer((text("I write."), call), stop_reason="tool_use")

    return reply


async def test_from_a_prompt_to_a_tool_call_and_its_permission(running: Running, desk: Desk) -> None:
    file = desk.project / "shop" / "fixed.py"
    running.standin.answer_with(write(file))
    came = len(running.standin.requests)

    async with panel(environment(desk, running), node(), adapter()) as shown:
        shown.choose = "Yes"
        session = await shown.begin(desk.project)
        await shown.agent.set_session_mode(session_id=session, mode_id="default")
        assert await shown.ask(session, PROMPT) == "end_turn"

    assert len(shown.forms) == 1
    assert len(shown.permissions) == 1
    assert file.read_text("utf-8") == FIXED
    kinds = {update.session_update for _, update in shown.updates}
    assert kinds >= {"available_commands_update", "agent_message_chunk", "tool_call", "tool_call_update"}
    assert "I write.It is fixed." in shown.said().replace("\n", "")
    assert len(pieces(shown, "It is fixed.")) > 1  # it is streamed
    requests = running.standin.requests[came:]
    assert {request.key for request in requests} == {KEY}
    sent = json.dumps([request.json["messages"] for request in requests])
    assert "Keep the signature of `split_evenly`" in sent
    commands = [
        update.available_commands for _, update in shown.updates if update.session_update.startswith("available")
    ]
    assert [command.name for command in commands[-1]][-3:] == ["refine", "original", "stats"]
    assert len(commands[-1]) > 3


async def test_cancelling_reaches_the_agent_and_its_call_of_the_api(running: Running, desk: Desk) -> None:
    gate = Gate()
    counting = Answer("One, two, three, four, five, six, seven, eight, nine, ten.", gate=gate)
    # It asks for a title besides, with no tools.
    running.standin.answer_with(lambda recorded: counting if recorded.json.get("tools") else Answer("Counting"))
    came = len(running.standin.requests)

    async with panel(environment(desk, running), node(), adapter()) as shown:
        session = await shown.begin(desk.project)
        gate.release(6)
        asking = asyncio.create_task(shown.ask(session, "/original count to ten"))
        await shown.until(lambda: "One" in shown.said())
        await shown.agent.cancel(session_id=session)
        assert await asking == "cancelled"
    assert not shown.forms
    ends = [await asyncio.to_thread(request.wait_over, BOUND_S) for request in running.standin.requests[came:]]
    assert "client_gone" in ends


def pieces(shown: Panel, words: str) -> list[str]:
    """The chunks that these words came in."""
    found = [update.content.text for _, update in shown.updates if update.session_update == "agent_message_chunk"]
    return [piece for piece in found if piece and piece in words]


__all__ = ["running"]
