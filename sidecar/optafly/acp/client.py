"""The client's side of the relay: whole lines to it, and requests of our own between those of the agent."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from optafly.acp.lines import Line
from optafly.acp.messages import CANCEL_REQUEST, Envelope, ErrorObject, notification, request
from optafly.acp.ports import ClientGone, ClientRefused


class LineOutput:
    """Lines to one side, none of them within another."""

    def __init__(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        self._write = write
        self._lock = asyncio.Lock()
        self._within = False

    async def send(self, line: bytes) -> None:
        """A line of our own, or one that came whole."""
        async with self._lock:
            await self._write(line)

    async def pass_on(self, line: Line) -> None:
        """What came from the other side, also where it comes in pieces; for one caller."""
        if not self._within:
            await self._lock.acquire()
        self._within = True
        try:
            await self._write(line.data)
        finally:
            if line.ends:
                self._within = False
                self._lock.release()


class Client:
    """The client: what it can do, and what it is asked and told besides what the agent says."""

    def __init__(self, out: LineOutput) -> None:
        self.out = out
        self.capabilities: Mapping[str, Any] = {}
        # Not to be met by chance, and not to be told by an agent: its ids go to the client in the same place.
        self._own = f"optafly-{secrets.token_hex(8)}-"
        self._count = 0
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._gone = False

    async def request(self, method: str, params: Mapping[str, Any]) -> Any:
        """Ask the client; raises `ClientRefused` and `ClientGone`."""
        if self._gone:
            raise ClientGone("the client has gone")
        self._count += 1
        own_id = f"{self._own}{self._count}"
        answer = self._waiting[own_id] = asyncio.get_running_loop().create_future()
        try:
            await self.out.send(request(own_id, method, params))
            return await answer
        except asyncio.CancelledError:
            if not answer.done() or answer.cancelled():
                with contextlib.suppress(asyncio.CancelledError):
                    await self.out.send(notification(CANCEL_REQUEST, {"requestId": own_id}))
            raise
        finally:
            del self._waiting[own_id]

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Tell the client something."""
        await self.out.send(notification(method, params))

    def takes(self, envelope: Envelope) -> bool:
        """Whether an answer is to a request of ours, which then gets it; also one that comes too late."""
        with contextlib.suppress(ValueError, RecursionError):
            name = msgspec.json.decode(envelope.id)
            if isinstance(name, str) and name.startswith(self._own):
                answer = self._waiting.get(name)
                if answer is not None and not answer.done():
                    _settle(answer, envelope)
                return True
        return False

    def leave(self) -> None:
        """The client has gone: nobody waits for it any more."""
        self._gone = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ClientGone("the client has gone"))


class TurnClient:
    """The client for one prompt: when its turn is over, it is told and asked nothing more."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.over = False

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What it said at `initialize`."""
        return self._client.capabilities

    async def request(self, method: str, params: Mapping[str, Any]) -> Any:
        """Ask it; raises `ClientRefused` and `ClientGone`."""
        self._check()
        return await self._client.request(method, params)

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Tell it; raises `ClientGone`."""
        self._check()
        await self._client.notify(method, params)

    def _check(self) -> None:
        if self.over:
            raise ClientGone("this turn is over")


def _settle(answer: asyncio.Future[Any], envelope: Envelope) -> None:
    try:
        if bytes(envelope.error):
            error = msgspec.json.decode(envelope.error, type=ErrorObject)
            answer.set_exception(ClientRefused(f"the client refused: {error.message}", error.code))
        else:
            answer.set_result(msgspec.json.decode(envelope.result) if bytes(envelope.result) else None)
    except (ValueError, RecursionError):
        answer.set_exception(ClientRefused("the client's answer cannot be read", 0))
