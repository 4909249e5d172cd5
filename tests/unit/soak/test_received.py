from collections.abc import Callable

import msgspec
import pytest

from tests.soak.received import Stream, Wrong, mark_of, read_error, read_message
from tests.soak.words import Mark, answer_words, mark_of_words
from tests.standin import Answer
from tests.standin.messages import event_stream, whole_message
from tests.standin.models import MODELS
from tests.standin.prompt_cache import InputUsage
from tests.standin.replies import Failure, tool_use

MARK = Mark("7.0", "0123456789abcdef", "89abcdef")
OTHER = Mark("8.0", "0123456789abcdef", "89abcdef")
Events = list[bytes]


def message(answer: Answer) -> dict[str, object]:
    return whole_message(answer, MODELS[0], InputUsage(3), "msg_1")


def events(answer: Answer) -> Events:
    return event_stream(answer, message(answer), "req_1")


def read(pieces: Events) -> Stream:
    stream = Stream()
    for piece in pieces:
        stream.feed(piece)
    return stream


TOOL = tool_use("read_file", msgspec.to_builtins(MARK))


@pytest.mark.parametrize("content", [answer_words(MARK), (TOOL,)], ids=["text", "tool"])
def test_a_whole_stream(content: str | tuple[dict[str, object], ...]) -> None:
    stream = read(events(Answer(content)))
    assert (stream.ended, stream.mark()) == ("whole", MARK)
    assert read_message(msgspec.json.encode(message(Answer(content)))) == MARK


def test_an_answer_without_one_of_its_events_has_no_end_or_is_wrong_or_is_not_whole() -> None:
    usual = events(Answer(answer_words(MARK), pings=()))
    for missing in range(len(usual)):
        pieces = [piece for number, piece in enumerate(usual) if number != missing]
        try:
            stream = read(pieces)
        except Wrong:
            continue
        assert stream.ended != "whole" or stream.mark() is None, usual[missing]


@pytest.mark.parametrize(
    "change",
    [lambda pieces: [*pieces, pieces[-1]], lambda pieces: [pieces[0], *pieces],
     lambda pieces: [*pieces[:2], *pieces[1:]],
     lambda pieces: [pieces[0].replace(b"event: message_start", b"event: message_stop"), *pieces[1:]]],
    ids=["after the end", "begun twice", "block begun in a block", "called otherwise"],
)  # fmt: skip
def test_events_out_of_order_are_wrong(change: Callable[[Events], Events]) -> None:
    with pytest.raises(Wrong):
        read(change(events(Answer(answer_words(MARK)))))


def test_half_a_stream_has_no_end() -> None:
    assert read(events(Answer(answer_words(MARK)))[:6]).ended == ""


def test_an_error_in_the_stream_ends_it() -> None:
    assert read(events(Answer(answer_words(MARK), error_after=(4, Failure(529))))).ended == "error event"


@pytest.mark.parametrize(
    "text",
    [answer_words(MARK)[:-3], answer_words(MARK)[:90] + answer_words(OTHER)[90:], answer_words(MARK) * 2, ""],
    ids=["cut", "mixed", "twice", "nothing"],
)
def test_a_text_that_is_not_one_whole_answer_is_made_for_nothing(text: str) -> None:
    assert mark_of_words(text) is None
    assert mark_of([{"type": "text", "text": text}]) is None


def test_two_blocks_are_not_one_answer() -> None:
    assert mark_of([{"type": "text", "text": answer_words(MARK)}] * 2) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"type":"message","stop_reason":null,"content":[]}'])
def test_a_body_that_is_no_message_is_wrong(body: bytes) -> None:
    with pytest.raises(Wrong):
        read_message(body)


def test_an_error_has_the_form_of_the_api() -> None:
    read_error(b'{"type":"error","error":{"type":"api_error","message":"no"},"request_id":null}')
    for body in (b"", b"<html>", b'{"type":"error"}', b'{"type":"error","error":{"type":"api_error"}}'):
        with pytest.raises(Wrong):
            read_error(body)
