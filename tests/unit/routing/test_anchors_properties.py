"""What holds for the anchors of every request and every conversation."""

import copy
import os
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optafly.routing.anchor_memory import AnchorMemory
from optafly.routing.anchors import AnchorPlan, Boundary, place_anchors, with_anchors
from optafly.routing.prices import MODELS, model_facts
from tests.bench.caching.rules import Entry, Rules, answer, read_request
from tests.unit.routing.anchor_bodies import text

quick = settings(
    max_examples=int(os.environ.get("OPTAFLY_TEST_EXAMPLES", "60")),
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
NAMES = [facts.family for facts in MODELS] + ["claude-opus-5-20260401", "claude-next", ""]
TEXTS = st.one_of(
    st.sampled_from(["", " ", "\n\t", "\ud800", "これを直して", "x", "</context>"]),
    st.builds(text, st.sampled_from([5, 60, 500, 700, 2500]), st.sampled_from("abcd")),
)
SHORT_BLOCKS = st.builds(lambda mark: {"type": "text", "text": text(9, mark)}, st.sampled_from("abcd"))
TEXT_BLOCKS = st.builds(lambda value: {"type": "text", "text": value}, TEXTS)
RESULTS = st.builds(
    lambda content: {"type": "tool_result", "tool_use_id": "1", "content": content},
    st.one_of(TEXTS, st.lists(TEXT_BLOCKS, max_size=2)),
)
USES = st.builds(
    lambda value: {"type": "tool_use", "id": "1", "name": "f", "input": {"cache_control": value, "n": [1, None]}}, TEXTS
)
ODD: st.SearchStrategy[dict[str, Any]] = st.sampled_from([
    {"type": "thinking", "thinking": "so", "signature": "s"},
    {"type": "redacted_thinking", "data": "x"},
    {"type": "new_kind", "value": 1},
    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words " * 900}},
    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "QUFB"}},
    {"type": "search_result", "source": "a", "title": "b", "content": [{"type": "text", "text": "found"}]},
])  # fmt: skip
IMAGES = st.just({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUFB"}})
TOOLS = st.lists(
    st.builds(
        lambda size, later: {"name": "f", "description": text(size), "input_schema": {}, **later},
        st.sampled_from([5, 600, 3000]),
        st.sampled_from([{}, {}, {"defer_loading": True}, {"x_new": 1}]),
    ),
    max_size=3,
)
SYSTEMS = st.one_of(st.none(), TEXTS, st.lists(TEXT_BLOCKS, max_size=4))


def contents(*kinds: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    return st.one_of(TEXTS, st.lists(st.one_of(*kinds), max_size=5), st.lists(SHORT_BLOCKS, min_size=18, max_size=26))


@st.composite
def bodies(draw: st.DrawFn, images: bool = True) -> dict[str, Any]:
    kinds = [TEXT_BLOCKS, RESULTS, ODD, *([IMAGES] if images else [])]
    count = draw(st.integers(1, 7))
    messages = [
        {"role": "assistant", "content": draw(contents(TEXT_BLOCKS, USES, ODD))}
        if number % 2
        else {"role": "user", "content": draw(contents(*kinds))}
        for number in range(count)
    ]
    made: dict[str, Any] = {"model": draw(st.sampled_from(NAMES)), "max_tokens": 100, "messages": messages}
    tools, system = draw(TOOLS), draw(SYSTEMS)
    made |= {"tools": tools} if tools else {}
    made |= {} if system is None else {"system": system}
    made |= draw(
        st.sampled_from([{}, {"tool_choice": {"type": "auto"}}, {"thinking": {"type": "adaptive"}}, {"x": [1]}])
    )
    return made


class Anywhere:
    """Proposes boundaries at any place, sensible or not."""

    def __init__(self, offsets: Sequence[int]) -> None:
        self._offsets = offsets

    def boundaries(self, text: str) -> list[Boundary]:
        return [Boundary(offset, 0.5 + number / 10) for number, offset in enumerate(self._offsets)]


def normal(value: Any) -> Any:
    """A body without marks, strings as the text blocks they stand for, neighbouring plain texts joined."""
    made = {key: item for key, item in value.items() if key not in {"messages", "system"}}
    made["tools"] = [_bare(tool) for tool in value.get("tools", [])]
    made["system"] = [_bare(part) for part in _blocks(value.get("system") or [])]
    made["messages"] = [
        message | {"content": _joined([_bare(part) for part in _blocks(message["content"])])}
        for message in value["messages"]
    ]
    return made


def _blocks(content: Any) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) and content else list(content)


def _bare(part: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in part.items() if key != "cache_control"}


def _joined(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    joined: list[dict[str, Any]] = []
    for part in parts:
        if joined and set(part) == set(joined[-1]) == {"type", "text"}:
            joined[-1] = {"type": "text", "text": joined[-1]["text"] + part["text"]}
        else:
            joined.append(part)
    return joined


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def marked(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if "cache_control" in value:
            yield value
        for key, item in value.items():
            yield from marked(item) if key != "input" else ()
    elif isinstance(value, list):
        for item in value:
            yield from marked(item)


def holds(request: dict[str, Any], plan: AnchorPlan) -> dict[str, Any]:
    """Check what must hold for each plan, and return the body with its anchors."""
    before = copy.deepcopy(request)
    made = with_anchors(request, plan)
    assert request == before
    assert normal(made) == normal(request)
    facts = model_facts(request["model"])
    assert len(plan.anchors) <= 4
    positions = [anchor.position for anchor in plan.anchors]
    assert positions == sorted(set(positions))
    assert [anchor.ttl for anchor in plan.anchors] == sorted((anchor.ttl for anchor in plan.anchors), key="1h 5m".find)
    order = ["tools", "system", "messages"]
    sections = [order.index(str(anchor.path[0])) for anchor in plan.anchors]
    assert sections == sorted(sections)
    assert all(anchor.estimated_tokens >= facts.minimum_tokens for anchor in plan.anchors)
    found = [at(made, anchor.path) for anchor in plan.anchors]
    assert all(block["cache_control"]["type"] == "ephemeral" for block in found)
    assert all(block.get("type") not in {"thinking", "redacted_thinking"} for block in found)
    assert all(block["text"].strip() for block in found if block.get("type") == "text")
    assert len(list(marked(made))) == len(plan.anchors)
    # The API would take it.
    spots, marks = read_request(made, facts, Rules())
    answer({}, spots, marks, 0.0, facts.minimum_tokens, Rules())
    assert plan.reason
    return made


@quick
@given(bodies(), st.booleans(), st.lists(st.integers(-2, 9000), max_size=3))
def test_any_request(request: dict[str, Any], assembled: bool, offsets: list[int]) -> None:
    plan = place_anchors(request, assembled=assembled, boundaries=Anywhere(offsets))
    assert plan == place_anchors(copy.deepcopy(request), assembled=assembled, boundaries=Anywhere(offsets))
    assert plan.split is None or assembled
    made = holds(request, plan)
    changed = [number for number, (one, other) in enumerate(zip(request["messages"], made["messages"], strict=True))
               if len(_blocks(one["content"])) != len(_blocks(other["content"]))]  # fmt: skip
    assert changed == ([] if plan.split is None else [plan.split.message])


@quick
@given(bodies(), st.data())
def test_none_where_the_request_carries_one_anywhere(request: dict[str, Any], data: st.DataObject) -> None:
    request = copy.deepcopy(request)
    nested = [part for message in request["messages"] for block in _blocks(message["content"])
              for part in (block.get("content") if isinstance(block.get("content"), list) else [])]  # fmt: skip
    parts = [
        block for message in request["messages"] if isinstance(message["content"], list) for block in message["content"]
    ]
    system = request["system"] if isinstance(request.get("system"), list) else []
    carrier = data.draw(st.sampled_from([request, *request.get("tools", []), *system, *parts, *nested]))
    carrier["cache_control"] = {"type": "ephemeral"}
    plan = place_anchors(request)
    assert plan.anchors == () and plan.split is None
    assert with_anchors(request, plan) == request


@quick
@given(bodies(images=False), st.lists(st.integers(1, 290), min_size=8, max_size=8), st.booleans())
def test_a_growing_conversation(request: dict[str, Any], pauses: list[int], counted: bool) -> None:
    """Nothing moves, and each request reads all that the one before has written, by rules written apart from ours."""
    facts, rules = model_facts(request["model"]), Rules(runs_count_once=False)
    memory, cache, now = AnchorMemory(), dict[bytes, Entry](), 0.0
    before: AnchorPlan | None = None
    chosen: set[str] = set()
    for count in range(1, len(request["messages"]) + 1, 2):
        now += pauses[count]
        grown = request | {"messages": request["messages"][:count]}
        plan = place_anchors(grown, memory, "a", now=now)
        spots, marks = read_request(holds(grown, plan), facts, rules)
        usage, cache = answer(cache, spots, marks, now, facts.minimum_tokens, rules)
        fixed = [anchor for anchor in plan.anchors if anchor.path[0] != "messages"]
        if before is not None:
            old = [anchor for anchor in before.anchors if anchor.path[0] != "messages"]
            assert [anchor.path for anchor in fixed][-1:] == [anchor.path for anchor in old][-1:] or counted
            # One may give its slot to the messages for a turn, and comes back to its own place.
            assert counted or {anchor.content for anchor in fixed} <= chosen
            written = written_tokens(spots, before)
            assert usage.read >= written or written < facts.minimum_tokens
        chosen |= {anchor.content for anchor in fixed}
        memory = memory.after(plan.seen, spots[-1].tokens if counted and spots else None)
        before = plan


def written_tokens(spots: Sequence[Any], plan: AnchorPlan) -> int:
    """The tokens up to the last anchor of a plan, found in a later request by the block's place."""
    if not plan.anchors:
        return 0
    where = ".".join(str(step) for step in plan.anchors[-1].path)
    found = next((spot for spot in spots if spot.where == where), None)
    assert found is not None
    return int(found.tokens)
