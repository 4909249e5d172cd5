"""What is decided about one request: whether a kept answer is given, and what is sent where none is."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec

from optafly.cache.policy import Unasked
from optafly.cache.semantic import Lookup, Query, query_of
from optafly.proxy.aside import Aside
from optafly.proxy.credentials import PROVIDER
from optafly.proxy.headers import anthropic_headers
from optafly.proxy.marks import body_to_send
from optafly.proxy.ports import Decides, Remembers
from optafly.proxy.request import MessagesRequest
from optafly.routing.anchor_memory import Seen
from optafly.routing.decision import Routing, RoutingRequest

T = TypeVar("T")

DECIDE_S: Final = 1.0
"""How long routing and lookup together may take; whoever waits for them wants an answer, from wherever."""

_log = logging.getLogger(__name__)


class Decided(msgspec.Struct, frozen=True):
    """``found`` is a hit or a miss; ``query`` is None where no answer may be kept; ``body`` is what is to be sent.

    ``seen`` is for `Decides.answered`, where the body is sent as it was routed. ``allows`` asks whether similar
    requests may be answered with the same, where nothing depended on that yet; ``query`` says no until then.
    """

    found: Lookup
    query: Query | None
    body: bytes
    seen: Seen | None = None
    allows: Callable[[], Awaitable[bool]] | None = None


class Decider:
    """Asks cache, router, then the cache for similar requests; what fails or is slow is a miss, never an error."""

    def __init__(
        self,
        decides: Decides,
        remembers: Remembers,
        embedder: str,
        aside: Aside,
        limit_s: float = DECIDE_S,
        *,
        upstream: str = "",
    ) -> None:
        """``embedder`` is `optafly.neural.encoder.Encoder.version`, ``upstream`` who answers, empty for Anthropic."""
        self._upstream = upstream
        self._aside = aside
        self._decides = decides
        self._remembers = remembers
        self._embedder = embedder
        self._limit_s = limit_s

    async def decide(self, request: MessagesRequest, key_scope: str) -> Decided:
        """Decide about one request."""
        if request.fields is None:
            return Decided(_miss("the request cannot be read", "no_request"), None, request.body)
        if not key_scope:
            return Decided(_miss("whose key it is cannot be told", "no_scope"), None, request.body)
        fields = request.fields
        try:
            query = await self._aside.do(len(request.body), lambda: self._query(request, fields, key_scope))
        except ValueError:
            return Decided(_miss("the request cannot be read", "no_request"), None, request.body)
        return await self._ask(request, fields, query)

    async def _ask(self, request: MessagesRequest, fields: dict[str, Any], query: Query) -> Decided:
        deadline = time.monotonic() + self._limit_s
        # Another request's answer is given only where the router allows it; this one's own always.
        found = await self._look(msgspec.structs.replace(query, use_cache=False), deadline)
        if found.entry is not None:
            return Decided(found, None, request.body)
        # Not beside the lookup: networks would read what is answered already, and the next request would wait for them.
        comparable = not (query.turn.refused or query.turn.exact_only)
        asked = self._asked(request, fields, compared=comparable and not found.alone)
        routed = await self._route(asked, deadline)
        if routed is None:
            return Decided(_miss("the router failed or was too slow"), _exact_only(query), request.body)
        allows = None
        if comparable and found.alone:
            query = _exact_only(query)
            found = _miss("not the same request, and nothing is stored that may be compared")
            allows = self._later(self._asked(request, fields | {"messages": fields["messages"][-1:]}, compared=True))
        else:
            query = msgspec.structs.replace(query, use_cache=routed.decision.use_cache)
            found = await self._look_further(query, found, routed.decision.reasons.use_cache, deadline)
            if found.entry is not None:
                return Decided(found, None, request.body)
        body = request.body
        if routed.decision.cache_anchors:
            body = await self._aside.do(len(body), lambda: body_to_send(request.body, fields, routed.body))
        # What is learnt of a request is learnt of what was sent.
        unchanged = not routed.decision.cache_anchors
        seen = routed.seen if unchanged or body is not request.body else None
        return Decided(found, query, body, seen, allows)

    async def _look_further(self, query: Query, found: Lookup, reason: str, deadline: float) -> Lookup:
        """The same request was not there: look for one that asks for the same, where that is allowed."""
        if found.unasked:
            return found
        if query.turn.exact_only:
            return _miss(f"not the same request, and {query.turn.exact_only}")
        if not query.use_cache:
            return _miss(f"not the same request, and the router allows no other: {reason}")
        return await self._look(query, deadline)

    async def _look(self, query: Query, deadline: float) -> Lookup:
        if query.turn.refused:
            return _miss(query.turn.refused, query.turn.unasked)
        found = await _within(deadline, lambda: self._remembers.lookup(query), "the lookup")
        return found or _miss("the lookup failed or was too slow")

    def _later(self, asked: RoutingRequest) -> Callable[[], Awaitable[bool]]:
        """Whether similar requests may be answered with the same, for who has time to ask."""

        async def allows() -> bool:
            routed = await self._route(asked, time.monotonic() + self._limit_s)
            return routed is not None and routed.decision.use_cache

        return allows

    async def _route(self, asked: RoutingRequest, deadline: float) -> Routing | None:
        return await _within(deadline, lambda: self._decides.decide(asked), "the router")

    def _asked(self, request: MessagesRequest, fields: dict[str, Any], *, compared: bool) -> RoutingRequest:
        return RoutingRequest(
            body=fields,
            workspace=request.workspace,
            conversation=request.conversation,
            provider=PROVIDER,
            compared=compared,
            now=time.monotonic(),
        )

    def _query(self, request: MessagesRequest, fields: dict[str, Any], key_scope: str) -> Query:
        return query_of(
            fields,
            project=request.project,
            # The address takes options as well, and another place answers otherwise.
            context=" ".join(filter(None, (self._upstream, request.query.decode("latin-1")))),
            key_scope=key_scope,
            embedder=self._embedder,
            headers=anthropic_headers(request.headers),
        )


def _exact_only(query: Query) -> Query:
    return msgspec.structs.replace(query, use_cache=False)


def _miss(reason: str, unasked: Unasked = "") -> Lookup:
    return Lookup("miss", None, None, None, reason, unasked)


async def _within(deadline: float, work: Callable[[], Awaitable[T]], what: str) -> T | None:
    """Its outcome; None where it failed, or was not there in time."""
    try:
        async with asyncio.timeout(deadline - time.monotonic()):
            return await work()
    except TimeoutError:
        return None
    except Exception as error:
        # Its text may hold anything.
        _log.warning("%s failed: %s", what, type(error).__name__)
        return None
