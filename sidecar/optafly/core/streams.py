"""Event streams, given up as soon as the other side goes away."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from starlette.responses import Response

from optafly.core.sse import KEEP_ALIVE, KEEP_ALIVE_S, event
from optafly.proxy.asgi import ClientGone, Receive, Scope, Send, stop, unless_gone
from optafly.sse import MEDIA_TYPE


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
            with contextlib.suppress(ClientGone):
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
            await stop(waiting)
        await send({"type": "http.response.body", "body": b""})


async def _send_some(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})
