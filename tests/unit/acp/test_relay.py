"""What passes between a client and its agent, what is held back, and what is told when the agent is gone."""

import asyncio
import json
from typing import Any

import pytest

from optafly.acp.ports import (
    Answered,
    AskedPrompt,
    ClientGone,
    ClientPort,
    ClientRefused,
    Decided,
    Forward,
    Stopped,
    Turn,
)
from tests.unit.acp.relaying import Message, Played, cancel, chunk, line, played, prompt

STRANGE = [
    b'{"jsonrpc":"2.0","id":1,"method":"_vendor/thing","params":{"a":[1.0,  2e400],"a":3}}\n',
    b'{"id":"x\\u0000\\/","jsonrpc":"2.0","method":"session/set_mode","params":null,"extra":{"_meta":1}}\r\n',
    b'{"jsonrpc":"2.0","id":null,"method":"fs/read_text_file","params":{"path":"/\xc3\xa9"}}\n',
    b'{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s","update":{"sessionUpdate":"new","x":[]}}}\n',
    b'{"jsonrpc":"2.0","id":12345678901234567890123,"result":{}}\n',
    b'{"jsonrpc":"2.0","id":-0.0,"error":{"code":1,"message":"m","data":[{}]}}\n',
    b'{"jsonrpc":"2.0","method":"x","params":{"text":"half \\ud83d"}}\n',
    b'[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","id":2,"method":"b"}]\n',
    b'{"method":5,"id":[1]}\n',
    b'{"jsonrpc":"2.0","id":NaN,"method":"session/list"}\n',
    b'{"jsonrpc":"2.0","id":1e400,"result":{}}\n',
    b'{"jsonrpc":"2.0","id":"\\ud800","result":{}}\n',
    b'{"jsonrpc":"2.0","id":"\xff","result":{}}\n',
    b'{"jsonrpc":"2.0","id":"\xff","method":"session/list"}\n',
    b'{"jsonrpc":"2.0","id":3,"method":"session/new"}\n',
    b'{"jsonrpc":"2.0","id":4,"method":"session/prompt","params":{"sessionId":5,"prompt":"no list"}}\n',
    b'{"jsonrpc":"2.0","method":"session/prompt","params":{"sessionId":"s","prompt":[]}}\n',
    b'{"jsonrpc":"2.0","method":"session/cancel","params":[]}\n',
    b'{"jsonrpc":"2.0","method":"$/cancel_request","params":{"requestId":99}}\n',
    b'{"params":' * 5_000 + b"1" + b"}" * 5_000 + b"\n",
    b'{"broken":\n',
    b'{"bytes":"\xff\xfe"}\n',
    b"\n",
]


async def open_session(desk: Played, name: str = "s1", **params: Any) -> None:
    """A session, up to our commands."""
    await desk.send(
        {"jsonrpc": "2.0", "id": 1, "method": "session/new", "params": {"cwd": "/p", "mcpServers": []} | params}
    )
    await desk.agent.heard()
    desk.agent.say({"jsonrpc": "2.0", "id": 1, "result": {"sessionId": name}})
    assert (await desk.told())["result"] == {"sessionId": name}
    assert (await desk.told())["params"]["update"]["sessionUpdate"] == "available_commands_update"


async def test_whatever_the_client_says_reaches_the_agent_byte_for_byte() -> None:
    async with played() as desk:
        for strange in STRANGE:
            await desk.send(strange)
            assert await desk.agent.heard() == strange


async def test_whatever_the_agent_says_reaches_the_client_byte_for_byte() -> None:
    async with played() as desk:
        for strange in STRANGE:
            desk.agent.say(strange)
            assert await desk.hear() == strange


async def test_what_is_no_message_is_not_passed_on() -> None:
    async with played() as desk:
        desk.agent.say(b"Debugger listening\n", b"\xff\xfe\n", b"42\n", STRANGE[0])
        assert await desk.hear() == STRANGE[0]


