"""Answers that are given again, and those that are not."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.standin import Answer, Event, Gate, Standin, text, thinking, tool_use
from tests.unit.proxy.parts import POINTING, SAME
from tests.unit.proxy.played import TOKEN, Played, ask, begun, body, played, read_until

ORDER = ["message_start", "ping", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
         "message_stop"]  # fmt: skip


def kept(proxy: Played, value: dict[str, Any], **options: Any) -> str:
    """Ask something for the first time; the text of the answer, once it is kept."""
    before = len(proxy.answers.stored)
    found = ask(proxy.url, value, **options)
    assert found.own["cache"] == "miss"
    proxy.answers.wait_stored(before + 1)
    assert proxy.answers.stored[-1][3].ok
    return found.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_the_same_request_gets_the_same_answer_as_it_asks_for_it(
    proxy: Played, standin: Standin, stream: bool, again: bool
) -> None:
    first = kept(proxy, body(stream=stream))
    found = ask(proxy.url, body(stream=again))

    assert (found.status, found.text) == (200, first)
    assert len(standin.requests) == 1
    assert found.own.keys() == {"cache", "tier", "reason", "saved-ms"}
    assert (found.own["cache"], found.own["tier"]) == ("hit", "exact")
    assert found.own["reason"] == "the same request was answered before"
    assert found["content-type"] == ("text/event-stream; charset=utf-8" if again else "application/json")


def test_a_hit_as_a_stream_has_the_events_of_the_api(proxy: Played, standin: Standin) -> None:
    standin.script(Answer("It scatters – ß 🌈. " * 200, stop_reason="stop_sequence", stop_sequence="END"))
    first = kept(proxy, body(stream=True))
    events = ask(proxy.url, body(stream=True)).events

    names = [name for name, _ in events]
    assert sorted(set(names), key=names.index) == ORDER
    assert names.count("content_block_delta") > 1
    assert all(data["type"] == name for name, data in events)
    assert events[0][1]["message"].pop("id")
    figures = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    nothing = dict.fromkeys(figures, 0)
    assert events[0][1]["message"] == {
        "type": "message", "role": "assistant", "model": "claude-opus-5-5", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": nothing,
    }  # fmt: skip
    assert events[-2][1]["delta"] == {"stop_reason": "stop_sequence", "stop_sequence": "END"}
    assert events[-2][1]["usage"] == nothing
    assert "".join(data["delta"]["text"] for name, data in events if name == "content_block_delta") == first


def test_each_hit_has_an_id_of_its_own(proxy: Played) -> None:
    kept(proxy, body())
    ids = {ask(proxy.url, body()).json["id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch("msg_optafly_[A-Za-z]{24}", found) for found in ids)


def test_thinking_is_not_given_again_and_citations_are(proxy: Played, standin: Standin) -> None:
    citation = {"type": "char_location", "cited_text": "Light", "document_index": 0}
    cited = {"type": "text", "text": "It scatters.", "citations": [citation]}
    standin.script(Answer((thinking("Light, air…"), text("So: "), cited)))
    kept(proxy, body())
    found = ask(proxy.url, body())
    assert found.json["content"] == [{"type": "text", "text": "So: "}, cited]

    streamed = ask(proxy.url, body(stream=True))
    assert streamed.text == "So: It scatters."
    assert citation in [data["delta"].get("citation") for name, data in streamed.events if name.endswith("block_delta")]
    assert [data["index"] for name, data in streamed.events if name == "content_block_start"] == [0, 1]


def test_a_streamed_answer_is_kept_as_the_message_it_is(proxy: Played, standin: Standin) -> None:
    citation = {"type": "char_location", "cited_text": "Light", "document_index": 0}
    answer = Answer((text("So: "), {"type": "text", "text": "ß 日本 🌈", "citations": [citation]}), cut=5)
    standin.script(answer, answer)
    kept(proxy, body())
    kept(proxy, body("Why is the sea blue?", stream=True))
    (whole, *_), (streamed, *_) = proxy.answers.stored

    for name in ("role", "content", "stop_reason", "stop_sequence", "model", "type"):
        assert streamed[name] == whole[name], name
    assert streamed["usage"]["output_tokens"] == whole["usage"]["output_tokens"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "answer",
    [
        Answer((text("Let me look."), tool_use("read", {"path": "a.py"})), stop_reason="tool_use"),
        Answer("It sca", stop_reason="max_tokens"),
        Answer("No.", stop_reason="refusal"),
        Answer((text("It scatters."), {"type": "hologram", "depth": 3})),
        Answer(" "),
        Answer("It scatters.", status=201),
    ],
    ids=["tool", "cut", "refusal", "unknown block", "empty", "another status"],
)
def test_what_may_not_be_given_again_is_not_kept(proxy: Played, standin: Standin, answer: Answer, stream: bool) -> None:
    standin.script(answer)
    ask(proxy.url, body(stream=stream))
    assert ask(proxy.url, body(stream=stream)).own["cache"] == "miss"
    # The second one was an ordinary answer, which shows that the first had its time.
    proxy.answers.wait_stored(1)
    assert len(proxy.answers.stored) == 1


def test_a_stream_with_unknown_events_is_passed_on_and_not_kept(proxy: Played, standin: Standin) -> None:
    standin.script(Answer("It scatters.", pings=(), inserted={3: (Event("aurora", {"type": "aurora"}),)}))
    assert "aurora" in [name for name, _ in ask(proxy.url, body(stream=True)).events]
    assert ask(proxy.url, body(stream=True)).own["cache"] == "miss"


def test_the_same_in_other_words(proxy: Played, standin: Standin) -> None:
    first = kept(proxy, body(SAME[0]))
    found = ask(proxy.url, body(SAME[1]))

    assert (found.own["cache"], found.own["tier"], found.text) == ("hit", "semantic", first)
    assert 0.5 < float(found.own["similarity"]) < 1
    assert ask(proxy.url, body(SAME[0] + ".")).own["tier"] == "equal"
    missed = ask(proxy.url, body("how do I reverse a list of words"))
    assert (missed.own["cache"], missed.own["reason"]) == ("miss", "not listed")
    assert 0.5 < float(missed.own["similarity"]) < 1


def test_the_router_may_allow_the_same_request_only(proxy: Played, standin: Standin) -> None:
    kept(proxy, body(SAME[0]))
    kept(proxy, body(POINTING))
    found = ask(proxy.url, body(POINTING + "!"))

    assert found.own["cache"] == "miss"
    assert found.own["reason"] == "not the same request, and the router allows no other: it points"
    assert ask(proxy.url, body(POINTING)).own["tier"] == "exact"


def test_what_nothing_stored_could_answer_goes_on_before_it_is_judged(proxy: Played, standin: Standin) -> None:
    judging = proxy.decisions.judging = proxy.event()
    found = ask(proxy.url, body(SAME[0]))
    assert found.own == {"cache": "miss", "reason": "not the same request, and nothing is stored that may be compared"}
    assert proxy.decisions.judged == []
    proxy.loop.call_soon_threadsafe(judging.set)
    proxy.answers.wait_stored(1)
    # Now there is something, and it may serve others.
    assert proxy.decisions.judged == [SAME[0]]
    assert ask(proxy.url, body(SAME[1])).own["tier"] == "semantic"
    assert len(standin.requests) == 1


def test_the_router_is_not_asked_about_what_is_never_compared(proxy: Played, standin: Standin) -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "3"}
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
    for content in ([result], [picture, {"type": "text", "text": "What is it?"}], "Why? " * 2000):
        assert ask(proxy.url, body(content)).own["cache"] == "miss"
    assert len(proxy.decisions.asked) == 3
    assert proxy.decisions.judged == []


CHANGES: dict[str, dict[str, Any]] = {
    "model": {"value": body(model="claude-opus-5")},
    "system": {"value": body(system="Be brief.")},
    "temperature": {"value": body(temperature=0.5)},
    "tools": {"value": body(tools=[{"name": "read", "input_schema": {"type": "object"}}])},
    "an unknown field": {"value": body(novelty=1)},
    "earlier messages": {"value": body() | {"messages": [
        {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}, *body()["messages"]]}},
    "a beta": {"headers": {"anthropic-beta": "new-2026-11-01"}},
    "a project": {"headers": {"x-optafly-project": "/home/me/other"}},
    "the query": {"path": "/v1/messages?beta=true"},
    "an own key": {"headers": {"x-optafly-token": "TOKEN", "x-api-key": "sk-ant-api03-another"}},
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_makes_it_another_request(proxy: Played, change: str) -> None:
    kept(proxy, body())
    changed = {"value": body()} | CHANGES[change]
    changed["headers"] = {name: TOKEN if text == "TOKEN" else text for name, text in changed.get("headers", {}).items()}
    assert ask(proxy.url, **changed).own["cache"] == "miss"
    assert ask(proxy.url, body()).own["cache"] == "hit"


def test_what_does_not_make_it_another_request(proxy: Played) -> None:
    kept(proxy, body())
    marked = body()
    marked["messages"][0]["content"] = [
        {"type": "text", "text": marked["messages"][0]["content"], "cache_control": {"type": "ephemeral"}}
    ]
    assert ask(proxy.url, marked).own["cache"] == "hit"
    assert ask(proxy.url, body(), headers={"user-agent": "another", "x-stainless-retry-count": "1"}).own["cache"] == (
        "hit"
    )


def test_bypass_goes_straight_through(proxy: Played, standin: Standin) -> None:
    kept(proxy, body())
    asked = len(proxy.decisions.asked), len(proxy.answers.looked)
    found = ask(proxy.url, body(), headers={"x-optafly-bypass": "1"})

    assert (found.own["cache"], found.own["reason"]) == ("bypass", "asked for by x-optafly-bypass")
    assert len(standin.requests) == 2
    assert (len(proxy.decisions.asked), len(proxy.answers.looked)) == asked
    assert proxy.noted.wait(2).path == "bypass"
    ask(proxy.url, body("never kept"), headers={"x-optafly-bypass": "1"})
    assert ask(proxy.url, body("never kept")).own["cache"] == "miss"
    assert ask(proxy.url, body(), headers={"x-optafly-bypass": "0"}).own["cache"] == "hit"


def test_a_lookup_that_fails_is_a_miss(proxy: Played) -> None:
    kept(proxy, body())
    proxy.answers.failure = RuntimeError("sk-ant-secret \r\nx-injected: 1")
    found = ask(proxy.url, body())

    assert (found.status, found.own["cache"]) == (200, "miss")
    assert found.own["reason"] == "the lookup failed or was too slow"


def test_a_router_that_fails_is_a_miss_and_the_same_request_is_still_found(proxy: Played) -> None:
    proxy.decisions.failure = RuntimeError("sk-ant-secret")
    first = kept(proxy, body(SAME[0]))
    assert ask(proxy.url, body(SAME[1])).own["reason"] == "the router failed or was too slow"
    assert ask(proxy.url, body(SAME[0])).text == first
    assert len(proxy.decisions.learnt) == 2
    assert all(seen is None for seen, _ in proxy.decisions.learnt)


def test_what_is_slow_is_not_waited_for(tmp_path: Path, standin: Standin) -> None:
    with played(tmp_path, standin.url, limit_s=0.05) as proxy:
        never = proxy.event()
        proxy.decisions.stopped = never
        assert ask(proxy.url, body()).own["reason"] == "the router failed or was too slow"
        assert proxy.decisions.cancelled == 1
        proxy.decisions.stopped, proxy.answers.stopped = None, never
        assert ask(proxy.url, body("Why is the sea blue?")).own["reason"] == "the lookup failed or was too slow"


def test_the_same_request_again_is_not_routed(proxy: Played) -> None:
    """The router's networks would read it for nothing, and whoever asks next would wait for them."""
    kept(proxy, body())
    asked = len(proxy.decisions.asked)
    assert ask(proxy.url, body()).own["cache"] == "hit"
    assert len(proxy.decisions.asked) == asked


