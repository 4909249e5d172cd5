"""Connections of a front-end to one running core (where httpcore is imported, when it is needed)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, Final

from optafly.core.connection import HOST, JSON, SILENCE_S, headers
from optafly.core.failures import error_in
from optafly.core.proof import LARGEST_BYTES, PROVE_PATH, Challenge
from optafly.core.wire import Discovery, encode
from optafly.sse import Event, EventParser

if TYPE_CHECKING:
    import httpcore

_CONNECT_S: Final = 5.0
_KEPT_CONNECTIONS: Final = 4
_KEPT_S: Final = 5.0
_FIRST_ERROR: Final = 400


class Lost(Exception):
    """The connection broke before the answer was complete."""


class Link:
    """One running core and the connections to it; over none is the token sent before the core has proved itself."""

    def __init__(self, discovery: Discovery) -> None:
        import httpcore  # noqa: PLC0415  takes a tenth of a second

        self._transport_errors = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
        self._url = f"http://{HOST}:{discovery.port}"
        self._headers = headers(discovery)
        # It knows no proxies: nothing of the environment ever sees the loopback traffic.
        self._connections = httpcore.AsyncConnectionPool(
            max_connections=None,
            max_keepalive_connections=_KEPT_CONNECTIONS,
            keepalive_expiry=_KEPT_S,
            network_backend=_proving_backend(discovery),
        )

    async def ask(self, method: str, path: str, body: object = None, timeout_s: float = SILENCE_S) -> bytes:
        """The body of the answer; raises what the core names, and `Lost`."""
        async with self._answer(method, path, body, timeout_s) as answer:
            return await answer.aread()

    async def events(self, path: str, body: object) -> AsyncGenerator[Event]:
        """The events of the answer; closing the generator closes the connection, which ends the work."""
        parser = EventParser()
        async with self._answer("POST", path, body, SILENCE_S) as answer:
            async for chunk in answer.aiter_stream():
                for event in parser.feed(chunk):
                    yield event

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.aclose()

    @contextlib.asynccontextmanager
    async def _answer(
        self, method: str, path: str, body: object, timeout_s: float
    ) -> "AsyncGenerator[httpcore.Response]":
        data = None if body is None else encode(body)
        kind = {} if body is None else JSON
        limits = {"connect": _CONNECT_S, "read": timeout_s, "write": SILENCE_S, "pool": _CONNECT_S}
        try:
            async with self._connections.stream(
                method,
                self._url + path,
                headers=[*(self._headers | kind).items()],
                content=data,
                extensions={"timeout": limits},
            ) as answer:
                if answer.status >= _FIRST_ERROR:
                    raise error_in(await answer.aread(), answer.status)
                yield answer
        except self._transport_errors:
            raise Lost from None


def _proving_backend(discovery: Discovery) -> "httpcore.AsyncNetworkBackend":
    """Connects as httpcore does, and has the other end prove that it is the core before anything else is sent."""
    import httpcore  # noqa: PLC0415

    class ProvingBackend(httpcore.AsyncNetworkBackend):
        def __init__(self) -> None:
            self._plain = httpcore.AnyIOBackend()

        async def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
            stream = await self._plain.connect_tcp(*arguments, **options)
            try:
                async with asyncio.timeout(_CONNECT_S):
                    met = await self._prove(stream)
            except TimeoutError:
                met = False
            except BaseException:
                await stream.aclose()
                raise
            if not met:
                await stream.aclose()
                raise httpcore.ConnectError("not the core")
            return stream

        async def _prove(self, stream: httpcore.AsyncNetworkStream) -> bool:
            challenge = Challenge(discovery)
            url = httpcore.URL(f"http://{HOST}:{discovery.port}{PROVE_PATH}")
            # Left open: what was proved holds for this connection.
            connection = httpcore.AsyncHTTP11Connection(url.origin, stream)
            said = b""
            async with connection.stream("POST", url, headers=[*JSON.items()], content=challenge.body) as answer:
                async for chunk in answer.aiter_stream():
                    said += chunk
                    if len(said) > LARGEST_BYTES:
                        break
            return connection.is_idle() and challenge.is_met_by(said)

    return ProvingBackend()
