"""The router: whether similar requests may answer, where the cache anchors go, what is left out, which key."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from optafly.errors import Cancelled, OptaFlyError
from optafly.routing.anchor_memory import AnchorMemory
from optafly.routing.anchors import AnchorPlan, Boundaries, Boundary, place_anchors, with_anchors
from optafly.routing.decision import Reasons, RouterSettings, Routing, RoutingDecision, RoutingRequest, Strategy
from optafly.routing.keys import KeyChoice
from optafly.routing.token_form import read_prompt
from optafly.routing.tokens import TokenOptimization, optimise

SWITCHED_OFF: Final = "routing is switched off (router.enabled)"
NO_CACHE: Final = "the semantic cache is switched off (semantic_cache.enabled)"
NO_ANCHORS: Final = "no anchor: switched off (router.cache_anchor_optimization)"
NOT_SHORTENED: Final = "left to the letter: switched off (router.token_optimization)"
NOT_ASSEMBLED: Final = "left to the letter: OptaFly did not put it together"
IN_A_HURRY: Final = "left to the letter: minimize_latency skips it"
NOT_COMPARED: Final = "it is never compared with others"
NO_TEXT: Final = "the newest turn holds no text of the person"

_log = logging.getLogger(__name__)


class Reuse(Protocol):
    """What a classifier says of a request: whether its answer may serve similar ones."""

    @property
    def use_cache(self) -> bool:
        """Whether a similar request's answer may be looked for."""

    @property
    def p(self) -> float | None:
        """The calibrated probability that the answer serves again."""

    @property
    def reason(self) -> str:
        """Why, in one line."""


class Classify(Protocol):
    """As `optafly.routing.classifier.Classifier.use_cache`."""

    def __call__(self, text: str, *, with_context: bool, strategy: Strategy) -> Reuse:
        """Judge one request."""


class ChoosesKeys(Protocol):
    """As `optafly.routing.keys.KeySelector`, what a router needs of it."""

    def choose(
        self,
        provider: str | None = None,
        workspace: str | None = None,
        conversation: str | None = None,
        *,
        cancelled: Callable[[], bool] = ...,
    ) -> KeyChoice:
        """The key for a request."""


