"""Connections of a front-end to one running core (where httpx is imported, when it is needed)."""

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

from optafly.core.connection import HOST, SILENCE_S, headers
from optafly.core.failures import error_in
from optafly.core.sse import Event, EventParser
from optafly.core.wire import Discovery, encode

if TYPE_CHECKING:
    import httpx

_CONNECT_S: Final = 5.0


class Lost(Exception):
    """The connection broke before the answer was complete."""


class Link:
    """One running core and the connections to it."""

    def __init__(self, discovery: Discovery) -> None:
        import httpx  # noqa: PLC0415  takes a quarter of a second

        self._transport_error = httpx.TransportError
        # No proxy of the environment ever sees the loopback traffic.
        self._http: httpx.AsyncClient = httpx.AsyncClient(
            base_url=f"http://{HOST}:{discovery.port}",
            headers=headers(discovery),
            timeout=httpx.Timeout(SILENCE_S, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=4),
            trust_env=False,
        )

    async def ask(self, method: str, path: str, body: object = None, timeout_s: float = SILENCE_S) -> bytes:
        """The body of the answer; raises what the core names, and `Lost`."""
        async with self._answer(method, path, body, timeout_s) as answer:
            return await answer.aread()

    async def events(self, path: str, body: object) -> AsyncGenerator[Event]:
        """The events of the answer; closing the generator closes the connection, which ends the work."""
        parser = EventParser()
        async with self._answer("POST", path, body, SILENCE_S) as answer:
            async for chunk in answer.aiter_raw():
                for event in parser.feed(chunk):
                    yield event

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @contextlib.asynccontextmanager
    async def _answer(self, method: str, path: str, body: object, timeout_s: float) -> "AsyncGenerator[httpx.Response]":
        data = None if body is None else encode(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        limits = {"connect": _CONNECT_S, "read": timeout_s, "write": SILENCE_S, "pool": _CONNECT_S}
        request = self._http.build_request(method, path, content=data, headers=kind, extensions={"timeout": limits})
        try:
            answer = await self._http.send(request, stream=True)
            try:
                if answer.is_error:
                    raise error_in(await answer.aread(), answer.status_code)
                yield answer
            finally:
                await answer.aclose()
        except self._transport_error:
            raise Lost from None
