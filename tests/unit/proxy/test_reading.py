"""Answers read beside the relay, from bytes cut anywhere."""

import gzip
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from optafly.proxy.recording import MOST_BYTES, Recorded, Recording
from optafly.proxy.replay import as_events, as_json, replayed

STREAM = [(b"content-type", b"text/event-stream; charset=utf-8")]
JSON = [(b"content-type", b"application/json")]


def event(name: str, **fields: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode({"type": name} | fields))


def stream(*texts: str, stop: bool = True) -> bytes:
    parts = [event("message_start", message={"type": "message", "role": "assistant", "usage": {"input_tokens": 3}})]
    for index, text in enumerate(texts):
        parts.append(event("content_block_start", index=index, content_block={"type": "text", "text": ""}))
        parts += [event("content_block_delta", index=index, delta={"type": "text_delta", "text": text[at : at + 3]})
                  for at in range(0, len(text), 3)]  # fmt: skip
        parts.append(event("content_block_stop", index=index))
    parts.append(event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 5}))
    return b"".join(parts) + (event("message_stop") if stop else b"")


def read(data: bytes, headers: list[tuple[bytes, bytes]], size: int = 7) -> Recorded:
    recording = Recording(headers)
    for start in range(0, len(data), size):
        recording.feed(data[start : start + size])
    return recording.end()


@example(["0"], 1, "raw")
@given(
    st.lists(st.text(min_size=1), min_size=1, max_size=3),
    st.integers(1, 200),
    st.sampled_from(["", "gzip", "deflate", "raw"]),
)
def test_a_stream_cut_anywhere(texts: list[str], size: int, encoding: str) -> None:
    data = stream(*texts)
    packed = {"": data, "gzip": gzip.compress(data), "deflate": zlib.compress(data), "raw": zlib.compress(data)[2:-4]}
    named = [(b"content-encoding", {"raw": b"deflate"}.get(encoding, encoding.encode()))] if encoding else []
    found = read(packed[encoding], [*STREAM, *named], size)

    assert found.complete
    assert found.message is not None
    assert [block["text"] for block in found.message["content"]] == texts
    assert found.message["usage"] == found.usage == {"input_tokens": 3, "output_tokens": 5}


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_what_is_given_again_reads_as_what_was_kept(texts: list[str]) -> None:
    content = [{"type": "text", "text": text} for text in texts]
    message = replayed({"model": "m", "content": content, "stop_reason": "end_turn", "novelty": 1})
    streamed = read(b"".join(as_events(message)), STREAM)
    whole = read(as_json(message), JSON)

    assert streamed.message == whole.message == message
    assert streamed.complete
    assert whole.complete


BROKEN: dict[str, bytes] = {
    "no start": stream("a").partition(b"\n\n")[2],
    "two starts": event("message_start", message={}) + stream("a"),
    "after the end": stream("a") + event("message_delta", delta={}, usage={}),
    "a block out of order": stream("a").replace(b'"index":0,"content_block"', b'"index":1,"content_block"'),
    "a delta of no block": stream("a").replace(b'"index":0,"delta"', b'"index":4,"delta"'),
    "no json": stream("a").replace(b"data: {", b"data: {{", 1),
    "no object": event("message_start", message={}) + b"data: []\n\n",
    "no text": stream("a").replace(b'"text":"a"', b'"text":7'),
    "an unknown event": event("aurora") + stream("a"),
    "an unknown delta": stream("a").replace(b"text_delta", b"aura_delta"),
    "no type": stream("a").replace(b'"type":"message_delta"', b'"kind":"message_delta"'),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_not_understood_is_not_kept(what: str) -> None:
    found = read(BROKEN[what], STREAM)
    # What was counted so far is not what was used, either.
    assert (found.message, found.complete, found.usage) == (None, False, {})


def test_what_has_no_end_is_not_complete() -> None:
    assert not read(stream("a", stop=False), STREAM).complete
    assert read(stream("a", stop=False), STREAM).usage == {"input_tokens": 3, "output_tokens": 5}
    assert not read(stream("a")[:-2], STREAM).complete
    assert not read(b'{"type":"mess', JSON).complete
    assert read(b'{"type":"mess', JSON).message is None


@pytest.mark.parametrize(
    "headers", [[], [(b"content-type", b"text/html")], [*JSON, (b"content-encoding", b"br")],
                [*JSON, (b"content-encoding", b"gzip, gzip")]],
)  # fmt: skip
def test_what_cannot_be_read_is_nothing(headers: list[tuple[bytes, bytes]]) -> None:
    assert read(b'{"type":"message"}', headers) == Recorded()


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_too_large_is_not_kept(packed: bool) -> None:
    data = b'{"a":"' + b"x" * MOST_BYTES + b'"}'
    headers = [*JSON, (b"content-encoding", b"gzip")] if packed else JSON
    found = read(gzip.compress(data) if packed else data, headers, 65536)
    assert (found.message, found.complete) == (None, False)


@given(st.binary(max_size=300), st.integers(1, 50), st.sampled_from([b"", b"gzip", b"deflate"]), st.booleans())
def test_no_bytes_raise_anything(data: bytes, size: int, encoding: bytes, streamed: bool) -> None:
    read(data, [*(STREAM if streamed else JSON), (b"content-encoding", encoding)], size)
    read(b"data: " + data + b"\n\n", STREAM, size)
