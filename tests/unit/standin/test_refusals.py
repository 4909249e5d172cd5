"""Requests that the API refuses, each in Anthropic's shape."""

from typing import Any

import pytest

from tests.standin import Answer, Failure, Standin, running_standin
from tests.unit.standin.asked import Reply, ask, body

MARK: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}


def refused(reply: Reply) -> tuple[int, str, str]:
    """Status, type and message of an error, its shape looked at."""
    assert reply.json.keys() == {"type", "error", "request_id"}
    assert reply.json["type"] == "error"
    assert reply.json["request_id"] == reply.headers["request-id"]
    assert reply.headers["content-type"] == "application/json"
    return reply.status, reply.json["error"]["type"], reply.json["error"]["message"]


def test_without_a_key(standin: Standin) -> None:
    assert refused(ask(standin, body(), x_api_key="")) == (
        401, "authentication_error", "x-api-key header is required",
    )  # fmt: skip


def test_with_a_wrong_key() -> None:
    with running_standin(keys=["right"]) as standin:
        assert refused(ask(standin, body()))[:2] == (401, "authentication_error")
        assert refused(ask(standin, None, "/v1/models", "GET"))[:2] == (401, "authentication_error")
        assert ask(standin, body(), x_api_key="right").status == 200
        assert ask(standin, body(), x_api_key="", authorization="Bearer right").status == 200


def test_without_a_version(standin: Standin) -> None:
    status, kind, message = refused(ask(standin, body(), anthropic_version=""))
    assert (status, kind) == (400, "invalid_request_error")
    assert "anthropic-version" in message


@pytest.mark.parametrize("name", ["model", "messages", "max_tokens"])
def test_a_missing_field(standin: Standin, name: str) -> None:
    asked = body()
    asked.pop(name)
    assert refused(ask(standin, asked)) == (400, "invalid_request_error", f"{name}: Field required")


