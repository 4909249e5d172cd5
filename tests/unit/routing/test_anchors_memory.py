"""What earlier requests of a conversation showed decides where anchors stay, and for how long."""

from typing import Any

import pytest

from optafly.routing.anchor_memory import AnchorMemory
from optafly.routing.anchor_ttl import Pace, Survival, choose_ttl
from optafly.routing.anchors import AnchorPlan, place_anchors
from optafly.routing.prices import CacheRates
from tests.unit.routing.anchor_bodies import assistant, block, body, calls, text, tool, user

TOOLS = [tool(700)]


class Talk:
    """Sends requests of one conversation after each other, remembering what each showed."""

    def __init__(self, memory: AnchorMemory | None = None, name: str = "a") -> None:
        self.memory, self.name, self.now = memory or AnchorMemory(), name, 0.0

    def send(self, request: dict[str, Any], wait_s: float = 30.0, **more: Any) -> AnchorPlan:
        self.now += wait_s
        plan = place_anchors(request, self.memory, self.name, now=self.now, **more)
        self.memory = self.memory.after(plan.seen)
        return plan


def turns(count: int, **more: Any) -> dict[str, Any]:
    """A conversation after so many answers."""
    said = [message for turn in range(count) for message in (user(text(200, f"q{turn}")), assistant(f"a{turn}"))]
    return body(*said, user(text(200, f"q{count}")), **more)


def places(plan: AnchorPlan) -> list[tuple[str | int, ...]]:
    return [anchor.path for anchor in plan.anchors]


def lifetimes(plan: AnchorPlan) -> set[str]:
    return {anchor.ttl for anchor in plan.anchors}


def test_the_anchors_of_tools_and_system_do_not_move_and_the_newest_becomes_the_earlier_one() -> None:
    talk = Talk()
    fixed = {"tools": TOOLS, "system": text(600)}
    for turn in range(6):
        plan = talk.send(turns(turn, **fixed))
        expected: list[tuple[str | int, ...]] = [("tools", 0), ("system", 0)]
        expected += [("messages", 2 * turn - 2, "content", 0)] if turn else []
        assert places(plan) == [*expected, ("messages", 2 * turn, "content", 0)]


def test_the_same_requests_give_the_same_plans() -> None:
    def plans() -> list[AnchorPlan]:
        talk = Talk()
        return [talk.send(turns(turn, system=text(600))) for turn in range(4)]

    assert plans() == plans()


def test_a_memory_is_a_value_and_does_not_change() -> None:
    empty = AnchorMemory()
    plan = place_anchors(turns(1), empty, "a")
    assert empty.after(plan.seen) != empty == AnchorMemory()
    assert empty.after(None) is empty


def test_behind_a_system_prompt_that_changes_every_time_nothing_is_cached_and_it_is_said() -> None:
    talk = Talk()
    plans = [talk.send(turns(turn, tools=TOOLS, system=f"It is 14:0{turn}. {text(600)}")) for turn in range(4)]
    assert ("system", 0) in places(plans[0])
    for plan in plans[1:]:
        assert places(plan) == [("tools", 0)]
        assert "system 0 changes" in plan.reason


def test_the_part_of_a_system_prompt_that_stays_the_same_keeps_its_anchor() -> None:
    talk = Talk()
    for turn in range(4):
        date = {"type": "text", "text": f"It is 14:0{turn}."}
        plan = talk.send(turns(turn, tools=TOOLS, system=[block(600), date]))
    assert places(plan) == [("tools", 0), ("system", 0)]


def test_one_change_in_a_long_conversation_is_no_reason_to_stop() -> None:
    talk = Talk()
    for turn in range(8):
        talk.send(turns(turn, system=text(600)))
    plan = talk.send(turns(8, system=text(600, "mode")))
    assert places(plan)[-1] == ("messages", 16, "content", 0)


def test_when_what_changed_stays_the_same_again_it_is_cached_again() -> None:
    talk = Talk()
    for turn in range(3):
        talk.send(turns(turn, system=f"{turn} {text(600)}"))
    plan = [talk.send(turns(turn, system=f"2 {text(600)}")) for turn in range(3, 6)][-1]
    assert places(plan)[0] == ("system", 0)
    assert places(plan)[-1] == ("messages", 10, "content", 0)


