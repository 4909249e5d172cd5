"""Routing and the cache as the core does them for others: never waiting on the loop, never failing a request."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optafly.core import answers, decisions
from optafly.core.compose import effective
from optafly.core.deciding import THREAD_NAME
from optafly.core.decisions import LOADING, Decisions
from optafly.core.wire import Failure, Progress
from optafly.core.wire_decide import ExplainCall, ReuseCall, Reused, RouteCall
from optafly.errors import CacheUnavailable, InputError, NotFound, NotSetUp
from optafly.paths import Paths, resolve_paths
from optafly.protocol import CacheHitProbability
from optafly.routing.decision import RoutingDecision, RoutingRequest
from tests.unit.cache.made import answer, query
from tests.unit.core.decide_parts import POINTING, SAME, FakeParts
from tests.unit.core.test_front_ends import RESULT

BOUND_S = 60.0
KEY = "sk-ant-zebra-quagga-0123456789"
REFINED = "<context>\napp.py:1-2\n```python\nx = 1\n```\n</context>\n<task>Fix `x` in app.py.</task>"


class Bench:
    """The decisions of a core whose networks are fakes."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths = resolve_paths({"OPTAFLY_HOME": str(home)})
        self.made: list[FakeParts] = []
        self.how: dict[str, Any] = {}
        monkeypatch.setattr(decisions, "Parts", self._make)
        self.decisions = Decisions(self.paths, {"ANTHROPIC_API_KEY": KEY})

    def _make(self, config: Any, paths: Paths) -> FakeParts:
        assert paths is self.paths
        self.made.append(FakeParts(paths.cache_dir / "answers", **self.how))
        return self.made[-1]

    @property
    def parts(self) -> FakeParts:
        return self.made[-1]

    async def begin_to_load(self) -> "asyncio.Future[list[tuple[str, Any]]]":
        """Begin something that needs networks, which are not there before `FakeParts.may_load`."""
        await self.decisions.answers.stats()
        self.parts.may_load.clear()
        loading = asyncio.ensure_future(told(self.decisions.reuse(ReuseCall(("x",)))))
        await until(self.parts.loading.is_set)
        return loading

    async def load(self) -> None:
        await last(self.decisions.reuse(ReuseCall(("warm up",))))
        assert self.decisions.loaded


async def told(events: AsyncGenerator[tuple[str, object]]) -> list[tuple[str, Any]]:
    async with asyncio.timeout(BOUND_S):
        return [event async for event in events]


async def last(events: AsyncGenerator[tuple[str, object]]) -> Any:
    """What the result holds, which must come last."""
    name, value = (await told(events))[-1]
    assert name == "result", value
    return value


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND_S):
        while not look():  # noqa: ASYNC110  what is waited for happens in other threads
            await asyncio.sleep(0.005)


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    # How long something may take is not what these are about, but for those that set it anew.
    monkeypatch.setattr(decisions, "ESTIMATE_S", BOUND_S)
    monkeypatch.setattr(answers, "LOOKUP_S", BOUND_S)
    bench = Bench(tmp_path, monkeypatch)
    yield bench
    for parts in bench.made:
        parts.may_load.set()
    bench.decisions.close()
    assert bench.decisions.join(BOUND_S)


async def test_a_prompt_is_routed(bench: Bench) -> None:
    events = await told(bench.decisions.route(RouteCall(SAME[0])))
    assert events[0] == ("progress", Progress(LOADING))
    (name, decision) = events[-1]
    assert (name, type(decision)) == ("result", RoutingDecision)
    assert (decision.use_cache, decision.p) == (True, 0.75)
    assert (decision.api_key.found, decision.api_key.source) == (True, "environment ANTHROPIC_API_KEY")
    assert KEY.encode() not in msgspec.json.encode(decision)
    assert bench.parts.classifier.threads == {THREAD_NAME}

    again = await told(bench.decisions.route(RouteCall(POINTING)))
    assert [event[0] for event in again] == ["result"]
    assert not again[0][1].use_cache


