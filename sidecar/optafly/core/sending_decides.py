"""The router for one call that sends: that of the process, with the settings of the call."""

from optafly.config import Config, Value
from optafly.core.decisions import LOADING, Decisions
from optafly.routing.anchor_memory import Seen
from optafly.routing.decision import Routing, RoutingRequest


class DecidesWith:
    """As `optafly.sending.ports.Decides`, with the settings of a call."""

    def __init__(self, decisions: Decisions, config: Config) -> None:
        self._decisions = decisions
        self._config = config

    @property
    def slow(self) -> str:
        """As `Decides`."""
        return LOADING if self._config.get("router.enabled") and not self._decisions.loaded else ""

    async def decide(self, request: RoutingRequest, *, wait: bool) -> Routing:
        """As `Decides`."""
        config = self._config if wait else _without_cache(self._config)
        return await self._decisions.decide(request, config, wait=wait)

    def answered(self, seen: Seen | None, counted_tokens: int | None = None) -> None:
        """As `Decides`."""
        self._decisions.answered(seen, counted_tokens)


def _without_cache(config: Config) -> Config:
    """Nobody asks then whether similar requests may answer, and no network is loaded to tell."""
    return Config({**config.values, "semantic_cache.enabled": Value(False, "front-end")}, config.messages)
