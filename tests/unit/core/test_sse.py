"""Reading and writing event streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.core.sse import KEEP_ALIVE, event
from optafly.core.wire import Progress, decode
from optafly.sse import Event, EventParser

STREAM = (
    b':\n\nevent: draft\ndata: {"a": 1}\n\ndata: x\ndata: y\n\nid: 7\nretry: 1\nevent:result\ndata:z\n\n'
    b"event: no data\n\n"
)
EVENTS = [Event("draft", b'{"a": 1}'), Event("", b"x\ny"), Event("result", b"z")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_cut_anywhere(end: bytes, size: int) -> None:
    stream = STREAM.replace(b"\n", end)
    parser = EventParser()
    found = [event for start in range(0, len(stream), size) for event in parser.feed(stream[start : start + size])]
    assert found == EVENTS


@given(st.text(), st.integers(1, 50))
def test_what_is_written_is_read(text: str, size: int) -> None:
    stream = KEEP_ALIVE + event("progress", Progress(text)) + KEEP_ALIVE
    parser = EventParser()
    (found,) = [item for start in range(0, len(stream), size) for item in parser.feed(stream[start : start + size])]
    assert found.name == "progress"
    assert decode(found.data, Progress).text == text


def test_an_event_that_is_cut_off_is_none() -> None:
    parser = EventParser()
    assert parser.feed(b"event: result\ndata: {}\n") == []
    assert parser.feed(b"") == []
    assert parser.feed(b"\n") == [Event("result", b"{}")]
