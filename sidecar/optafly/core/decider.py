"""Routing and the cache for a command: at a running core, or in this process."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, Self, TypeVar
from urllib.parse import quote

import msgspec

from optafly.cache.backend import Stats
from optafly.cache.entries import Entry
from optafly.cache.explain import Explanation
from optafly.config import Config
from optafly.core import cache_desk, texts
from optafly.core.compose import build_keys
from optafly.core.connection import Connection
from optafly.core.failures import error_of
from optafly.core.launcher import find_core
from optafly.core.parts import Parts
from optafly.core.route import build_router, request_of
from optafly.core.wire import Discovery, Failure, Progress, decode
from optafly.core.wire_decide import (
    Cleared,
    EntryRow,
    ExplainCall,
    ForgetCall,
    ReuseCall,
    Reused,
    RouteCall,
)
from optafly.errors import CoreUnavailable
from optafly.paths import Paths
from optafly.protocol import CacheHitProbability
from optafly.routing.decision import RoutingDecision

T = TypeVar("T")
Tell = Callable[[str], None]
"""Told, in words, what takes a while."""

LOADING: Final = "loading the networks that decide, which takes some seconds"
# A core that takes longer is too busy to be of use to a single command.
_ANSWER_S: Final = 1.0


class Decider(Protocol):
    """What a command asks; errors are those of `optafly.errors`."""

    def route(self, call: RouteCall) -> RoutingDecision:
        """Decide about a prompt."""

    def reuse(self, call: ReuseCall) -> tuple[Reused, ...]:
        """Whether texts stand for themselves."""

    def explain(self, call: ExplainCall) -> tuple[Explanation, ...]:
        """Whether one text of each pair would be served the other's answer."""

    def stats(self) -> Stats:
        """How full the cache is."""

    def rows(self, limit: int) -> tuple[EntryRow, ...]:
        """The last used answers."""

    def entry(self, name: str) -> Entry:
        """One answer by id or unique beginning."""

    def forget(self, names: Sequence[str]) -> tuple[str, ...]:
        """Remove answers, all or none; returns their ids."""

    def clear(self) -> int:
        """Remove all answers; returns how many."""

    def export(self) -> Iterator[Entry]:
        """All answers, the last used first."""


@contextlib.contextmanager
def open_decider(config: Config, paths: Paths, tell: Tell, *, in_process: bool = False) -> Iterator[Decider]:
    """The running core's, where there is one of this version, else one of this process; starts no core."""
    found = None if in_process else find_core(paths, answer_s=_ANSWER_S)
    if found is not None:
        yield RemoteDecider(found, tell)
        return
    with LocalDecider(config, paths, tell) as here:
        yield here


class LocalDecider:
    """Decides in this thread; what it needs is loaded when it is needed."""

    def __init__(self, config: Config, paths: Paths, tell: Tell) -> None:
        self._config = config
        self._paths = paths
        self._tell = tell
        self._parts = Parts(config, paths)
        self._told = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()

    def route(self, call: RouteCall) -> RoutingDecision:
        """As `Decider`; the settings are those of this process."""
        keys = build_keys(self._config, self._paths, os.environ)
        try:
            return build_router(self._config, self._do, keys).decide(request_of(call))
        finally:
            keys.close()

    def reuse(self, call: ReuseCall) -> tuple[Reused, ...]:
        """As `Decider`."""
        strategy = self._config.get("router.routing_strategy")
        return self._do(lambda parts: texts.reuse(parts, call.texts, strategy))

    def explain(self, call: ExplainCall) -> tuple[Explanation, ...]:
        """As `Decider`."""
        return self._do(lambda parts: texts.explain(parts, call.pairs))

    def estimate(self, draft: str, refined: str) -> CacheHitProbability:
        """How likely a cache hit is, before and after."""
        return self._do(lambda parts: texts.estimate(parts, draft, refined))

    def stats(self) -> Stats:
        """As `Decider`."""
        return cache_desk.stats(self._parts)

    def rows(self, limit: int) -> tuple[EntryRow, ...]:
        """As `Decider`."""
        return cache_desk.rows(self._parts, limit)

    def entry(self, name: str) -> Entry:
        """As `Decider`."""
        return cache_desk.entry(self._parts, name)

    def forget(self, names: Sequence[str]) -> tuple[str, ...]:
        """As `Decider`."""
        return cache_desk.forget(self._parts, names)

    def clear(self) -> int:
        """As `Decider`."""
        return cache_desk.clear(self._parts)

    def export(self) -> Iterator[Entry]:
        """As `Decider`."""
        for name in cache_desk.ids(self._parts):
            yield from cache_desk.some(self._parts, [name])

    def _do(self, work: Callable[[Parts], T]) -> T:
        """Some work that needs networks."""
        if not self._told:
            self._told = True
            self._tell(LOADING)
        return work(self._parts)


class RemoteDecider:
    """Has a running core decide."""

    def __init__(self, core: Discovery, tell: Tell) -> None:
        self._connection = Connection(core)
        self._tell = tell

    def route(self, call: RouteCall) -> RoutingDecision:
        """As `Decider`."""
        return self._result("/v1/route", call, RoutingDecision)

    def reuse(self, call: ReuseCall) -> tuple[Reused, ...]:
        """As `Decider`."""
        return self._result("/v1/reuse", call, tuple[Reused, ...])

    def explain(self, call: ExplainCall) -> tuple[Explanation, ...]:
        """As `Decider`."""
        return self._result("/v1/cache/explain", call, tuple[Explanation, ...])

    def stats(self) -> Stats:
        """As `Decider`."""
        return self._ask("GET", "stats", Stats)

    def rows(self, limit: int) -> tuple[EntryRow, ...]:
        """As `Decider`."""
        return self._ask("GET", f"entries?limit={limit}", tuple[EntryRow, ...])

    def entry(self, name: str) -> Entry:
        """As `Decider`."""
        return self._ask("GET", f"entries/{quote(name, safe='')}", Entry)

    def forget(self, names: Sequence[str]) -> tuple[str, ...]:
        """As `Decider`."""
        return self._ask("POST", "forget", tuple[str, ...], ForgetCall(tuple(names)))

    def clear(self) -> int:
        """As `Decider`."""
        return self._ask("POST", "clear", Cleared).entries

    def export(self) -> Iterator[Entry]:
        """As `Decider`."""
        with contextlib.closing(self._connection.events("/v1/cache/export", {})) as events:
            for event in events:
                if event.name == "entry":
                    yield _read(event.data, Entry)
                elif event.name == "error":
                    raise error_of(_read(event.data, Failure))
                elif event.name == "result":
                    return
        raise CoreUnavailable("the core ended before it had said everything; try again")

    def _ask(self, method: str, what: str, kind: type[T], body: object = None) -> T:
        return _read(self._connection.ask(method, f"/v1/cache/{what}", body), kind)

    def _result(self, path: str, call: object, kind: type[T]) -> T:
        with contextlib.closing(self._connection.events(path, call)) as events:
            for event in events:
                match event.name:
                    case "result":
                        return _read(event.data, kind)
                    case "error":
                        raise error_of(_read(event.data, Failure))
                    case "progress":
                        self._tell(_read(event.data, Progress).text)
        raise CoreUnavailable("the core ended before it answered; try again")


def _read(data: bytes, kind: type[T]) -> T:
    try:
        return decode(data, kind)
    except msgspec.DecodeError:
        raise CoreUnavailable("the core speaks in another way; restart it: optafly core stop") from None
