"""One connection in HTTP/1.1: h11 reads requests, answers may be written around it."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, cast

import h11

MAX_HEAD: Final = 64 * 1024
Headers = list[tuple[str, str]]


class Request:
    """A request as it came; the body is empty and ``too_large`` set where it is over the limit."""

    def __init__(self, method: str, target: str, headers: Headers) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = b""
        self.too_large = False


class Connection(asyncio.Protocol):
    """Serves one request after another; ``serve`` is cancelled when the client goes away."""

    def __init__(
        self,
        serve: Callable[["Connection", Request], Awaitable[None]],
        max_body: int,
        open_connections: set["Connection"],
    ) -> None:
        self._serve, self._max_body, self._open = serve, max_body, open_connections
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._request: Request | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._ended = False
        self.closed = asyncio.Event()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._http.receive_data(data)
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._open.discard(self)
        self.closed.set()
        self._writable.set()
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # What an answer calls

    async def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Begin the answer."""
        await self.raw(self._http.send(h11.Response(status_code=status, headers=list(headers))) or b"")

    async def send(self, data: bytes) -> None:
        """A piece of the body: a chunk of its own where the body is chunked."""
        await self.raw(self._http.send(h11.Data(data=data)) or b"")

    async def end(self) -> None:
        """End the answer in order."""
        await self.raw(self._http.send(h11.EndOfMessage()) or b"")

    async def raw(self, data: bytes) -> None:
        """Bytes as they are, past h11; other tasks get their turn after each."""
        if self._transport is not None and not self._ended and data:
            self._transport.write(data)
        await self._writable.wait()
        await asyncio.sleep(0)

    def close(self) -> None:
        """Close after what was written."""
        self._ended = True
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Close with a TCP reset."""
        self._ended = True
        if self._transport is not None:
            tcp = cast(socket.socket, self._transport.get_extra_info("socket"))
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    def abort(self) -> None:
        """Close at once and cancel what is being served."""
        if self._transport is not None:
            self._transport.abort()

    # Reading

    def _read(self) -> None:
        try:
            while self._task is None and not self._ended:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._continue()
                    return
                if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    return
                self._take(event)
        except h11.RemoteProtocolError:
            if self._transport is not None and self._http.our_state is h11.IDLE:
                self._transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.close()

    def _continue(self) -> None:
        if self._http.they_are_waiting_for_100_continue and self._transport is not None:
            self._transport.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")

    def _take(self, event: object) -> None:
        if isinstance(event, h11.Request):
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
            self._request = Request(event.method.decode(), event.target.decode(), headers)
            self._body, self._size = [], 0
        elif isinstance(event, h11.Data) and self._request is not None:
            self._size += len(event.data)
            if self._size > self._max_body:
                self._request.too_large = True
                self._body = []
            else:
                self._body.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage) and self._request is not None:
            request, self._request = self._request, None
            request.body = b"".join(self._body)
            self._body = []
            self._task = asyncio.get_running_loop().create_task(self._run(request))

    async def _run(self, request: Request) -> None:
        try:
            await self._serve(self, request)
        finally:
            self._task = None
            if not self._ended:
                self._next()

    def _next(self) -> None:
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._read()
        else:
            self.close()