@pytest.mark.parametrize("back", [False, True], ids=["to the agent", "to the client"])
async def test_huge_lines_pass(back: bool) -> None:
    huge = b'{"jsonrpc":"2.0","id":1,"method":"x","params":"' + b"x" * 30_000_000 + b'"}\n'
    async with played() as desk:
        if back:
            desk.agent.say(*(huge[at : at + 100_000] for at in range(0, len(huge), 100_000)))
            assert await desk.hear() == huge
        else:
            sending = asyncio.create_task(desk.send(huge))
            assert await desk.agent.heard() == huge
            await sending


async def test_a_prompt_waits_until_it_is_decided_about() -> None:
    async with played() as desk:
        decide = asyncio.get_running_loop().create_future()
        desk.gate.decide_as = lambda asked, client: asyncio.wait_for(decide, None)
        await desk.send(prompt("Fix this"), STRANGE[0])
        await desk.gate.begun()
        assert await desk.agent.heard() == STRANGE[0]
        decide.set_result(Forward(desk.gate.asked[0].blocks))
        assert await desk.agent.heard() == line(prompt("Fix this"))


async def test_only_what_was_replaced_in_a_prompt_is_new() -> None:
    picture = b'{"type":"image","data":"AAAA","x":1.50,"deep":{"b":1, "a":2}}'
    before = (
        b'{"a":1.0,"jsonrpc":"2.0","id":"p\\u00e9","method":"session/prompt","params":'
        b'{"_meta":{"z": 1},"sessionId":"s1","prompt":[{"type":"text","text":"fix"},' + picture + b"]}}\n"
    )
    async with played() as desk:
        desk.gate.decide_as = lambda asked, client: Forward([{"type": "text", "text": "Fix it well"}, asked.blocks[1]])
        await desk.send(before)
        after = await desk.agent.heard()
    assert after == (
        b'{"a":1.0,"jsonrpc":"2.0","id":"p\\u00e9","method":"session/prompt","params":'
        b'{"_meta":{"z": 1},"sessionId":"s1","prompt":[{"type":"text","text":"Fix it well"},' + picture + b"]}}\n"
    )


@pytest.mark.parametrize("number", [0, 1, "seven", "", None, -3, 2.5, 12345678901234567890123])
@pytest.mark.parametrize(("decided", "reason"), [(Answered(), "end_turn"), (Stopped(), "cancelled")])
async def test_a_turn_that_ends_here_is_answered_here(number: object, decided: Decided, reason: str) -> None:
    async with played() as desk:
        desk.gate.decide_as = lambda asked, client: decided
        await desk.send(prompt(number=number), STRANGE[0])
        assert await desk.told() == {"jsonrpc": "2.0", "id": number, "result": {"stopReason": reason}}
        assert await desk.agent.heard() == STRANGE[0]


async def test_a_gate_that_fails_lets_the_prompt_pass_as_it_came() -> None:
    async def fail(asked: AskedPrompt, client: ClientPort) -> Decided:
        raise RuntimeError("out of order")

    for decide in (fail, lambda asked, client: Forward([{"type": object()}])):
        async with played() as desk:
            desk.gate.decide_as = decide
            await desk.send(prompt())
            assert await desk.agent.heard() == line(prompt())


async def test_cancelling_stops_the_decision_and_reaches_the_agent() -> None:
    async with played() as desk:
        desk.gate.never()
        await desk.send(prompt(number="p", session="s1"))
        await desk.gate.begun()
        await desk.send(cancel("s2"), cancel("s1"))
        assert await desk.agent.heard() == line(cancel("s2"))
        assert await desk.agent.heard() == line(cancel("s1"))
        assert await desk.told() == {"jsonrpc": "2.0", "id": "p", "result": {"stopReason": "cancelled"}}
        await asyncio.wait_for(desk.gate.cancelled.wait(), 5)
        desk.agent.say(chunk("still here"))
        assert await desk.told() == chunk("still here")


