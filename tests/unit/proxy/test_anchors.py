"""Cache anchors on their way to the API: added to what the client sent, which is otherwise the same."""

from typing import Any

import msgspec
import pytest

from optafly.proxy.marks import body_to_send, only_marked
from tests.standin import Answer, Failure, Standin
from tests.unit.proxy.played import Played, ask, body

LONG = "You are a careful assistant of a small shop. " * 200
MARK = {"type": "ephemeral"}


def marks(value: Any) -> int:
    if isinstance(value, dict):
        return ("cache_control" in value) + sum(marks(item) for item in value.values())
    return sum(marks(item) for item in value) if isinstance(value, list) else 0


@pytest.mark.parametrize("spaced", [False, True])
def test_a_request_without_anchors_gets_them_and_is_otherwise_the_same(
    proxy: Played, standin: Standin, spaced: bool
) -> None:
    value = body(system=LONG, stream=True, novelty={"b": 1, "a": 1.0})
    raw = msgspec.json.encode(value)
    ask(proxy.url, raw=msgspec.json.format(raw, indent=2) if spaced else raw)
    sent = standin.requests[0].json

    assert marks(sent) >= 1
    assert only_marked(value, sent)
    assert list(sent) == list(value)
    assert sent["novelty"] == value["novelty"]


@pytest.mark.parametrize(
    "value",
    [
        body(),
        body(system=LONG, cache_control=MARK),
        body(system=[{"type": "text", "text": LONG, "cache_control": MARK}]),
    ],
    ids=["short", "automatic", "own"],
)
def test_any_other_request_is_sent_to_the_letter(proxy: Played, standin: Standin, value: dict[str, Any]) -> None:
    raw = msgspec.json.format(msgspec.json.encode(value), indent=1)
    ask(proxy.url, raw=raw)
    assert standin.requests[0].body == raw


def test_two_fields_of_one_name_are_sent_to_the_letter(proxy: Played, standin: Standin) -> None:
    raw = msgspec.json.encode(body(system=LONG))[:-1] + b',"max_tokens":7}'
    ask(proxy.url, raw=raw)
    assert standin.requests[0].body == raw


def test_with_bypass_there_are_none(proxy: Played, standin: Standin) -> None:
    raw = msgspec.json.encode(body(system=LONG))
    ask(proxy.url, raw=raw, headers={"x-optafly-bypass": "1"})
    assert standin.requests[0].body == raw


def test_a_router_that_changes_more_is_not_followed(proxy: Played, standin: Standin) -> None:
    def change(routing: Any) -> Any:
        return msgspec.structs.replace(routing, body=routing.body | {"max_tokens": 7})

    proxy.decisions.change = change
    raw = msgspec.json.encode(body(system=LONG))
    assert ask(proxy.url, raw=raw).status == 200
    assert standin.requests[0].body == raw
    # Nothing is learnt of anchors that were not sent.
    assert [seen for seen, _ in proxy.decisions.learnt] == [None]


def test_the_router_learns_of_what_was_answered(proxy: Played, standin: Standin) -> None:
    usage = {"input_tokens": 11, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 7}
    standin.script(Failure(529), Answer("fine", usage=usage))
    ask(proxy.url, body(system=LONG))
    assert proxy.decisions.learnt == []
    ask(proxy.url, body(system=LONG))
    ((seen, counted),) = proxy.decisions.learnt
    assert seen is not None
    assert counted == 23


def test_a_conversation_keeps_its_anchors_and_reads_what_it_wrote(proxy: Played, standin: Standin) -> None:
    first = body("Why is the sky blue?", system=LONG)
    answer = ask(proxy.url, first).json
    assert answer["usage"]["cache_creation_input_tokens"] > 0
    again = [*first["messages"], {"role": "assistant", "content": answer["content"]},
             {"role": "user", "content": "And at dusk?"}]  # fmt: skip
    second = ask(proxy.url, first | {"messages": again}).json
    assert second["usage"]["cache_read_input_tokens"] >= answer["usage"]["cache_creation_input_tokens"]
    assert len({request.conversation for request in proxy.decisions.asked}) == 1
    assert all(request.provider == "anthropic" and not request.assembled for request in proxy.decisions.asked)


def test_a_conversation_and_a_project_may_be_named(proxy: Played) -> None:
    ask(proxy.url, body(), headers={"x-optafly-conversation": "c1", "x-optafly-project": "/home/me/shop"})
    ask(proxy.url, body(), headers={"x-optafly-project": "shop"})
    # Each is asked about before it is sent, and judged once it is answered.
    first, second = (request for request in proxy.decisions.asked if not request.compared)
    assert (first.conversation, first.workspace) == ("c1", "/home/me/shop")
    assert (second.conversation != "c1", second.workspace) == (True, None)


TOOL = {"name": "read", "input_schema": {"type": "object", "properties": {"a": {"type": "string"}}}}
WHOLE = {"model": "m", "system": "s", "tools": [TOOL], "messages": [{"role": "user", "content": "u"}]}


def changed(**fields: Any) -> dict[str, Any]:
    return WHOLE | fields


@pytest.mark.parametrize(
    ("routed", "same"),
    [
        (changed(system=[{"type": "text", "text": "s", "cache_control": MARK}]), True),
        (changed(tools=[TOOL | {"cache_control": MARK}]), True),
        (changed(messages=[{"role": "user", "content": [{"type": "text", "text": "u", "cache_control": MARK}]}]), True),
        (changed(system="t"), False),
        (changed(system=[{"type": "text", "text": "s"}, {"type": "text", "text": ""}]), False),
        (changed(tools=[TOOL | {"name": "write"}]), False),
        (changed(tools=[{"name": "read", "input_schema": {"cache_control": MARK, **TOOL["input_schema"]}}]), False),  # type: ignore[dict-item]
        (changed(messages=[]), False),
        (changed(messages=[{"role": "user", "content": "u", "cache_control": MARK}]), False),
        (changed(cache_control=MARK), False),
        (changed(temperature=1), False),
        (dict(reversed(WHOLE.items())), False),
        ({**WHOLE, "model": float("nan")}, False),
    ],
)
def test_only_marks_may_differ(routed: dict[str, Any], same: bool) -> None:
    assert only_marked(WHOLE, routed) is same
    raw = msgspec.json.encode(WHOLE)
    assert body_to_send(raw, WHOLE, routed) == (msgspec.json.encode(routed) if same else raw)
