"""The stand-in's prompt cache, seen in the usage of its answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.standin import Standin, running_standin
from tests.unit.standin.asked import ask, body

WORDS = "every retry is counted and the last error is shown "
Usage = tuple[int, int]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(clock: Clock) -> Iterator[Standin]:
    with running_standin(clock=clock) as running:
        yield running


def long(tokens: int, mark: str = "", ttl: str | None = None, marked: bool = True) -> dict[str, Any]:
    """A text of so many tokens (2.5 characters each), with a cache marker."""
    size = int(tokens * 2.5)
    words = (mark + WORDS * (size // len(WORDS) + 1))[:size]
    marker = {"cache_control": {"type": "ephemeral", **({"ttl": ttl} if ttl else {})}} if marked else {}
    return {"type": "text", "text": words, **marker}


def used(standin: Standin, *content: dict[str, Any], key: str = "one", **more: Any) -> Usage:
    """Tokens written and read; all three figures together are what a request without markers costs."""
    asked = body(**more)
    asked["messages"] = [{"role": "user", "content": list(content)}, *more.get("messages", ())]
    usage = ask(standin, asked, x_api_key=key).json["usage"]
    written, read = usage["cache_creation_input_tokens"], usage["cache_read_input_tokens"]
    assert written == sum(usage["cache_creation"].values())
    counted = ask(standin, asked, "/v1/messages/count_tokens", x_api_key=key).json["input_tokens"]
    assert usage["input_tokens"] + written + read == counted
    assert usage["input_tokens"] > 0
    return written, read


def test_written_then_read(standin: Standin) -> None:
    assert used(standin, long(600)) == (600, 0)
    assert used(standin, long(600)) == (0, 600)


def test_without_a_marker_nothing_is_cached(standin: Standin) -> None:
    assert used(standin, long(600, marked=False)) == (0, 0)
    assert used(standin, long(600)) == (600, 0)


def test_below_the_minimum_of_the_model_nothing_is_cached(standin: Standin) -> None:
    assert used(standin, long(511)) == (0, 0)
    assert used(standin, long(511)) == (0, 0)
    assert used(standin, long(512)) == (512, 0)
    # Another model takes longer prefixes only, and shares nothing.
    assert used(standin, long(600), model="claude-sonnet-5") == (0, 0)
    assert used(standin, long(1024), model="claude-sonnet-5") == (1024, 0)


def test_a_longer_prompt_reads_what_it_begins_with_and_writes_the_rest(standin: Standin) -> None:
    used(standin, long(600))
    assert used(standin, long(600, marked=False), long(400, "more")) == (400, 600)
    assert used(standin, long(600), long(400, "more")) == (0, 1000)


def test_another_beginning_or_another_key_reads_nothing(standin: Standin) -> None:
    used(standin, long(600))
    assert used(standin, long(600, "other")) == (600, 0)
    assert used(standin, long(600), key="two") == (600, 0)
    assert used(standin, long(600), system="Be short.")[1] == 0


def test_entries_end_and_reading_renews_them(timed: Standin, clock: Clock) -> None:
    used(timed, long(600))
    for _ in range(3):
        clock.now += 299
        assert used(timed, long(600)) == (0, 600)
    clock.now += 301
    assert used(timed, long(600)) == (600, 0)


def test_an_hour(timed: Standin, clock: Clock) -> None:
    parts = long(600, ttl="1h"), long(400, "more")
    asked = body(messages=[{"role": "user", "content": list(parts)}])
    usage = ask(timed, asked).json["usage"]
    assert usage["cache_creation"] == {"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 600}
    clock.now += 3500
    assert ask(timed, asked).json["usage"]["cache_read_input_tokens"] == 600


def test_a_read_looks_at_twenty_blocks(standin: Standin) -> None:
    short = [long(10, f"{number}", marked=False) for number in range(20)]
    used(standin, long(600), key="one")
    assert used(standin, long(600, marked=False), *short[:18], long(10, "end"))[1] == 600
    used(standin, long(600), key="two")
    assert used(standin, long(600, marked=False), *short[:19], long(10, "end"), key="two")[1] == 0


def test_automatic_caching_marks_the_last_block(standin: Standin) -> None:
    asked = body(messages=[{"role": "user", "content": [long(600, marked=False)]}])
    asked["cache_control"] = {"type": "ephemeral"}
    assert ask(standin, asked).json["usage"]["cache_creation_input_tokens"] == 600
    assert ask(standin, asked).json["usage"]["cache_read_input_tokens"] == 600


def test_tools_and_system_come_first(standin: Standin) -> None:
    tool = {"name": "read", "description": WORDS * 40, "input_schema": {"type": "object"}}
    marked = {**tool, "cache_control": {"type": "ephemeral"}}
    written, _ = used(standin, long(10, marked=False), tools=[marked])
    assert written > 512
    assert used(standin, long(20, marked=False), tools=[marked], system="Be short.") == (0, written)


def test_what_failed_is_not_cached_and_streams_have_the_same_usage(standin: Standin) -> None:
    asked = body(messages=[{"role": "user", "content": [long(600)]}])
    assert ask(standin, {**asked, "max_tokens": 0}).status == 400
    events = dict(ask(standin, {**asked, "stream": True}).events)
    assert events["message_start"]["message"]["usage"]["cache_creation_input_tokens"] == 600
    assert events["message_delta"]["usage"]["cache_creation_input_tokens"] == 600
    assert ask(standin, asked).json["usage"]["cache_read_input_tokens"] == 600
