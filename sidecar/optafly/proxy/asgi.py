"""What is used of ASGI: its types, reading a body, and giving up when the other side goes away."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, Final, TypeVar

T = TypeVar("T")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
"""As they came, in their order, names in lower case."""

_READ_PAST_BYTES: Final = 96 * 2**20
_READ_PAST_S: Final = 10.0


class ClientGone(Exception):
    """The client closed its connection; nobody waits for an answer any more."""


class BodyTooLarge(Exception):
    """The body is larger than allowed; ``more`` of it may be on its way."""

    def __init__(self, *, more: bool) -> None:
        super().__init__("the body is too large")
        self.more = more


async def read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """The whole body; raises `ClientGone`, and `BodyTooLarge` as soon as that is known: before any of it is read."""
    announced = [value for name, value in headers if name == b"content-length"]
    if any(value.isdigit() and int(value) > limit for value in announced):
        raise BodyTooLarge(more=True)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > limit:
            # The exception would hold them as long as it is handled.
            parts.clear()
            raise BodyTooLarge(more=more)
        if not more:
            return b"".join(parts)


async def read_past(receive: Receive) -> None:
    """Read the rest of a body within reason, and drop it.

    Were the connection closed on a client that is still sending, it would not see the answer.
    """
    size, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_READ_PAST_S):
            while more and size <= _READ_PAST_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)


async def unless_gone(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """The outcome of some work on a request that was read; cancels it, and raises `ClientGone`, when the client goes.

    Once it returns or raises the work has cleaned up.
    """
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return working.result()
    finally:
        await stop(gone)
        await stop(working)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def stop(task: "asyncio.Future[Any]") -> None:
    """Cancel it and wait until it has cleaned up."""
    task.cancel()
    await asyncio.wait({task})
    # Looked at, so that nobody complains that it never was.
    if not task.cancelled():
        task.exception()
