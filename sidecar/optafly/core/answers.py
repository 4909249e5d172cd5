"""Answers that are given again: looked up, kept, and what people do with them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from optafly.cache.backend import Done, Stats
from optafly.cache.entries import Entry
from optafly.cache.semantic import Lookup, Query
from optafly.core import cache_desk
from optafly.core.deciding import Deciding
from optafly.core.failures import failure_of
from optafly.core.parts import Parts
from optafly.core.wire_decide import EntryRow
from optafly.errors import OptaFlyError

T = TypeVar("T")
Told = tuple[str, object]
"""The name of an event, and what it holds."""

NOT_READY: Final = "the networks are not loaded yet"
SWITCHED_OFF: Final = "the semantic cache is switched off (semantic_cache.enabled)"
LOOKUP_S: Final = 1.0
"""How long a lookup may take; whoever waits for it wants an answer, from wherever."""


class Answers:
    """The cache for all front-ends; to be used on one event loop, which is never blocked."""

    def __init__(self, deciding: Deciding) -> None:
        self._deciding = deciding

    async def lookup(self, query: Query, *, bypass: bool = False, limit_s: float = 0.0) -> Lookup:
        """The stored answer to a request; a miss with its reason where there is none, or none in time.

        The time is ``limit_s`` seconds, `LOOKUP_S` where that is 0.

        Similar requests are compared once the networks are loaded; until then only the same one is found.
        """
        limit_s = limit_s or LOOKUP_S
        work = self._deciding.submit(lambda parts: _look(parts, query, bypass=bypass))
        try:
            async with asyncio.timeout(limit_s):
                found = await asyncio.wrap_future(work)
        except TimeoutError:
            return _miss(f"the cache did not answer within {limit_s:g} s")
        except OptaFlyError as error:
            return _miss(f"the lookup failed: {error}")
        if found.reason.startswith(NOT_READY):
            self._deciding.warm()
        return found

    async def store(self, query: Query, response: Mapping[str, Any], *, took_ms: float, complete: bool = True) -> Done:
        """Keep an answer (a message of the API); what cannot be kept is a reason."""
        try:
            done = await self._do(lambda parts: _keep(parts, query, response, took_ms=took_ms, complete=complete))
        except OptaFlyError as error:
            return Done(False, str(error))
        if done.ok and _comparable(query) and not self._deciding.loaded:
            # Found by the same request until then; where networks cannot be had it stays so.
            self._deciding.submit(lambda parts: _make_comparable(parts, query), networks=True)
        return done

    async def forget(self, names: Sequence[str]) -> tuple[str, ...]:
        """Remove answers by id or unique beginning, all or none; raises as `cache_desk.entry`."""
        return await self._do(lambda parts: cache_desk.forget(parts, names))

    async def stats(self) -> Stats:
        """How full the cache is."""
        return await self._do(cache_desk.stats)

    async def rows(self, limit: int) -> tuple[EntryRow, ...]:
        """The last used answers; raises `CacheUnavailable`."""
        return await self._do(lambda parts: cache_desk.rows(parts, limit))

    async def entry(self, name: str) -> Entry:
        """One answer by id or unique beginning; raises as `cache_desk.entry`."""
        return await self._do(lambda parts: cache_desk.entry(parts, name))

    async def clear(self) -> int:
        """Remove all answers; returns how many. Raises `CacheUnavailable`."""
        return await self._do(cache_desk.clear)

    async def export(self) -> AsyncGenerator[Told]:
        """Every answer as an ``entry``, then their number as the result."""
        try:
            ids = await self._do(cache_desk.ids)
            count = 0
            for start in range(0, len(ids), cache_desk.PAGE):
                page = ids[start : start + cache_desk.PAGE]
                for entry in await self._do(lambda parts, page=page: cache_desk.some(parts, page)):  # type: ignore[misc]
                    count += 1
                    yield "entry", entry
        except OptaFlyError as error:
            yield "error", failure_of(error)
            return
        yield "result", count

    async def _do(self, work: Callable[[Parts], T]) -> T:
        return await asyncio.wrap_future(self._deciding.submit(work))


def _look(parts: Parts, query: Query, *, bypass: bool) -> Lookup:
    if not parts.uses_cache:
        return Lookup("miss", None, None, None, SWITCHED_OFF, "cache_off")
    if parts.loaded or not query.use_cache:
        return parts.cache.lookup(query, bypass=bypass)
    found = parts.cache.lookup(_exact_only(query), bypass=bypass)
    if found.outcome != "miss" or bypass or query.turn.exact_only:
        return found
    return _miss(f"{NOT_READY}: only the same request was looked for")


def _keep(parts: Parts, query: Query, response: Mapping[str, Any], *, took_ms: float, complete: bool) -> Done:
    if not parts.uses_cache:
        return Done(False, SWITCHED_OFF)
    if not parts.loaded:
        query = _exact_only(query)
    return parts.cache.store(query, response, took_ms=took_ms, complete=complete)


def _make_comparable(parts: Parts, query: Query) -> None:
    entry = parts.store.get(query.id)
    # It may have been forgotten meanwhile.
    if entry is not None:
        parts.cache.make_comparable(query, entry)


def _comparable(query: Query) -> bool:
    return query.use_cache and not query.turn.exact_only


def _exact_only(query: Query) -> Query:
    return msgspec.structs.replace(query, use_cache=False)


def _miss(reason: str) -> Lookup:
    return Lookup("miss", None, None, None, reason)
