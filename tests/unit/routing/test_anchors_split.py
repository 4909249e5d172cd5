"""The first turn of a request of ours may be sent in two parts."""

from collections.abc import Sequence
from typing import Any

import pytest

from optafly.errors import InputError
from optafly.routing.anchor_memory import AnchorMemory
from optafly.routing.anchors import Boundary, conversation_key, place_anchors, with_anchors
from tests.unit.routing.anchor_bodies import assistant, block, body, text, tool, user


class At:
    """Proposes the given boundaries and counts how often it is asked."""

    def __init__(self, *found: Boundary) -> None:
        self.found, self.asked = found, 0

    def boundaries(self, text: str) -> Sequence[Boundary]:
        self.asked += 1
        return self.found


CONTEXT, TASK = text(900, "context"), "Now fix the retry in it."
PROMPT = CONTEXT + TASK
SPLIT = At(Boundary(len(CONTEXT), 0.9))


def first_texts(request: dict[str, Any]) -> list[str]:
    return [part["text"] for part in request["messages"][0]["content"]]


def test_the_stable_part_gets_an_anchor_of_its_own_and_no_letter_changes() -> None:
    request = body(user(PROMPT))
    made = with_anchors(request, place_anchors(request, assembled=True, boundaries=SPLIT))
    assert first_texts(made) == [CONTEXT, TASK]
    assert all(part["cache_control"] == {"type": "ephemeral"} for part in made["messages"][0]["content"])
    assert request == body(user(PROMPT))


def test_only_what_we_assembled_is_split() -> None:
    request = body(user(PROMPT))
    assert first_texts(with_anchors(request, place_anchors(request, boundaries=SPLIT))) == [PROMPT]


@pytest.mark.parametrize(
    "found",
    [
        Boundary(0, 0.9),
        Boundary(-5, 0.9),
        Boundary(len(PROMPT), 0.9),
        Boundary(len(PROMPT) + 9, 0.9),
        Boundary(len(CONTEXT), 0.3),
        Boundary(40, 0.9),
    ],
    ids=["the start", "before the start", "the end", "beyond the end", "unlikely", "a part too short to be cached"],
)
def test_no_split_where_it_is_of_no_use(found: Boundary) -> None:
    request = body(user(PROMPT))
    plan = place_anchors(request, assembled=True, boundaries=At(found))
    assert plan.split is None
    assert first_texts(with_anchors(request, plan)) == [PROMPT]


def test_no_part_is_left_blank() -> None:
    for before in ([], [block(900)]):
        request = body(user([*before, {"type": "text", "text": CONTEXT + "\n\n"}]))
        assert place_anchors(request, assembled=True, boundaries=SPLIT).split is None


def test_of_several_boundaries_the_one_that_probably_saves_most_is_taken() -> None:
    early, late = len(text(600)), len(CONTEXT)
    request = body(user(PROMPT))
    both = place_anchors(request, assembled=True, boundaries=At(Boundary(early, 0.95), Boundary(late, 0.9)))
    assert both.split is not None and both.split.offset == late
    unsure = place_anchors(request, assembled=True, boundaries=At(Boundary(early, 0.95), Boundary(late, 0.55)))
    assert unsure.split is not None and unsure.split.offset == early


def test_nobody_is_asked_about_a_prompt_that_is_too_short_to_be_cached() -> None:
    asked = At(Boundary(5, 0.9))
    place_anchors(body(user("Fix the retry.")), assembled=True, boundaries=asked)
    assert asked.asked == 0


def test_a_text_with_anything_beside_it_is_not_split() -> None:
    request = body(user([{"type": "text", "text": PROMPT, "citations": []}]))
    assert place_anchors(request, assembled=True, boundaries=SPLIT).split is None


def test_later_turns_are_not_split() -> None:
    request, asked = body(user(text(600)), assistant("yes"), user(PROMPT)), At(Boundary(len(CONTEXT), 0.9))
    assert place_anchors(request, assembled=True, boundaries=asked).split is None
    assert asked.asked == 0


def test_the_split_is_repeated_in_later_turns_since_history_must_not_change() -> None:
    request = body(user(PROMPT))
    plan = place_anchors(request, conversation="a", assembled=True, boundaries=SPLIT)
    memory = AnchorMemory().after(plan.seen)
    later = body(user(PROMPT), assistant("done"), user("and the tests?"))
    for _ in range(3):
        plan = place_anchors(later, memory, "a", assembled=True, boundaries=At())
        memory = memory.after(plan.seen)
        assert first_texts(with_anchors(later, plan)) == [CONTEXT, TASK]
    assert place_anchors(later, memory, "a").split is None


def test_a_changed_first_turn_is_not_split_where_the_old_one_was() -> None:
    plan = place_anchors(body(user(PROMPT)), conversation="a", assembled=True, boundaries=SPLIT)
    memory = AnchorMemory().after(plan.seen)
    changed = body(user("!" + PROMPT), assistant("done"), user("and?"))
    made = with_anchors(changed, place_anchors(changed, memory, "a", assembled=True))
    assert made["messages"][0] == user("!" + PROMPT)
    with pytest.raises(InputError):
        with_anchors(changed, plan)


def test_a_turn_that_is_kept_in_two_parts_stays_so_and_is_the_same_conversation() -> None:
    plan = place_anchors(body(user(PROMPT)), conversation="a", assembled=True, boundaries=SPLIT)
    memory = AnchorMemory().after(plan.seen)
    kept = [{"type": "text", "text": CONTEXT}, {"type": "text", "text": TASK}]
    later = body(user(kept), assistant("done"), user("and the tests?"))
    made = with_anchors(later, place_anchors(later, memory, "a", assembled=True, boundaries=SPLIT))
    assert first_texts(made) == [CONTEXT, TASK]
    assert conversation_key(later) == conversation_key(body(user(PROMPT)))


def test_conversations_are_told_apart_by_their_first_message() -> None:
    one, other = body(user("a")), body(user("b"))
    assert conversation_key(one) == conversation_key(body(user("a"), assistant("x"), user("y"), system="s"))
    assert conversation_key(one) != conversation_key(other)
    assert conversation_key(one) != conversation_key(one | {"tools": [tool(5)]})
    assert conversation_key({"messages": []}) == conversation_key({}) == ""


def test_four_anchors_are_the_most_with_a_split_too() -> None:
    request = body(user([block(600), {"type": "text", "text": PROMPT}]), tools=[tool(600)], system=[block(600)] * 2)
    plan = place_anchors(request, assembled=True, boundaries=SPLIT)
    assert len(plan.anchors) == 4
    assert plan.anchors[-2].path == ("messages", 0, "content", 1)


def test_a_prompt_in_our_own_form_is_split_before_its_task_and_nobody_is_asked() -> None:
    asked = At()
    context = f"<context>\n{text(900, 'context')}\n</context>\n"
    task = "<task>Fix the retry in it.</task>"
    request = body(user(context + task))
    assert first_texts(with_anchors(request, place_anchors(request, assembled=True, boundaries=asked))) == [
        context,
        task,
    ]
    assert not asked.asked