async def test_a_prompt_that_was_sent_on_is_cancelled_by_the_agent() -> None:
    async with played() as desk:
        await desk.send(prompt())
        await desk.agent.heard()
        await desk.send(cancel())
        assert await desk.agent.heard() == line(cancel())
        desk.agent.say({"jsonrpc": "2.0", "id": 7, "result": {"stopReason": "cancelled"}})
        assert (await desk.told())["result"] == {"stopReason": "cancelled"}


async def test_withdrawing_a_held_prompt_is_not_for_the_agent() -> None:
    withdrawn = {"jsonrpc": "2.0", "method": "$/cancel_request", "params": {"requestId": 7}}
    async with played() as desk:
        desk.gate.never()
        await desk.send(prompt(number=7))
        await desk.gate.begun()
        await desk.send(withdrawn, STRANGE[0])
        assert (await desk.told())["result"] == {"stopReason": "cancelled"}
        assert await desk.agent.heard() == STRANGE[0]


async def test_prompts_of_one_session_come_in_turn_and_those_of_others_at_once() -> None:
    async with played() as desk:
        first = asyncio.get_running_loop().create_future()

        async def decide(asked: AskedPrompt, client: ClientPort) -> Decided:
            if asked.blocks[0]["text"] == "one":
                await first
            return Forward(asked.blocks)

        desk.gate.decide_as = decide
        await desk.send(prompt("one", 1), prompt("two", 2), prompt("other", 3, "s2"))
        assert await desk.agent.heard() == line(prompt("other", 3, "s2"))
        first.set_result(None)
        assert await desk.agent.heard() == line(prompt("one", 1))
        assert await desk.agent.heard() == line(prompt("two", 2))
        assert [turn.text for turn in desk.gate.asked[-1].turns] == ["one"]


async def test_a_prompt_does_not_overtake_another_when_one_between_them_is_withdrawn() -> None:
    withdrawn = {"jsonrpc": "2.0", "method": "$/cancel_request", "params": {"requestId": 2}}
    async with played() as desk:
        first = asyncio.get_running_loop().create_future()

        async def decide(asked: AskedPrompt, client: ClientPort) -> Decided:
            if asked.blocks[0]["text"] == "one":
                await first
            return Forward(asked.blocks)

        desk.gate.decide_as = decide
        await desk.send(prompt("one", 1), prompt("two", 2), prompt("three", 3), withdrawn)
        assert (await desk.told())["id"] == 2
        await desk.send(STRANGE[0])
        assert await desk.agent.heard() == STRANGE[0]
        first.set_result(None)
        assert await desk.agent.heard() == line(prompt("one", 1))
        assert await desk.agent.heard() == line(prompt("three", 3))


async def test_the_gate_asks_the_client_and_the_agent_hears_nothing_of_it() -> None:
    async def ask(asked: AskedPrompt, client: ClientPort) -> Decided:
        assert client.capabilities == {"elicitation": {"form": {}}}
        await client.notify("session/update", {"sessionId": asked.session})
        answer = await client.request("elicitation/create", {"message": "Well?"})
        return Forward([{"type": "text", "text": answer["content"]}])

    async with played() as desk:
        desk.gate.decide_as = ask
        capabilities: Message = {"elicitation": {"form": {}}}
        hello = {"id": 0, "method": "initialize", "params": {"protocolVersion": 1, "clientCapabilities": capabilities}}
        await desk.send(hello, prompt(number=1))
        assert await desk.agent.heard() == line(hello)
        assert (await desk.told())["method"] == "session/update"
        asked = await desk.told()
        assert (asked["method"], asked["params"]) == ("elicitation/create", {"message": "Well?"})
        # The agent may have a request of its own on its way, and any id it likes.
        theirs = {"jsonrpc": "2.0", "id": 1, "method": "fs/read_text_file", "params": {}}
        desk.agent.say(theirs)
        assert await desk.told() == theirs
        result = {"jsonrpc": "2.0", "id": 1, "result": {"content": "file"}}
        await desk.send(result, {"jsonrpc": "2.0", "id": asked["id"], "result": {"content": "approved"}})
        assert await desk.agent.heard() == line(result)
        sent = json.loads(await desk.agent.heard())
        assert sent["params"]["prompt"] == [{"type": "text", "text": "approved"}]


