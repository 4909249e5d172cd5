"""Keeps answers in the background once they have been given."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from optafly.cache.policy import why_not_kept
from optafly.cache.semantic import Query
from optafly.proxy.ports import Remembers
from optafly.proxy.recording import Recorded

MOST_WAITING: Final = 64
"""Answers that are just being kept; more than these are let go: the next request of that kind is answered as well."""

_log = logging.getLogger(__name__)


class Keeper:
    """Owns what is still to be kept."""

    def __init__(self, remembers: Remembers) -> None:
        self._remembers = remembers
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(
        self, query: Query, recorded: Recorded, took_ms: float, allows: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        """Begin to keep an answer, where it may be; returns at once.

        ``allows`` is asked, where it is there, whether it may serve similar requests.
        """
        message = recorded.message
        if message is None or query.turn.refused or why_not_kept(message, complete=recorded.complete):
            return
        if len(self._tasks) < MOST_WAITING:
            task = asyncio.create_task(self._keep(query, message, took_ms, allows), name="optafly-proxy-keep")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self, wait_s: float) -> None:
        """Wait that long for what is under way, and cancel the rest."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=wait_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _keep(
        self,
        query: Query,
        message: dict[str, object],
        took_ms: float,
        allows: Callable[[], Awaitable[bool]] | None,
    ) -> None:
        try:
            if allows is not None:
                query = msgspec.structs.replace(query, use_cache=await allows())
            done = await self._remembers.store(query, message, took_ms=took_ms, complete=True)
        except Exception as error:
            _log.warning("an answer was not kept: %s", type(error).__name__)
        else:
            _log.debug("kept" if done.ok else "not kept")
