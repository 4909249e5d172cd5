"""What is behind the relay where there is no other agent: one of our own, in this process."""

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from optafly import __version__
from optafly.acp.client import Client, LineOutput, TurnClient
from optafly.acp.inner import AgentFailed
from optafly.acp.lines import Splitter
from optafly.acp.messages import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    OpenParams,
    error_response,
    read_envelope,
    texts,
)
from optafly.acp.ports import Answerer, StopReason
from optafly.acp.sessions import Session, Sessions
from optafly.errors import OptaFlyError
from optafly.log_file import where

if TYPE_CHECKING:
    from acp.schema import InitializeResponse, NewSessionResponse, PromptResponse

log = logging.getLogger(__name__)

_NULL = msgspec.Raw(b"null")


class OwnAgent:
    """An `Inner` that answers with `Answerer`; the SDK reads what it is asked and writes what it answers."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self._asked: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._splitter = Splitter()
        self._client = Client(LineOutput(self._said.put))
        self._agent = _Agent(answerer, self._client)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._serve(), name="optafly-acp-own-agent")

    async def read(self) -> bytes:
        """What it says."""
        return await self._said.get()

    async def write(self, data: bytes) -> None:
        """Ask it something."""
        for line in self._splitter.feed(data):
            if line.data.strip():
                await self._take(line.data)

    async def ended(self) -> AgentFailed:
        """Wait until it has failed."""
        if self._task is not None:
            await asyncio.wait({self._task})
        return self.failed("has ended")

    def failed(self, how: str, said: bytes = b"") -> AgentFailed:  # noqa: ARG002  nothing that is not a message
        """An error of it."""
        return AgentFailed(f"`optafly acp` {how}")

    async def stop(self, *, at_once: bool = False) -> None:  # noqa: ARG002  it has nothing to do before
        """Stop answering."""
        self._client.leave()
        # Before anything is cancelled: this is no person who does not want an answer any more.
        await self._answerer.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    @property
    def status(self) -> int:
        """It has none."""
        return 0

    async def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            await self._said.put(error_response(_NULL, "this is not JSON", PARSE_ERROR))
            return
        if not isinstance(message, dict):
            await self._said.put(error_response(_NULL, "a message is an object", INVALID_REQUEST))
            return
        envelope = read_envelope(line)
        if envelope is None or not (envelope.is_response and self._client.takes(envelope)):
            await self._asked.put(message)

    async def _serve(self) -> None:
        connection_of = await asyncio.to_thread(_import_sdk)
        async with connection_of(self._agent, _Messages(self._asked, self._said), listening=False) as connection:
            await connection.listen()


class _Messages:
    """A `Transport` of the SDK."""

    def __init__(self, asked: "asyncio.Queue[dict[str, Any] | None]", said: "asyncio.Queue[bytes]") -> None:
        self._asked = asked
        self._said = said

    async def send(self, message: Mapping[str, Any]) -> None:
        try:
            data = msgspec.json.encode(message, enc_hook=str)
        except UnicodeEncodeError:  # half a letter, which an id may hold as well
            data = json.dumps(message, default=str).encode()
        await self._said.put(data + b"\n")

    async def receive(self) -> dict[str, Any] | None:
        return await self._asked.get()

    async def close(self) -> None:
        """Nothing is open."""


class _Agent:
    """The methods of ACP that make sense without tools; the SDK finds them by their names and refuses all others."""

    def __init__(self, answerer: Answerer, client: Client) -> None:
        self._answerer = answerer
        self._client = client
        self._sessions = Sessions()
        self._answering: dict[str, list[asyncio.Task[StopReason]]] = {}

    async def initialize(
        self, protocol_version: int, client_capabilities: Any = None, **_: Any
    ) -> "InitializeResponse":
        from acp import PROTOCOL_VERSION  # noqa: PLC0415
        from acp.schema import AgentCapabilities, Implementation, InitializeResponse, PromptCapabilities  # noqa: PLC0415

        if client_capabilities is not None:
            self._client.capabilities = client_capabilities.model_dump(mode="json", by_alias=True, exclude_none=True)
        return InitializeResponse(
            protocol_version=min(protocol_version, PROTOCOL_VERSION) or PROTOCOL_VERSION,
            agent_capabilities=AgentCapabilities(prompt_capabilities=PromptCapabilities(embedded_context=True)),
            agent_info=Implementation(name="optafly", title="OptaFly", version=__version__),
        )

    async def new_session(
        self, cwd: str, additional_directories: list[str] | None = None, **_: Any
    ) -> "NewSessionResponse":
        from acp.schema import NewSessionResponse  # noqa: PLC0415

        name = uuid.uuid4().hex
        self._sessions.of(name).opened(OpenParams(cwd, additional_directories=additional_directories))
        return NewSessionResponse(session_id=name)

    async def prompt(self, session_id: str, prompt: list[Any], **_: Any) -> "PromptResponse":
        from acp import RequestError  # noqa: PLC0415
        from acp.schema import PromptResponse  # noqa: PLC0415

        if not self._sessions.knows(session_id):
            raise RequestError(INVALID_PARAMS, "there is no such session; start a new one")
        blocks = [block.model_dump(mode="json", by_alias=True, exclude_none=True) for block in prompt]
        session = self._sessions.of(session_id)
        turn = _Speaking(self._client, session)
        here = self._answering.setdefault(session_id, [])
        before = tuple(here)

        async def answer() -> StopReason:
            if before:
                await asyncio.wait(before)
            asked = session.asked(session_id, blocks)
            session.prompted(texts(blocks))
            return await self._answerer.answer(asked, turn)

        answering = asyncio.create_task(answer())
        here.append(answering)
        try:
            await asyncio.wait({answering})
            return PromptResponse(stop_reason="cancelled" if answering.cancelled() else answering.result())
        except OptaFlyError as error:
            raise RequestError(INTERNAL_ERROR, str(error)) from None
        except Exception as error:
            log.error("answering failed: %s", where(error))
            raise RequestError(INTERNAL_ERROR, "answering failed; see the log") from None
        finally:
            turn.over = True
            answering.cancel()
            here.remove(answering)

    async def cancel(self, session_id: str, **_: Any) -> None:
        for answering in self._answering.get(session_id, ()):
            answering.cancel()


class _Speaking(TurnClient):
    """The client for one answer, which is remembered."""

    def __init__(self, client: Client, session: Session) -> None:
        super().__init__(client)
        self._session = session

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        await super().notify(method, params)
        update = params.get("update")
        if isinstance(update, dict) and update.get("sessionUpdate") == "agent_message_chunk":
            self._session.said("agent", texts([update.get("content") or {}]))


def _import_sdk() -> Any:
    """It takes a second, which nobody must wait for who does something else."""
    from acp.agent.connection import AgentSideConnection  # noqa: PLC0415  from elsewhere it is announced to go

    return AgentSideConnection
