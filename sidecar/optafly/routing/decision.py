"""What is decided about a request before it is sent, each part with its reason."""

from typing import Any, Literal

import msgspec

from optafly.routing.anchor_memory import Seen
from optafly.routing.anchors import CacheAnchor
from optafly.routing.keys import KeyChoice
from optafly.routing.tokens import TokenOptimization

Strategy = Literal["auto", "aggressive_cache", "minimize_latency"]


class RouterSettings(msgspec.Struct, frozen=True):
    """What a router may do; ``semantic_cache`` is whether there is a cache that could be looked into."""

    enabled: bool = True
    cache_anchor_optimization: bool = True
    token_optimization: bool = True
    strategy: Strategy = "auto"
    semantic_cache: bool = True


class RoutingRequest(msgspec.Struct, frozen=True):
    """A request as it would be sent without a router.

    ``body`` is that of Anthropic's Messages API, its last message the newest user turn. ``assembled``: that turn is
    what OptaFly put together, so its text may be shortened. ``with_context``: what the answer may depend on comes with
    it. ``compared``: another request's answer could serve it. ``conversation`` names the conversation, ``now`` is in
    seconds of a clock that only goes forward.
    """

    body: dict[str, Any]
    workspace: str | None = None
    conversation: str = ""
    provider: str | None = None
    assembled: bool = False
    with_context: bool = False
    compared: bool = True
    now: float | None = None


class Reasons(msgspec.Struct, frozen=True):
    """Why each part was decided so, in one line each."""

    use_cache: str
    cache_anchors: str
    api_key: str
    token_optimization: str


class RoutingDecision(msgspec.Struct, frozen=True):
    """What is to be done with a request.

    ``use_cache`` false turns only the lookup of similar requests off; ``p`` is the calibrated probability that the
    request stands for itself and its answer serves again, None where nobody was asked. ``api_key`` says which key and
    never holds it. ``token_optimization`` is None where nothing may be shortened.
    """

    use_cache: bool
    p: float | None
    cache_anchors: tuple[CacheAnchor, ...]
    api_key: KeyChoice
    token_optimization: TokenOptimization | None
    reasons: Reasons


class Routing(msgspec.Struct, frozen=True):
    """A decision, the body to send by it, and what `AnchorMemory.after` takes once that was answered."""

    decision: RoutingDecision
    body: dict[str, Any]
    seen: Seen | None
