"""One order from key to answer: the cache first, then the router, then the cache once more, then the API."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

import msgspec

from optafly.cache.backend import Done
from optafly.cache.entries import Entry
from optafly.cache.semantic import Lookup, Query, query_of
from optafly.errors import KeyRefused
from optafly.routing.decision import Routing, RoutingRequest
from optafly.routing.key_secret import Secret
from optafly.routing.keys import KeyChoice
from optafly.routing.usage import Usage, usage_of
from optafly.sending.claude import DEFAULT_URL
from optafly.sending.costs import cost_of, nothing
from optafly.sending.order import Answer, CacheUse, Complete, Decided, Event, Order, Piece, Retry, Used, Waiting
from optafly.sending.ports import Claude, Decides, Keys, Remembers

PROVIDER: Final = "anthropic"
VERSION_HEADER: Final = {"anthropic-version": "2023-06-01"}
"""What the SDK sends; it belongs to the scope of an answer."""
LOOKUP_S: Final = 10.0
"""How long a lookup may take: a process that has just begun opens the store first, and Claude takes longer."""
KEEP_S: Final = 2.0
"""How long an answer that has been given waits for the cache to have kept it."""
_OURS: Final = ("<context>\n", "<task>")
STOPPED: Final = "stopped before that was known"
BYPASSED: Final = "neither looked up nor kept, as it was asked for"


class Sender:
    """Answers orders; for one event loop, which is never blocked."""

    def __init__(
        self, decides: Decides, remembers: Remembers, keys: Callable[[], Keys], claude: Claude, embedder: str
    ) -> None:
        """``keys`` is called in a thread; ``embedder`` is `optafly.neural.encoder.Encoder.version`."""
        self._decides = decides
        self._remembers = remembers
        self._keys = keys
        self._claude = claude
        self._embedder = embedder
        self._keeping: set[asyncio.Task[Done]] = set()
        self.used = Used()
        """What the order that was sent last has used."""

    async def send(self, order: Order) -> AsyncGenerator[Event]:
        """What happens, the whole `Answer` last; closing the generator stops it, and nothing is kept then.

        Raises `KeyMissing`, `KeyRefused` and `SendFailed`, and whatever the router's networks raise.
        """
        begun = time.monotonic()
        self.used = Used()
        body = body_of(order)
        keys, choice, query = await self._scoped(order, body)
        found = await self._look(order, msgspec.structs.replace(query, use_cache=False))
        if found.entry is not None:
            yield Piece(text_of(found.entry.response))
            yield given(found, found.entry, None, begun)
            return
        if (slow := self._decides.slow) and order.use_cache:
            yield Waiting(slow)
        routing = await self._decides.decide(_request_of(order, body), wait=order.use_cache)
        yield Decided(routing.decision)
        query = msgspec.structs.replace(query, use_cache=routing.decision.use_cache)
        found = await self._look(order, query)
        if found.entry is not None:
            yield Piece(text_of(found.entry.response))
            yield given(found, found.entry, routing, begun)
            return
        asked = self._ask(order, routing, query, found, keys, choice, begun)
        async with contextlib.aclosing(asked):
            async for event in asked:
                yield event

    async def look_up(self, order: Order) -> Lookup:
        """What the cache has for an order; nothing is sent, and no network is waited for that is not loaded.

        Raises `KeyMissing`, and whatever the router's networks raise.
        """
        body = body_of(order)
        _, _, query = await self._scoped(order, body)
        found = await self._look(order, msgspec.structs.replace(query, use_cache=False))
        if found.entry is not None or found.alone or self._decides.slow:
            return found
        routing = await self._decides.decide(_request_of(order, body), wait=True)
        return await self._look(order, msgspec.structs.replace(query, use_cache=routing.decision.use_cache))

    @property
    def keeping(self) -> bool:
        """Whether answers are still being kept."""
        return bool(self._keeping)

    async def close(self) -> None:
        """Wait until the answers that are being kept are."""
        if self._keeping:
            await asyncio.wait(self._keeping)

    async def _scoped(self, order: Order, body: dict[str, Any]) -> tuple[Keys, KeyChoice, Query]:
        """The key, and the request as the cache sees it."""
        stopped = threading.Event()

        def find() -> tuple[Keys, KeyChoice, str]:
            keys = self._keys()
            choice = keys.choose(
                PROVIDER, order.workspace or None, order.conversation or None, cancelled=stopped.is_set
            )
            return keys, choice, keys.scope(choice, cancelled=stopped.is_set)

        try:
            keys, choice, scope = await asyncio.to_thread(find)
        finally:
            stopped.set()
        query = query_of(
            body,
            project=order.workspace,
            context=context_of(self._claude.base_url),
            key_scope=scope,
            embedder=self._embedder,
            headers=VERSION_HEADER,
        )
        return keys, choice, query

    async def _look(self, order: Order, query: Query) -> Lookup:
        return await self._remembers.lookup(query, limit_s=LOOKUP_S) if order.use_cache else _miss(BYPASSED)

    async def _ask(
        self, order: Order, routing: Routing, query: Query, found: Lookup, keys: Keys, choice: KeyChoice, begun: float
    ) -> AsyncGenerator[Event]:
        secret = await asyncio.to_thread(keys.secret, choice)
        told: asyncio.Queue[Event | None] = asyncio.Queue()
        asking = asyncio.create_task(self._read(routing, secret, told), name="optafly-send")
        first: float | None = None
        try:
            while (event := await told.get()) is not None:
                if first is None and isinstance(event, Piece):
                    first = time.monotonic() - begun
                yield event
            message, request_id, took_s = await asking
        except KeyRefused as error:
            await asyncio.to_thread(keys.forget, choice)
            raise KeyRefused(f"{error} (it came from {choice.source})") from None
        finally:
            asking.cancel()
            await asyncio.wait({asking})
        usage = usage_of(message.get("usage")) or Usage()
        self._decides.answered(routing.seen, usage.prompt)
        model = str(message.get("model") or order.model)
        answer = Answer(
            text=text_of(message),
            model=model,
            stopped=str(message.get("stop_reason") or ""),
            usage=usage,
            cost=cost_of(model, usage),
            cache=CacheUse(
                "miss" if order.use_cache else "bypass",
                found.reason,
                similarity=found.similarity,
                not_kept=STOPPED,
                unasked=found.unasked if order.use_cache else "",
            ),
            took_s=time.monotonic() - begun,
            first_text_s=first,
            decision=routing.decision,
            request_id=request_id,
        )
        yield Complete(answer)
        kept = await self._keep(order, query, message, took_s)
        use = msgspec.structs.replace(answer.cache, kept=kept.ok, not_kept="" if kept.ok else kept.reason)
        yield msgspec.structs.replace(answer, cache=use)

    async def _read(
        self, routing: Routing, secret: Secret, told: "asyncio.Queue[Event | None]"
    ) -> tuple[dict[str, Any], str, float]:
        """Have the API answer; in a task of its own, so that retries can be told while it is waited for."""
        begun = time.monotonic()
        self.used.sent, self.used.decision = True, routing.decision
        try:
            async with self._claude.ask(routing.body, secret, lambda text: told.put_nowait(Retry(text))) as reply:
                try:
                    async for text in reply.texts():
                        told.put_nowait(Piece(text))
                finally:
                    self.used.usage = usage_of(reply.usage())
                return reply.message(), reply.request_id, time.monotonic() - begun
        finally:
            told.put_nowait(None)

    async def _keep(self, order: Order, query: Query, message: dict[str, Any], took_s: float) -> Done:
        if not order.use_cache:
            return Done(False, BYPASSED)
        storing = asyncio.create_task(
            self._remembers.store(query, message, took_ms=took_s * 1000), name="optafly-send-keep"
        )
        self._keeping.add(storing)
        storing.add_done_callback(self._keeping.discard)
        done, _ = await asyncio.wait({storing}, timeout=KEEP_S)
        return storing.result() if done else Done(False, "still being kept")


def body_of(order: Order) -> dict[str, Any]:
    """The request to the Messages API, as it would be sent without a router."""
    turns = [{"role": said.role, "content": said.text} for said in order.before]
    messages = [*turns, {"role": "user", "content": order.text}]
    return {"model": order.model, "max_tokens": order.max_tokens, "messages": messages}


def context_of(base_url: str) -> str:
    """What the answer depends on besides the request: who gives it.

    What the editor knew needs no place here. All that Claude is told of it stands in the text around the ``<task>``,
    which must be the same anyway; what it is not told cannot change its answer.
    """
    return "" if base_url.rstrip("/") == DEFAULT_URL else base_url.rstrip("/")


def text_of(message: dict[str, Any]) -> str:
    """The text of an answer."""
    blocks = message.get("content")
    found = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return "".join(str(block.get("text", "")) for block in found if block.get("type") == "text")


def _request_of(order: Order, body: dict[str, Any]) -> RoutingRequest:
    ours = order.text.startswith(_OURS)
    return RoutingRequest(
        body=body,
        workspace=order.workspace or None,
        conversation=order.conversation,
        provider=PROVIDER,
        assembled=ours,
        with_context=order.text.startswith(_OURS[0]),
        now=time.monotonic(),
    )


def given(found: Lookup, entry: Entry, routing: Routing | None, begun: float) -> Answer:
    """The answer of the cache; ``begun`` is when it was asked, by `time.monotonic`."""
    spared = usage_of(dict(entry.usage))
    took_s = time.monotonic() - begun
    return Answer(
        text=text_of(dict(entry.response)),
        model=entry.model,
        stopped=str(entry.response.get("stop_reason") or ""),
        usage=Usage(),
        cost=nothing(),
        cache=CacheUse(
            found.outcome,
            found.reason,
            entry=entry.id,
            similarity=found.similarity,
            saved_s=entry.took_ms / 1000 - took_s,
            spared=spared,
            spared_cost=cost_of(entry.model, spared) if spared is not None else None,
        ),
        took_s=took_s,
        first_text_s=took_s,
        decision=routing.decision if routing is not None else None,
    )


def _miss(reason: str) -> Lookup:
    return Lookup("miss", None, None, None, reason)
