"""The four parts of a decision: each with its reason, none of them in the way of the others."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from optafly.errors import Cancelled, NotSetUp
from optafly.routing.anchor_memory import AnchorMemory
from optafly.routing.anchors import Boundary
from optafly.routing.decision import RouterSettings, RoutingDecision, RoutingRequest, Strategy
from optafly.routing.keys import KeyChoice
from optafly.routing.router import NO_CACHE, NOT_ASSEMBLED, SWITCHED_OFF, Router, newest_text, with_newest_text
from optafly.routing.tokens import optimise

CODE = "\n".join(f"    total_{number} = prices[{number}] * counts[{number}]" for number in range(60))
ASSEMBLED = (
    f"<context>\nshop/bill.py:1-61, function `bill`\n```python\ndef bill(prices, counts):\n{CODE}\n```\n"
    f"shop/bill.py:1-61, function `bill`\n```python\ndef bill(prices, counts):\n{CODE}\n```\n</context>\n"
    "<task>Fix the sum in `bill`.</task>"
)
KEY = KeyChoice("anthropic", "work", "environment WORK_KEY", found=True, reason="it is the default")


class Said(msgspec.Struct, frozen=True):
    use_cache: bool
    p: float
    reason: str


class Networks:
    """Says that everything may be looked up, and parts texts in their middle; remembers what it was asked."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.asked: list[tuple[str, bool, Strategy]] = []
        self.parted: list[str] = []
        self._failure = failure

    def use_cache(self, text: str, *, with_context: bool, strategy: Strategy) -> Said:
        self.asked.append((text, with_context, strategy))
        if self._failure is not None:
            raise self._failure
        return Said(True, 0.9, "it stands for itself")

    def boundaries(self, text: str) -> Sequence[Boundary]:
        self.parted.append(text)
        if self._failure is not None:
            raise self._failure
        return [Boundary(text.index("<task>"), 0.99)]


class Keys:
    def __init__(self, failure: Exception | None = None) -> None:
        self.asked: list[tuple[str | None, str | None, str | None]] = []
        self._failure = failure

    def choose(
        self,
        provider: str | None = None,
        workspace: str | None = None,
        conversation: str | None = None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> KeyChoice:
        self.asked.append((provider, workspace, conversation))
        if self._failure is not None:
            raise self._failure
        return KEY


def router(networks: Networks | None = None, keys: Keys | None = None, **settings: Any) -> Router:
    networks = networks or Networks()
    return Router(RouterSettings(**settings), networks.use_cache, networks, keys or Keys())


def body(content: Any = ASSEMBLED, **more: Any) -> dict[str, Any]:
    return {"model": "claude-sonnet-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": content}], **more}


def assembled(content: Any = ASSEMBLED, **more: Any) -> RoutingRequest:
    return RoutingRequest(body(content), assembled=True, **more)


def test_all_four_parts_with_a_reason_each() -> None:
    networks, keys = Networks(), Keys()
    decision = router(networks, keys).decide(assembled(workspace="/shop", conversation="c1", provider="anthropic"))

    assert (decision.use_cache, decision.p) == (True, 0.9)
    assert networks.asked == [("Fix the sum in `bill`.", True, "auto")]
    assert decision.token_optimization is not None
    assert decision.token_optimization.after < decision.token_optimization.before
    assert 1 <= len(decision.cache_anchors) <= 4
    assert decision.api_key == KEY
    assert keys.asked == [("anthropic", "/shop", "c1")]
    assert all(msgspec.structs.astuple(decision.reasons))
    assert decision.reasons.token_optimization == decision.token_optimization.reason
    assert decision.reasons.api_key == "it is the default"


def test_the_body_to_send_is_the_shorter_one_with_the_anchors() -> None:
    request = assembled()
    before = msgspec.json.encode(request.body)
    routing = router().route(request)

    sent = routing.body["messages"][0]["content"]
    assert "".join(block["text"] for block in sent) == optimise(ASSEMBLED).text
    marked = [("messages", 0, "content", at) for at, block in enumerate(sent) if "cache_control" in block]
    assert marked == [anchor.path for anchor in routing.decision.cache_anchors]
    assert msgspec.json.encode(request.body) == before


def test_the_memory_of_anchors_goes_in_and_out() -> None:
    request = assembled(conversation="c1", now=1.0)
    routing = router().route(request)
    memory = AnchorMemory().after(routing.seen)

    assert memory.conversation("c1") is not None
    assert router().route(request, memory).body == routing.body


def test_what_somebody_else_wrote_is_left_to_the_letter() -> None:
    networks = Networks()
    request = RoutingRequest(body())
    routing = router(networks).route(request)

    assert routing.decision.token_optimization is None
    assert routing.decision.reasons.token_optimization == NOT_ASSEMBLED
    assert newest_text(routing.body) == ASSEMBLED
    assert networks.parted == []
    assert networks.asked == [(ASSEMBLED, False, "auto")]


def test_a_prompt_without_a_context_is_judged_as_it_is_told() -> None:
    networks = Networks()
    router(networks).decide(RoutingRequest(body("fix this"), assembled=True))
    router(networks).decide(RoutingRequest(body("fix this"), assembled=True, with_context=True))
    assert networks.asked == [("fix this", False, "auto"), ("fix this", True, "auto")]


