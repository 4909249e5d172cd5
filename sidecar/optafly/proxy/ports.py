"""What the proxy needs of others; the core hands in the real ones."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from optafly.cache.backend import Done
from optafly.cache.semantic import Lookup, Query
from optafly.proxy.outcome import Outcome
from optafly.routing.anchor_memory import Seen
from optafly.routing.decision import Routing, RoutingRequest
from optafly.routing.key_secret import Secret
from optafly.routing.keys import KeyChoice


class Decides(Protocol):
    """Routes requests; called on the event loop, which it does not block. It may raise and may be slow."""

    async def decide(self, request: RoutingRequest) -> Routing:
        """Decide about one request."""

    def answered(self, seen: Seen | None, counted_tokens: int | None = None) -> None:
        """Note that a request that was sent as it was routed has been answered, with how many tokens of input."""


class Remembers(Protocol):
    """As `optafly.core.answers.Answers`."""

    async def lookup(self, query: Query, *, bypass: bool = False) -> Lookup:
        """The stored answer, or a miss with its reason."""

    async def store(self, query: Query, response: Mapping[str, Any], *, took_ms: float, complete: bool = True) -> Done:
        """Keep an answer."""


class Keys(Protocol):
    """As `optafly.routing.keys.KeySelector`; called in a thread that may wait."""

    def choose(
        self,
        provider: str | None = None,
        workspace: str | None = None,
        conversation: str | None = None,
        *,
        cancelled: Callable[[], bool] = ...,
    ) -> KeyChoice:
        """The key for a request."""

    def secret(self, choice: KeyChoice, *, cancelled: Callable[[], bool] = ...) -> Secret:
        """The chosen key; raises `KeyMissing`."""

    def forget(self, choice: KeyChoice) -> None:
        """Drop a key that was refused."""


class Counts(Protocol):
    """Keeps figures; returns at once and raises nothing."""

    def note(self, outcome: Outcome) -> None:
        """One request is done."""