def test_what_a_client_takes_back_with_the_next_request_is_left_out() -> None:
    talk = Talk()
    for turn in range(4):
        request = turns(turn, system=text(600))
        question = request["messages"][-1]["content"]
        request["messages"][-1] = user([{"type": "text", "text": question}, block(300, f"open now {turn}")])
        plan = talk.send(request)
    assert places(plan)[-1] == ("messages", 6, "content", 0)


def test_messages_that_are_written_anew_each_time_are_not_cached() -> None:
    talk = Talk()
    plans = [talk.send(body(user(text(700, f"summary {turn}")), system=text(600))) for turn in range(4)]
    assert places(plans[-1]) == [("system", 0)]
    assert "messages change" in plans[-1].reason


def test_after_going_back_in_a_conversation_what_is_still_shared_is_found() -> None:
    talk = Talk()
    for turn in range(5):
        talk.send(turns(turn))
    back = body(*turns(3)["messages"][:-1], user(text(200, "another question")))
    assert ("messages", 4, "content", 0) in places(talk.send(back))


def test_a_turn_of_many_blocks_keeps_the_newest_anchor_of_the_request_before() -> None:
    talk = Talk()
    request = body(user(text(900)), tools=TOOLS, system=[block(600, "a"), block(600, "b")])
    before = talk.send(request).anchors[-1]
    request["messages"] = [*request["messages"], *calls(12)]
    plan = talk.send(request)
    assert before.path in places(plan)
    assert before.content in {anchor.content for anchor in plan.anchors}


def test_another_model_starts_anew() -> None:
    talk = Talk()
    for turn in range(3):
        talk.send(turns(turn, system=text(600)))
    first = Talk().send(turns(3, system=text(600)) | {"model": "claude-opus-5-5"})
    assert talk.send(turns(3, system=text(600)) | {"model": "claude-opus-5-5"}).anchors == first.anchors


def test_a_conversation_that_goes_between_two_models_is_cached_in_both() -> None:
    talk = Talk()
    for turn in range(8):
        name = ("claude-opus-5", "claude-opus-5-5")[turn % 2]
        plan = talk.send(turns(turn, system=text(600)) | {"model": name})
        assert places(plan)[-1] == ("messages", 2 * turn, "content", 0)


def test_pauses_of_a_quarter_of_an_hour_make_anchors_live_for_an_hour() -> None:
    talk = Talk()
    assert lifetimes(talk.send(turns(0, system=text(600)))) == {"5m"}
    plans = [talk.send(turns(turn, system=text(600)), wait_s=900) for turn in range(1, 5)]
    assert lifetimes(plans[-1]) == {"1h"}


def test_a_lifetime_is_kept_while_what_it_wrote_is_alive() -> None:
    talk = Talk()
    for turn in range(3):
        talk.send(turns(turn, system=text(600)), wait_s=900)
    plans = [talk.send(turns(turn, system=text(600)), wait_s=20) for turn in range(3, 10)]
    assert all(lifetimes(plan) == {"1h"} for plan in plans)


def test_hours_between_requests_mean_that_nothing_is_written_for_nobody() -> None:
    talk = Talk()
    plans = [talk.send(turns(turn, system=text(600)), wait_s=3 * 3600) for turn in range(5)]
    assert plans[0].anchors
    assert plans[-1].anchors == ()
    assert "too rarely" in plans[-1].reason
    again = [talk.send(turns(turn, system=text(600)), wait_s=20) for turn in range(5, 9)]
    assert places(again[-1])[-1] == ("messages", 16, "content", 0)


def test_the_pauses_of_tools_say_nothing_of_a_person() -> None:
    talk = Talk()
    request = body(user(text(900)))
    for turn in range(12):
        talk.send(request, wait_s=10)
        request["messages"] = [*request["messages"], *calls(1, turn)]
    request["messages"] = [*request["messages"], assistant("done"), user("and now?")]
    assert lifetimes(talk.send(request, wait_s=900)) == {"1h"}


def test_a_system_prompt_that_many_conversations_share_lives_longer_than_each_of_them() -> None:
    memory, now = AnchorMemory(), 0.0
    for number in range(5):
        talk = Talk(memory, f"talk {number}")
        talk.now = now
        for turn in range(3):
            request = turns(turn, system=text(2000))
            request["messages"][0] = user(text(100, f"talk {number}"))
            plan = talk.send(request, wait_s=20)
        memory, now = talk.memory, talk.now + 1200
    assert {anchor.path[0]: anchor.ttl for anchor in plan.anchors} == {"system": "1h", "messages": "5m"}


