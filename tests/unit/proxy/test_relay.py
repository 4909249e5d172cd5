"""What passes through on a miss: the same bytes, at once, whatever they are."""

import gzip
import threading
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from optafly.proxy.relay import relay
from optafly.proxy.upstream import Answer as Passing
from tests.standin import Answer, Break, Event, Failure, Gate, Raw, Standin, text, thinking, tool_use
from tests.unit.proxy.parts import KEY
from tests.unit.proxy.played import TOKEN, Played, ask, begun, body, played, read_until

BLOCKS: dict[str, Any] = {
    "text": "It scatters.",
    "tools": (text("Let me look."), tool_use("read", {"path": "a.py", "lines": [1, 2]})),
    "thinking": (thinking("Light, air…"), text("It scatters – ß, 日本, 🌈.")),
    "unknown": (text("It scatters."), {"type": "hologram", "depth": 3}),
}
UNKNOWN = {3: (Event("aurora", {"type": "aurora", "sky": "blue"}),), 5: (Event("ping", {"type": "ping"}),)}


def direct(standin: Standin, value: object = None, **options: Any) -> Any:
    headers = {"x-api-key": KEY} | options.pop("headers", {})
    return ask(standin.url, value, headers=headers, **options)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
@pytest.mark.parametrize("content", BLOCKS)
def test_a_client_gets_the_same_bytes_as_without_the_proxy(
    proxy: Played, standin: Standin, content: str, encoding: str, stream: bool
) -> None:
    answer = Answer(
        BLOCKS[content],
        usage_steps=2,
        pings=(1,),
        inserted=UNKNOWN,
        more={"novelty": {"a": [1.5, None]}},
        headers=(("x-new", "one"), ("x-new", "two"), ("set-cookie", "a=b"), ("X-Odd-Case", "kept")),
        encoding=encoding or None,  # type: ignore[arg-type]
        cut=7 if encoding == "" else 0,
    )
    standin.script(answer, answer)
    headers = {"accept-encoding": encoding}
    expected = direct(standin, body(stream=stream), headers=headers)
    found = ask(proxy.url, body(stream=stream), headers=headers)

    assert found.content == expected.content
    assert (b"aurora" in found.content) == (stream and not encoding)
    assert found.status == expected.status == 200
    assert without_date(found.passed_on) == without_date(expected.passed_on)
    assert found["content-encoding"] == encoding
    assert found.own["cache"] == "miss"


def without_date(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name != "date"]


