"""What sending needs of others; the core hands in the real ones."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol

from optafly.cache.backend import Done
from optafly.cache.semantic import Lookup, Query
from optafly.routing.anchor_memory import Seen
from optafly.routing.decision import Routing, RoutingRequest
from optafly.routing.key_secret import Secret
from optafly.routing.keys import KeyChoice


class Decides(Protocol):
    """Routes requests; called on the event loop, which it does not block."""

    @property
    def slow(self) -> str:
        """Why the next decision takes longer than a moment, in words; empty where it does not."""

    async def decide(self, request: RoutingRequest, *, wait: bool) -> Routing:
        """Decide about one request; without ``wait`` what is not loaded is done without."""

    def answered(self, seen: Seen | None, counted_tokens: int | None = None) -> None:
        """Note that a request that was sent as it was routed has been answered, with how many tokens of input."""


class Remembers(Protocol):
    """As `optafly.core.answers.Answers`."""

    async def lookup(self, query: Query, *, limit_s: float) -> Lookup:
        """The stored answer, or a miss with its reason, also where that takes longer than ``limit_s``."""

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

    def scope(self, choice: KeyChoice, *, cancelled: Callable[[], bool] = ...) -> str:
        """What stands for the key in the cache's scope; raises `KeyMissing`."""

    def forget(self, choice: KeyChoice) -> None:
        """Drop a key that was refused."""


class Reply(Protocol):
    """An answer of the API that is coming in."""

    def texts(self) -> AsyncIterator[str]:
        """Its text, piece by piece; raises `SendFailed` where it breaks off before its end."""

    def usage(self) -> object:
        """What it used as far as the API has said so, as the API says it; None where it has not."""

    def message(self) -> dict[str, Any]:
        """The whole message."""

    @property
    def request_id(self) -> str:
        """The API's name for the request, or an empty text."""


class Claude(Protocol):
    """The API; `optafly.sending.claude.Api` is the real one."""

    @property
    def base_url(self) -> str:
        """Where it is."""

    def ask(
        self, body: Mapping[str, Any], secret: Secret, on_retry: Callable[[str], None]
    ) -> contextlib.AbstractAsyncContextManager[Reply]:
        """Send a request; leaving the block closes its connection. Raises `SendFailed` and `KeyRefused`."""