def test_a_client_that_goes_away_is_not_decided_for(proxy: Played, standin: Standin) -> None:
    proxy.decisions.stopped = proxy.event()
    with begun(proxy.url, body()):
        while not proxy.decisions.asked:
            threading.Event().wait(0.001)
    assert proxy.noted.wait(1).reason == "client_gone"
    assert proxy.decisions.cancelled == 1
    assert standin.requests == []


def test_keeping_an_answer_holds_up_nobody(proxy: Played) -> None:
    storing = proxy.answers.storing = proxy.event()
    assert ask(proxy.url, body()).status == 200
    assert ask(proxy.url, body()).own["cache"] == "miss"
    proxy.loop.call_soon_threadsafe(storing.set)
    proxy.answers.wait_stored(2)
    assert ask(proxy.url, body()).own["cache"] == "hit"


def test_what_is_being_kept_is_kept_when_the_proxy_ends(tmp_path: Path, standin: Standin) -> None:
    with played(tmp_path, standin.url) as proxy:
        storing = proxy.answers.storing = proxy.event()
        ask(proxy.url, body())
        proxy.loop.call_soon_threadsafe(proxy.loop.call_later, 0.05, storing.set)
    assert len(proxy.answers.stored) == 1


def test_a_stream_is_kept_once_its_end_was_seen(proxy: Played, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("It scatters.", gate=gate))
    with begun(proxy.url, body(stream=True)) as client:
        gate.wait_reached(1)
        gate.release(8)
        read_until(client, b"content_block_delta")
        assert ask(proxy.url, body(stream=True)).own["cache"] == "miss"
        gate.open()
        read_until(client, b"0\r\n\r\n")
    proxy.answers.wait_stored(2)
    assert ask(proxy.url, body(stream=True)).own["cache"] == "hit"


def test_what_is_told_to_statistics(proxy: Played, standin: Standin) -> None:
    usage = {"input_tokens": 11, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 7, "output_tokens": 3}
    standin.script(Answer("It scatters.", usage=usage))
    kept(proxy, body(stream=True))
    missed = proxy.noted.wait(1)
    assert (missed.path, missed.status, missed.reason, missed.model) == ("miss", 200, "", "claude-opus-5-5")
    assert missed.usage is not None
    assert (missed.usage.input, missed.usage.output) == (11, 3)
    assert (missed.usage.cache_read, missed.usage.cache_write) == (5, 7)
    assert missed.first_byte_ms is not None
    assert 0 < missed.first_byte_ms <= missed.latency_ms
    ask(proxy.url, body(stream=True))
    hit = proxy.noted.wait(2)
    assert (hit.path, hit.saved_usage) == ("exact", missed.usage)
    assert hit.usage is not None
    assert hit.usage.input == hit.usage.output == 0
    assert abs(hit.saved_ms + hit.latency_ms - proxy.answers.stored[0][1]) < 50
    assert "sky" not in repr(proxy.noted.outcomes)
