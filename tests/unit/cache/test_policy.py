"""What may be looked up and what may be kept."""

from typing import Any

import pytest

from optafly.cache.policy import kept_response, read_turn, why_not_kept
from tests.unit.cache.made import answer, body_asking

IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBOR"}}
DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "notes"}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "3 matches"}
OURS = (
    "<context>\nsrc/a.py:1\nold code\n</context>\n<task>Fix the sum.</task>"
    "\n<constraints>Smallest change.</constraints>"
)


def text(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


def test_the_task_is_what_is_judged_where_the_prompt_is_ours() -> None:
    turn = read_turn(body_asking(OURS))
    assert turn.text == "Fix the sum."
    assert (turn.refused, turn.exact_only) == ("", "")
    assert read_turn(body_asking("<task>\nOne.\nTwo.\n</task>")).text == "One.\nTwo."


@pytest.mark.parametrize(
    "whole",
    [
        "make <task>this</task> bold",
        "<task>one</task> and <task>two</task>",
        "<context>\nx\n</context>\nno task",
        "<task>open",
        "</task><task>",
        "plain words",
    ],
)
def test_else_the_whole_text_is_judged(whole: str) -> None:
    assert read_turn(body_asking(whole)).text == whole


@pytest.mark.parametrize(
    "other",
    [
        OURS.replace("old code", "new code"),
        OURS.replace("Smallest change.", "Any change."),
        OURS + "\n<open_questions>Which?</open_questions>",
        [text("before"), text(OURS)],
        [text(OURS), text("")],
        "Fix the sum.",
    ],
)
def test_everything_around_the_judged_text_counts(other: Any) -> None:
    assert read_turn(body_asking(other)).rest != read_turn(body_asking(OURS)).rest


def test_another_task_in_the_same_surroundings_may_be_compared() -> None:
    one, other = read_turn(body_asking(OURS)), read_turn(body_asking(OURS.replace("Fix the sum.", "Repair the sum.")))
    assert one.rest == other.rest
    assert one.whole != other.whole


def test_of_several_texts_the_last_is_judged_and_where_it_stands_counts() -> None:
    first = read_turn(body_asking([text("a"), text("question")]))
    assert first.text == "question"
    assert read_turn(body_asking([text("question")])).rest == read_turn(body_asking("other")).rest
    assert first.rest != read_turn(body_asking([text("b"), text("question")])).rest


def test_a_cache_marker_is_no_difference() -> None:
    marked = [{**text("question"), "cache_control": {"type": "ephemeral"}}]
    assert read_turn(body_asking(marked)) == read_turn(body_asking("question"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([RESULT, text("and now?")], "results of a tool"),
        ([{**RESULT, "type": "web_search_tool_result"}, text("?")], "results of a tool"),
        ([{**RESULT, "type": "mcp_tool_result"}, text("?")], "results of a tool"),
        ([IMAGE], "no text"),
        ([], "no text"),
        (None, "cannot be read"),
        (["words"], "cannot be read"),
        (7, "cannot be read"),
    ],
)
def test_what_is_never_looked_up(content: Any, reason: str) -> None:
    turn = read_turn(body_asking(content))
    assert reason in turn.refused
    assert turn.exact_only == turn.refused


@pytest.mark.parametrize("messages", [None, [], "hello", [{"role": "assistant", "content": "Sure,"}], [3], [None]])
def test_a_request_that_does_not_end_with_the_person_is_never_looked_up(messages: Any) -> None:
    assert "does not end with a message of the person" in read_turn({"messages": messages}).refused


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([IMAGE, text("what is this?")], "an image"),
        ([text("what is this?"), DOCUMENT], "a document"),
        ([{"type": "hologram"}, text("what is this?")], "not text"),
        ("  \n", "empty"),
        ("why? " * 2000, "longer than the 8000 letters"),
        ([text("x" * 100_000), text("<context>\n</context>\n<task>" + "why? " * 2000 + "</task>")], "longer"),
    ],
)
def test_what_is_only_looked_up_to_the_letter(content: Any, reason: str) -> None:
    turn = read_turn(body_asking(content))
    assert turn.refused == ""
    assert reason in turn.exact_only


def test_a_plain_answer_may_be_kept() -> None:
    assert why_not_kept(answer()) == ""
    assert why_not_kept(answer(stop_reason="stop_sequence")) == ""
    assert why_not_kept(answer(), complete=False) == "the answer broke off"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stop_reason": "tool_use"}, "asks for a tool"),
        ({"stop_reason": "max_tokens"}, "cut off"),
        ({"stop_reason": "model_context_window_exceeded"}, "cut off"),
        ({"stop_reason": "refusal"}, "refusal"),
        ({"stop_reason": "pause_turn"}, "paused"),
        ({"stop_reason": None}, "did not come to its end"),
        ({"stop_reason": "a_reason_of_next_year"}, "did not come to its end"),
        ({"stop_reason": ["end_turn"]}, "did not come to its end"),
        ({"type": "error", "error": {"type": "overloaded_error"}}, "is an error"),
        ({"role": "user"}, "is an error"),
        ({"content": []}, "is empty"),
        ({"content": [text(" \n")]}, "is empty"),
        ({"content": [{"type": "thinking", "thinking": "hm"}]}, "is empty"),
        ({"content": [text("look"), {"type": "tool_use", "id": "1", "name": "grep", "input": {}}]}, "used a tool"),
        ({"content": [text("x"), {"type": "server_tool_use", "id": "1"}]}, "used a tool"),
        ({"content": [{"type": "web_search_tool_result"}, text("x")]}, "used a tool"),
        ({"content": [text("x"), {"type": "hologram"}]}, "not text"),
        ({"content": [text("x"), {}]}, "not text"),
        ({"content": "x"}, "cannot be read"),
        ({"content": ["x"]}, "cannot be read"),
    ],
)
def test_what_is_never_kept(changes: dict[str, Any], reason: str) -> None:
    assert reason in why_not_kept(answer(**changes))


def test_thinking_is_not_kept_and_all_else_is() -> None:
    thought = [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "redacted_thinking", "data": "d"}]
    given = answer(content=[*thought, text("Use sorted().")], something_new={"x": 1})
    assert why_not_kept(given) == ""
    kept = kept_response(given)
    assert kept["content"] == [text("Use sorted().")]
    assert kept["something_new"] == {"x": 1}
    assert "usage" not in kept
    assert given["content"][0]["type"] == "thinking"
