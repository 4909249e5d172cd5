"""The rules of prompt caching, on cases counted by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from optafly.routing.prices import CacheRates, model_facts
from tests.bench.caching.rules import BadRequest, Entry, Marks, Rules, Spot, Ttl, Usage, answer, read_request

FACTS = model_facts("claude-opus-5")
EACH = Rules(runs_count_once=False)


def spots(*sizes: int, name: str = "a", changed: int = 99) -> list[Spot]:
    """Blocks of the given tokens; from block ``changed`` on, others than those of another name."""
    total, made = 0, []
    for place, size in enumerate(sizes):
        total += size
        key = f"{place}{name if place >= changed else ''}"
        made.append(Spot(key.encode(), total, place, True, f"block {place}"))
    return made


class Account:
    """A cache, asked again and again."""

    def __init__(self, rules: Rules = EACH, minimum: int = 512) -> None:
        self.cache: dict[bytes, Entry] = {}
        self.rules, self.minimum = rules, minimum

    def send(self, sent: Sequence[Spot], marks: Marks, at: float) -> Usage:
        usage, self.cache = answer(self.cache, sent, marks, at, self.minimum, self.rules)
        return usage


def test_the_first_request_writes_and_the_second_reads_and_writes_the_rest() -> None:
    account = Account()
    assert account.send(spots(1000, 500, 40), {1: "5m"}, 0) == Usage(plain=40, write_5m=1500)
    assert account.send(spots(1000, 500, 40, 600), {3: "5m"}, 60) == Usage(write_5m=640, read=1500)
    assert account.send(spots(1000, 500, 40, 600), {3: "5m"}, 60) == Usage(read=2140)


def test_without_a_breakpoint_nothing_is_written_or_read() -> None:
    account = Account()
    account.send(spots(1000, 500), {1: "5m"}, 0)
    assert account.send(spots(1000, 500), {}, 1) == Usage(plain=1500)


def test_entries_are_written_at_breakpoints_only() -> None:
    account = Account()
    account.send(spots(1000, 500), {1: "5m"}, 0)
    changed = spots(1000, 500, name="b", changed=1)
    assert account.send(changed, {1: "5m"}, 10) == Usage(write_5m=1500)
    account.send(spots(2000, 500, name="c", changed=0), {0: "5m", 1: "5m"}, 10)
    again = spots(2000, 700, name="c", changed=0)
    again[1] = Spot(b"other", 2700, 1, True, "block 1")
    assert account.send(again, {0: "5m", 1: "5m"}, 20) == Usage(write_5m=700, read=2000)


def test_a_read_looks_at_twenty_positions_and_not_at_more() -> None:
    # The documentation's own example: written at block 15, and 35 blocks in the next request.
    account = Account()
    account.send(spots(*[100] * 15), {14: "5m"}, 0)
    many = spots(*[100] * 35)
    assert account.send(many, {34: "5m"}, 1) == Usage(write_5m=3500)
    account = Account()
    account.send(spots(*[100] * 15), {14: "5m"}, 0)
    assert account.send(many[:34], {33: "5m"}, 1) == Usage(write_5m=1900, read=1500)
    account = Account()
    account.send(spots(*[100] * 15), {14: "5m"}, 0)
    assert account.send(many, {14: "5m", 34: "5m"}, 1) == Usage(write_5m=2000, read=1500)


def test_an_entry_lives_five_minutes_after_its_last_use() -> None:
    account = Account()
    sent = spots(1000)
    account.send(sent, {0: "5m"}, 0)
    assert account.send(sent, {0: "5m"}, 300).read == 1000
    assert account.send(sent, {0: "5m"}, 600).read == 1000
    assert account.send(sent, {0: "5m"}, 901) == Usage(write_5m=1000)


def test_an_entry_of_an_hour_costs_twice_and_lives_an_hour() -> None:
    account = Account()
    sent = spots(1000)
    assert account.send(sent, {0: "1h"}, 0) == Usage(write_1h=1000)
    assert account.send(sent, {0: "1h"}, 3600).read == 1000
    assert account.send(sent, {0: "1h"}, 7201) == Usage(write_1h=1000)


def test_with_both_lifetimes_each_part_is_charged_by_its_own() -> None:
    account = Account()
    sent = spots(600, 400, 300, 50)
    marks: dict[int, Ttl] = {1: "1h", 2: "5m"}
    assert account.send(sent, marks, 0) == Usage(plain=50, write_5m=300, write_1h=1000)
    # After ten minutes only the part of an hour is left.
    assert account.send(sent, marks, 600) == Usage(plain=50, write_5m=300, read=1000)


def test_an_entry_lives_no_longer_than_what_it_was_built_on_unless_the_rules_say_so() -> None:
    for built_on, read in ((True, 0), (False, 1200)):
        account = Account(Rules(built_on=built_on))
        account.send(spots(1000), {0: "5m"}, 0)
        assert account.send(spots(1000, 200), {0: "1h", 1: "1h"}, 60) == Usage(write_1h=200, read=1000)
        assert account.send(spots(1000, 200), {1: "1h"}, 1000).read == read


def test_a_read_prolongs_what_it_reads_only_unless_the_rules_say_so() -> None:
    later = spots(1000, 200, 90, name="b", changed=1)
    marks: dict[int, Ttl] = {0: "5m", 1: "5m"}
    for refresh, read in (("read", 0), ("marked", 1000)):
        account = Account(Rules(refresh="marked" if refresh == "marked" else "read"))
        for at in (0, 200):
            account.send(spots(1000, 200), marks, at)
        assert account.send(later, marks, 400).read == read


def test_below_the_minimum_nothing_is_cached_and_nothing_is_said() -> None:
    account = Account(minimum=1024)
    assert account.send(spots(1000), {0: "5m"}, 0) == Usage(plain=1000)
    assert account.send(spots(1000, 24), {0: "5m", 1: "5m"}, 1) == Usage(write_5m=1024)


@pytest.mark.parametrize(
    "marks",
    [{0: "5m", 1: "5m", 2: "5m", 3: "5m", 4: "5m"}, {0: "5m", 1: "1h"}],
    ids=["five", "an hour after 5 minutes"],
)
def test_what_the_api_answers_with_400(marks: Marks) -> None:
    with pytest.raises(BadRequest):
        Account().send(spots(*[1000] * 5), marks, 0)


def test_the_cost_is_that_of_the_price_list() -> None:
    usage = Usage(plain=100, write_5m=1000, write_1h=10, read=2000)
    assert usage.cost(CacheRates()) == pytest.approx(100 + 1250 + 20 + 200)
    assert usage.total == 3110


# Reading requests


def made(**more: Any) -> dict[str, Any]:
    """A request of 5 blocks: two tools, a system prompt, a question and half of an answer."""
    return {
        "model": "claude-opus-5",
        "tools": [{"name": "a"}, {"name": "b"}],
        "system": "Be kind.",
        "messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes"}],
        **more,
    }


def read(body: Mapping[str, Any], rules: Rules = EACH) -> tuple[list[Spot], dict[int, Ttl]]:
    return read_request(body, FACTS, rules)


def shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """How many blocks two requests have in common from their start."""
    pairs = zip(read(one)[0], read(other)[0], strict=False)
    return sum(first.digest == second.digest for first, second in pairs)


def test_tools_come_before_system_and_system_before_messages() -> None:
    names = [spot.where for spot in read(made())[0]]
    assert names == ["tools.0", "tools.1", "system.0", "messages.0.content.0", "messages.1.content.0"]


@pytest.mark.parametrize(
    ("change", "blocks"),
    [
        ({}, 5),
        ({"max_tokens": 7}, 5),
        ({"tools": [{"name": "a"}, {"name": "c"}]}, 1),
        ({"system": "Be brief."}, 2),
        ({"tool_choice": {"type": "any"}}, 3),
        ({"thinking": {"type": "adaptive"}}, 3),
        ({"model": "claude-opus-5-5"}, 0),
        ({"system": [{"type": "text", "text": "Be kind."}]}, 5),
        ({"cache_control": {"type": "ephemeral"}}, 5),
    ],
)
def test_a_change_invalidates_its_level_and_those_after_it(change: dict[str, Any], blocks: int) -> None:
    assert shared(made(), made(**change)) == blocks


def test_a_tool_that_is_loaded_later_is_no_part_of_the_prompt() -> None:
    later = {"name": "c", "defer_loading": True}
    assert shared(made(), made(tools=[{"name": "a"}, later, {"name": "b"}])) == 5


def test_a_picture_anywhere_in_the_messages_invalidates_all_of_them() -> None:
    picture = {"type": "image", "source": {}}
    messages = [*made()["messages"], {"role": "user", "content": [picture]}]
    assert shared(made(), made(messages=messages)) == 3


def test_a_text_in_two_blocks_is_another_prefix_than_in_one() -> None:
    halves = [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo?"}]
    assert shared(made(), made(messages=[{"role": "user", "content": halves}])) == 3


def test_automatic_caching_marks_the_last_block_that_can_be_cached() -> None:
    control = {"type": "ephemeral"}
    thought = {"type": "thinking", "thinking": "so", "signature": "s"}
    answered = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": [thought]}]
    assert read(made(cache_control=control))[1] == {4: "5m"}
    assert read(made(cache_control=control, messages=answered))[1] == {3: "5m"}
    assert read(made(cache_control=control | {"ttl": "1h"}))[1] == {4: "1h"}


def test_automatic_caching_needs_one_of_the_four_slots() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    blocks = [{"type": "text", "text": f"{number}", **mark} for number in range(4)]
    with pytest.raises(BadRequest):
        read(made(**mark, system=blocks))
    assert len(read(made(**mark, system=blocks[:3]))[1]) == 4


@pytest.mark.parametrize(
    "block",
    [{"type": "thinking", "thinking": "so", "signature": "s"}, {"type": "text", "text": ""}],
    ids=["thinking", "an empty text"],
)
def test_some_blocks_cannot_be_marked(block: dict[str, Any]) -> None:
    marked = block | {"cache_control": {"type": "ephemeral"}}
    found, marks = read(made(messages=[{"role": "user", "content": [marked]}]))
    with pytest.raises(BadRequest):
        answer({}, found, marks, 0, 0, EACH)


def test_parallel_tool_calls_are_one_position_on_the_claude_api() -> None:
    uses = [{"type": "tool_use", "id": f"{number}", "name": "a", "input": {}} for number in range(30)]
    results = [{"type": "tool_result", "tool_use_id": f"{number}", "content": "x"} for number in range(30)]
    messages = [
        {"role": "user", "content": "Go"},
        {"role": "assistant", "content": uses},
        {"role": "user", "content": results},
    ]
    body = made(messages=messages)
    assert read(body, Rules())[0][-1].position == 5
    assert read(body, EACH)[0][-1].position == 63
