"""What the core decides for others: routing, answers that are given again, and what people ask about them."""

import asyncio
import functools
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, Final, TypeVar

import msgspec

from optafly.config import Config
from optafly.core import texts
from optafly.core.answers import NOT_READY, Answers, Told
from optafly.core.compose import build_keys, effective, key_settings
from optafly.core.deciding import Deciding
from optafly.core.failures import failure_of, log_unexpected
from optafly.core.own_settings import OwnSettings
from optafly.core.parts import Parts
from optafly.core.route import build_router, request_of
from optafly.core.wire import Progress
from optafly.core.wire_decide import ExplainCall, ReuseCall, RouteCall
from optafly.errors import OptaFlyError
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt
from optafly.refine.engine import CancelToken
from optafly.routing.anchor_memory import AnchorMemory, Seen
from optafly.routing.decision import Routing, RoutingDecision, RoutingRequest
from optafly.routing.keys import KeySelector

T = TypeVar("T")
U = TypeVar("U")

LOADING: Final = "loading the networks that decide, which takes some seconds"
WARM_AFTER_S: Final = 10.0
"""How long after a front-end attached networks are loaded: an editor that has just started has enough to do."""
ESTIMATE_S: Final = 0.15
"""How long a refinement that is done waits for its estimate at most."""
# They may wait for a command or a person that gives out a key.
_THREADS: Final = 8
_PACKAGES: Final = ("torch", "sentence_transformers", "tokenizers", "safetensors")
_TEXTS: Final = 64
_PAIRS: Final = 4
"""What is done at once: lookups come in between."""


