"""Connections whose other end has not shown the token: few, and not for long, so that they keep nobody else out."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from optafly.core.security import KNOWN, App, Receive, Scope, Send

MOST_STRANGERS: Final = 128
MOST_AT_ONCE: Final = 1024
"""Those that have just come: many clients may, and none of them has been read yet."""
PATIENCE_S: Final = 5.0
"""How long one may take to show the token: its request's head must be complete by then."""

_MOMENT_S: Final = 0.5


class Strangers:
    """Those connections of one server; one too many costs the oldest its place: a front-end needs but an instant."""

    def __init__(self) -> None:
        # In the order they came.
        self._new: dict[Connection, asyncio.TimerHandle] = {}
        self._settled: dict[Connection, asyncio.TimerHandle] = {}

    def come(self, connection: "Connection") -> None:
        """Watch a new one."""
        if len(self._new) >= MOST_AT_ONCE:
            self._end(next(iter(self._new)))
        self._new[connection] = _later(_MOMENT_S, self._look, connection)

    def go(self, connection: "Connection") -> None:
        """It has shown the token, or is gone."""
        for watched in (self._new, self._settled):
            timer = watched.pop(connection, None)
            if timer is not None:
                timer.cancel()

    def _look(self, connection: "Connection") -> None:
        """It has had a moment to be read."""
        if connection.is_answering:
            # This process may have been the slow one.
            self._new[connection] = _later(_MOMENT_S, self._settle, connection)
        else:
            self._settle(connection)

    def _settle(self, connection: "Connection") -> None:
        del self._new[connection]
        if len(self._settled) >= MOST_STRANGERS:
            self._end(next(iter(self._settled)))
        self._settled[connection] = _later(PATIENCE_S - _MOMENT_S, self._late, connection)

    def _late(self, connection: "Connection") -> None:
        if connection.is_answering:
            self._settled[connection] = _later(PATIENCE_S, self._end, connection)
        else:
            self._end(connection)

    def _end(self, connection: "Connection") -> None:
        self.go(connection)
        connection.transport.abort()


def _later(delay_s: float, do: "Callable[[Connection], None]", connection: "Connection") -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(delay_s, do, connection)


class Connection(H11Protocol):
    """One connection to the core, a stranger's until a request of it was let through."""

    def __init__(self, *arguments: Any, strangers: Strangers, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._strangers = strangers
        self.app = self._with_word_of_it(self.app)

    @property
    def is_answering(self) -> bool:
        """Whether a request of it is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin as a stranger."""
        super().connection_made(transport)
        self._strangers.come(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._strangers.go(self)
        super().connection_lost(exc)

    def _with_word_of_it(self, app: App) -> App:
        async def served(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {KNOWN: lambda: self._strangers.go(self)}
            await app(scope, receive, send)

        return served
