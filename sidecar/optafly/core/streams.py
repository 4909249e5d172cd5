"""Answers that last: event streams and long waits, given up as soon as the other side goes away."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from optafly.core.security import Receive, Scope, Send
from optafly.core.sse import KEEP_ALIVE, KEEP_ALIVE_S, event
from optafly.sse import MEDIA_TYPE

T = TypeVar("T")


class EventStream(Response):
    """Sends events as they come; closes their generator, and with it the work, when the front-end goes away."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncGenerator[tuple[str, object]]) -> None:
        super().__init__(headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send them until they end or nobody listens."""
        async with contextlib.aclosing(self._events):
            with contextlib.suppress(ClientDisconnect):
                await unless_gone(self._send(send), receive)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        waiting = asyncio.ensure_future(anext(self._events, None))
        try:
            while True:
                await asyncio.wait({waiting}, timeout=KEEP_ALIVE_S)
                if not waiting.done():
                    await _send_some(send, KEEP_ALIVE)
                    continue
                told = waiting.result()
                if told is None:
                    break
                await _send_some(send, event(*told))
                waiting = asyncio.ensure_future(anext(self._events, None))
        finally:
            await _stop(waiting)
        await send({"type": "http.response.body", "body": b""})


async def unless_gone(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """The outcome of some work; cancels it and raises `ClientDisconnect` when the other side goes away first."""
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        await _stop(gone)
        await _stop(working)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_some(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _stop(task: "asyncio.Future[Any]") -> None:
    """Cancel it and wait until it has cleaned up."""
    task.cancel()
    await asyncio.wait({task})
    # Looked at, so that nobody complains that it never was.
    if not task.cancelled():
        task.exception()
