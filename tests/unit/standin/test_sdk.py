"""Anthropic's own client works against the stand-in, retries off."""

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import anthropic
import pytest
import pytest_asyncio

from tests.standin import Answer, Break, Event, Failure, Gate, Raw, Standin, answer_text, text, thinking, tool_use
from tests.unit.standin.asked import KEY, MODEL, body

TOOL: Any = {"name": "read_file", "description": "Reads", "input_schema": {"type": "object", "properties": {}}}


@pytest.fixture
def client(standin: Standin) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=standin.url, api_key=KEY, max_retries=0, timeout=20) as made:
        yield made


@pytest_asyncio.fixture
async def async_client(standin: Standin) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=standin.url, api_key=KEY, max_retries=0, timeout=20) as made:
        yield made


def create(client: anthropic.Anthropic, **more: Any) -> anthropic.types.Message:
    return cast(anthropic.types.Message, client.messages.create(**body(**more)))


def test_a_message(client: anthropic.Anthropic, standin: Standin) -> None:
    message = create(client)
    assert [block.to_dict() for block in message.content] == [text(answer_text(body()))]
    assert (message.model, message.stop_reason, message.role) == (MODEL, "end_turn", "assistant")
    assert message.id.startswith("msg_01")
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0
    assert message._request_id == standin.requests[0].request_id


async def test_a_message_async(async_client: anthropic.AsyncAnthropic) -> None:
    message = await async_client.messages.create(**body())
    assert [block.to_dict() for block in message.content] == [text(answer_text(body()))]


def test_a_stream_of_events(client: anthropic.Anthropic) -> None:
    with client.messages.create(**body(), stream=True) as stream:
        names = [event.type for event in stream]
    assert names == [
        "message_start", "content_block_start", *["content_block_delta"] * 4, "content_block_stop", "message_delta",
        "message_stop",
    ]  # fmt: skip


def test_the_stream_helper_has_the_same_message(client: anthropic.Anthropic) -> None:
    with client.messages.stream(**body()) as stream:
        words = "".join(stream.text_stream)
        streamed = stream.get_final_message()
    whole = create(client)
    assert words == answer_text(body())
    assert streamed.to_dict() == {**whole.to_dict(), "id": streamed.id}


async def test_the_stream_helper_async(async_client: anthropic.AsyncAnthropic) -> None:
    async with async_client.messages.stream(**body()) as stream:
        assert "".join([piece async for piece in stream.text_stream]) == answer_text(body())


def test_blocks_of_all_kinds_in_a_stream(client: anthropic.Anthropic, standin: Standin) -> None:
    blocks = (
        thinking("First I look, then I leap.", "c2ln"),
        {"type": "redacted_thinking", "data": "aGlkZGVu"},
        text("I read it."),
        tool_use("read_file", {"path": "naïve/日本.py", "lines": [1, 2]}),
    )
    standin.script(Answer(blocks, stop_reason="tool_use", usage_steps=3, usage={"output_tokens": 99}))
    with client.messages.stream(**body(tools=[TOOL])) as stream:
        message = stream.get_final_message()
    assert [block.to_dict() for block in message.content] == list(blocks)
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens == 99


def test_a_tool_and_its_result(client: anthropic.Anthropic, standin: Standin) -> None:
    message = create(client, tools=[TOOL], tool_choice={"type": "tool", "name": "read_file"})
    call = message.content[0]
    assert call.type == "tool_use"
    turns = [
        {"role": "user", "content": "Read it"},
        {"role": "assistant", "content": [call.to_dict()]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "a line"}]},
    ]
    assert create(client, tools=[TOOL], messages=turns).stop_reason == "end_turn"


@pytest.mark.parametrize("reason", ["end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal"])
def test_stop_reasons(client: anthropic.Anthropic, standin: Standin, reason: str) -> None:
    standin.script(Answer("So far.", stop_reason=reason), Answer("So far.", stop_reason=reason))
    with client.messages.stream(**body()) as stream:
        assert stream.get_final_message().stop_reason == reason
    assert create(client).stop_reason == reason


def test_count_tokens(client: anthropic.Anthropic) -> None:
    asked = body("word " * 500)
    asked.pop("max_tokens")
    counted = client.messages.count_tokens(**asked).input_tokens
    assert counted == create(client, messages=asked["messages"]).usage.input_tokens


def test_models(client: anthropic.Anthropic) -> None:
    page = client.models.list(limit=1000)
    assert page.has_more is False
    assert (page.data[0].id, page.data[-1].id) == (page.first_id, page.last_id)
    for model in page.data:
        assert model.type == "model"
        assert model.display_name
        assert model.max_input_tokens
        assert model.max_tokens
    assert [model.id for model in client.models.list(limit=3)] == [model.id for model in page.data]
    assert client.models.retrieve("claude-haiku-4-5").id == "claude-haiku-4-5-20251001"