async def test_the_settings_of_the_router_come_with_the_request(bench: Bench) -> None:
    off = await told(bench.decisions.route(RouteCall(SAME[0], settings={"router.enabled": False})))
    assert [event[0] for event in off] == ["result"]
    assert not off[0][1].use_cache
    hurried = {"router.routing_strategy": "minimize_latency"}
    await last(bench.decisions.route(RouteCall(SAME[0], settings=hurried)))
    assert bench.parts.classifier.asked[-1][2] == "minimize_latency"
    with pytest.raises(InputError):
        await told(bench.decisions.route(RouteCall("x", settings={"router.enabled": "maybe"})))
    assert bench.decisions.working == 0


async def test_networks_that_cannot_be_had_leave_the_rest_of_a_decision(bench: Bench) -> None:
    bench.how["failure"] = NotSetUp("torch is not installed")
    decision = await last(bench.decisions.route(RouteCall(SAME[0])))
    assert not decision.use_cache
    assert "torch is not installed" in decision.reasons.use_cache
    assert decision.api_key.found
    (name, failure) = (await told(bench.decisions.reuse(ReuseCall(("x",)))))[-1]
    assert (name, failure) == ("error", Failure("NotSetUp", "torch is not installed"))


async def test_who_sends_does_not_wait_for_networks_but_has_them_loaded(bench: Bench) -> None:
    body = {"model": "claude-sonnet-5-5", "messages": [{"role": "user", "content": SAME[0]}]}
    config = effective({})
    first = (await bench.decisions.decide(RoutingRequest(body), config)).decision
    assert not first.use_cache
    assert answers.NOT_READY in first.reasons.use_cache
    await until(lambda: bench.decisions.loaded)
    second = await bench.decisions.decide(RoutingRequest(body, conversation="c", now=1.0), config)
    assert second.decision.use_cache
    bench.decisions.answered(second.seen, 100)


async def test_many_texts_are_judged_in_order(bench: Bench) -> None:
    texts = tuple(f"question {number}" if number % 3 else POINTING for number in range(200))
    found = await last(bench.decisions.reuse(ReuseCall(texts)))
    assert [item.use_cache for item in found] == [bool(number % 3) for number in range(200)]
    assert isinstance(found[0], Reused)


async def test_pairs_are_explained(bench: Bench) -> None:
    pairs = (SAME, (SAME[0], SAME[0]), (POINTING, POINTING), (SAME[0], "what is a monad"), (SAME[1], SAME[0]))
    found = await last(bench.decisions.explain(ExplainCall(pairs)))
    assert [item.tier for item in found] == ["semantic", "exact", "miss", "miss", "semantic"]
    assert bench.parts.store.stats().entries == 0


async def test_an_answer_is_kept_and_given_again(bench: Bench) -> None:
    await bench.load()
    done = await bench.decisions.answers.store(query(SAME[0]), answer(), took_ms=1200.0)
    assert done.ok, done.reason
    for text, tier in ((SAME[0], "exact"), (SAME[1], "semantic"), ("what is a monad", "miss")):
        assert (await bench.decisions.answers.lookup(query(text))).outcome == tier
    bypassed = await bench.decisions.answers.lookup(query(SAME[0]), bypass=True)
    assert bypassed.outcome == "miss"
    assert not (await bench.decisions.answers.store(query("x"), answer(stop_reason="max_tokens"), took_ms=1.0)).ok


async def test_until_the_networks_are_there_only_the_same_request_is_found(bench: Bench) -> None:
    bench.how["failure"] = NotSetUp("torch is not installed")
    kept = bench.decisions.answers
    assert (await kept.store(query(SAME[0]), answer(), took_ms=1.0)).ok
    assert (await kept.lookup(query(SAME[0]))).outcome == "exact"
    found = await kept.lookup(query(SAME[1]))
    assert (found.outcome, answers.NOT_READY in found.reason) == ("miss", True)


