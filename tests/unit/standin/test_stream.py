"""What a client sees of a stream: its bytes, cut and broken in every way."""

import zlib
from typing import Any

import msgspec
import pytest

from tests.standin import Answer, Break, Failure, Gate, Raw, Recorded, Standin, answer_text, running_standin, text
from tests.unit.standin.asked import HEADERS, ask, begun, body, read_until


def test_events_in_order_with_pings_and_cumulative_usage(standin: Standin) -> None:
    standin.script(Answer("abcd", usage_steps=2, pings=(0, 2, 8), usage={"output_tokens": 40, "input_tokens": 7}))
    reply = ask(standin, body(stream=True))
    names = [name for name, _ in reply.events]
    assert names == [
        "ping", "message_start", "ping", "content_block_start", *["content_block_delta"] * 4, "ping",
        "content_block_stop", "message_delta", "message_delta", "message_stop",
    ]  # fmt: skip
    assert all(data["type"] == name for name, data in reply.events)
    start = reply.events[1][1]["message"]
    assert (start["content"], start["stop_reason"], start["usage"]["output_tokens"]) == ([], None, 1)
    deltas = [data for name, data in reply.events if name == "message_delta"]
    assert [delta["usage"]["output_tokens"] for delta in deltas] == [20, 40]
    assert [delta["usage"]["input_tokens"] for delta in deltas] == [7, 7]
    assert [delta["delta"]["stop_reason"] for delta in deltas] == [None, "end_turn"]
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("cut", [1, 7, 100_000])
def test_a_stream_cut_anywhere_has_the_same_bytes(cut: int) -> None:
    with running_standin(repeatable=True) as standin:
        standin.script(Answer("naïve ✓ 日本 🙂"), Answer("naïve ✓ 日本 🙂", cut=cut))
        whole, pieces = ask(standin, body(stream=True)), ask(standin, body(stream=True))
        assert whole.content == pieces.content
        assert whole.text == "naïve ✓ 日本 🙂"
        assert standin.requests[1].sent == pieces.content


def test_chunks_have_the_size_that_was_asked_for(standin: Standin) -> None:
    standin.script(Answer("naïve ✓", cut=700))
    with begun(standin, body(stream=True)) as connection:
        rest = read_until(connection, b"\r\n0\r\n\r\n").partition(b"\r\n\r\n")[2]
    sizes = []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        sizes.append(int(size, 16))
        rest = rest[sizes[-1] + 2 :]
    assert len(sizes) > 3
    assert set(sizes[:-2]) == {700}
    assert 0 < sizes[-2] <= 700
    assert sizes[-1] == 0


def test_data_is_padded_so_that_who_encodes_anew_is_found_out(standin: Standin) -> None:
    lines = [line[6:] for line in ask(standin, body(stream=True)).content.splitlines() if line.startswith(b"data: ")]
    assert any(msgspec.json.encode(msgspec.json.decode(line)) != line for line in lines)


def test_the_same_request_has_the_same_bytes_where_that_is_asked_for() -> None:
    with running_standin(repeatable=True) as standin:
        first, second = ask(standin, body(stream=True)), ask(standin, body(stream=True))
        assert first.content == second.content
        assert first.headers["request-id"] == second.headers["request-id"]
    with running_standin() as standin:
        assert ask(standin, body(stream=True)).content != ask(standin, body(stream=True)).content


def test_nothing_is_sent_before_the_gate_lets_it_pass(standin: Standin) -> None:
    head, events = Gate(), Gate()
    standin.script(Answer("abcd", head_gate=head, gate=events, pings=()))
    with begun(standin, body(stream=True)) as connection:
        head.wait_reached(1)
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
        connection.settimeout(10)
        head.release()
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 200")
        for count, name in enumerate((b"message_start", b"content_block_start", b"content_block_delta"), 1):
            events.wait_reached(count)
            events.release()
            found = read_until(connection, b"\n\n\r\n")
            assert found.count(b"event: ") == 1
            assert b"event: " + name in found
        events.open()
        assert b"message_stop" in read_until(connection, b"\r\n0\r\n\r\n")


def broken(standin: Standin, how: Any, **more: Any) -> tuple[bytes, bytes]:
    """What came for a stream that breaks off after three events: head and rest, to the end of the connection."""
    standin.script(Answer("abcd", breaks=Break(how, 3), pings=()))
    with begun(standin, body(**more)) as connection:
        head, _, rest = read_until(connection, b"nothing has this").partition(b"\r\n\r\n")
    assert standin.requests[-1].wait_over() == "broken"
    return head, rest


def test_closed_between_events(standin: Standin) -> None:
    _, rest = broken(standin, "close", stream=True)
    assert rest.count(b"event: ") == 3
    assert rest.endswith(b"}\n\n\r\n")


def test_closed_in_an_event(standin: Standin) -> None:
    _, rest = broken(standin, "event", stream=True)
    assert rest.count(b"event: ") == 4
    assert not rest.endswith(b"\n\n\r\n")
    assert rest.endswith(b"\r\n")


def test_closed_in_a_chunk(standin: Standin) -> None:
    _, rest = broken(standin, "chunk", stream=True)
    whole, _, half = rest.rpartition(b"event: ")
    announced = int(whole.removesuffix(b"\r\n").rpartition(b"\r\n")[2], 16)
    assert announced == 2 * len(b"event: " + half)
    assert not half.endswith(b"\n")