class Decisions:
    """Routing and the cache for all front-ends; to be used on one event loop, which is never blocked.

    Settings of the cache, and where keys are, are those of the person's file and of this process; those of the router
    come with each request.
    """

    def __init__(self, paths: Paths, environ: Mapping[str, str] = os.environ) -> None:
        self._paths = paths
        self._environ = environ
        self._settings = OwnSettings(paths, environ)
        self._deciding = Deciding(lambda: Parts(self._settings.get(), paths))
        self.answers = Answers(self._deciding)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="optafly-route")
        self._keys: KeySelector | None = None
        self._making_keys = threading.Lock()
        self._memory = AnchorMemory()
        self._expecting: asyncio.TimerHandle | None = None
        self._routing = 0

    @property
    def loaded(self) -> bool:
        """Whether the networks are in memory."""
        return self._deciding.loaded

    @property
    def working(self) -> int:
        """How much is under way."""
        return self._deciding.working + self._routing

    def expect(self, wanted: Callable[[], bool], busy: Callable[[], bool]) -> None:
        """Load the networks in a while, if ``wanted`` then, and later where something else is ``busy``."""
        if self._expecting is None and not self.loaded:
            loop = asyncio.get_running_loop()
            self._expecting = loop.call_later(WARM_AFTER_S, self._warm_if, wanted, busy)

    def begin_estimate(self, draft: str) -> None:
        """A draft is being refined: read it meanwhile, where the networks are there."""
        if self.loaded:
            self._deciding.submit(lambda parts: texts.read(parts, draft))

    async def estimated(self, result: RefinedPrompt, *, wait: bool = False) -> RefinedPrompt:
        """The same with the estimate of a cache hit, where that can be had in `ESTIMATE_S`, or with ``wait`` at all."""
        if not wait and not self.loaded:
            return result
        work = self._deciding.submit(
            lambda parts: texts.estimate(parts, result.original, result.refined), networks=wait
        )
        try:
            async with asyncio.timeout(None if wait else ESTIMATE_S):
                probability = await asyncio.wrap_future(work)
        except TimeoutError:
            return result
        except OptaFlyError as error:
            return texts.without_estimate(result, error) if wait else result
        return msgspec.structs.replace(result, cache_hit_probability=probability)

    async def route(self, call: RouteCall) -> AsyncGenerator[Told]:
        """Progress, then the decision or what went wrong; raises `InputError` for settings that cannot be."""
        config = effective(call.settings)
        if config.get("router.enabled") and not self.loaded:
            yield "progress", Progress(LOADING)
        yield await _outcome(self._decided(call, config))

    async def _decided(self, call: RouteCall, config: Config) -> RoutingDecision:
        return (await self.decide(request_of(call), config, wait=True)).decision

    async def decide(self, request: RoutingRequest, config: Config, *, wait: bool = False) -> Routing:
        """Route a request for whoever sends it.

        Without ``wait``, networks that are not loaded are done without, and loaded for the next one.
        """
        cancel = CancelToken()
        self._routing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._route, request, config, self._memory, cancel, wait
            )
        finally:
            self._routing -= 1
            cancel.cancel()

    def answered(self, seen: Seen | None, counted_tokens: int | None = None) -> None:
        """Remember of a routed request that was answered what the anchors of the next one need."""
        self._memory = self._memory.after(seen, counted_tokens)

    async def reuse(self, call: ReuseCall) -> AsyncGenerator[Told]:
        """Progress, then what is said of each text."""
        strategy = effective(call.settings).get("router.routing_strategy")
        if not self.loaded:
            yield "progress", Progress(LOADING)
        yield await _outcome(self._in_turns(call.texts, _TEXTS, lambda parts, some: texts.reuse(parts, some, strategy)))

    async def explain(self, call: ExplainCall) -> AsyncGenerator[Told]:
        """Progress, then an explanation of each pair."""
        if not self.loaded:
            yield "progress", Progress(LOADING)
        yield await _outcome(self._in_turns(call.pairs, _PAIRS, texts.explain))

    def selector(self) -> KeySelector:
        """The selector of keys, with the settings of the file as it is now; for a thread that may wait."""
        settings = self._settings.get()
        with self._making_keys:
            if self._keys is None:
                self._keys = build_keys(settings, self._paths, self._environ)
            else:
                self._keys.update(key_settings(settings))
            return self._keys

    def close(self) -> None:
        """Cancel everything; returns at once."""
        if self._expecting is not None:
            self._expecting.cancel()
        self._deciding.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._keys is not None:
            self._keys.close()

    def join(self, wait_s: float) -> bool:
        """Wait until what is kept is written; whether it is."""
        return self._deciding.join(wait_s)

    def _warm_if(self, wanted: Callable[[], bool], busy: Callable[[], bool]) -> None:
        self._expecting = None
        if not wanted():
            return
        if busy() or self.working:
            self.expect(wanted, busy)
        elif _installed():
            self._deciding.submit(_load_if_routed)

    def _route(
        self, request: RoutingRequest, config: Config, memory: AnchorMemory, cancel: CancelToken, wait: bool
    ) -> Routing:
        """In a thread of the pool."""

        def do(work: Callable[[Parts], Any]) -> Any:
            if not wait and not self.loaded:
                self._deciding.warm()
                raise OptaFlyError(NOT_READY)
            return self._deciding.submit(work, networks=True, cancel=cancel).result()

        router = build_router(config, do, self.selector())
        return router.route(request, memory, cancelled=lambda: cancel.cancelled)

    async def _in_turns(
        self, items: Sequence[T], most: int, work: Callable[[Parts, Sequence[T]], tuple[U, ...]]
    ) -> tuple[U, ...]:
        """The outcomes of some items at a time, so that others have their turn in between."""
        done: list[U] = []
        for start in range(0, len(items), most):
            some = items[start : start + most]
            job = self._deciding.submit(functools.partial(_on_some, work, some), networks=True)
            found: tuple[U, ...] = await asyncio.wrap_future(job)
            done += found
        return tuple(done)


def _on_some(work: Callable[[Parts, Sequence[T]], tuple[U, ...]], some: Sequence[T], parts: Parts) -> tuple[U, ...]:
    return work(parts, some)


def _load_if_routed(parts: Parts) -> None:
    if parts.routes:
        parts.load()


def _installed() -> bool:
    return all(find_spec(name) is not None for name in _PACKAGES)


async def _outcome(work: Awaitable[object]) -> Told:
    try:
        return "result", await work
    except OptaFlyError as error:
        return "error", failure_of(error)
    except Exception as error:
        log_unexpected(error)
        return "error", failure_of(error)
