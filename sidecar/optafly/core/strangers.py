"""Connections whose other end has not shown the token: few, and not for long, so that they keep nobody else out."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from optafly.core.security import KNOWN, App, Receive, Scope, Send

MOST_STRANGERS: Final = 128
PATIENCE_S: Final = 5.0
"""How long one may take to show the token: its request's head must be complete by then."""


class Strangers:
    """Those connections of one server; one too many costs the oldest its place: a front-end needs but an instant."""

    def __init__(self, most: int = MOST_STRANGERS, patience_s: float = PATIENCE_S) -> None:
        self._most = most
        self._patience_s = patience_s
        self._timers: dict[Connection, asyncio.TimerHandle] = {}  # in the order they came

    def come(self, connection: "Connection") -> None:
        """Watch a new one."""
        if len(self._timers) >= self._most:
            self._end(next(iter(self._timers)))
        self._watch(connection, self._late)

    def go(self, connection: "Connection") -> None:
        """It has shown the token, or is gone."""
        timer = self._timers.pop(connection, None)
        if timer is not None:
            timer.cancel()

    def _watch(self, connection: "Connection", then: Any) -> None:
        self._timers[connection] = asyncio.get_running_loop().call_later(self._patience_s, then, connection)

    def _late(self, connection: "Connection") -> None:
        if connection.is_answering:
            # This process may have been the slow one.
            self._watch(connection, self._end)
        else:
            self._end(connection)

    def _end(self, connection: "Connection") -> None:
        self.go(connection)
        connection.transport.abort()


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
