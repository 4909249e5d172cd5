"""Where cache anchors are placed in one request, and how they get into it."""

import copy
from typing import Any

import msgspec
import pytest

from optafly.context.tokens import estimate_tokens
from optafly.errors import InputError
from optafly.routing.anchors import AnchorPlan, place_anchors, with_anchors
from tests.unit.routing.anchor_bodies import MODEL, assistant, block, body, calls, text, tool, user


def paths(plan: AnchorPlan) -> list[tuple[str | int, ...]]:
    return [anchor.path for anchor in plan.anchors]


def test_tools_system_and_the_newest_turn_get_an_anchor_each_in_this_order() -> None:
    request = body(user(text(50)), tools=[tool(600), tool(600, "write_file")], system=text(600))
    plan = place_anchors(request)
    assert paths(plan) == [("tools", 1), ("system", 0), ("messages", 0, "content", 0)]
    assert [anchor.position for anchor in plan.anchors] == [1, 2, 3]
    assert plan.reason.startswith("3 of 4 anchors")


def test_a_text_given_as_a_string_becomes_a_block_and_everything_else_stays() -> None:
    request = body(user(text(600)), system=text(600), temperature=0.3, x_new={"a": [1]})
    before = copy.deepcopy(request)
    made = with_anchors(request, place_anchors(request))
    mark = {"type": "ephemeral"}
    assert made == {
        **before,
        "system": [{"type": "text", "text": before["system"], "cache_control": mark}],
        "messages": [user([{"type": "text", "text": before["messages"][0]["content"], "cache_control": mark}])],
    }
    assert request == before


@pytest.mark.parametrize(
    "place",
    [
        lambda request, mark: request.update(cache_control=mark),
        lambda request, mark: request["tools"][0].update(cache_control=mark),
        lambda request, mark: request["system"][0].update(cache_control=mark),
        lambda request, mark: request["messages"][0]["content"][0].update(cache_control=mark),
        lambda request, mark: request["messages"][2]["content"][0]["content"][0].update(cache_control=mark),
    ],
    ids=["the whole request", "a tool", "the system prompt", "a message", "inside a tool result"],
)
def test_a_request_that_places_its_own_gets_none(place: Any) -> None:
    nested = [{"type": "tool_result", "tool_use_id": "call_0", "content": [block(600)]}]
    request = body(user([block(600)]), calls(1)[0], user(nested), tools=[tool(600)], system=[block(600)])
    assert place_anchors(request).anchors
    place(request, {"type": "ephemeral"})
    plan = place_anchors(request)
    assert plan.anchors == ()
    assert plan.seen is None
    assert "places its own" in plan.reason
    assert with_anchors(request, plan) == request


def test_a_property_of_a_tool_that_is_called_cache_control_is_none() -> None:
    odd = tool(600)
    odd["input_schema"]["properties"]["cache_control"] = {"type": "string"}
    use = {"type": "tool_use", "id": "1", "name": "read_file", "input": {"cache_control": "yes"}}
    request = body(user(text(600)), assistant([use]), user(text(20)), tools=[odd])
    assert place_anchors(request).anchors


