"""What is used of ASGI: its types, reading a body, and giving up when the other side goes away."""

import asyncio
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

_DRAINED_BYTES: Final = 96 * 2**20
_DRAIN_S: Final = 10.0


class ClientGone(Exception):
    """The client closed its connection; nobody waits for an answer any more."""


class BodyTooLarge(Exception):
    """The body is larger than allowed."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body; raises `ClientGone` and, once it was read past within reason, `BodyTooLarge`."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            parts.clear()
            await _drain(receive, size, message)
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join(parts)


async def _drain(receive: Receive, size: int, message: Message) -> None:
    """Read on and drop it: a client that is still sending would not see the answer."""
    try:
        async with asyncio.timeout(_DRAIN_S):
            while message.get("more_body", False) and size <= _DRAINED_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
    except TimeoutError:
        return


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
        await _stop(gone)
        await _stop(working)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stop(task: "asyncio.Future[Any]") -> None:
    """Cancel it and wait until it has cleaned up."""
    task.cancel()
    await asyncio.wait({task})
    # Looked at, so that nobody complains that it never was.
    if not task.cancelled():
        task.exception()