async def test_a_client_that_refuses_is_named_to_the_gate() -> None:
    found: list[ClientRefused] = []

    async def ask(asked: AskedPrompt, client: ClientPort) -> Decided:
        try:
            await client.request("elicitation/create", {})
        except ClientRefused as refused:
            found.append(refused)
        return Stopped()

    async with played() as desk:
        desk.gate.decide_as = ask
        for error in ({"code": -32601, "message": "no such method"}, {"code": "strange"}):
            await desk.send(prompt())
            asked = await desk.told()
            await desk.send({"jsonrpc": "2.0", "id": asked["id"], "error": error})
            assert (await desk.told())["result"] == {"stopReason": "cancelled"}
    assert (found[0].code, "no such method" in str(found[0])) == (-32601, True)
    assert len(found) == 2


async def test_an_answer_that_cannot_be_read_is_a_refusal() -> None:
    found: list[ClientRefused] = []

    async def ask(asked: AskedPrompt, client: ClientPort) -> Decided:
        with pytest.raises(ClientRefused) as refused:
            await client.request("elicitation/create", {})
        found.append(refused.value)
        return Stopped()

    async with played() as desk:
        desk.gate.decide_as = ask
        for result in (b'{"content":"\xff"}', b'"\\ud800"'):
            await desk.send(prompt())
            own_id = json.dumps((await desk.told())["id"]).encode()
            await desk.send(b'{"jsonrpc":"2.0","id":' + own_id + b',"result":' + result + b"}\n")
            assert (await desk.told())["result"] == {"stopReason": "cancelled"}
    assert len(found) == 2


@pytest.mark.parametrize("number", [b"NaN", b"1e400", b'"\\ud800"', b'"\xff"'])
async def test_a_prompt_with_an_id_that_cannot_be_read_is_not_lost(number: bytes) -> None:
    asking = line(prompt(number=0)).replace(b'"id": 0', b'"id": ' + number)
    async with played() as desk:
        await desk.send(asking)
        assert await desk.agent.heard() == asking


async def test_a_question_that_is_given_up_is_withdrawn_and_its_late_answer_dropped() -> None:
    async def ask_for_a_moment(asked: AskedPrompt, client: ClientPort) -> Decided:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await client.request("session/request_permission", {})
        return Answered()

    async with played() as desk:
        desk.gate.decide_as = ask_for_a_moment
        await desk.send(prompt())
        asked = await desk.told()
        withdrawn = await desk.told()
        assert (withdrawn["method"], withdrawn["params"]) == ("$/cancel_request", {"requestId": asked["id"]})
        assert (await desk.told())["result"] == {"stopReason": "end_turn"}
        await desk.send({"jsonrpc": "2.0", "id": asked["id"], "result": {}}, STRANGE[0])
        assert await desk.agent.heard() == STRANGE[0]


async def test_when_a_turn_is_over_its_client_hears_nothing_more_of_it() -> None:
    kept: list[ClientPort] = []

    async def keep(asked: AskedPrompt, client: ClientPort) -> Decided:
        kept.append(client)
        return Answered()

    async with played() as desk:
        desk.gate.decide_as = keep
        await desk.send(prompt())
        await desk.told()
        with pytest.raises(ClientGone):
            await kept[0].notify("session/update", {})
        with pytest.raises(ClientGone):
            await kept[0].request("session/update", {})


