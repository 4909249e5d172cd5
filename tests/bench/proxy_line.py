"""A kept connection to a server of the Messages API that times what comes; the same for every server compared."""

import socket
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

import h11

PATH: Final = "/v1/messages"
_BOUND_S: Final = 60.0
_READ_BYTES: Final = 65536


class Target(NamedTuple):
    """A server: its address, and the key that it wants."""

    url: str
    key: str


class Timed(NamedTuple):
    """One answer; milliseconds from the request to the first byte of the body, and to its end."""

    status: int
    headers: Mapping[str, str]
    first_ms: float
    whole_ms: float

    @property
    def tier(self) -> str:
        """Of a hit; empty for all else."""
        return self.headers.get("x-optafly-tier", "")


class Line:
    """One connection, opened when it is needed and kept as long as the server keeps it."""

    def __init__(self, target: Target, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        address = urlsplit(target.url)
        self._address = (address.hostname or "", address.port or 0)
        self._headers = [
            ("host", address.netloc),
            ("x-api-key", target.key),
            ("anthropic-version", "2023-06-01"),
            ("content-type", "application/json"),
        ]
        self._socket: socket.socket | None = None
        self._state = h11.Connection(h11.CLIENT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, body: bytes) -> Timed:
        """Send a request and wait for its whole answer; raises `OSError` and `h11.ProtocolError`."""
        connection = self._open()
        headers = [*self._headers, ("content-length", str(len(body)))]
        events = (h11.Request(method="POST", target=PATH, headers=headers), h11.Data(data=body), h11.EndOfMessage())
        sent = b"".join(self._state.send(event) or b"" for event in events)
        began = self._clock()
        connection.sendall(sent)
        return self._answer(connection, began)

    def _open(self) -> socket.socket:
        if self._socket is not None and self._state.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self._state.start_next_cycle()
            return self._socket
        self.close()
        self._state = h11.Connection(h11.CLIENT)
        self._socket = socket.create_connection(self._address, timeout=_BOUND_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _answer(self, connection: socket.socket, began: float) -> Timed:
        head: h11.Response | None = None
        first = now = 0.0
        while True:
            event = self._state.next_event()
            if event is h11.NEED_DATA:
                data = connection.recv(_READ_BYTES)
                # Before it is parsed: the time of the client's own work is nobody's.
                now = self._clock()
                self._state.receive_data(data)
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                first = first or now
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
                return Timed(head.status_code, headers, ((first or now) - began) * 1000, (now - began) * 1000)
            elif isinstance(event, h11.ConnectionClosed):
                raise h11.RemoteProtocolError("the server closed the connection without an answer")