ERRORS: dict[int, type[anthropic.APIStatusError]] = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    409: anthropic.ConflictError,
    413: anthropic.APIStatusError,
    402: anthropic.APIStatusError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    504: anthropic.APIStatusError,
    529: anthropic.APIStatusError,
}


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_before_200(client: anthropic.Anthropic, standin: Standin, status: int, stream: bool) -> None:
    standin.script(Failure(status, message="as the test wants it"))
    with pytest.raises(ERRORS[status], match="as the test wants it") as caught:
        create(client, stream=stream)
    assert caught.value.status_code == status
    assert caught.value.request_id == standin.requests[0].request_id
    assert caught.value.body == {
        "type": "error",
        "error": {"type": caught.value.type, "message": "as the test wants it"},
        "request_id": standin.requests[0].request_id,
    }
    assert len(standin.requests) == 1


@pytest.mark.parametrize("retry_after", ["7", None])
def test_a_rate_limit_with_and_without_retry_after(
    client: anthropic.Anthropic, standin: Standin, retry_after: str | None
) -> None:
    standin.script(Failure(429, retry_after=retry_after))
    with pytest.raises(anthropic.RateLimitError) as caught:
        create(client)
    assert caught.value.response.headers.get("retry-after") == retry_after


def test_an_error_after_200(client: anthropic.Anthropic, standin: Standin) -> None:
    standin.script(Answer("Begun and never ended", error_after=(4, Failure(529))))
    seen = []
    with pytest.raises(anthropic.APIStatusError, match="overloaded_error"), client.messages.stream(**body()) as stream:
        for piece in stream.text_stream:
            seen.append(piece)
    assert seen == ["Begun"]


def test_unknown_events_and_fields_are_passed_over(client: anthropic.Anthropic, standin: Standin) -> None:
    news = Event("weather_changed", {"type": "weather_changed", "sun": True})
    standin.script(Answer("Fine.", inserted={1: (news,), 4: (news, news)}, pings=(0, 3, 6), more={"mood": "good"}))
    with client.messages.create(**body(), stream=True) as stream:
        events = [event.to_dict() for event in stream]
    start = cast(dict[str, Any], events[0])
    assert start["message"]["mood"] == "good"
    assert len([event for event in events if event["type"] == "content_block_delta"]) == 4


@pytest.mark.parametrize("how", ["close", "event", "chunk", "reset", "length"])
def test_a_broken_stream_is_an_error(client: anthropic.Anthropic, standin: Standin, how: Any) -> None:
    standin.script(Answer("Begun and never ended", breaks=Break(how, after=5)))
    with pytest.raises(Exception) as caught, client.messages.create(**body(), stream=True) as stream:
        for _ in stream:
            pass
    # The client gives out what its HTTP library raises.
    assert type(caught.value).__name__ in {"RemoteProtocolError", "ReadError", "APIConnectionError"}
    assert standin.requests[0].wait_over() == "broken"


def test_hung_up(client: anthropic.Anthropic, standin: Standin) -> None:
    standin.script(Raw())
    with pytest.raises(anthropic.APIConnectionError):
        create(client)


def test_a_slow_stream_comes_event_by_event(client: anthropic.Anthropic, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("abcd", gate=gate, pings=()))
    gate.release(3)
    with client.messages.create(**body(), stream=True) as stream:
        first = [next(stream).type for _ in range(3)]
        assert first == ["message_start", "content_block_start", "content_block_delta"]
        gate.wait_reached(4)
        assert standin.requests[0].outcome == "open"
        gate.open()
        assert [event.type for event in stream][-1] == "message_stop"


def test_a_client_that_leaves_is_noticed(client: anthropic.Anthropic, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("abcd", gate=gate))
    gate.release(2)
    with client.messages.create(**body(), stream=True) as stream:
        next(stream)
    assert standin.requests[0].wait_over() == "client_gone"
    assert standin.counts.client_gone == 1


def test_who_goes_before_the_head_is_noticed(client: anthropic.Anthropic, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("abcd", head_gate=gate))
    with pytest.raises(anthropic.APITimeoutError):
        client.with_options(timeout=0.05).messages.create(**body())
    assert standin.requests[0].wait_over() == "client_gone"


def test_compressed_answers(client: anthropic.Anthropic, standin: Standin) -> None:
    standin.script(*[Answer("Packed ✓", encoding="gzip")] * 2, *[Answer("Packed ✓", encoding="deflate")] * 2)
    for encoding in ("gzip", "deflate"):
        with client.messages.stream(**body(), extra_headers={"accept-encoding": encoding}) as stream:
            assert stream.response.headers["content-encoding"] == encoding
            assert stream.get_final_text() == "Packed ✓"
        message = create(client, extra_headers={"accept-encoding": encoding})
        assert message.content[0].to_dict() == text("Packed ✓")


def test_a_bearer_token(standin: Standin) -> None:
    with anthropic.Anthropic(base_url=standin.url, auth_token="one", max_retries=0) as client:
        create(client)
    assert standin.requests[0].key == "one"


def test_many_threads_with_one_client_get_their_own_answers(client: anthropic.Anthropic) -> None:
    wrong: list[int] = []

    def one(number: int) -> None:
        with client.messages.stream(**body(f"question {number}")) as stream:
            if stream.get_final_text() != answer_text(body(f"question {number}")):
                wrong.append(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not wrong
