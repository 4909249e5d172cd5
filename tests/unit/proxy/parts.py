"""What the proxy is given in tests: a real router, cache and selector of keys over small parts that a test can stop."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from optafly.cache.backend import Done
from optafly.cache.memory import MemoryStore
from optafly.cache.normalise import normalise
from optafly.cache.semantic import Lookup, Query, SemanticCache
from optafly.proxy.outcome import Outcome
from optafly.routing.anchor_memory import AnchorMemory, Seen
from optafly.routing.classifier import UseCache
from optafly.routing.decision import RouterSettings, Routing, RoutingRequest
from optafly.routing.key_entries import KeyEntry, KeySettings
from optafly.routing.keys import KeySelector
from optafly.routing.router import Router
from tests.unit.cache.made import ListedJudge, WordEncoder

BOUND_S = 10.0
KEY = "sk-ant-api03-of-the-settings-0123456789abcdef"
SAME = ("how do I sort a list of words", "how do I order a list of words")
POINTING = "fix this"


class Decisions:
    """Routes with a real router; ``failure`` is raised instead, and nothing is decided before ``stop`` is released."""

    def __init__(self, keys: KeySelector) -> None:
        self._router = Router(RouterSettings(), self._classify, None, keys)
        self.asked: list[RoutingRequest] = []
        self.judged: list[str] = []
        self.learnt: list[tuple[Seen | None, int | None]] = []
        self.memory = AnchorMemory()
        self.failure: Exception | None = None
        self.stopped: asyncio.Event | None = None
        self.judging: asyncio.Event | None = None
        """Nothing is judged before it is set."""
        self.cancelled = 0
        self.change: Any = None
        """Changes a routing before it is given."""

    async def decide(self, request: RoutingRequest) -> Routing:
        self.asked.append(request)
        if self.stopped is not None:
            try:
                await self.stopped.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if self.judging is not None and request.compared:
            await self.judging.wait()
        if self.failure is not None:
            raise self.failure
        routing = self._router.route(request, self.memory)
        return routing if self.change is None else self.change(routing)

    def answered(self, seen: Seen | None, counted_tokens: int | None = None) -> None:
        self.learnt.append((seen, counted_tokens))
        self.memory = self.memory.after(seen, counted_tokens)

    def _classify(self, text: str, *, with_context: bool, strategy: str) -> UseCache:
        self.judged.append(text)
        fine = POINTING not in text
        return UseCache(fine, 0.75 if fine else 0.125, 0.5, "it stands for itself" if fine else "it points")


class Answers:
    """A real cache in memory, in a thread as the core's; ``failure`` is raised instead."""

    def __init__(self) -> None:
        judge = ListedJudge(frozenset(SAME))
        self.store_of = MemoryStore()
        self.cache = SemanticCache(self.store_of, WordEncoder(), judge, normalise, threshold=0.5)
        self._thread = ThreadPoolExecutor(1)
        self.looked: list[Query] = []
        self.stored: list[tuple[Mapping[str, Any], float, bool, Done]] = []
        self.changed = threading.Condition()
        self.failure: Exception | None = None
        self.off = ""
        self.stopped: asyncio.Event | None = None
        self.storing: asyncio.Event | None = None

    async def lookup(self, query: Query, *, bypass: bool = False) -> Lookup:
        self.looked.append(query)
        if self.stopped is not None:
            await self.stopped.wait()
        if self.failure is not None:
            raise self.failure
        if self.off:
            return Lookup("miss", None, None, None, self.off, "cache_off")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.cache.lookup, query)

    async def store(self, query: Query, response: Mapping[str, Any], *, took_ms: float, complete: bool = True) -> Done:
        if self.storing is not None:
            await self.storing.wait()
        if self.failure is not None:
            raise self.failure
        done = await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: self.cache.store(query, response, took_ms=took_ms, complete=complete)
        )
        with self.changed:
            self.stored.append((response, took_ms, complete, done))
            self.changed.notify_all()
        return done

    def wait_stored(self, count: int) -> None:
        """Return when so many answers have been stored."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.stored) >= count, BOUND_S), f"{len(self.stored)} were stored"

    def close(self) -> None:
        self._thread.shutdown(wait=True)


class Noted:
    """What is told to statistics."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self._changed = threading.Condition()

    def note(self, outcome: Outcome) -> None:
        with self._changed:
            self.outcomes.append(outcome)
            self._changed.notify_all()

    def wait(self, count: int) -> Outcome:
        """The last of so many, once they are there."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.outcomes) >= count, BOUND_S), f"{self.outcomes} were noted"
            return self.outcomes[count - 1]


def selector(folder: Path, variables: Mapping[str, str] | None = None, provider: str = "anthropic") -> KeySelector:
    """Keys as the settings name them by default."""
    entries = (KeyEntry("anthropic", provider, key_env="ANTHROPIC_API_KEY"),)
    found = {"ANTHROPIC_API_KEY": KEY} if variables is None else variables
    return KeySelector(KeySettings("anthropic", entries), found, folder / "key-scope.salt")
