"""What the agent says: passed on as it is, with our commands among its own."""

import asyncio
import logging
from typing import Final

import msgspec

from optafly.acp.client import Client
from optafly.acp.commands import UPDATE, own_update, with_ours
from optafly.acp.inner import AgentFailed, Inner
from optafly.acp.lines import Line, Splitter
from optafly.acp.messages import Envelope, OfSession, OpenParams, UpdateParams, chunk_text, id_key, read_envelope
from optafly.acp.sessions import Sessions

log = logging.getLogger(__name__)

_MOST_GARBAGE: Final = 1_000_000


class Pending(msgspec.Struct, frozen=True):
    """A request of the client that the agent has not answered; ``opens`` where that opens a session."""

    id: msgspec.Raw
    method: str
    opens: OpenParams | None = None


class AgentSide:
    """Reads and passes on what the agent says."""

    def __init__(self, inner: Inner, client: Client, sessions: Sessions) -> None:
        self._inner = inner
        self._client = client
        self._sessions = sessions
        self._pending: dict[object, Pending] = {}
        self._begun = asyncio.Event()
        self._started = asyncio.Event()
        self._garbage = 0
        self._said = b""

    def expect(self, envelope: Envelope, opens: OpenParams | None = None) -> None:
        """Note a request that goes to the agent."""
        if not envelope.is_request:
            return
        self._pending[id_key(envelope.id)] = Pending(envelope.id.copy(), envelope.method, opens)
        if envelope.method == "initialize":
            self._begun.set()
        if opens is not None and opens.session_id and envelope.method != "session/fork":
            session = self._sessions.of(opens.session_id)
            session.opened(opens)
            session.goes_on = envelope.method != "session/new"
            if envelope.method == "session/load":
                session.loading = True
                session.forget_turns()

    def give_up(self) -> list[msgspec.Raw]:
        """The ids of all that it has not answered and will not."""
        ids = [pending.id for pending in self._pending.values()]
        self._pending.clear()
        return ids

    async def late(self, seconds: float) -> AgentFailed | None:
        """Wait until it has answered ``initialize``; an error where it takes longer than that."""
        await self._begun.wait()
        try:
            await asyncio.wait_for(self._started.wait(), seconds)
        except TimeoutError:
            return self._inner.failed(f"did not answer `initialize` within {seconds:g} s", self._said)
        return None

    async def run(self) -> AgentFailed | None:
        """Pass on what it says to its end; an error where it says nothing that is ACP."""
        splitter = Splitter()
        while data := await self._inner.read():
            for line in splitter.feed(data):
                await self._line(line)
            unended = 0 if _is_json(splitter.beginning) else splitter.held
            if not self._started.is_set() and self._garbage + unended > _MOST_GARBAGE:
                return self._inner.failed("does not speak ACP; it printed", self._said or splitter.beginning)
        if rest := splitter.rest():
            await self._line(rest)
        return None

    async def _line(self, line: Line) -> None:
        if line.whole and not _is_json(line.data):
            self._drop(line.data)
            return
        envelope = read_envelope(line.data) if line.whole else None
        pending = None
        if envelope is not None and envelope.is_response:
            pending = self._pending.pop(id_key(envelope.id), None)
            if pending is not None and pending.method == "initialize":
                self._started.set()
        elif envelope is not None and envelope.method == "session/update":
            line = self._read_update(line, envelope)
        await self._client.out.pass_on(line)
        if pending is not None and pending.opens is not None and envelope is not None:
            await self._opened(pending.opens, pending.method, envelope)

    def _drop(self, data: bytes) -> None:
        """What it prints and is no message goes to nobody; in errors it tells what is wrong."""
        if not self._garbage:
            log.warning("the agent printed a line that is no message")
            self._said = data
        self._garbage += len(data)

    def _read_update(self, line: Line, envelope: Envelope) -> Line:
        """Note what an update says; our commands are added to those of the agent."""
        try:
            params = msgspec.json.decode(envelope.params, type=UpdateParams)
            session, kind = self._sessions.of(params.session_id), params.update.session_update
            if kind == "agent_message_chunk":
                session.said("agent", chunk_text(params.update))
            elif kind == "user_message_chunk" and session.loading:
                session.said("user", chunk_text(params.update))
            elif kind == UPDATE:
                data, session.commands = with_ours(line.data)
                session.told = True
                return Line(data)
        except (ValueError, RecursionError):
            log.info("an update of the agent could not be read and goes on as it came")
        return line

    async def _opened(self, opens: OpenParams, method: str, envelope: Envelope) -> None:
        """A session is there, or has failed to be."""
        name = opens.session_id
        if not bytes(envelope.result):
            return
        try:
            if method in {"session/new", "session/fork"}:
                name = msgspec.json.decode(envelope.result, type=OfSession).session_id
        except ValueError:
            return
        session = self._sessions.of(name)
        session.opened(opens)
        session.loading = False
        if method == "session/fork" and opens.session_id:
            session.goes_on_from(self._sessions.of(opens.session_id))
        if not session.told:
            session.told = True
            await self._client.notify("session/update", own_update(name, session.commands))


def _is_json(data: bytes) -> bool:
    """Whether it begins as a message, several, or nothing do; what is wrong further on is for the client to judge."""
    return data[:100].lstrip()[:1] in {b"", b"{", b"["}