async def test_the_gate_knows_the_session_and_what_was_said_in_it() -> None:
    async with played() as desk:
        await open_session(desk, additionalDirectories=["/q", "/p"])
        await desk.send(prompt("Add a test"))
        await desk.agent.heard()
        desk.agent.say(chunk("I will."), chunk(" Done."), chunk("aside", kind="agent_thought_chunk"), chunk("o", "s2"))
        for _ in range(4):
            await desk.told()
        await desk.send(prompt("Now the other file"))
        await desk.agent.heard()
        asked = desk.gate.asked[-1]
    assert (asked.session, asked.cwd, asked.roots) == ("s1", "/p", ("/p", "/q"))
    assert asked.turns == (Turn("user", "Add a test"), Turn("agent", "I will. Done."))
    assert dict(asked.commands) == {"refine": "refine", "original": "original", "stats": "stats"}


async def test_what_was_said_before_a_session_was_loaded_counts() -> None:
    load = {"id": 5, "method": "session/load", "params": {"cwd": "/p", "sessionId": "old", "mcpServers": []}}
    async with played() as desk:
        await desk.send(load)
        await desk.agent.heard()
        said = [
            chunk("Add a ", "old", "user_message_chunk"),
            chunk("test", "old", "user_message_chunk"),
            chunk("Ok", "old"),
        ]
        desk.agent.say(*said, {"id": 5, "result": None})
        assert [await desk.told() for _ in range(4)] == [*said, {"id": 5, "result": None}]
        assert (await desk.told())["params"]["sessionId"] == "old"
        # Live, the agent only repeats what the person has just said.
        desk.agent.say(chunk("again", "old", "user_message_chunk"))
        await desk.told()
        await desk.send(prompt("Now that", session="old"))
        await desk.agent.heard()
        asked = desk.gate.asked[-1]
    assert asked.cwd == "/p"
    assert asked.turns == (Turn("user", "Add a test"), Turn("agent", "Ok"))


@pytest.mark.parametrize("method", ["session/load", "session/resume", "session/fork"])
async def test_a_session_that_is_opened_again_goes_on_though_nothing_of_it_is_known(method: str) -> None:
    async with played() as desk:
        await desk.send({"id": 5, "method": method, "params": {"cwd": "/p", "sessionId": "old"}})
        await desk.agent.heard()
        desk.agent.say({"id": 5, "result": {"sessionId": "old"}})
        await desk.told()
        await desk.told()
        await desk.send(prompt("Now that", session="old"), prompt("Fix this", session="another"))
        await desk.agent.heard()
        await desk.agent.heard()
    assert [asked.goes_on for asked in desk.gate.asked] == [True, False]


async def test_a_fork_goes_on_from_what_was_said() -> None:
    async with played() as desk:
        await open_session(desk)
        await desk.send(prompt("Add a test"))
        await desk.agent.heard()
        await desk.send({"id": 8, "method": "session/fork", "params": {"cwd": "/f", "sessionId": "s1"}})
        await desk.agent.heard()
        desk.agent.say({"id": 8, "result": {"sessionId": "s9"}})
        await desk.told()
        assert (await desk.told())["params"]["sessionId"] == "s9"
        await desk.send(prompt("And now", session="s9"))
        await desk.agent.heard()
    assert (desk.gate.asked[-1].cwd, desk.gate.asked[-1].turns) == ("/f", (Turn("user", "Add a test"),))


async def test_commands_of_the_agent_and_ours_are_told_together() -> None:
    update = {
        "sessionUpdate": "available_commands_update",
        "availableCommands": [{"name": "refine", "description": "d"}],
    }
    theirs: Message = {"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": "s1", "update": update}}
    async with played() as desk:
        await open_session(desk)
        desk.agent.say(theirs)
        names = [command["name"] for command in (await desk.told())["params"]["update"]["availableCommands"]]
        assert names == ["refine", "optafly-refine", "original", "stats"]
        await desk.send(prompt("/optafly-refine it"))
        await desk.agent.heard()
        assert desk.gate.asked[-1].commands["optafly-refine"] == "refine"
        assert "refine" not in desk.gate.asked[-1].commands