async def test_the_same_request_is_answered_while_networks_are_loaded(bench: Bench) -> None:
    kept = bench.decisions.answers
    loading = await bench.begin_to_load()
    assert (await kept.store(query(SAME[0]), answer(), took_ms=1.0)).ok
    assert (await kept.lookup(query(SAME[0]))).outcome == "exact"
    found = await kept.lookup(query(SAME[1]))
    assert (found.outcome, answers.NOT_READY in found.reason) == ("miss", True)
    bench.parts.may_load.set()
    assert (await loading)[-1][0] == "result"


async def test_what_is_kept_while_networks_are_loaded_is_found_in_other_words_afterwards(bench: Bench) -> None:
    kept = bench.decisions.answers
    loading = await bench.begin_to_load()
    assert (await kept.store(query(SAME[0]), answer("forgotten"), took_ms=1.0)).ok
    await kept.forget([query(SAME[0]).id])
    assert (await kept.store(query("what is a monad"), answer(), took_ms=1.0)).ok
    assert (await kept.lookup(query("what is a monad"))).outcome == "exact"
    bench.parts.may_load.set()
    assert (await loading)[-1][0] == "result"
    assert (await kept.lookup(query("what is a monad."))).outcome == "equal"
    assert (await kept.lookup(query(SAME[0]))).outcome == "miss"
    assert (await kept.stats()).hits == 2


async def test_closing_does_not_wait_for_networks_that_are_being_loaded(bench: Bench) -> None:
    loading = await bench.begin_to_load()
    bench.decisions.close()
    assert bench.decisions.join(BOUND_S)
    assert bench.parts.closed
    assert (await loading)[-1][0] == "error"


async def test_a_lookup_that_takes_too_long_is_a_miss(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LOOKUP_S", 0.05)
    go_on = threading.Event()
    held = bench.decisions._deciding.submit(lambda _: go_on.wait(BOUND_S))
    found = await bench.decisions.answers.lookup(query(SAME[0]))
    go_on.set()
    await asyncio.wrap_future(held)
    assert found.outcome == "miss"
    assert "did not answer" in found.reason


async def test_a_cache_that_is_switched_off_keeps_and_finds_nothing(bench: Bench) -> None:
    bench.how["uses_cache"] = False
    kept = bench.decisions.answers
    assert (await kept.lookup(query(SAME[0]))).reason == answers.SWITCHED_OFF
    done = await kept.store(query(SAME[0]), answer(), took_ms=1.0)
    assert (done.ok, done.reason) == (False, answers.SWITCHED_OFF)


async def test_what_people_do_with_kept_answers(bench: Bench) -> None:
    await bench.load()
    kept = bench.decisions.answers
    for text in (*SAME, "what is a monad"):
        assert (await kept.store(query(text), answer(f"about {text}"), took_ms=5.0)).ok
    assert (await kept.stats()).entries == 3
    rows = await kept.rows(2)
    assert [row.prompt for row in rows] == ["what is a monad", SAME[1]]
    shown = await kept.entry(rows[0].id[:8])
    assert (shown.id, shown.response["content"][0]["text"]) == (rows[0].id, "about what is a monad")
    exported = await told(kept.export())
    assert [name for name, _ in exported] == ["entry", "entry", "entry", "result"]
    assert exported[-1][1] == 3

    with pytest.raises(NotFound):
        await kept.forget([rows[0].id, "0" * 32])
    with pytest.raises(InputError, match="hexadecimal"):
        await kept.entry("../x")
    assert (await kept.stats()).entries == 3
    assert await kept.forget([rows[0].id[:10], rows[0].id]) == (rows[0].id,)
    assert await kept.clear() == 2
    assert (await kept.stats()).entries == 0


async def test_a_beginning_of_several_ids_is_refused_with_them(bench: Bench) -> None:
    kept = bench.decisions.answers
    for number in range(17):  # of 17 ids two begin alike
        assert (await kept.store(query(f"question {number}"), answer(), took_ms=5.0)).ok
    ids = [row.id for row in await kept.rows(20)]
    first = next(name[0] for name in ids if sum(other[0] == name[0] for other in ids) > 1)
    with pytest.raises(InputError, match="give more of it"):
        await kept.forget([first])
    assert (await kept.stats()).entries == 17


async def test_a_store_that_is_off_says_why(bench: Bench) -> None:
    bench.paths.cache_dir.mkdir(parents=True)
    (bench.paths.cache_dir / "answers").write_text("")
    kept = bench.decisions.answers
    assert (await kept.stats()).off
    with pytest.raises(CacheUnavailable, match="optafly doctor"):
        await kept.rows(5)
    assert (await told(kept.export()))[0][0] == "error"
    assert not (await kept.store(query(SAME[0]), answer(), took_ms=1.0)).ok


async def test_a_refinement_gets_its_estimate_where_the_networks_are_there(bench: Bench) -> None:
    result = msgspec.structs.replace(RESULT, original=POINTING, refined=REFINED)
    bench.decisions.begin_estimate(POINTING)
    assert await bench.decisions.estimated(result) == result
    assert bench.made == []

    await bench.load()
    bench.decisions.begin_estimate(POINTING)
    estimated = await bench.decisions.estimated(result)
    assert estimated.cache_hit_probability == CacheHitProbability(0.125, 0.75)
    assert bench.parts.classifier.asked[-1] == ("Fix `x` in app.py.", True, "auto")


async def test_an_estimate_never_holds_a_refinement_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "ESTIMATE_S", 0.05)
    await bench.load()
    go_on = threading.Event()
    held = bench.decisions._deciding.submit(lambda _: go_on.wait(BOUND_S))
    assert await bench.decisions.estimated(RESULT) == RESULT
    go_on.set()
    await asyncio.wrap_future(held)


