"""Real coding agents ask through the proxy: what they print, what reaches the API, what is counted and kept."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agents.driven import (
    BOUND_S,
    CLAUDE_CODE_QUIET,
    PI_QUIET,
    Agent,
    ClaudeCode,
    Desk,
    Outside,
    Pi,
    Place,
    Told,
    snippet,
)
from tests.e2e.core.conftest import until
from tests.e2e.proxy.conftest import KEY, Running, body
from tests.standin import Answer, Failure, Gate, Recorded, text
from tests.standin.replies import JsonObject, Reply

OWN = "sk-ant-api03-of-the-agent-fedcba9876543210"
SKY = "The sky is blue because of its walruses."


def through(running: Running, own: str = "") -> Place:
    return Place(running.url, running.token, own)


def direct(running: Running) -> Place:
    return Place(running.standin.url, KEY)


def counted(running: Running) -> dict[str, int]:
    """Requests by what became of them; one more goes past the cache, behind which those before it are written."""
    bypassed = stats(running)["bypass"]
    running.ask(body("Is all written?"), headers={"x-optafly-bypass": "1"})
    return until(lambda: found if (found := stats(running))["bypass"] > bypassed else None, "it is counted")


def stats(running: Running) -> dict[str, int]:
    found: dict[str, int] = json.loads(running.optafly("stats", "--json").stdout)["requests"]
    return found


def counted_since(before: dict[str, int], running: Running) -> dict[str, int]:
    """What was counted besides."""
    now = counted(running)
    return {path: now[path] - number for path, number in before.items() if path != "bypass" and now[path] != number}


def kept(running: Running) -> list[str]:
    """The questions whose answers are in the cache."""
    return [entry["prompt"] for entry in json.loads(running.optafly("cache", "list", "--json").stdout)]


def read_and_tell(agent: Agent, file: Callable[[Recorded], Path]) -> Callable[[Recorded], Reply]:
    """Have the agent read a file, then say what it holds."""

    def reply(recorded: Recorded) -> Reply:
        found = results(recorded.json)
        if not found:
            return Answer((text("I look."), agent.reading(file(recorded))), stop_reason="tool_use")
        return Answer(f"It holds: {json.dumps(found[-1]['content'])}")

    return reply


def results(body: JsonObject) -> list[JsonObject]:
    contents = [message["content"] for message in body["messages"] if isinstance(message["content"], list)]
    return [block for content in contents for block in content if block["type"] == "tool_result"]


def asked(requests: list[Recorded]) -> list[tuple[int, JsonObject]]:
    """Each request with the status it got, without what names one session."""
    return [(one.status, {name: value for name, value in one.json.items() if name != "metadata"}) for one in requests]


def test_the_answer_is_printed_and_counted(running: Running, desk: Desk, agent: Agent) -> None:
    before, came = counted(running), len(running.standin.requests)
    running.standin.script(Answer(SKY))
    told = desk.ask(agent, through(running), f"Why is the sky blue, {agent.name}?")
    assert (told.status, told.words, told.errors) == (0, SKY, "")
    (recorded,) = running.standin.requests[came:]
    assert recorded.headers["x-api-key"] == KEY
    assert counted_since(before, running) == {"miss" if agent.name == "pi" else "not-looked-up": 1}


def test_a_key_of_its_own_reaches_the_api_and_the_token_does_not(running: Running, desk: Desk, agent: Agent) -> None:
    for place, key in ((through(running), KEY), (through(running, OWN), OWN)):
        came = len(running.standin.requests)
        assert desk.ask(agent, place, f"Whose key is it, {agent.name}?").status == 0
        (recorded,) = running.standin.requests[came:]
        assert recorded.key == key
        assert "authorization" not in recorded.headers
        assert running.token not in str(recorded.header_list)
        assert running.token.encode() not in recorded.body


def test_a_tool_is_used_as_without_the_proxy(running: Running, desk: Desk, agent: Agent) -> None:
    file = desk.project / "zoo.txt"
    file.write_text("The walrus is called Fridolin.\n", "utf-8")
    running.standin.answer_with(read_and_tell(agent, lambda _: file))
    came = len(running.standin.requests)
    alone = desk.ask(agent, direct(running), "What is in zoo.txt?")
    between = len(running.standin.requests)
    told = desk.ask(agent, through(running), "What is in zoo.txt?")

    assert (told.status, told.errors) == (0, "")
    assert told == alone
    assert "Fridolin" in told.words
    requests = running.standin.requests
    assert asked(requests[between:]) == asked(requests[came:between])
    assert len(requests) - between == 2
    assert "Fridolin" in json.dumps(results(requests[-1].json))


def test_rounds_with_tools_are_never_kept_or_crossed(
    running: Running, desk: Desk, agent: Agent, tmp_path: Path
) -> None:
    outside = Outside()
    desks = {name: Desk(tmp_path / name, outside) for name in ("Fridolin", "Ottokar")}
    for name, one in desks.items():
        (one.project / "zoo.txt").write_text(f"The walrus is called {name}.\n", "utf-8")

    def own_file(recorded: Recorded) -> Path:
        (name,) = [name for name in desks if f"from {name}" in recorded.body.decode()]
        return desks[name].project / "zoo.txt"

    running.standin.answer_with(read_and_tell(agent, own_file))
    came = len(running.standin.requests)
    told: dict[str, list[Told]] = {name: [] for name in desks}

    def ask_twice(name: str) -> None:
        for _ in range(2):
            told[name].append(desks[name].ask(agent, through(running), f"What is in zoo.txt? Greetings from {name}."))

    at_once(ask_twice, desks)
    for name, other in (("Fridolin", "Ottokar"), ("Ottokar", "Fridolin")):
        assert [one.status for one in told[name]] == [0, 0]
        assert all(name in one.words and other not in one.words for one in told[name])
    assert len(running.standin.requests) - came == 8
    assert not [prompt for prompt in kept(running) if "zoo.txt" in prompt]
    assert outside.close() == []


@pytest.mark.parametrize("failure", [Failure(529), Failure(429, retry_after="0")], ids=lambda failure: failure.status)
def test_what_may_be_tried_again_is_tried_again(running: Running, desk: Desk, agent: Agent, failure: Failure) -> None:
    found = []
    for place in (direct(running), through(running)):
        came = len(running.standin.requests)
        running.standin.script(failure, Answer("Herring."))
        told = desk.ask(agent, place, f"What does a walrus eat, {agent.name}, after {failure.status}?")
        found.append((told, asked(running.standin.requests[came:])))
    assert found[1] == found[0]
    told, requests = found[1]
    assert (told.status, told.words) == (0, "Herring.")
    assert [status for status, _ in requests] == [failure.status, 200]


def test_what_is_refused_is_said_as_without_the_proxy(running: Running, desk: Desk, agent: Agent) -> None:
    said = []
    for place in (direct(running), through(running)):
        running.standin.script(Failure(403, headers=(("request-id", "req_1"),)))
        told = desk.ask(agent, place, "May I ask?")
        said.append((told.status, reason(agent, told)))
    assert said[1] == said[0]
    assert said[1][0] != 0
    assert "permission" in said[1][1]


def reason(agent: Agent, told: Told) -> str:
    """What it says of an error, without the number of the request."""
    if isinstance(agent, ClaudeCode):
        return agent.words(told.words)
    return (told.words + told.errors).partition('"request_id"')[0]


def test_an_agent_that_is_killed_ends_the_call_and_nothing_is_kept(running: Running, desk: Desk, agent: Agent) -> None:
    gate = Gate()
    running.standin.script(Answer("It scatters.", gate=gate))
    came = len(running.standin.requests)
    with desk.begun(agent, through(running), f"Why is the sea blue, {agent.name}?"):
        gate.release(2)
        gate.wait_reached(3, BOUND_S)
    assert running.standin.requests[came].wait_over(BOUND_S) == "client_gone"
    assert not [prompt for prompt in kept(running) if "sea blue" in prompt]


def test_pi_gets_a_kept_answer_when_it_asks_again(running: Running, desk: Desk) -> None:
    agent, question = Pi(), "How heavy is a walrus?"
    first = desk.ask(agent, through(running), question)
    until(lambda: question in kept(running), "the answer is kept")
    before, came = counted(running), len(running.standin.requests)
    assert desk.ask(agent, through(running), question) == first
    assert len(running.standin.requests) == came
    assert counted_since(before, running) == {"hit-exact": 1}
    came = len(running.standin.requests)
    assert desk.ask(agent, through(running, OWN), question).status == 0
    assert len(running.standin.requests) == came + 1  # another key, another answer


def test_claude_code_is_always_asked_anew(running: Running, desk: Desk) -> None:
    came, question = len(running.standin.requests), "How tall is a walrus?"
    for _ in range(2):
        assert desk.ask(ClaudeCode(), through(running), question).status == 0
    assert len(running.standin.requests) == came + 2
    assert running.standin.requests[-1].json["messages"][-1]["role"] == "system"
    assert question not in kept(running)


def test_what_is_shown_for_claude_code_lets_it_in(running: Running, desk: Desk) -> None:
    shown = running.optafly("proxy", "settings").stdout.partition("# Claude Code\n")[2].partition("\n\n")[0]
    assert shown.endswith("\nclaude")
    running.standin.script(Answer(SKY))
    command = ["bash", "-euc", f"{shown} --print 'Why is the sky so blue?' --output-format json"]
    home = {"OPTAFLY_HOME": running.environment["OPTAFLY_HOME"]}
    told = desk.run(ClaudeCode(), command, {**CLAUDE_CODE_QUIET} | home)
    assert (told.status, told.words) == (0, SKY), told


def test_what_the_guide_shows_for_pi_lets_it_in(running: Running, desk: Desk) -> None:
    agent, models = Pi(), snippet()
    models["providers"]["optafly"]["baseUrl"] = running.url
    agent.write(models, desk.home)
    running.standin.script(Answer(SKY))
    home = {"OPTAFLY_HOME": running.environment["OPTAFLY_HOME"]}
    told = desk.run(agent, agent.command("Why is the sky so blue?"), {**PI_QUIET} | home)
    assert (told.status, told.words) == (0, SKY), told


def at_once(work: Callable[[str], Any], names: Any) -> None:
    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4 * BOUND_S)
