"""Frames on a stream, whole and broken."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.lsp.stdio import frame, read_message

MESSAGE = b'{"jsonrpc": "2.0", "method": "exit"}'


def bodies(data: bytes) -> list[bytes]:
    """Every message that is read until the end."""
    stream, found = io.BytesIO(data), []
    while (body := read_message(stream)) is not None:
        found.append(body)
    return found


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_what_is_framed_is_read(messages: list[bytes]) -> None:
    assert bodies(b"".join(map(frame, messages))) == messages


@given(st.binary(max_size=200), st.lists(st.text("Content-Length: 12\r\n x", max_size=60), max_size=4))
def test_garbage_never_raises_and_ends(garbage: bytes, lines: list[str]) -> None:
    bodies(garbage + "\r\n".join(lines).encode() + garbage)


@given(st.binary(max_size=200).filter(lambda data: b":" not in data))
def test_a_message_after_garbage_is_read(garbage: bytes) -> None:
    assert bodies(garbage + frame(MESSAGE))[-1] == MESSAGE


@pytest.mark.parametrize("length", [0, 5, len(MESSAGE) - 1, len(MESSAGE) + 3])
def test_after_a_wrong_length_the_stream_is_found_again(length: int) -> None:
    broken = b"Content-Length: %d\r\n\r\n%b" % (length, MESSAGE)
    assert bodies(broken + frame(MESSAGE) * 3)[-1] == MESSAGE


@pytest.mark.parametrize("size", [4070, 4080, 4090, 4095, 4096, 4097, 9000])
def test_a_header_across_the_pieces_it_is_read_in_is_found(size: int) -> None:
    assert bodies(b"x" * size + frame(MESSAGE)) == [MESSAGE]


def test_a_length_that_nobody_has_is_no_length() -> None:
    assert bodies(b"Content-Length: 999999999999\r\n\r\n" + frame(MESSAGE)) == [MESSAGE]
    assert bodies(b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + frame(MESSAGE)) == [MESSAGE]
