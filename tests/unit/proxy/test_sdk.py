"""Anthropic's own client: what it makes of the proxy's answers, and that it sees no difference on a miss."""

import asyncio
from typing import Any

import pytest

from tests.standin import Answer, Failure, Standin, text, thinking, tool_use
from tests.unit.proxy.parts import KEY
from tests.unit.proxy.played import MODEL, TOKEN, Played

ASKED: Any = {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": "Why is the sky blue?"}]}
TOOLS: Any = [{"name": "read", "input_schema": {"type": "object"}}]


def client(url: str, key: str = TOKEN, **options: Any) -> Any:
    import anthropic

    return anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, **options)


def test_messages_whole_and_streamed_on_a_miss_and_on_a_hit(proxy: Played, standin: Standin) -> None:
    with client(proxy.url) as here, client(standin.url, KEY) as there:
        expected = there.messages.create(**ASKED)
        missed = here.messages.create(**ASKED)
        assert missed == expected
        proxy.answers.wait_stored(1)
        with here.messages.stream(**ASKED) as stream:
            texts = list(stream.text_stream)
            hit = stream.get_final_message()
        assert "".join(texts) == hit.content[0].text == expected.content[0].text
        assert (hit.stop_reason, hit.usage.output_tokens) == ("end_turn", 0)
        assert hit.id != expected.id
        again = here.messages.with_raw_response.create(**ASKED)
        assert again.headers["x-optafly-cache"] == "hit"
        assert again.parse().content[0].text == hit.content[0].text


def test_tools_and_thinking(proxy: Played, standin: Standin) -> None:
    answer = Answer((thinking("Let me see"), text("Look:"), tool_use("read", {"path": "ß.py"})), stop_reason="tool_use")
    standin.script(answer, answer)
    with client(proxy.url) as here, here.messages.stream(**ASKED, tools=TOOLS) as stream:
        streamed = stream.get_final_message()
        whole = here.messages.create(**ASKED, tools=TOOLS)
    assert [block.type for block in streamed.content] == [block.type for block in whole.content]
    assert streamed.content[0] == whole.content[0]
    assert streamed.content[2].input == {"path": "ß.py"}


def test_counting_models_and_keys(proxy: Played, standin: Standin) -> None:
    own = {"default_headers": {"x-optafly-token": TOKEN}}
    with client(proxy.url) as here, client(proxy.url, "sk-ant-api03-own", **own) as with_own_key:
        assert here.messages.count_tokens(model=MODEL, messages=ASKED["messages"]).input_tokens > 0
        assert MODEL in [model.id for model in here.models.list()]
        with_own_key.messages.create(**ASKED)
    assert standin.requests[-1].key == "sk-ant-api03-own"


def test_errors_are_those_of_the_client(proxy: Played, standin: Standin) -> None:
    import anthropic

    standin.script(Failure(429, retry_after="7"), Failure(529), Answer("It", error_after=(4, Failure(529))))
    with client(proxy.url) as here:
        with pytest.raises(anthropic.RateLimitError) as limited:
            here.messages.create(**ASKED)
        assert limited.value.response.headers["retry-after"] == "7"
        with pytest.raises(anthropic.InternalServerError):
            here.messages.create(**ASKED)
        with pytest.raises(anthropic.APIStatusError), here.messages.stream(**ASKED) as stream:
            stream.get_final_message()
    with client(proxy.url, "wrong") as here, pytest.raises(anthropic.AuthenticationError, match="optafly proxy token"):
        here.messages.create(**ASKED)


async def test_many_at_once_each_get_their_own(proxy: Played) -> None:
    import anthropic

    async def one(number: int) -> tuple[str, str]:
        asked = ASKED | {"messages": [{"role": "user", "content": f"Why is {number % 8} even?"}]}
        async with here.messages.stream(**asked) as stream:
            return asked["messages"][0]["content"], await stream.get_final_text()

    async with anthropic.AsyncAnthropic(base_url=proxy.url, api_key=TOKEN, max_retries=0) as here:
        found = await asyncio.gather(*(one(number) for number in range(40)))
    assert len(set(found)) == 8
    assert len({answer for _, answer in found}) == 8
