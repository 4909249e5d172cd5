"""Routing in a process: a router whose networks may live in another thread."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from optafly.config import Config
from optafly.core.parts import Parts
from optafly.core.wire_decide import RouteCall
from optafly.routing.anchors import Boundary
from optafly.routing.decision import RouterSettings, RoutingRequest, Strategy
from optafly.routing.keys import KeySelector
from optafly.routing.router import Reuse, Router

T = TypeVar("T")
Do = Callable[[Callable[[Parts], Any]], Any]
"""Does some work where the parts are, and returns its outcome."""

# Every request must name one; anchors do not depend on it.
_MOST_ANSWER_TOKENS: Final = 8192


def build_router(config: Config, do: Do, keys: KeySelector) -> Router:
    """A router with these settings; ``do`` reaches the networks."""
    asked = _Asked(do)
    return Router(router_settings(config), asked.use_cache, asked, keys)


def router_settings(config: Config) -> RouterSettings:
    """What of the settings a router needs."""
    return RouterSettings(
        enabled=config.get("router.enabled"),
        cache_anchor_optimization=config.get("router.cache_anchor_optimization"),
        token_optimization=config.get("router.token_optimization"),
        strategy=config.get("router.routing_strategy"),
        semantic_cache=config.get("semantic_cache.enabled"),
    )


def request_of(call: RouteCall) -> RoutingRequest:
    """The request that would be sent: one turn, which OptaFly puts together."""
    return RoutingRequest(
        body=first_turn(call.text, call.model),
        workspace=call.workspace or None,
        assembled=True,
        with_context=call.with_context,
    )


def first_turn(text: str, model: str) -> dict[str, Any]:
    """The body of a request with one turn."""
    message = {"role": "user", "content": text}
    return {"model": model, "max_tokens": _MOST_ANSWER_TOKENS, "messages": [message]}


class _Asked:
    """The networks, wherever they are."""

    def __init__(self, do: Do) -> None:
        self._do = do

    def use_cache(self, text: str, *, with_context: bool, strategy: Strategy) -> Reuse:
        found: Reuse = self._do(
            lambda parts: parts.classifier.use_cache(text, with_context=with_context, strategy=strategy)
        )
        return found

    def boundaries(self, text: str) -> Sequence[Boundary]:
        found: Sequence[Boundary] = self._do(lambda parts: parts.boundaries.boundaries(text))
        return found
