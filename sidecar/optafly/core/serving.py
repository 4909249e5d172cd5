"""Sockets and servers of this process, on the loopback interface alone."""

import contextlib
import errno
import functools
import os
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn

from optafly.core.connection import HOST
from optafly.core.security import App
from optafly.core.strangers import Connection, Strangers
from optafly.errors import CoreUnavailable
from optafly.settings import BY_KEY

GRACE_S: Final = 2
"""How long answers under way may take once a server stops."""

_BACKLOG: Final = 128
_KEEP_CONNECTION_S: Final = 120


def listen(port: int, setting: str) -> socket.socket:
    """A listening socket (0: any free port); raises `CoreUnavailable`, which names the setting to change."""
    # With the protocol named, asyncio sends small answers at once; else each waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # So that a fixed port can be had again at once; elsewhere it would let two programs share it.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = (
            "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        )
        raise CoreUnavailable(
            f"port {port} {reason}; set {BY_KEY[setting].name} to another, or to 0 for any free one"
        ) from None
    return listener


class Server(uvicorn.Server):
    """Leaves signals to us, and says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._ready()


def server_config(app: App) -> uvicorn.Config:
    """How an app is served: nothing added to its answers, nothing logged, strangers not for long."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        http=functools.partial(Connection, strangers=Strangers()),  # type: ignore[arg-type]
        backlog=_BACKLOG,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_CONNECTION_S,
        timeout_graceful_shutdown=GRACE_S,
    )
