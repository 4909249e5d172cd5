"""A front-end's attachment: the stream that stays open for as long as it lives."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

import msgspec

from optafly.core.link import Link, Lost
from optafly.core.wire import ApprovalRequest, Attach, Attached, Handover, decode
from optafly.errors import OptaFlyError

# A core that crashes as soon as it is used is not started over and over: the next call will start it.
_CRASHES_APART_S: Final = 1.0


class Attachment:
    """The stream that stays open, read by a task; begun anew with each link."""

    def __init__(self, words: Attach, on_lost: Callable[[Link], Awaitable[None]]) -> None:
        self.words = words
        self._on_lost = on_lost
        self._requests: asyncio.Queue[ApprovalRequest | Handover | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._link: Link | None = None
        self._lost: set[asyncio.Task[None]] = set()
        self.front_end = ""

    async def begin(self, link: Link) -> None:
        """Attach over this link, unless that is done; raises `Lost`."""
        if self._link is link and self._task is not None and not self._task.done():
            return
        await self._stop()
        attached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        attached.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._link = link
        self._task = asyncio.create_task(self._read(link, attached), name="optafly-attachment")
        await asyncio.wait({attached, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not attached.done():  # ended before it began
            raise Lost
        attached.result()

    async def requests(self) -> AsyncGenerator[ApprovalRequest | Handover]:
        """What the person is asked, and what they decided elsewhere."""
        while (request := await self._requests.get()) is not None:
            yield request

    async def end(self) -> None:
        """Detach."""
        for task in list(self._lost):
            task.cancel()
        await asyncio.gather(*self._lost, return_exceptions=True)
        await self._stop()
        self._requests.put_nowait(None)

    async def _stop(self) -> None:
        self.front_end = ""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _read(self, link: Link, attached: "asyncio.Future[None]") -> None:
        began = time.monotonic()
        said_goodbye = False
        try:
            async with contextlib.aclosing(link.events("/v1/front-ends", self.words)) as events:
                async for event in events:
                    if event.name == "attached":
                        self.front_end = decode(event.data, Attached).front_end
                        attached.set_result(None)
                    elif event.name == "approve":
                        self._requests.put_nowait(decode(event.data, ApprovalRequest))
                    elif event.name == "handover":
                        self._requests.put_nowait(decode(event.data, Handover))
                    elif event.name == "stopping":
                        said_goodbye = True
        except (Lost, OptaFlyError, msgspec.DecodeError) as error:
            if not attached.done():
                attached.set_exception(error)
        finally:
            if not attached.done():
                attached.set_exception(Lost())
        was_attached, self.front_end = bool(self.front_end), ""
        if was_attached and not said_goodbye and time.monotonic() - began > _CRASHES_APART_S:
            # By another task: this one is stopped when the attachment begins anew.
            task = asyncio.create_task(_run(self._on_lost(link)), name="optafly-attach-again")
            self._lost.add(task)
            task.add_done_callback(self._lost.discard)


async def _run(work: Awaitable[None]) -> None:
    await work
