"""What has to be the same before an answer is given again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.cache.scope import canonical, digest, plain_blocks
from tests.unit.cache.made import BODY, scope

TOOL = BODY["tools"][0]
MARK = {"type": "ephemeral"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def changed(**fields: Any) -> dict[str, Any]:
    return {**BODY, **fields}


@pytest.mark.parametrize(
    "body",
    [
        changed(model="claude-opus-5-5"),
        changed(system="You are verbose."),
        changed(system=[{"type": "text", "text": "You are terse."}, {"type": "text", "text": ""}]),
        changed(tools=[]),
        changed(tools=[{**TOOL, "name": "find"}]),
        changed(tools=[{**TOOL, "input_schema": {"type": "object", "properties": {}}}]),
        changed(tool_choice={"type": "any"}),
        changed(thinking={"type": "enabled", "budget_tokens": 1024}),
        changed(temperature=0.6),
        changed(temperature=1),
        changed(top_p=0.9),
        changed(top_k=5),
        changed(max_tokens=4097),
        changed(stop_sequences=["\n"]),
        changed(output_config={"effort": "low"}),
        changed(output_format={"type": "json_schema", "schema": {}}),
        changed(service_tier="standard_only"),
        changed(metadata={"user_id": "somebody else"}),
        changed(mcp_servers=[{"url": "https://example.org"}]),
        changed(a_field_that_comes_next_year=True),
        changed(messages=BODY["messages"][1:]),
        changed(messages=[{"role": "user", "content": "hullo"}, *BODY["messages"][1:]]),
        changed(messages=[{"role": "user", "content": "hello", "name": "x"}, *BODY["messages"][1:]]),
        changed(messages=[BODY["messages"][0], {"role": "user", "content": "hi"}, BODY["messages"][2]]),
        {name: value for name, value in BODY.items() if name != "temperature"},
    ],
)
def test_any_change_of_the_request_is_another_scope(body: dict[str, Any]) -> None:
    assert scope(body).key() != scope().key()


@pytest.mark.parametrize("name", ["project", "context", "key_scope", "embedder"])
def test_what_lies_around_the_request_counts(name: str) -> None:
    for other in ("another", ""):
        assert scope(BODY, **{name: other}).key() != scope().key()


def test_a_value_that_moves_to_another_field_is_another_scope() -> None:
    assert scope(project="a", context="").key() != scope(project="", context="a").key()
    assert scope(project="ab", embedder="c").key() != scope(project="a", embedder="bc").key()
    assert scope(changed(system="x", tool_choice=None)).key() != scope(changed(system=None, tool_choice="x")).key()


def test_headers_of_the_api_count_and_others_do_not() -> None:
    beta = {"Anthropic-Beta": "one,two", "anthropic-version": "2023-06-01"}
    assert scope(headers=beta).key() != scope().key()
    assert scope(headers=beta).key() == scope(headers={**beta, "user-agent": "zed", "x-api-key": "k"}).key()
    assert scope(headers=beta).key() == scope(headers={**beta, "Anthropic-Beta": "two, one"}).key()
    assert scope(headers=beta).key() != scope(headers={**beta, "Anthropic-Beta": "two"}).key()


@pytest.mark.parametrize(
    "body",
    [
        changed(stream=True),
        changed(cache_control=MARK),
        changed(system=[{"type": "text", "text": "You are terse."}]),
        changed(system=[{"type": "text", "text": "You are terse.", "cache_control": MARK}]),
        changed(tools=[{**TOOL, "cache_control": MARK}]),
        changed(messages=[*BODY["messages"][:-1], {"role": "user", "content": "something else"}]),
        changed(
            messages=[
                {"role": "user", "content": [{"type": "text", "text": "hello", "cache_control": MARK}]},
                *BODY["messages"][1:],
            ]
        ),
        dict(reversed(list(BODY.items()))),
    ],
)
def test_what_changes_nothing_in_the_answer_is_the_same_scope(body: dict[str, Any]) -> None:
    assert scope(body).key() == scope().key()


def test_only_markers_are_taken_out() -> None:
    given_to_a_tool = {"type": "tool_use", "id": "1", "name": "grep", "input": {"cache_control": "max-age=5"}}
    assert plain_blocks([given_to_a_tool]) == [given_to_a_tool]
    result = {"type": "tool_result", "content": [{"type": "text", "text": "x", "cache_control": MARK}]}
    assert plain_blocks([result]) == [{"type": "tool_result", "content": [{"type": "text", "text": "x"}]}]
    source = {"type": "content", "content": [{"type": "text", "text": "x", "cache_control": MARK}]}
    plain = {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "x"}]}}
    assert plain_blocks([{"type": "document", "source": source, "cache_control": MARK}]) == [plain]
    without = {**TOOL, "input_schema": {"type": "object", "properties": {}}}
    assert scope(changed(tools=[without])).key() != scope().key()


def test_a_scope_holds_no_text_of_the_conversation_and_no_key() -> None:
    made = repr(scope(key_scope="workspace-of-sam"))
    assert not [word for word in ("terse", "hello", "workspace-of-sam") if word in made]


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_parts_never_run_into_each_other(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


@given(JSON, JSON)
def test_equal_values_and_only_those_have_equal_bytes(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (canonical(one) == canonical(other)) == same
    assert json.loads(canonical(one)) == one


@pytest.mark.parametrize("odd", [None, "text", 3, {}, [3, None, "x"], [{"role": "user"}], [{"content": 5}]])
def test_a_body_of_an_odd_shape_has_a_scope_too(odd: Any) -> None:
    assert len(scope({"messages": odd, "system": odd, "tools": odd}).key()) == 64