async def test_an_estimate_that_was_asked_for_is_waited_for_or_explained(bench: Bench) -> None:
    bench.how["failure"] = NotSetUp("torch is not installed")
    noted = await bench.decisions.estimated(RESULT, wait=True)
    assert noted.cache_hit_probability is None
    assert "torch is not installed" in noted.notes[-1]


async def test_networks_are_loaded_in_a_while_where_a_front_end_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "WARM_AFTER_S", 0.01)
    attached, busy, looked = True, True, 0

    def is_busy() -> bool:
        nonlocal looked
        looked += 1
        return busy

    bench.decisions.expect(lambda: attached, is_busy)
    await until(lambda: looked > 2)
    assert bench.made == []
    busy = False
    await until(lambda: bench.decisions.loaded)


@pytest.mark.parametrize("how", [{"attached": False}, {"routes": False}])
async def test_networks_are_not_loaded_for_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, how: dict[str, bool]
) -> None:
    monkeypatch.setattr(decisions, "WARM_AFTER_S", 0.01)
    bench.how["routes"] = how.get("routes", True)
    looked = threading.Event()

    def attached() -> bool:
        looked.set()
        return how.get("attached", True)

    bench.decisions.expect(attached, lambda: False)
    await until(looked.is_set)
    await bench.decisions.answers.stats()  # behind whatever was queued
    assert not bench.decisions.loaded


async def test_closing_writes_what_is_kept_and_ends_what_waits(bench: Bench) -> None:
    await bench.load()
    assert (await bench.decisions.answers.store(query(SAME[0]), answer(), took_ms=1.0)).ok
    bench.decisions.close()
    assert bench.decisions.join(BOUND_S)
    assert bench.parts.closed
    found = await bench.decisions.answers.lookup(query(SAME[0]))
    assert (found.outcome, "stopping" in found.reason) == ("miss", True)