def test_null_is_no_cache_control() -> None:
    request = body(user([block(900) | {"cache_control": None}]), cache_control=None)
    made = with_anchors(request, place_anchors(request))
    assert made["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}


def test_nothing_is_marked_below_the_minimum_of_the_model() -> None:
    request = body(user(text(700)))
    assert place_anchors(request, model="claude-opus-5").anchors
    plan = place_anchors(request, model="claude-sonnet-5")
    assert plan.anchors == ()
    assert "1024" in plan.reason


def test_short_tools_get_no_anchor_of_their_own() -> None:
    request = body(user(text(20)), tools=[tool(50)], system=text(600))
    assert paths(place_anchors(request)) == [("system", 0), ("messages", 0, "content", 0)]


def test_an_unknown_model_is_treated_with_caution_and_it_is_said() -> None:
    request = body(user(text(3000)), model="claude-next")
    plan = place_anchors(request)
    assert plan.anchors == ()
    assert "not in the price table" in plan.reason


def test_the_estimate_is_taken_with_caution_for_models_of_whose_tokens_there_are_fewer() -> None:
    # At least 4,096 by the estimate, which may be more than the tokeniser of this model finds.
    request = body(user(text(4200)))
    assert place_anchors(request, model="claude-haiku-4-5").anchors == ()
    assert place_anchors(body(user(text(5200))), model="claude-haiku-4-5").anchors


def test_thinking_empty_and_unknown_blocks_are_never_marked() -> None:
    thought = {"type": "thinking", "thinking": "so", "signature": "s"}
    hidden = {"type": "redacted_thinking", "data": "x"}
    last = [block(20), {"type": "text", "text": " \n"}, {"type": "text", "text": ""}, {"type": "new_kind"}]
    request = body(user(text(900)), assistant([block(20), thought, hidden]), user(last))
    assert paths(place_anchors(request))[-1] == ("messages", 2, "content", 0)


def test_a_begun_answer_is_not_marked_since_it_will_be_another_when_it_is_complete() -> None:
    request = body(user(text(900)), assistant("The reason is"))
    assert paths(place_anchors(request)) == [("messages", 0, "content", 0)]


def test_a_deferred_tool_is_not_marked() -> None:
    request = body(user(text(20)), tools=[tool(600), tool(600, "later") | {"defer_loading": True}])
    assert paths(place_anchors(request))[0] == ("tools", 0)


def test_a_turn_of_more_blocks_than_a_read_looks_back_keeps_the_one_before_readable() -> None:
    first = [user(text(900)), *calls(2)]
    request = body(*first, *calls(25, 2), tools=[tool(600)], system=[block(600, "a"), block(600, "b")])
    found = paths(place_anchors(request))
    assert ("messages", 2, "content", 1) in found
    assert found[-1] == ("messages", 4, "content", 24)
    assert len(found) == 4


def test_a_document_before_the_first_question_gets_an_anchor_for_other_questions_about_it() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": text(2000)}
    request = body(user([{"type": "document", "source": source}, block(30, "why")]))
    assert paths(place_anchors(request)) == [("messages", 0, "content", 0), ("messages", 0, "content", 1)]
    later = body(user(text(600)), assistant("yes"), user([block(600), block(30)]))
    assert ("messages", 2, "content", 0) not in paths(place_anchors(later))


def test_pictures_and_pages_count_by_themselves_and_not_by_their_encoding() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUFB" * 50_000}}
    assert place_anchors(body(user([picture, block(20)]))).anchors == ()
    page = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "QUFB"}}
    assert place_anchors(body(user([page, block(20)]))).anchors


@pytest.mark.parametrize(
    "request_body",
    [
        {},
        {"model": MODEL, "messages": []},
        {"model": MODEL, "messages": "hello"},
        {"model": MODEL, "messages": ["hello"]},
        {"model": MODEL, "messages": [user(None)]},
        {"model": MODEL, "messages": [user(["words"])]},
        {"model": MODEL, "messages": [user("hello")], "tools": {"a": 1}},
        {"model": MODEL, "messages": [user("hello")], "system": 7},
    ],
)
def test_what_is_not_understood_is_left_alone(request_body: dict[str, Any]) -> None:
    plan = place_anchors(request_body)
    assert plan.anchors == ()
    assert "no anchor" in plan.reason
    assert with_anchors(request_body, plan) == request_body


def test_half_a_surrogate_pair_and_large_numbers_are_texts_and_numbers_like_others() -> None:
    use = {"type": "tool_use", "id": "1", "name": "read_file", "input": {"line": 10**30}}
    request = body(user(text(900) + "\ud800"), assistant([use]), user(text(20)))
    assert len(place_anchors(request).anchors) == 2


def test_a_plan_says_nothing_of_the_text() -> None:
    request = body(user(text(900, "hunter2hunter2")), system=text(900, "hunter2hunter2"))
    plan = place_anchors(request)
    assert plan.anchors
    assert b"hunter2" not in msgspec.json.encode(plan)
    assert "retry" not in repr(plan)


def test_a_plan_for_another_request_is_refused() -> None:
    plan = place_anchors(body(user(text(900)), assistant("a"), user(text(30))))
    with pytest.raises(InputError, match="another request"):
        with_anchors(body(user("hello")), plan)


def test_the_estimate_of_a_long_text_from_slices_is_about_that_of_the_whole() -> None:
    long = text(40_000) + "{}();\n" * 9_000
    estimated = place_anchors(body(user(long))).anchors[-1].estimated_tokens
    assert estimated == pytest.approx(estimate_tokens(long), rel=0.1)