class Router:
    """Decides about requests before they are sent; for any thread that may wait, as far as its parts are.

    A part that fails leaves the others as they are and says why; only `Cancelled` comes out.
    """

    def __init__(
        self, settings: RouterSettings, classify: Classify, boundaries: Boundaries | None, keys: ChoosesKeys
    ) -> None:
        self._settings = settings
        self._classify = classify
        self._boundaries = boundaries
        self._keys = keys

    def decide(
        self,
        request: RoutingRequest,
        memory: AnchorMemory | None = None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> RoutingDecision:
        """All four parts with a reason each; ``memory`` is what earlier requests showed about anchors."""
        return self.route(request, memory, cancelled=cancelled).decision

    def route(
        self,
        request: RoutingRequest,
        memory: AnchorMemory | None = None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Routing:
        """The same with the body to send: the newest turn shortened, the anchors in it."""
        use_cache, p, about_cache = self._use_cache(request)
        _raise_if(cancelled)
        optimised, about_tokens = self._optimised(request)
        body = request.body if optimised is None else with_newest_text(request.body, optimised.text)
        _raise_if(cancelled)
        plan, body = self._anchors(request, body, memory)
        _raise_if(cancelled)
        key = self._key(request, cancelled)
        reasons = Reasons(about_cache, plan.reason, key.reason, about_tokens)
        decision = RoutingDecision(use_cache, p, plan.anchors, key, optimised, reasons)
        return Routing(decision, body, plan.seen)

    def _use_cache(self, request: RoutingRequest) -> tuple[bool, float | None, str]:
        if not self._settings.enabled:
            return False, None, SWITCHED_OFF
        if not self._settings.semantic_cache:
            return False, None, NO_CACHE
        if not request.compared:
            return False, None, NOT_COMPARED
        text = newest_text(request.body)
        if text is None:
            return False, None, NO_TEXT
        prompt = read_prompt(text) if request.assembled else None
        asked, with_context = (text, request.with_context) if prompt is None else (prompt.sections[0].strip("\n"), True)
        try:
            found = self._classify(asked, with_context=with_context, strategy=self._settings.strategy)
        except Exception as error:
            return False, None, _failed("the lookup of similar requests is left out", error)
        return found.use_cache, found.p, found.reason

    def _optimised(self, request: RoutingRequest) -> tuple[TokenOptimization | None, str]:
        if not self._settings.enabled:
            return None, SWITCHED_OFF
        if not self._settings.token_optimization:
            return None, NOT_SHORTENED
        if self._settings.strategy == "minimize_latency":
            return None, IN_A_HURRY
        text = newest_text(request.body)
        if not request.assembled or text is None:
            return None, NOT_ASSEMBLED
        try:
            optimised = optimise(text)
        except Exception as error:
            return None, _failed("left to the letter", error)
        return optimised, optimised.reason

    def _anchors(
        self, request: RoutingRequest, body: dict[str, Any], memory: AnchorMemory | None
    ) -> tuple[AnchorPlan, dict[str, Any]]:
        """The anchors, and the body with them in it."""
        if not self._settings.enabled:
            return AnchorPlan((), SWITCHED_OFF), body
        if not self._settings.cache_anchor_optimization:
            return AnchorPlan((), NO_ANCHORS), body
        hurries = self._settings.strategy == "minimize_latency"
        try:
            plan = self._plan(request, body, memory, None if hurries else self._boundaries)
            return plan, with_anchors(body, plan)
        except Exception as error:
            return AnchorPlan((), _failed("no anchor", error)), body

    def _plan(
        self,
        request: RoutingRequest,
        body: dict[str, Any],
        memory: AnchorMemory | None,
        boundaries: Boundaries | None,
    ) -> AnchorPlan:
        noted = _Noted(boundaries) if boundaries is not None else None
        plan = place_anchors(
            body, memory, request.conversation, now=request.now, assembled=request.assembled, boundaries=noted
        )
        if noted is not None and noted.failure:
            return msgspec.structs.replace(plan, reason=f"{plan.reason}; {noted.failure}")
        return plan

    def _key(self, request: RoutingRequest, cancelled: Callable[[], bool]) -> KeyChoice:
        try:
            return self._keys.choose(
                request.provider, request.workspace, request.conversation or None, cancelled=cancelled
            )
        except Exception as error:
            said = _failed("no key could be looked for", error)
            return KeyChoice(request.provider or "", "", "", found=False, reason=said)


class _Noted:
    """Boundaries that find nothing where they fail, and note why."""

    def __init__(self, boundaries: Boundaries) -> None:
        self._boundaries = boundaries
        self.failure = ""

    def boundaries(self, text: str) -> Sequence[Boundary]:
        """As `Boundaries`."""
        try:
            return self._boundaries.boundaries(text)
        except Exception as error:
            self.failure = _failed("free text is not parted", error)
            return ()


def newest_text(body: Mapping[str, Any]) -> str | None:
    """The last text of the newest turn; None where that is not the person's, or holds none."""
    place = _place_of_newest_text(body)
    if place is None:
        return None
    content = body["messages"][-1]["content"]
    text: str = content if place < 0 else content[place]["text"]
    return text


def with_newest_text(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A body with another text in that place; everything else is shared with the old one."""
    place = _place_of_newest_text(body)
    if place is None:
        return dict(body)
    last = body["messages"][-1]
    content: Any = text
    if place >= 0:
        content = [*last["content"]]
        content[place] = content[place] | {"text": text}
    return {**body, "messages": [*body["messages"][:-1], last | {"content": content}]}


def _place_of_newest_text(body: Mapping[str, Any]) -> int | None:
    """The number of its block, -1 where the content is the text itself."""
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, dict) or last.get("role") != "user":
        return None
    content = last.get("content")
    if isinstance(content, str):
        return -1
    blocks = content if isinstance(content, list) else []
    texts = [
        place
        for place, block in enumerate(blocks)
        if isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)
    ]
    return texts[-1] if texts else None


def _failed(what: str, error: Exception) -> str:
    """What is left out, and why; `Cancelled` is raised again. Only our own errors have a text that may be shown."""
    if isinstance(error, Cancelled):
        raise error
    if isinstance(error, OptaFlyError):
        return f"{what}: {error}"
    _log.warning("a part of the router failed: %s", type(error).__name__)
    return f"{what}: it failed ({type(error).__name__})"


def _raise_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("cancelled")