async def test_an_agent_that_tells_its_commands_first_is_not_spoken_over() -> None:
    update = {"sessionUpdate": "available_commands_update", "availableCommands": []}
    theirs = {"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": "s1", "update": update}}
    opened = {"jsonrpc": "2.0", "id": 1, "result": {"sessionId": "s1"}}
    async with played() as desk:
        await desk.send({"id": 1, "method": "session/new", "params": {"cwd": "/p"}})
        await desk.agent.heard()
        desk.agent.say(theirs, opened, STRANGE[0])
        assert len((await desk.told())["params"]["update"]["availableCommands"]) == 3
        assert await desk.told() == opened
        assert await desk.hear() == STRANGE[0]


async def test_an_agent_that_ends_is_named_to_all_that_wait_for_it() -> None:
    async with played(linger_s=20) as desk:
        await open_session(desk)
        await desk.send(prompt(number="sent"), {"jsonrpc": "2.0", "id": None, "method": "session/list"})
        await desk.agent.heard()
        await desk.agent.heard()
        desk.gate.never()
        desk.gate.deciding.clear()
        await desk.send(prompt(number="held", session="s2"))
        await desk.gate.begun()
        desk.agent.die("ended with exit status 3")
        told = [await desk.told() for _ in range(3)]
        await desk.send({"jsonrpc": "2.0", "id": "late", "method": "session/new"}, prompt(number="later"), cancel())
        told += [await desk.told() for _ in range(2)]
        assert {message["id"] for message in told} == {"sent", None, "held", "late", "later"}
        for message in told:
            assert message["error"]["code"] == -32603
            assert message["error"]["message"].startswith("`played` ended with exit status 3")
        await desk.leave()


async def test_an_agent_that_cannot_be_started_is_named_to_the_first_who_asks() -> None:
    async with played() as desk:
        desk.agent.absent = "`nobody` was not found"
        await desk.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}})
        assert (await desk.told())["error"]["message"] == "`nobody` was not found"
        assert await desk.ended() == 1


async def test_an_agent_that_does_not_answer_at_its_start_is_stopped() -> None:
    async with played(start_limit_s=0.01) as desk:
        desk.agent.say(b"usage: played [-h]\n")
        await desk.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}})
        message = (await desk.told())["error"]["message"]
        assert "did not answer `initialize` within 0.01 s" in message
        assert "usage: played [-h]" in message
        assert desk.agent.stopped


@pytest.mark.parametrize("garbage", [b"yes\n" * 10, b"y"], ids=["lines", "no end of a line"])
async def test_an_agent_that_floods_with_what_is_not_acp_is_stopped(garbage: bytes) -> None:
    async with played() as desk:
        await desk.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}})
        await desk.agent.heard()
        for _ in range(40):
            desk.agent.say(garbage * 40_000)
        assert "does not speak ACP" in (await desk.told())["error"]["message"]


async def test_once_it_has_started_it_may_take_its_time() -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}}
    async with played(start_limit_s=5) as desk:
        await desk.send(hello)
        await desk.agent.heard()
        desk.agent.say({"jsonrpc": "2.0", "id": 1, "result": {"protocolVersion": 1}})
        await desk.told()
        for _ in range(30):
            desk.agent.say(b"noise " * 10_000 + b"\n")
        desk.agent.say(STRANGE[0])
        assert await desk.hear() == STRANGE[0]


async def test_a_client_that_leaves_stops_the_gate_and_the_agent() -> None:
    async with played() as desk:
        desk.gate.never()
        await desk.send(prompt())
        await desk.gate.begun()
        assert await desk.leave() == 0
        assert desk.gate.cancelled.is_set()
        assert desk.agent.stopped
        assert desk.agent.asked.empty()
