"""What statistics are told of a prompt that was sent: how it ended, and what was used until then."""

import asyncio
import contextlib
import socket
from typing import Any

import pytest

from optafly.core.wire_send import SendCall
from optafly.sending.order import Piece
from optafly.stats.events import Answered
from optafly.stats.store import read_events, stats_file
from tests.standin import Answer, Break, Failure, Gate, Raw, Standin
from tests.unit.sending.conftest import BOUND_S, Bench

TEXT = "What is a zebra-quagga?"
SOON = (("retry-after-ms", "1"),)
USAGE = {"input_tokens": 1000, "cache_read_input_tokens": 500, "output_tokens": 2000}


def noted(bench: Bench) -> Answered:
    """The one event."""
    assert bench.recording.flush(BOUND_S)
    (event,) = read_events(stats_file(bench.paths), 0.0, 1e12)
    assert isinstance(event, Answered)
    return event


async def stopped_at(bench: Bench, kind: type, **more: Any) -> None:
    """Go away at the first event that holds such a thing."""
    events = bench.sending.send(SendCall(TEXT, **more))
    async with asyncio.timeout(BOUND_S), contextlib.aclosing(events):
        async for _, value in events:
            if isinstance(value, kind):
                return


async def test_what_is_stopped_while_it_is_answered_is_counted_with_what_was_used(
    bench: Bench, standin: Standin
) -> None:
    gate = Gate()
    standin.script(Answer("one two three four", gate=gate, usage=USAGE))
    gate.release(4)
    await stopped_at(bench, Piece, refined=True)
    event = noted(bench)
    assert (event.path, event.reason, event.sent, event.refined) == ("stopped", "cancelled", True, True)
    assert event.usage is not None
    assert (event.usage.input, event.usage.cache_read) == (1000, 500)
    assert event.usage.output < 2000  # said at the end only
    assert event.rates is not None
    assert event.latency_ms > 0


async def test_what_is_stopped_before_an_answer_began_may_have_used_something(bench: Bench, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("one", head_gate=gate))
    sending = asyncio.create_task(bench.send(TEXT))
    await asyncio.to_thread(gate.wait_reached, 1)
    sending.cancel()
    await asyncio.wait({sending})
    assert (noted(bench).path, noted(bench).sent, noted(bench).usage) == ("stopped", True, None)
    gate.open()


async def test_what_is_stopped_before_it_is_sent_used_nothing(bench: Bench, standin: Standin) -> None:
    await stopped_at(bench, object)
    assert (noted(bench).path, noted(bench).sent, noted(bench).usage) == ("stopped", False, None)
    assert standin.requests == []


async def test_what_the_end_of_the_core_stops_is_told_apart(bench: Bench, standin: Standin) -> None:
    bench.sending.close()
    await stopped_at(bench, object)
    assert (noted(bench).path, noted(bench).reason) == ("stopped", "core_ended")


@pytest.mark.parametrize(
    ("script", "kind", "status", "sent"),
    [
        (Failure(404), "upstream_error", 404, False),
        (Failure(529, headers=SOON), "upstream_error", 529, False),
        (Answer("one two three", breaks=Break("close", after=5), usage=USAGE), "broke_off", 0, True),
        (Answer("one two three", error_after=(4, Failure(529)), usage=USAGE), "upstream_error", 200, True),
        (Raw(()), "broke_off", 0, True),
    ],
    ids=["refused", "overloaded", "broke off", "error in the stream", "hung up"],
)
async def test_how_it_failed_is_counted(
    bench: Bench, standin: Standin, script: Any, kind: str, status: int, sent: bool
) -> None:
    standin.answer_with(lambda _: script)
    await bench.send(TEXT)
    event = noted(bench)
    assert (event.path, event.reason, event.status) == ("failed", kind, status)
    assert (event.sent, event.usage is not None) == (sent, isinstance(script, Answer))


async def test_no_key_a_wrong_one_and_no_network_are_told_apart(bench: Bench, standin: Standin) -> None:
    key = bench.environ.pop("ANTHROPIC_API_KEY")
    await bench.send(TEXT)
    bench.environ["ANTHROPIC_API_KEY"] = "sk-ant-wrong-zebra"
    await bench.send(TEXT)
    bench.environ["ANTHROPIC_API_KEY"] = key
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        bench.environ["OPTAFLY_SENDING_BASE_URL"] = f"http://127.0.0.1:{taken.getsockname()[1]}"
        await bench.send(TEXT)
    assert bench.recording.flush(BOUND_S)
    found = [event for event in read_events(stats_file(bench.paths), 0.0, 1e12) if isinstance(event, Answered)]
    assert [(event.reason, event.status, event.sent) for event in found] == [
        ("no_key", 0, False),
        ("upstream_error", 401, False),
        ("unreachable", 0, False),
    ]


async def test_with_the_cache_off_nothing_is_looked_up(bench: Bench) -> None:
    bench.off = True
    done = await bench.send(TEXT)
    assert done.answer.cache.outcome == "miss"
    assert (noted(bench).path, noted(bench).reason) == ("not-looked-up", "cache_off")


async def test_past_the_cache_is_no_lookup_and_a_lookup_in_vain_is_a_miss(bench: Bench) -> None:
    await bench.send(TEXT, use_cache=False)
    await bench.send(TEXT)
    assert bench.recording.flush(BOUND_S)
    found = [event for event in read_events(stats_file(bench.paths), 0.0, 1e12) if isinstance(event, Answered)]
    assert [(event.path, event.reason) for event in found] == [("bypass", ""), ("miss", "")]