@pytest.mark.parametrize(
    "failure",
    [
        Failure(400, message="messages: roles must alternate"),
        Failure(401, message="invalid x-api-key"),
        Failure(413, message="Request exceeds the maximum size"),
        Failure(429, retry_after="17"),
        Failure(429),
        Failure(500),
        Failure(529, headers=(("x-should-retry", "true"),)),
        Failure(502, body=b"<html>bad gateway</html>"),
    ],
    ids=lambda failure: f"{failure.status}{failure.retry_after or ''}",
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_of_the_api_comes_as_it_is(proxy: Played, standin: Standin, failure: Failure, stream: bool) -> None:
    standin.script(failure, failure)
    expected = direct(standin, body(stream=stream))
    found = ask(proxy.url, body(stream=stream))

    assert (found.status, found.content) == (expected.status, expected.content)
    assert without_date(found.passed_on) == without_date(expected.passed_on)
    outcome = proxy.noted.wait(1)
    assert (outcome.path, outcome.status, outcome.reason) == ("failed", failure.status, "upstream_error")
    assert ask(proxy.url, body(stream=stream)).own["cache"] == "miss"


def test_events_come_through_one_by_one(proxy: Played, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("It scatters.", gate=gate, pings=(1,)))
    with begun(proxy.url, body(stream=True)) as client:
        for event in (b"message_start", b"ping", b"content_block_start"):
            gate.release()
            # The next one has not been sent yet.
            assert event in read_until(client, b"event: " + event)
        gate.open()
        assert b"0\r\n\r\n" in read_until(client, b"0\r\n\r\n")


def test_the_head_comes_before_the_first_event(proxy: Played, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("It scatters.", gate=gate))
    with begun(proxy.url, body(stream=True)) as client:
        assert b"x-optafly-cache: miss" in read_until(client, b"\r\n\r\n")
        gate.wait_reached(1)
        gate.open()
        read_until(client, b"0\r\n\r\n")


@pytest.mark.parametrize("how", ["close", "event", "chunk", "reset"])
def test_a_stream_that_breaks_breaks_for_the_client_and_is_not_kept(proxy: Played, standin: Standin, how: Any) -> None:
    standin.script(Answer("It scatters.", breaks=Break(how)))
    found = ask(proxy.url, body(stream=True))

    assert found.broken
    assert found.status == 200
    assert proxy.noted.wait(1).reason == "broke_off"
    assert ask(proxy.url, body(stream=True)).own["cache"] == "miss"


@pytest.mark.parametrize("how", ["length", "close"])
def test_an_answer_that_is_cut_is_cut_for_the_client_and_not_kept(proxy: Played, standin: Standin, how: Any) -> None:
    standin.script(Answer("It scatters.", breaks=Break(how)))
    found = ask(proxy.url, body())

    assert found.broken
    assert proxy.noted.wait(1).reason == "broke_off"
    assert ask(proxy.url, body()).own["cache"] == "miss"


def test_a_stream_that_ends_in_order_without_its_last_events_is_not_kept(proxy: Played, standin: Standin) -> None:
    standin.script(Answer("It scatters.", breaks=Break("end", after=4)))
    found = ask(proxy.url, body(stream=True))

    assert not found.broken
    assert ask(proxy.url, body(stream=True)).own["cache"] == "miss"


def test_an_error_after_200_comes_through_and_is_not_kept(proxy: Played, standin: Standin) -> None:
    standin.script(Answer("It scatters.", error_after=(4, Failure(529))))
    found = ask(proxy.url, body(stream=True))

    assert (found.status, found.broken) == (200, False)
    assert found.events[-1][0] == "error"
    assert found.events[-1][1]["error"]["type"] == "overloaded_error"
    outcome = proxy.noted.wait(1)
    assert (outcome.path, outcome.status, outcome.reason) == ("failed", 200, "upstream_error")
    assert ask(proxy.url, body(stream=True)).own["cache"] == "miss"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("headed", [False, True])
def test_a_client_that_goes_away_ends_the_call_and_nothing_is_kept(
    proxy: Played, standin: Standin, stream: bool, headed: bool
) -> None:
    gate = Gate()
    held: Any = {"gate": gate} if headed else {"head_gate": gate}
    standin.script(Answer("It scatters.", **held))
    with begun(proxy.url, body(stream=stream)) as client:
        if headed and stream:
            gate.release(2)
            read_until(client, b"message_start")
        gate.wait_reached(1)
    (request,) = standin.wait_requests(1)

    assert request.wait_over() == "client_gone"
    assert proxy.noted.wait(1).reason == "client_gone"
    gate.open()
    assert ask(proxy.url, body(stream=stream)).own["cache"] == "miss"


def test_a_client_that_reads_slowly_holds_up_nobody_and_gets_it_all(proxy: Played, standin: Standin) -> None:
    # More than the buffers of two connections hold.
    standin.script(Answer("It scatters. " * 3_000_000, pieces=100))
    with begun(proxy.url, body(stream=True)) as slow:
        read_until(slow, b"message_start")
        assert ask(proxy.url, body("And at dusk?")).status == 200
        # Not all of it waits in the proxy: the API has not been read to its end.
        assert standin.requests[0].outcome == "open"
        assert read_until(slow, b"0\r\n\r\n").count(b"It scatters.") > 2_900_000


def test_a_request_that_comes_slowly_holds_up_nobody(proxy: Played, standin: Standin) -> None:
    data = b'{"model":"claude-opus-5-5","max_tokens":1000,"messages":[{"role":"user","content":"Why?"}]}'
    head = (
        f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:{proxy.port}\r\nx-api-key: {TOKEN}\r\n"
        f"content-type: application/json\r\nanthropic-version: 2023-06-01\r\ncontent-length: {len(data)}\r\n\r\n"
    )
    with begun(proxy.url, body("Who are you?")) as first:
        read_until(first, b'"end_turn"')
        first.sendall(head.encode() + data[:10])
        assert ask(proxy.url, body("And at dusk?")).status == 200
        for byte in data[10:]:
            first.sendall(bytes([byte]))
        assert b'"end_turn"' in read_until(first, b'"end_turn"')
    assert standin.requests[-1].body == data


@pytest.mark.parametrize("stream", [False, True])
def test_the_same_request_many_times_at_once_is_never_mixed(proxy: Played, standin: Standin, stream: bool) -> None:
    prompts = ["Why is the sky blue?", "Why is the sea blue?"] * 8
    expected = {prompt: direct(standin, body(prompt, stream=stream)).text for prompt in set(prompts)}
    assert len(set(expected.values())) == 2
    found: list[tuple[str, str]] = []
    threads = [
        threading.Thread(
            target=lambda prompt=prompt: found.append((prompt, ask(proxy.url, body(prompt, stream=stream)).text))
        )
        for prompt in prompts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(found) == len(prompts)
    assert all(answer == expected[prompt] for prompt, answer in found)


def test_the_body_reaches_the_api_to_the_letter(proxy: Played, standin: Standin) -> None:
    raw = (
        b'{ "model" : "claude-opus-5-5", "max_tokens": 1e2, "new_field": {"b":1,"a":1.0}, "stream": false,\n'
        b'"messages":[{"role":"user","content":"Why\\u003f \\/ \xc3\x9f"}] }'
    )
    standin.answer_with(lambda _: Answer("fine"))
    ask(proxy.url, raw=raw)
    assert standin.requests[-1].body == raw


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"messages":"\xff"}', b'{"a":1,"a":2}', b"[" * 5000])
def test_what_cannot_be_read_is_for_the_api_to_refuse(proxy: Played, standin: Standin, raw: bytes) -> None:
    expected = direct(standin, raw=raw)
    found = ask(proxy.url, raw=raw)

    assert (found.status, found.json["error"]) == (expected.status, expected.json["error"])
    assert found.own["cache"] == "miss"
    assert standin.requests[-1].body == raw


@pytest.mark.parametrize("query", ["", "?beta=true", "?a=%2F%20x&b="])
def test_the_other_routes_are_passed_on(proxy: Played, standin: Standin, query: str) -> None:
    counted = ask(proxy.url, body(), path="/v1/messages/count_tokens" + query)
    listed = ask(proxy.url, method="GET", path="/v1/models?limit=1000")

    assert counted.json == direct(standin, body(), path="/v1/messages/count_tokens").json
    assert listed.json == direct(standin, method="GET", path="/v1/models?limit=1000").json
    assert standin.requests[0].query == query.removeprefix("?")
    assert standin.requests[1].query == "limit=1000"
    assert not counted.own
    assert proxy.noted.outcomes == []


def test_no_answer_at_all_is_an_error_in_the_right_form(tmp_path: Path) -> None:
    with played(tmp_path, "http://127.0.0.1:1") as proxy:
        for path in ("/v1/messages", "/v1/messages/count_tokens"):
            found = ask(proxy.url, body(), path=path)
            assert found.error == (502, "api_error")
            assert "127.0.0.1 (ConnectError)" in found.json["error"]["message"]
        assert proxy.noted.wait(1).reason == "unreachable"


def test_what_is_no_answer_is_an_error_in_the_right_form(proxy: Played, standin: Standin) -> None:
    for pieces in ((), (b"nonsense\r\n\r\n",)):
        standin.script(Raw(pieces))
        assert ask(proxy.url, body()).error == (502, "api_error")


def test_nothing_is_sent_twice(proxy: Played, standin: Standin) -> None:
    standin.script(Raw(()), Failure(529))
    ask(proxy.url, body())
    ask(proxy.url, body())
    assert len(standin.requests) == 2


def test_redirects_are_neither_followed_nor_passed_on(proxy: Played, standin: Standin) -> None:
    moved = f"HTTP/1.1 307 Moved\r\nlocation: {standin.url}/elsewhere\r\ncontent-length: 0\r\n\r\n"
    standin.script(Raw((moved.encode(),)))
    found = ask(proxy.url, body())

    # A client would follow it with its key.
    assert found.status == 502
    assert found.json["error"]["type"] == "api_error"
    assert [request.path for request in standin.requests] == ["/v1/messages"]


@pytest.mark.parametrize("asked", ["br, zstd", "br", "gzip;q=0.5, br, deflate", "*", "identity"])
def test_only_encodings_that_can_be_read_are_asked_for(proxy: Played, standin: Standin, asked: str) -> None:
    ask(proxy.url, body(), headers={"accept-encoding": asked})
    sent = standin.requests[-1].headers["accept-encoding"]
    assert {item.partition(";")[0].strip() for item in sent.split(",")} <= {"gzip", "deflate", "identity"}


def test_what_cannot_be_decoded_is_passed_on_and_not_kept(proxy: Played, standin: Standin) -> None:
    for packed in (gzip.compress(b"{}")[:-9] + b"\x00" * 9, zlib.compress(b"x"), b"\x00"):
        head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}\r\n"
        standin.script(Raw((head.encode() + b"content-type: application/json\r\n\r\n" + packed,)))
        assert ask(proxy.url, body()).content == packed
        assert proxy.answers.stored == []


class Whole:
    """An answer whose length is said in its head."""

    status = 200
    headers: ClassVar = [(b"content-type", b"application/json"), (b"content-length", b"4")]

    async def chunks(self) -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"cd"


async def test_an_answer_of_known_length_is_kept_before_the_client_has_all_of_it() -> None:
    # A client that has all bytes may go away, which cancels whatever is still to be done.
    happened: list[object] = []

    async def send(message: Any) -> None:
        happened.append(message.get("body", "head"))

    whole = cast("Passing", Whole())
    await relay(whole, send, added=[], seen=happened.append, ended=lambda: happened.append("ended"))
    assert happened == ["head", b"ab", b"ab", b"cd", "ended", b"cd", b""]
