"""What statistics are told of a request: whether it was looked up, how it ended, and what it used until then."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optafly.proxy.outcome import Outcome
from optafly.proxy.tally import Tally
from tests.standin import Answer, Break, Failure, Gate, Raw, Standin, tool_use
from tests.unit.cache.made import entry
from tests.unit.proxy.parts import KEY
from tests.unit.proxy.played import TOKEN, Played, ask, begun, body, played, read_until

USAGE = {"input_tokens": 11, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 7, "output_tokens": 300}
USED_A_TOOL = [
    {"role": "user", "content": "hello"},
    {"role": "assistant", "content": [tool_use("read", {"path": "a.py"})]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_01", "content": "fine"}]},
]


def noted(proxy: Played, count: int = 1) -> Outcome:
    return proxy.noted.wait(count)


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        (USED_A_TOOL, "tool_result"),
        ([{"role": "user", "content": "hello"}, {"role": "assistant", "content": "He"}], "no_text"),
    ],
)
def test_what_is_not_looked_up_is_no_miss(proxy: Played, messages: Any, kind: str) -> None:
    found = ask(proxy.url, body() | {"messages": messages})
    assert (found.status, found.own["cache"]) == (200, "miss")
    assert (noted(proxy).path, noted(proxy).reason) == ("not-looked-up", kind)
    assert noted(proxy).usage is not None


def test_with_the_cache_off_nothing_is_looked_up(proxy: Played) -> None:
    proxy.answers.off = "the cache is off"
    found = ask(proxy.url, body())
    assert (found.own["cache"], found.own["reason"]) == ("miss", "the cache is off")
    assert (noted(proxy).path, noted(proxy).reason) == ("not-looked-up", "cache_off")


def test_a_key_that_cannot_be_told_is_not_looked_up(proxy: Played) -> None:
    ask(proxy.url, body(), headers={"x-optafly-token": TOKEN, "x-api-key": "a", "authorization": "Bearer b"})
    assert (noted(proxy).path, noted(proxy).reason) == ("not-looked-up", "no_scope")


def test_what_is_only_looked_for_as_it_is_or_in_vain_is_a_miss(proxy: Played) -> None:
    ask(proxy.url, body("fix this"))
    assert (noted(proxy).path, noted(proxy).reason) == ("miss", "")
    proxy.answers.failure = RuntimeError()
    ask(proxy.url, body())
    assert (noted(proxy, 2).path, noted(proxy, 2).reason) == ("miss", "")


def test_a_client_that_goes_away_is_counted_with_what_was_used_until_then(proxy: Played, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("It scatters.", gate=gate, usage=USAGE))
    with begun(proxy.url, body(stream=True)) as client:
        gate.release(4)
        read_until(client, b"content_block_delta")
    outcome = noted(proxy)
    gate.open()
    assert (outcome.path, outcome.reason, outcome.sent) == ("stopped", "client_gone", True)
    assert outcome.usage is not None
    assert (outcome.usage.input, outcome.usage.cache_read, outcome.usage.cache_write) == (11, 5, 7)
    assert outcome.usage.output < 300  # said at the end only


def test_a_client_that_goes_away_before_anything_came_leaves_unknown_what_was_used(
    proxy: Played, standin: Standin
) -> None:
    gate = Gate()
    standin.script(Answer("It scatters.", head_gate=gate))
    with begun(proxy.url, body(stream=True)):
        gate.wait_reached(1)
    outcome = noted(proxy)
    gate.open()
    assert (outcome.path, outcome.sent, outcome.usage) == ("stopped", True, None)


def test_a_client_that_goes_away_before_anything_was_sent_used_nothing(proxy: Played) -> None:
    proxy.decisions.stopped = proxy.event()
    with begun(proxy.url, body()):
        while not proxy.decisions.asked:
            threading.Event().wait(0.001)
    assert (noted(proxy).path, noted(proxy).sent, noted(proxy).usage) == ("stopped", False, None)


def test_who_leaves_with_the_whole_answer_has_stopped_nothing(proxy: Played, standin: Standin) -> None:
    whole = ask(standin.url, body(stream=True), headers={"x-api-key": KEY}).content
    gate = Gate()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    standin.script(Raw((head + whole, b": and no end"), gate=gate))
    with begun(proxy.url, body(stream=True)) as client:
        gate.release(1)
        read_until(client, whole[-64:])
    outcome = noted(proxy)
    gate.open()
    assert (outcome.path, outcome.reason) == ("miss", "")
    assert outcome.usage is not None
    assert outcome.usage.output > 0


@pytest.mark.parametrize("how", ["close", "end"])
def test_an_answer_without_its_end_broke_off(proxy: Played, standin: Standin, how: Any) -> None:
    standin.script(Answer("It scatters.", breaks=Break(how, after=4), usage=USAGE))
    ask(proxy.url, body(stream=True))
    outcome = noted(proxy)
    assert (outcome.path, outcome.reason, outcome.sent) == ("failed", "broke_off", True)
    assert outcome.usage is not None
    assert outcome.usage.input == 11


def test_an_error_inside_a_stream_is_counted_with_what_was_used(proxy: Played, standin: Standin) -> None:
    standin.script(Answer("It scatters.", error_after=(4, Failure(529)), usage=USAGE))
    ask(proxy.url, body(stream=True))
    outcome = noted(proxy)
    assert (outcome.path, outcome.reason, outcome.status, outcome.sent) == ("failed", "upstream_error", 200, True)
    assert outcome.usage is not None


def test_what_the_api_refused_used_nothing(proxy: Played, standin: Standin) -> None:
    standin.script(Failure(429))
    ask(proxy.url, body())
    assert (noted(proxy).path, noted(proxy).status, noted(proxy).sent) == ("failed", 429, False)


def test_no_connection_used_nothing_and_no_answer_may_have(tmp_path: Path, proxy: Played, standin: Standin) -> None:
    with played(tmp_path, "http://127.0.0.1:1") as other:
        ask(other.url, body())
        assert (noted(other).path, noted(other).reason, noted(other).sent) == ("failed", "unreachable", False)
    standin.script(Raw(()))
    ask(proxy.url, body())
    assert (noted(proxy).path, noted(proxy).reason, noted(proxy).sent) == ("failed", "broke_off", True)


def test_a_hit_that_takes_longer_saves_less_than_nothing() -> None:
    tally = Tally("claude-opus-5-5")
    assert tally.hit("exact", msgspec.structs.replace(entry(), took_ms=0.0)) == 0
    assert tally.outcome().saved_ms < 0