def test_a_content_length_that_is_too_large(standin: Standin) -> None:
    head, rest = broken(standin, "length", stream=True)
    assert f"content-length: {len(rest) + 100}".encode() in head
    assert rest.endswith(b"}\n\n")
    assert b"message_stop" in rest


def test_reset(standin: Standin) -> None:
    with pytest.raises(ConnectionResetError):
        broken(standin, "reset", stream=True)


def test_a_stream_that_ends_in_order_with_events_missing(standin: Standin) -> None:
    standin.script(Answer("abcd", breaks=Break("end", 3)))
    reply = ask(standin, body(stream=True))
    assert [name for name, _ in reply.events] == ["message_start", "content_block_start", "ping"]


@pytest.mark.parametrize("how", ["close", "event", "chunk", "length"])
def test_a_whole_message_that_breaks_off(standin: Standin, how: str) -> None:
    _, rest = broken(standin, how)
    assert b'{"id":"msg_01' in rest
    assert (b'"usage"' in rest) == (how == "length")


def test_bytes_of_the_test_itself(standin: Standin) -> None:
    raw = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"
    standin.script(Raw((raw[:10], raw[10:])))
    with begun(standin, body()) as connection:
        assert read_until(connection, b"nothing has this") == raw


def test_an_error_event(standin: Standin) -> None:
    standin.script(Answer("abcd", error_after=(3, Failure(529))))
    name, data = ask(standin, body(stream=True)).events[-1]
    assert name == "error"
    assert data["error"] == {"type": "overloaded_error", "message": "Overloaded"}
    assert data["request_id"] == standin.requests[0].request_id


def test_compressed_only_where_the_client_takes_it(standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("abcd", encoding="gzip", gate=gate), Answer("abcd", encoding="gzip"))
    gate.open()
    packed = ask(standin, body(stream=True), accept_encoding="br, gzip;q=0.5")
    plain = ask(standin, body(stream=True), accept_encoding="identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert zlib.decompress(packed.content, 31).count(b"event: ") == plain.content.count(b"event: ")
    assert "content-encoding" not in plain.headers
    standin.script(Answer("abcd", encoding="deflate"))
    assert b'"text":"abcd"' in zlib.decompress(ask(standin, body(), accept_encoding="deflate").content)


def test_who_waits_before_its_body_is_told_to_go_on(standin: Standin) -> None:
    raw = msgspec.json.encode(body())
    with begun(standin, body()) as connection:
        read_until(connection, b"}}")
        names = {**HEADERS, "host": "x", "content-length": str(len(raw)), "expect": "100-continue"}
        lines = [f"{name}: {words}" for name, words in names.items()]
        connection.sendall("\r\n".join(["POST /v1/messages HTTP/1.1", *lines, "", ""]).encode())
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100")
        connection.sendall(raw)
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_several_requests_on_one_connection_until_it_is_closed(standin: Standin) -> None:
    standin.script(Answer("one"), Answer("two", then_close=True))
    with begun(standin, body()) as connection:
        assert b'"text":"one"' in read_until(connection, b"}}")
        with begun(standin, body()) as other:
            assert b"connection: close" in read_until(other, b"nothing has this")
        connection.sendall(b"GET /v1/models?limit=1000 HTTP/1.1\r\nhost: x\r\n")
        connection.sendall(b"x-api-key: one\r\nanthropic-version: 2023-06-01\r\n\r\n")
        assert b'"has_more":false' in read_until(connection, b'"last_id":"claude-sonnet-4-5-20250929"}')
    assert standin.counts.connections == 2


def test_scripts_are_followed_in_order_then_a_function_then_the_default(standin: Standin) -> None:
    def echo(request: Recorded) -> Answer | None:
        words = request.json["messages"][0]["content"]
        return None if words == "default" else Answer(f"You said {words}")

    standin.script(Answer("first"), lambda request: Answer((text(request.method),)), lambda request: None)
    standin.answer_with(echo)
    said = [ask(standin, body(words, stream=True)).text for words in ("a", "b", "c", "d", "default")]
    assert said == ["first", "POST", "You said c", "You said d", answer_text(body("default"))]
    standin.answer_with(None)
    assert ask(standin, body("d", stream=True)).text == answer_text(body("d"))


def test_a_function_that_fails_fails_the_test() -> None:
    with pytest.raises(ZeroDivisionError), running_standin() as standin:
        standin.script(lambda request: Answer(str(1 // 0)))
        assert ask(standin, body()).status == 500


def test_the_default_answer_keeps_to_the_request(standin: Standin) -> None:
    short = ask(standin, body(max_tokens=3)).json
    assert (short["stop_reason"], len(short["content"][0]["text"])) == ("max_tokens", 7)
    stopped = ask(standin, body(stop_sequences=["never", "Sentence 2"])).json
    assert (stopped["stop_reason"], stopped["stop_sequence"]) == ("stop_sequence", "Sentence 2")
    assert stopped["content"][0]["text"].endswith("🙂. ")


def test_the_answer_depends_on_the_prompt_and_not_on_its_markers() -> None:
    plain = body("a long question")
    parts: list[dict[str, object]] = [
        {"type": "text", "text": "a long "},
        {"type": "text", "text": "question", "cache_control": {"type": "ephemeral"}},
    ]
    marked = {**plain, "messages": [{"role": "user", "content": parts}], "stream": True}
    assert answer_text(plain) == answer_text(marked)
    for other in (body("a long question!"), body("a long question", system="Be short"), {**plain, "temperature": 0}):
        assert answer_text(other) != answer_text(plain)
