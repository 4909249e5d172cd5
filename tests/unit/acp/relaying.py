"""A relay between a played client and a played agent, with a played gate."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable
from io import FileIO
from typing import Any

from optafly.acp.inner import AgentFailed
from optafly.acp.lines import Splitter
from optafly.acp.ports import AskedPrompt, ClientPort, Decided, Forward
from optafly.acp.relay import Relay
from optafly.acp.streams import Input, Output

BOUND_S = 20.0
Message = dict[str, Any]


class PlayedAgent:
    """What is behind the relay: what it is asked comes out of ``asked``, what it says is put into ``say``."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[bytes] = asyncio.Queue()
        self.stopped = False
        self.status = 0
        self.absent = ""
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self._end: asyncio.Future[AgentFailed] = asyncio.get_running_loop().create_future()
        self._splitter = Splitter()

    def start(self) -> None:
        if self.absent:
            raise AgentFailed(self.absent)

    async def read(self) -> bytes:
        return await self._said.get()

    async def write(self, data: bytes) -> None:
        for line in self._splitter.feed(data):
            await self.asked.put(line.data)

    async def ended(self) -> AgentFailed:
        return await asyncio.shield(self._end)

    def failed(self, how: str, said: bytes = b"") -> AgentFailed:
        return AgentFailed(f"`played` {how}: {said.decode('utf-8', 'replace')}")

    async def stop(self, *, at_once: bool = False) -> None:
        self.stopped = True
        self.die("was stopped")

    def say(self, *messages: Message | bytes) -> None:
        for message in messages:
            self._said.put_nowait(message if isinstance(message, bytes) else line(message))

    def die(self, how: str) -> None:
        if not self._end.done():
            self._said.put_nowait(b"")
            self._end.set_result(self.failed(how))

    async def heard(self) -> bytes:
        """The next line that reaches it."""
        return await asyncio.wait_for(self.asked.get(), BOUND_S)


class PlayedGate:
    """Decides as it is told; without that, lets everything pass."""

    def __init__(self) -> None:
        self.asked: list[AskedPrompt] = []
        self.deciding = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.decide_as: Callable[[AskedPrompt, ClientPort], Any] = lambda asked, client: Forward(asked.blocks)

    async def decide(self, asked: AskedPrompt, client: ClientPort) -> Decided:
        self.asked.append(asked)
        self.deciding.set()
        try:
            decided = self.decide_as(asked, client)
            return await decided if asyncio.iscoroutine(decided) else decided  # type: ignore[no-any-return]
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def close(self) -> None:
        """Nothing is open."""

    def never(self) -> None:
        """From now on it does not come to a decision."""

        async def wait(asked: AskedPrompt, client: ClientPort) -> Decided:
            await asyncio.get_running_loop().create_future()
            raise AssertionError

        self.decide_as = wait

    async def begun(self) -> None:
        await asyncio.wait_for(self.deciding.wait(), BOUND_S)


class Played:
    """A client before a relay."""

    def __init__(self, start_limit_s: float, linger_s: float) -> None:
        to_relay, from_relay = os.pipe(), os.pipe()
        self.agent = PlayedAgent()
        self.gate = PlayedGate()
        self._to_relay = Output(FileIO(to_relay[1], "wb"), "to-relay")
        self._from_relay = Input(FileIO(from_relay[0], "rb"), "from-relay")
        self._out = Output(FileIO(from_relay[1], "wb"), "output")
        came = Input(FileIO(to_relay[0], "rb"), "input")
        self.relay = Relay(
            came, self._out, self.agent, self.gate, start_limit_s=start_limit_s, linger_s=linger_s
        )  # fmt: skip
        self.running = asyncio.create_task(self.relay.run())
        self._splitter = Splitter()
        self._lines: list[bytes] = []

    async def send(self, *messages: Message | bytes) -> None:
        for message in messages:
            await self._to_relay.write(message if isinstance(message, bytes) else line(message))

    async def hear(self) -> bytes:
        """The next line that reaches the client."""
        while not self._lines:
            data = await asyncio.wait_for(self._from_relay.read(), BOUND_S)
            assert data, "the relay has closed its output"
            self._lines += [one.data for one in self._splitter.feed(data)]
        return self._lines.pop(0)

    async def told(self) -> Message:
        """The next message that reaches the client."""
        found: Message = json.loads(await self.hear())
        return found

    async def leave(self) -> int:
        """Close the client's end; the exit status of the relay."""
        await self._to_relay.close(BOUND_S)
        return await self.ended()

    async def ended(self) -> int:
        return await asyncio.wait_for(asyncio.shield(self.running), BOUND_S)

    async def close(self) -> None:
        self.relay.leave()
        await asyncio.wait({self.running}, timeout=BOUND_S)
        for output in (self._to_relay, self._out):
            await output.close(BOUND_S)
        assert self.running.done()
        self.running.result()


@contextlib.asynccontextmanager
async def played(start_limit_s: float = BOUND_S, linger_s: float = 0.0) -> AsyncIterator[Played]:
    desk = Played(start_limit_s, linger_s)
    try:
        yield desk
    finally:
        await desk.close()


def line(message: Message) -> bytes:
    return json.dumps(message).encode() + b"\n"


def prompt(text: str = "Fix this", number: object = 7, session: str = "s1", **more: Any) -> Message:
    blocks = [{"type": "text", "text": text}]
    params = {"sessionId": session, "prompt": blocks} | more
    return {"jsonrpc": "2.0", "id": number, "method": "session/prompt", "params": params}


def cancel(session: str = "s1") -> Message:
    return {"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session}}


def chunk(text: str, session: str = "s1", kind: str = "agent_message_chunk") -> Message:
    update = {"sessionUpdate": kind, "content": {"type": "text", "text": text}}
    return {"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": session, "update": update}}