def block(words: str = "words", **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def turn(*blocks: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": list(blocks)}


USE = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "a line"}
HOUR: dict[str, Any] = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "no messages": ({"messages": []}, "messages: at least one message is required"),
    "role": ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role: Input should be"),
    "system first": ({"messages": [turn(block(), role="system")]}, "messages: first message must use"),
    "no tokens": ({"max_tokens": 0}, "max_tokens: must be greater than or equal to 1"),
    "too many tokens": ({"max_tokens": 128_001}, "max_tokens: 128001 > 128000"),
    "tokens in words": ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
    "temperature": ({"temperature": 1.5}, "temperature: range: 0..1"),
    "stream": ({"stream": "yes"}, "stream: Input should be a valid boolean"),
    "empty text": ({"messages": [turn(block(""))]}, "messages: text content blocks must be non-empty"),
    "assistant first": ({"messages": [turn(block(), role="assistant")]}, "messages: first message must use"),
    "a result of nothing": ({"messages": [turn(RESULT)]}, "messages.0.content: unexpected `tool_use_id`"),
    "no result": (
        {"messages": [turn(block()), turn(USE, role="assistant"), turn(block())]},
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1",
    ),
    "no result at the end": (
        {"messages": [turn(block()), turn(USE, role="assistant")]},
        "messages.1: `tool_use` ids were found without `tool_result`",
    ),
    "five markers": (
        {"messages": [turn(*[block(**MARK)] * 5)]},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "four markers and automatic caching": (
        {"messages": [turn(*[block(**MARK)] * 4)], **MARK},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "markers in results count": (
        {
            "system": [block(**MARK), block(**MARK)],
            "messages": [
                turn(block(**MARK)),
                turn(USE, role="assistant"),
                turn({**RESULT, "content": [block(**MARK)], **MARK}),
            ],
        },
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "an hour after five minutes": (
        {"system": [block(**MARK)], "messages": [turn(block(**HOUR))]},
        "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after",
    ),
    "a marker on thinking": (
        {"messages": [turn(block()), turn({"type": "thinking", "thinking": "x", "signature": "y", **MARK},
                                          role="assistant"), turn(block())]},
        "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
    ),
    "a marker on nothing": ({"system": [block("", **MARK)]}, "system.0: cache_control cannot be set for empty text"),
}  # fmt: skip


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_body(standin: Standin, name: str) -> None:
    more, message = INVALID[name]
    # What is invalid takes no reply from the queue.
    standin.script(Answer("for the next one"))
    status, kind, found = refused(ask(standin, {**body(), **more}))
    assert (status, kind) == (400, "invalid_request_error")
    assert found.startswith(message)
    assert ask(standin, body()).json["content"][0]["text"] == "for the next one"


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b'"x"', b"\xff", b"[" * 5000])
def test_what_is_no_json_object(standin: Standin, raw: bytes) -> None:
    assert refused(ask(standin, raw))[:2] == (400, "invalid_request_error")


def test_what_is_new_is_let_in(standin: Standin) -> None:
    asked = body(news={"deep": [1]}, messages=[turn({"type": "hologram", "angle": 3}, block())])
    assert ask(standin, asked).status == 200
    assert standin.requests[0].json == asked


def test_a_message_of_the_system_after_one_of_the_person(standin: Standin) -> None:
    asked = body(messages=[turn(block()), turn(block("Be brief."), role="system")])
    assert ask(standin, asked).status == 200


def test_a_model_that_does_not_exist(standin: Standin) -> None:
    assert refused(ask(standin, {**body(), "model": "gpt-4"})) == (404, "not_found_error", "model: gpt-4")


def test_other_paths_and_methods(standin: Standin) -> None:
    assert refused(ask(standin, body(), "/v1/complete"))[:2] == (404, "not_found_error")
    assert refused(ask(standin, body(), "/v1/messages", "PUT"))[:2] == (405, "invalid_request_error")
    assert refused(ask(standin, body(), "/v1/models"))[:2] == (405, "invalid_request_error")
    assert refused(ask(standin, None, "/v1/models/gpt-4", "GET"))[:2] == (404, "not_found_error")
    assert ask(standin, body(), "/v1/messages?beta=true").status == 200


def test_a_body_over_the_limit(standin: Standin) -> None:
    asked = body("x" * (32 * 1024 * 1024))
    assert refused(ask(standin, asked))[:2] == (413, "request_too_large")
    assert standin.requests[0].body == b""
    assert ask(standin, body("x" * (4 * 1024 * 1024)), expect="100-continue").status == 200


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
def test_a_page_of_models_of_a_wrong_size(standin: Standin, limit: str) -> None:
    assert refused(ask(standin, None, f"/v1/models?limit={limit}", "GET"))[0] == 400


def test_pages_of_models_in_both_directions(standin: Standin) -> None:
    first = ask(standin, None, "/v1/models?limit=2", "GET").json
    assert first["has_more"] is True
    second = ask(standin, None, f"/v1/models?limit=2&after_id={first['last_id']}", "GET").json
    assert not {model["id"] for model in first["data"]} & {model["id"] for model in second["data"]}
    before = ask(standin, None, f"/v1/models?limit=2&before_id={second['first_id']}", "GET").json
    assert before == {**first, "has_more": False}


def test_failures_of_other_paths_can_be_scripted(standin: Standin) -> None:
    standin.script(Failure(529), path="/v1/models")
    standin.script(Failure(429, retry_after="3"), path="/v1/messages/count_tokens")
    assert refused(ask(standin, None, "/v1/models?limit=1000", "GET")) == (529, "overloaded_error", "Overloaded")
    limited = ask(standin, body(), "/v1/messages/count_tokens")
    assert refused(limited)[:2] == (429, "rate_limit_error")
    assert limited.headers["retry-after"] == "3"
    assert ask(standin, body(), "/v1/messages").status == 200


def test_an_error_of_a_gateway_on_the_way(standin: Standin) -> None:
    standin.script(Failure(502, body=b"<html>Bad gateway</html>"))
    reply = ask(standin, body())
    assert (reply.status, reply.content) == (502, b"<html>Bad gateway</html>")
    assert reply.headers["content-type"] == "text/html"
