"""MCP over HTTP (Streamable HTTP), as an ASGI application."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from optafly.mcp.ports import Engine
from optafly.mcp.server import build_server

LARGEST_BODY_BYTES: Final = 4 * 2**20
MOST_SESSIONS: Final = 64
IDLE_S: Final = 1800.0
"""A session nobody has used for this long is forgotten."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class HttpMcp:
    """Serves sessions on one event loop; who is let in, others decide before."""

    def __init__(self, engine: Engine) -> None:
        self._sessions = StreamableHTTPSessionManager(
            build_server(engine, ()),
            max_request_body_size=LARGEST_BODY_BYTES,
            session_idle_timeout=IDLE_S,
            max_sessions=MOST_SESSIONS,
        )
        self._ready = asyncio.Event()
        self._ending = asyncio.Event()
        # The sessions belong to the task that they were begun in.
        self._running = asyncio.create_task(self._run(), name="optafly-mcp-sessions")

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._ready.wait()
        if self._ending.is_set():
            await send({"type": "http.response.start", "status": 503, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._sessions.handle_request(scope, receive, send)

    async def close(self) -> None:
        """End all sessions, and with them their open streams."""
        self._ending.set()
        await asyncio.wait({self._running})

    async def _run(self) -> None:
        async with self._sessions.run():
            self._ready.set()
            await self._ending.wait()
