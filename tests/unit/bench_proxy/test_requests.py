import msgspec
import pytest

from tests.bench.proxy_requests import agent_request, question, read_texts
from tests.standin.refusals import refuse_body


@pytest.mark.parametrize("stream", [True, False])
def test_the_api_takes_what_is_asked(stream: bool) -> None:
    for body in (question("Why is the sky blue?", stream=stream), agent_request(3, stream=stream)):
        fields = msgspec.json.decode(body)
        assert refuse_body(fields) is None
        assert fields["stream"] is stream


def test_an_agent_sends_some_60_kb_and_ends_with_the_result_of_a_tool() -> None:
    body = agent_request(1, stream=True)
    assert 50_000 < len(body) < 70_000
    last = msgspec.json.decode(body)["messages"][-1]
    assert [block["type"] for block in last["content"]] == ["tool_result"]
    assert agent_request(2, stream=True) != body


def test_no_question_comes_twice_and_none_is_half_of_a_pair() -> None:
    texts = read_texts(20)
    assert len(set(texts.short)) == len(texts.short) > 500
    assert {len(text.split()) for text in texts.long} == {60}
    assert not set(texts.short) & {text for pair in texts.pairs for text in (pair.a, pair.b)}
    assert all(pair.same for pair in texts.pairs)
