"""OptaFly as the agent: what it says of itself, sessions, cancelling, and whatever else it may be asked."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optafly.acp.lines import Splitter
from optafly.acp.own_agent import OwnAgent
from optafly.acp.ports import AskedPrompt, ClientPort, StopReason, Turn
from optafly.errors import SendFailed
from tests.unit.acp.relaying import BOUND_S, Message, cancel, line, prompt
from tests.unit.acp.test_relay_fuzz import LINE

Answering = Callable[[AskedPrompt, ClientPort], Awaitable[StopReason]]


async def echo(asked: AskedPrompt, client: ClientPort) -> StopReason:
    content = {"type": "text", "text": asked.blocks[0]["text"].upper()}
    update = {"sessionUpdate": "agent_message_chunk", "content": content}
    await client.notify("session/update", {"sessionId": asked.session, "update": update})
    return "end_turn"


class Played:
    """A client of it, and what answers behind it."""

    def __init__(self) -> None:
        self.asked: list[AskedPrompt] = []
        self.answering: Answering = echo
        self.agent = OwnAgent(self)
        self._splitter = Splitter()
        self._lines: list[bytes] = []

    async def answer(self, asked: AskedPrompt, client: ClientPort) -> StopReason:
        self.asked.append(asked)
        return await self.answering(asked, client)

    async def close(self) -> None:
        """Nothing is open."""

    async def send(self, *messages: Message | bytes) -> None:
        for message in messages:
            await self.agent.write(message if isinstance(message, bytes) else line(message))

    async def told(self) -> Message:
        while not self._lines:
            data = await asyncio.wait_for(self.agent.read(), BOUND_S)
            self._lines += [one.data for one in self._splitter.feed(data)]
        message: Message = json.loads(self._lines.pop(0))
        return message

    async def ask(self, method: str, params: object, number: object = 1) -> Message:
        await self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return await self.told()

    async def begin(self, cwd: str = "/p") -> str:
        return str((await self.ask("session/new", {"cwd": cwd, "mcpServers": []}))["result"]["sessionId"])


@contextlib.asynccontextmanager
async def played() -> AsyncIterator[Played]:
    desk = Played()
    desk.agent.start()
    try:
        yield desk
    finally:
        await desk.agent.stop()


async def test_it_says_what_it_is() -> None:
    async with played() as desk:
        result = (await desk.ask("initialize", {"protocolVersion": 99, "clientCapabilities": {"terminal": True}}))[
            "result"
        ]
    assert result["protocolVersion"] == 1
    assert result["agentInfo"]["name"] == "optafly"
    assert result["agentCapabilities"]["promptCapabilities"] == {"embeddedContext": True}


async def test_sessions_are_answered_side_by_side_each_with_what_was_said_in_it() -> None:
    async with played() as desk:
        one, other = await desk.begin("/one"), await desk.begin("/other")
        for session, words in ((one, "first"), (other, "hello"), (one, "second")):
            await desk.send(prompt(words, words, session))
            update, answer = await desk.told(), await desk.told()
            assert update["params"]["sessionId"] == session
            assert update["params"]["update"]["content"]["text"] == words.upper()
            assert (answer["id"], answer["result"]) == (words, {"stopReason": "end_turn"})
    assert [(asked.cwd, asked.turns) for asked in desk.asked] == [
        ("/one", ()),
        ("/other", ()),
        ("/one", (Turn("user", "first"), Turn("agent", "FIRST"))),
    ]


async def test_prompts_of_one_session_are_answered_in_turn() -> None:
    first = asyncio.Event()

    async def answer(asked: AskedPrompt, client: ClientPort) -> StopReason:
        if not asked.turns:
            await first.wait()
        return await echo(asked, client)

    async with played() as desk:
        desk.answering = answer
        one, other = await desk.begin("/one"), await desk.begin("/other")
        await desk.send(prompt("a", "a", one), prompt("b", "b", one), prompt("c", "c", other))
        first.set()
        told = [await desk.told() for _ in range(6)]
    assert [message["id"] for message in told if message.get("id") in {"a", "b"}] == ["a", "b"]
    turns = [asked.turns for asked in desk.asked if asked.blocks[0]["text"] == "b"]
    assert turns == [(Turn("user", "a"), Turn("agent", "A"))]


async def test_blocks_arrive_as_they_were_sent() -> None:
    resource = {"type": "resource", "resource": {"uri": "file:///a", "text": "x", "mimeType": "text/plain"}}
    blocks = [{"type": "text", "text": "a"}, resource, {"type": "resource_link", "name": "b", "uri": "file:///b"}]
    async with played() as desk:
        await desk.send(
            prompt(session=await desk.begin()) | {"params": {"sessionId": await desk.begin(), "prompt": blocks}}
        )
        await desk.told()
    assert list(desk.asked[0].blocks) == blocks


async def test_cancelling_stops_the_answer() -> None:
    begun = asyncio.Event()

    async def never(asked: AskedPrompt, client: ClientPort) -> StopReason:
        begun.set()
        await asyncio.get_running_loop().create_future()
        return "end_turn"

    async with played() as desk:
        desk.answering = never
        session = await desk.begin()
        await desk.send(prompt(session=session))
        await asyncio.wait_for(begun.wait(), BOUND_S)
        await desk.send(cancel("another"), cancel(session))
        assert (await desk.told())["result"] == {"stopReason": "cancelled"}


@pytest.mark.parametrize(
    ("error", "words"),
    [(SendFailed("the API could not be reached"), "the API could not be reached"), (KeyError("secret"), "see the log")],
)
async def test_what_goes_wrong_is_said(error: Exception, words: str) -> None:
    async def fail(asked: AskedPrompt, client: ClientPort) -> StopReason:
        raise error

    async with played() as desk:
        desk.answering = fail
        await desk.send(prompt(session=await desk.begin()))
        message = (await desk.told())["error"]["message"]
    assert words in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("session/prompt", {"sessionId": "nobody", "prompt": []}, -32602),
        ("session/prompt", {"sessionId": 5}, -32602),
        ("session/new", {"cwd": None}, -32602),
        ("initialize", [], -32602),
        ("session/load", {"sessionId": "s", "cwd": "/", "mcpServers": []}, -32601),
        ("no/such", None, -32601),
        ("_vendor/x", {}, -32601),
    ],
)
async def test_what_it_cannot_do_is_refused(method: str, params: object, code: int) -> None:
    async with played() as desk:
        assert (await desk.ask(method, params))["error"]["code"] == code
        await desk.begin()


@pytest.mark.parametrize(
    "asked", [{"id": "\ud800", "method": "no/such"}, {"id": 1, "method": "\ud800"}], ids=["id", "method"]
)
async def test_half_a_letter_in_a_request_gets_an_answer(asked: Message) -> None:
    async with played() as desk:
        await desk.send({"jsonrpc": "2.0", **asked})
        message = await desk.told()
        assert (message["id"], message["error"]["code"]) == (asked["id"], -32601)


@pytest.mark.parametrize(("data", "code"), [(b"nonsense\n", -32700), (b"[]\n", -32600), (b"5\n", -32600)])
async def test_what_is_no_message_is_refused(data: bytes, code: int) -> None:
    async with played() as desk:
        await desk.send(data)
        message = await desk.told()
        assert (message["id"], message["error"]["code"]) == (None, code)
        await desk.begin()


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=5))
def test_whatever_it_is_asked_it_goes_on(lines: list[bytes]) -> None:
    async def run() -> None:
        async with played() as desk:
            await desk.send(*lines)
            await desk.send({"jsonrpc": "2.0", "id": "probe", "method": "_probe"})
            while (await desk.told()).get("id") != "probe":
                pass

    asyncio.run(run())
