"""The refiners and engines in use: few, shared by whoever has the same settings."""

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import msgspec

from optafly.config import Config
from optafly.core.compose import build_engine, build_refiner, refiner_settings
from optafly.paths import Paths
from optafly.refine.refiner import Refiner, RefinerSettings

if TYPE_CHECKING:
    from optafly.engines.mistral import MistralEngine

MOST_ENGINES: Final = 2
MOST_REFINERS: Final = 4


class _EngineKey(msgspec.Struct, frozen=True):
    model: str
    device: str
    idle_unload_s: float


class _Held(msgspec.Struct):
    """An engine, and how many refinements use it now."""

    engine: "MistralEngine"
    users: int = 0


class Lease(msgspec.Struct, frozen=True):
    """A refiner for one piece of work, to be given back with `Refiners.release`."""

    refiner: Refiner
    held: _Held | None

    @property
    def engine(self) -> "MistralEngine | None":
        """The engine behind it, if any."""
        return self.held.engine if self.held is not None else None


class Refiners:
    """Makes, shares and lets go of refiners and engines; for one thread.

    A refiner keeps its recent results and what it knows of workspaces, an engine its model: the least recently used go
    first, an engine only while nothing uses it.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._engines: OrderedDict[_EngineKey, _Held] = OrderedDict()
        self._refiners: OrderedDict[tuple[RefinerSettings, _EngineKey | None], Refiner] = OrderedDict()

    @property
    def model(self) -> str:
        """The models in memory, or an empty text."""
        return ", ".join(held.engine.info.model for held in self._engines.values() if held.engine.loaded)

    def lease(self, config: Config, *, model: bool) -> Lease:
        """The refiner with these settings, without an engine where no ``model`` is wanted."""
        key = None
        held = None
        if model:
            key = _EngineKey(str(config.get("model")), str(config.get("device")), float(config.get("idle_unload_s")))
            held = self._engine(key, config)
            held.users += 1
        refiner = self._refiner(key, config, held)
        self._tidy()
        return Lease(refiner, held)

    def release(self, lease: Lease) -> None:
        """The work is done."""
        if lease.held is not None:
            lease.held.users -= 1
            self._tidy()

    def close(self) -> None:
        """End all engines without waiting for what they are busy with."""
        for held in self._engines.values():
            held.engine.close(wait=False)
        self._engines.clear()
        self._refiners.clear()

    def _engine(self, key: _EngineKey, config: Config) -> _Held:
        held = self._engines.get(key)
        if held is None:
            held = self._engines[key] = _Held(build_engine(config, self._paths))
        self._engines.move_to_end(key)
        return held

    def _refiner(self, engine: _EngineKey | None, config: Config, held: _Held | None) -> Refiner:
        key = (refiner_settings(config), engine)
        refiner = self._refiners.get(key)
        if refiner is None:
            refiner = self._refiners[key] = build_refiner(config, held.engine if held is not None else None)
        self._refiners.move_to_end(key)
        return refiner

    def _tidy(self) -> None:
        while len(self._refiners) > MOST_REFINERS:
            self._refiners.popitem(last=False)
        idle = [key for key, held in self._engines.items() if held.users == 0]
        for key in idle[: max(0, len(self._engines) - MOST_ENGINES)]:
            self._engines.pop(key).engine.close(wait=False)
            for other in [other for other in self._refiners if other[1] == key]:
                del self._refiners[other]
