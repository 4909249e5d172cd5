"""Between a client and its agent: every line goes on as it came, prompts wait until it is decided about them."""

import asyncio
import logging
from typing import Final

import msgspec

from optafly.acp.agent_side import AgentSide
from optafly.acp.client import Client, LineOutput
from optafly.acp.held import HeldPrompt, Holding
from optafly.acp.inner import AgentFailed, Inner
from optafly.acp.lines import Line, Splitter
from optafly.acp.messages import (
    CANCEL_REQUEST,
    Envelope,
    InitializeParams,
    OfSession,
    OpenParams,
    PromptParams,
    Withdrawn,
    error_response,
    id_key,
    read_envelope,
    response,
)
from optafly.acp.ports import PromptGate
from optafly.acp.sessions import Sessions
from optafly.acp.streams import Input, Output

log = logging.getLogger(__name__)

LINGER_S: Final = 5.0
_REST_S: Final = 1.0
_OPENING: Final = frozenset({"session/new", "session/load", "session/resume", "session/fork"})
_CLOSING: Final = frozenset({"session/close", "session/delete"})


class Relay:
    """One client and one agent; for one run."""

    def __init__(
        self,
        came: Input,
        out: Output,
        inner: Inner,
        gate: PromptGate,
        *,
        start_limit_s: float,
        linger_s: float = LINGER_S,
    ) -> None:
        """``start_limit_s`` is how long the agent may take to answer ``initialize``.

        ``linger_s`` is how long a client is still told that it has ended.
        """
        self._came = came
        self._inner = inner
        self._start_limit_s = start_limit_s
        self._linger_s = linger_s
        self._client = Client(LineOutput(out.write))
        self._sessions = Sessions()
        self._agent = AgentSide(inner, self._client, self._sessions)
        self._to_agent = LineOutput(inner.write)
        self._holding = Holding(gate, self._client, self._sessions, self._forward)
        self._failure: AgentFailed | None = None
        self._told = asyncio.Event()
        self._left = asyncio.Event()

    async def run(self) -> int:
        """Relay until one of them has gone; returns the exit status."""
        client = asyncio.create_task(self._serving(), name="optafly-acp-client")
        failing = asyncio.create_task(self._failing(), name="optafly-acp-agent")
        try:
            await asyncio.wait({client, failing}, return_when=asyncio.FIRST_COMPLETED)
            if failing.done():
                await self._fail(failing.result())
                await self._inner.stop(at_once=True)
                await self._linger(client)
                return self._inner.status or 1
            at_once = client.result()
            self._client.leave()
            await self._holding.close()
            await self._inner.stop(at_once=at_once)
            # What it said last may be for a client that only has no more to say.
            await asyncio.wait({failing}, timeout=_REST_S)
            return 0
        finally:
            await _ended(client, failing)
            self._client.leave()
            await self._holding.close()
            await self._inner.stop(at_once=True)

    def leave(self) -> None:
        """End as soon as can be; nobody waits for what is still to come."""
        self._left.set()

    async def _serving(self) -> bool:
        """Take what the client says; returns when it has gone, and whether there is no time left."""
        reading = asyncio.create_task(self._from_client())
        leaving = asyncio.create_task(self._left.wait())
        try:
            await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            return leaving.done()
        finally:
            await _ended(reading, leaving)

    async def _linger(self, client: asyncio.Task[bool]) -> None:
        """Stay until somebody has been told why nothing is answered, and a little longer."""
        told = asyncio.create_task(self._told.wait())
        await asyncio.wait({client, told}, return_when=asyncio.FIRST_COMPLETED)
        await _ended(told)
        await asyncio.wait({client}, timeout=self._linger_s)

    async def _failing(self) -> AgentFailed:
        """Start the agent and pass on what it says; returns why that came to its end."""
        try:
            self._inner.start()
        except AgentFailed as failure:
            return failure
        saying = asyncio.create_task(self._agent.run())
        ending = asyncio.create_task(self._inner.ended())
        starting = asyncio.create_task(self._agent.late(self._start_limit_s))
        try:
            await asyncio.wait({saying, ending, starting}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done() and (late := starting.result()):
                return late
            await asyncio.wait({saying, ending}, return_when=asyncio.FIRST_COMPLETED)
            if saying.done() and (nonsense := saying.result()):
                return nonsense
            # One is the end of its output, the other that of its process; most often both are near.
            await asyncio.wait({saying, ending}, timeout=_REST_S)
            return ending.result() if ending.done() else self._inner.failed("closed its output")
        finally:
            await _ended(saying, ending, starting)

    async def _fail(self, failure: AgentFailed) -> None:
        """The agent has ended: all that waits for it is answered, and all that comes later."""
        log.error("the agent has failed (exit status %d)", self._inner.status)
        self._failure = failure
        for request_id in [*self._holding.stop(), *self._agent.give_up()]:
            await self._refuse(request_id, failure)

    async def _refuse(self, request_id: msgspec.Raw, failure: AgentFailed) -> None:
        await self._client.out.send(error_response(request_id, str(failure)))
        self._told.set()

    async def _from_client(self) -> None:
        splitter = Splitter()
        while data := await self._came.read():
            for line in splitter.feed(data):
                await self._client_line(line)
        if rest := splitter.rest():
            await self._client_line(rest)

    async def _client_line(self, line: Line) -> None:
        envelope = read_envelope(line.data) if line.whole else None
        if envelope is not None and envelope.is_response and self._client.takes(envelope):
            return
        if self._failure is not None:
            if envelope is not None and envelope.is_request:
                await self._refuse(envelope.id, self._failure)
            return
        stopped: list[msgspec.Raw] = []
        if envelope is not None and envelope.method:
            try:
                if envelope.method == "session/prompt" and envelope.is_request:
                    params = msgspec.json.decode(envelope.params, type=PromptParams)
                    self._holding.hold(line.data, envelope.id, params)
                    return
                stopped = self._read_client(envelope)
            except (ValueError, RecursionError):  # the agent says what is wrong with it
                log.info("a message of the client could not be read and goes on as it came")
                self._agent.expect(envelope)
            if stopped and envelope.method == CANCEL_REQUEST:
                # The agent has not heard of that request.
                await self._answer_cancelled(stopped)
                return
        await self._to_agent.pass_on(line)
        await self._answer_cancelled(stopped)

    def _read_client(self, envelope: Envelope) -> list[msgspec.Raw]:
        """Note what a message of the client says; returns the held prompts that it stops."""
        method, params = envelope.method, envelope.params
        if method == "session/cancel" or method in _CLOSING:
            name = msgspec.json.decode(params, type=OfSession).session_id
            if method in _CLOSING:
                self._sessions.drop(name)
            self._agent.expect(envelope)
            return self._holding.stop(lambda prompt: prompt.session == name)
        if method == CANCEL_REQUEST:
            withdrawn = id_key(msgspec.json.decode(params, type=Withdrawn).request_id)
            return self._holding.stop(lambda prompt: id_key(prompt.id) == withdrawn)
        if method == "initialize":
            found = msgspec.json.decode(params, type=InitializeParams).client_capabilities
            self._client.capabilities = found or {}
        self._agent.expect(envelope, msgspec.json.decode(params, type=OpenParams) if method in _OPENING else None)
        return []

    async def _answer_cancelled(self, ids: list[msgspec.Raw]) -> None:
        for request_id in ids:
            await self._client.out.send(response(request_id, {"stopReason": "cancelled"}))

    async def _forward(self, prompt: HeldPrompt, line: bytes) -> None:
        if self._failure is not None:
            await self._refuse(prompt.id, self._failure)
            return
        self._agent.expect(Envelope("session/prompt", prompt.id))
        await self._to_agent.send(line)


async def _ended(*tasks: "asyncio.Task[object]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