def test_anchors_of_an_hour_come_first_though_the_system_prompt_is_needed_every_few_minutes() -> None:
    slow = Talk(name="slow")
    for turn in range(6):
        plan = slow.send(turns(turn, system=text(2000)), wait_s=240)
        for number in range(4):
            quick = Talk(slow.memory, "quick")
            quick.now = slow.now
            quick.send(body(user(f"quick {turn} {number}"), system=text(2000)), wait_s=150)
            slow.memory, slow.now = quick.memory, quick.now
    assert [anchor.ttl for anchor in plan.anchors] == ["1h"] * len(plan.anchors)


def test_without_times_the_default_lifetime_is_taken() -> None:
    memory = AnchorMemory()
    for turn in range(5):
        plan = place_anchors(turns(turn, system=text(600)), memory, "a")
        memory = memory.after(plan.seen)
        assert lifetimes(plan) == {"5m"}


def test_a_new_conversation_begins_with_the_pace_of_the_last() -> None:
    talk = Talk()
    for turn in range(8):
        talk.send(turns(turn), wait_s=7200)
    plan = place_anchors(body(user(text(900, "new"))), talk.memory, "b", now=talk.now + 60)
    assert plan.anchors == ()


def test_what_the_api_counted_tells_how_many_tokens_the_next_request_has() -> None:
    memory = AnchorMemory()
    first = place_anchors(turns(0), memory, "a")
    assert first.anchors == ()
    estimated = first.seen.memory.size.tokens if first.seen and first.seen.memory.size else 0
    second = place_anchors(turns(1), memory.after(first.seen), "a")
    counted = place_anchors(turns(1), memory.after(first.seen, counted_tokens=estimated * 2), "a")
    assert second.anchors == ()
    assert places(counted) == [("messages", 2, "content", 0)]
    other = memory.after(first.seen, counted_tokens=estimated * 2)
    assert place_anchors(body(user(text(400, "b"))), other, "b").anchors
    assert place_anchors(body(user(text(400, "b"))), memory.after(first.seen), "b").anchors == ()
    assert place_anchors(body(user(text(400, "b"))), other, "b", model="claude-opus-5-5").anchors == ()


def test_an_anchor_stays_when_the_tokens_of_a_later_part_turn_out_to_be_fewer() -> None:
    memory = AnchorMemory()
    request = body(user(text(20)), system=text(1250), model="claude-sonnet-4-6")
    plan = place_anchors(request, memory, "a")
    assert places(plan)[0] == ("system", 0)
    memory = memory.after(plan.seen, counted_tokens=1100)
    longer = body(user(text(20)), assistant("x"), user(text(4000)), system=text(1250), model="claude-sonnet-4-6")
    plan = place_anchors(longer, memory, "a")
    memory = memory.after(plan.seen, counted_tokens=3500)
    assert places(place_anchors(longer, memory, "a"))[0] == ("system", 0)


def test_no_more_than_the_newest_conversations_and_prefixes_are_remembered() -> None:
    memory = AnchorMemory()
    for number in range(300):
        request = body(user(text(200, f"{number}")), system=text(600, f"{number}"))
        memory = memory.after(place_anchors(request, memory, f"talk {number}").seen)
    assert len(memory.conversations) == 64
    assert len(memory.prefixes) == 256
    assert memory.conversation("talk 299") is not None
    assert memory.conversation("talk 0") is None


def test_without_a_name_nothing_is_kept_of_a_conversation() -> None:
    memory = AnchorMemory().after(place_anchors(turns(1)).seen)
    assert memory.conversations == ()


@pytest.mark.parametrize(
    ("survival", "pace", "ttl"),
    [
        (Survival(), Pace(), "5m"),
        (Survival(kept=5), Pace(short=5), "5m"),
        (Survival(changed=1), Pace(short=5), None),
        (Survival(kept=5), Pace(medium=3), "1h"),
        (Survival(kept=5), Pace(long=3), None),
        (Survival(changed=3), Pace(medium=3), None),
    ],
    ids=["nothing known", "a steady conversation", "it changed", "long pauses", "hours", "it changes, with pauses"],
)
def test_the_lifetime_is_that_which_costs_least(survival: Survival, pace: Pace, ttl: str | None) -> None:
    assert choose_ttl(survival, pace, CacheRates()) == ttl


def test_a_clock_that_goes_back_harms_nothing() -> None:
    talk = Talk()
    talk.send(turns(0, system=text(600)), wait_s=1000)
    assert lifetimes(talk.send(turns(1, system=text(600)), wait_s=-900)) == {"5m"}