def test_a_switched_off_router_still_chooses_the_key() -> None:
    networks = Networks()
    routing = router(networks, enabled=False).route(assembled())
    decision = routing.decision

    assert (decision.use_cache, decision.p, decision.cache_anchors, decision.token_optimization) == (
        False,
        None,
        (),
        None,
    )
    assert decision.api_key == KEY
    assert decision.reasons.use_cache == decision.reasons.cache_anchors == SWITCHED_OFF
    assert routing.body == body()
    assert (networks.asked, networks.parted) == ([], [])


def test_single_parts_can_be_switched_off() -> None:
    request = assembled()
    assert router(cache_anchor_optimization=False).decide(request).cache_anchors == ()
    assert router(token_optimization=False).decide(request).token_optimization is None
    without = router(semantic_cache=False).decide(request)
    assert (without.use_cache, without.reasons.use_cache) == (False, NO_CACHE)
    for decision in (router(cache_anchor_optimization=False).decide(request), without):
        assert decision.token_optimization is not None
        assert decision.api_key == KEY


@pytest.mark.parametrize("strategy", ["auto", "aggressive_cache", "minimize_latency"])
def test_the_strategy_is_passed_on(strategy: Strategy) -> None:
    networks = Networks()
    decision = router(networks, strategy=strategy).decide(assembled())
    assert [asked[2] for asked in networks.asked] == [strategy]
    assert decision.cache_anchors


def test_minimize_latency_skips_what_takes_time() -> None:
    networks = Networks()
    decision = router(networks, strategy="minimize_latency").decide(assembled())
    assert networks.parted == []
    assert decision.token_optimization is None
    assert "minimize_latency" in decision.reasons.token_optimization


@pytest.mark.parametrize("failure", [NotSetUp("torch is not installed"), RuntimeError(f"quoting {ASSEMBLED[:30]}")])
def test_networks_that_fail_leave_the_rest(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    # In no form of ours: a network is asked where it may be split.
    free = RoutingRequest(body(f"{CODE}\n\n{CODE}\n\nFix the sum."), assembled=True)
    with caplog.at_level(logging.DEBUG):
        decision = router(Networks(failure)).decide(assembled())
        about_free = router(Networks(failure)).decide(free).reasons.cache_anchors

    assert (decision.use_cache, decision.p) == (False, None)
    said = "torch is not installed" if isinstance(failure, NotSetUp) else "RuntimeError"
    assert said in decision.reasons.use_cache
    assert said in about_free
    assert "quoting" not in about_free
    assert decision.cache_anchors
    assert decision.token_optimization is not None
    assert decision.api_key == KEY
    for text in (*msgspec.structs.astuple(decision.reasons), caplog.text):
        assert "quoting" not in text


def test_a_key_that_cannot_be_looked_for_is_a_choice_that_is_not_found() -> None:
    decision = router(keys=Keys(RuntimeError("sk-secret"))).decide(assembled(provider="anthropic"))
    assert not decision.api_key.found
    assert decision.cache_anchors
    assert "RuntimeError" in decision.reasons.api_key
    assert b"sk-secret" not in msgspec.json.encode(decision)


def test_optimisation_and_anchors_that_fail_leave_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("optafly.routing.router.optimise", fail)
    monkeypatch.setattr("optafly.routing.router.place_anchors", fail)
    routing = router().route(assembled())
    assert (routing.decision.cache_anchors, routing.decision.token_optimization) == ((), None)
    assert "ZeroDivisionError" in routing.decision.reasons.cache_anchors
    assert "ZeroDivisionError" in routing.decision.reasons.token_optimization
    assert routing.decision.use_cache
    assert routing.body == body()


def test_cancelling_ends_it() -> None:
    networks = Networks()
    with pytest.raises(Cancelled):
        router(networks).decide(assembled(), cancelled=lambda: bool(networks.asked))
    with pytest.raises(Cancelled):
        router(Networks(Cancelled("cancelled"))).decide(assembled())
    with pytest.raises(Cancelled):
        router(keys=Keys(Cancelled("cancelled"))).decide(assembled())


@pytest.mark.parametrize(
    "messages",
    [None, [], "hello", [{"role": "assistant", "content": "hi"}], [{"role": "user", "content": 3}], [None],
     [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]}]],
)  # fmt: skip
def test_a_body_without_a_text_of_the_person(messages: Any) -> None:
    networks = Networks()
    request = RoutingRequest({"model": "claude-sonnet-5-5", "messages": messages}, assembled=True)
    routing = router(networks).route(request)
    assert not routing.decision.use_cache
    assert networks.asked == []
    assert routing.decision.token_optimization is None
    assert all(msgspec.structs.astuple(routing.decision.reasons))


def test_the_newest_text_is_exchanged_and_nothing_else() -> None:
    blocks = [{"type": "image", "source": {}}, {"type": "text", "text": "one"}, {"type": "text", "text": "two", "x": 1}]
    before = {"system": "s", "messages": [{"role": "user", "content": "old"}, {"role": "user", "content": blocks}]}
    after = with_newest_text(before, "three")
    assert newest_text(after) == "three"
    assert after["messages"][1]["content"] == [*blocks[:2], {"type": "text", "text": "three", "x": 1}]
    assert (after["system"], after["messages"][0]) == ("s", before["messages"][0])
    assert newest_text(before) == "two"


def test_a_decision_is_json_and_back() -> None:
    decision = router().decide(assembled())
    assert msgspec.json.decode(msgspec.json.encode(decision), type=RoutingDecision) == decision
