"""Asking about a refined prompt: what the person is shown, and what each answer does."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.acp.asking import Outcome, decide
from optafly.acp.form import form
from optafly.acp.words import CANNOT_ASK
from optafly.protocol import Question, RefinedPrompt
from tests.unit.acp.fakes import FORMS, REFINED, FakeClient, refined, selected, submitted

WHICH = Question("Which one is meant?", ("`a` (a.py:1)", "`b` (b.py:2)"))
WHERE = Question("Where?", ("`c` (c.py:3)", "`d` (d.py:4)"))
WHY = Question("What should happen for 0 people?", ())


async def never(answers: tuple[str, ...]) -> RefinedPrompt | None:
    raise AssertionError(f"not to be refined again with {answers}")


async def outcome(client: FakeClient, result: RefinedPrompt | None = None, again: Any = never) -> Outcome:
    return await decide(result or refined(), "one", client, again, takes_safe=False)


async def approved(
    client: FakeClient, result: RefinedPrompt | None = None, again: Any = never
) -> tuple[str, str | None]:
    proposal = (await outcome(client, result, again)).proposal
    return proposal.state, proposal.approved


def test_a_form_holds_the_refined_prompt_the_changes_and_the_questions() -> None:
    params = form(refined(questions=(WHICH, WHY)), "one")

    assert (params["sessionId"], params["mode"]) == ("one", "form")
    fields = params["requestedSchema"]["properties"]
    assert fields["prompt"]["type"] == "string"
    assert fields["prompt"]["default"] == REFINED
    assert params["requestedSchema"]["required"] == ["prompt"]
    assert fields["question_1"]["title"] == WHICH.text
    assert [item["const"] for item in fields["question_1"]["oneOf"]] == list(WHICH.candidates)
    assert "oneOf" not in fields["question_2"]
    assert list(fields) == sorted(fields), "some clients order fields by their names"
    for part in ("code of [split](x)", "+12 tokens", "shop/bill.py:1", WHICH.text, WHY.text):
        assert part in params["message"]


async def test_the_prompt_can_be_read_in_the_conversation_before_the_form() -> None:
    client = FakeClient(FORMS, form=submitted())
    shown_before: list[str] = []

    def answer(params: Mapping[str, Any]) -> Any:
        shown_before.append(client.said())
        return submitted()(params)

    client = FakeClient(FORMS, form=answer)
    await outcome(client)

    assert REFINED in shown_before[0]


async def test_submitting_accepts() -> None:
    assert await approved(FakeClient(FORMS, form=submitted())) == ("accepted", REFINED)


async def test_submitting_another_text_modifies() -> None:
    assert await approved(FakeClient(FORMS, form=submitted(prompt="so"))) == ("modified", "so")


async def test_declining_uses_the_original_and_cancelling_approves_nothing() -> None:
    assert await approved(FakeClient(FORMS, form={"action": "decline"})) == ("rejected", "fix this")
    assert await approved(FakeClient(FORMS, form={"action": "cancel"})) == ("expired", None)


@pytest.mark.parametrize(
    "squeezed", [REFINED.replace("\n", ""), REFINED.replace("\n", " "), REFINED.replace("\n", "\r\n")]
)
async def test_a_client_that_loses_line_ends_has_changed_nothing(squeezed: str) -> None:
    assert await approved(FakeClient(FORMS, form=submitted(prompt=squeezed))) == ("accepted", REFINED)


async def test_line_ends_and_indents_that_the_person_changed_are_a_change() -> None:
    for changed in (REFINED.replace("\n", "\n    "), REFINED.replace("\n", "\n\n")):
        assert await approved(FakeClient(FORMS, form=submitted(prompt=changed))) == ("modified", changed)


async def test_a_client_that_keeps_one_line_has_changed_nothing() -> None:
    assert await approved(FakeClient(FORMS, form=submitted(prompt="<context>"))) == ("accepted", REFINED)


async def test_what_is_added_goes_to_the_end_of_the_task() -> None:
    state, text = await approved(FakeClient(FORMS, form=submitted(remark=" keep the signature ")))

    assert state == "modified"
    assert text == REFINED.replace("</task>", "\nkeep the signature\n</task>")


async def test_an_emptied_prompt_is_no_decision() -> None:
    client = FakeClient(FORMS, form=[submitted(prompt=" \n"), submitted(prompt="so")])

    assert await approved(client) == ("modified", "so")
    assert len(client.requests) == 2


async def test_nothing_is_sent_where_the_prompt_stays_empty() -> None:
    assert await approved(FakeClient(FORMS, form=submitted(prompt=""))) == ("expired", None)


async def test_a_chosen_candidate_has_it_refined_again_and_shown_again() -> None:
    asked: list[tuple[str, ...]] = []

    async def again(answers: tuple[str, ...]) -> RefinedPrompt:
        asked.append(answers)
        return refined(text="<task>about b</task>")

    client = FakeClient(FORMS, form=[submitted(question_1=WHICH.candidates[1], question_2="raise"), submitted()])
    state, text = await approved(client, refined(questions=(WHICH, WHY)), again)

    assert asked == [(WHICH.candidates[1],)]
    assert (state, text) == ("accepted", f"<task>about b\n{WHY.text} raise\n</task>")
    assert "about b" in client.requests[1][1]["requestedSchema"]["properties"]["prompt"]["default"]


async def test_what_was_added_is_not_lost_when_it_is_refined_once_more() -> None:
    async def again(answers: tuple[str, ...]) -> RefinedPrompt:
        left = (WHERE,) if len(answers) == 1 else ()
        return refined(text=f"<task>about {len(answers)}</task>", questions=left)

    first = submitted(question_1=WHICH.candidates[0], remark="keep the signature")
    client = FakeClient(FORMS, form=[first, submitted(question_1=WHERE.candidates[0], remark="be quick"), submitted()])
    state, text = await approved(client, refined(questions=(WHICH, WHERE)), again)

    assert (state, text) == ("accepted", "<task>about 2\nkeep the signature\nbe quick\n</task>")


async def test_an_answer_is_not_lost_where_it_cannot_be_refined_again() -> None:
    async def again(_: tuple[str, ...]) -> None:
        return None

    client = FakeClient(FORMS, form=submitted(question_1=WHICH.candidates[0]))
    state, text = await approved(client, refined(questions=(WHICH,)), again)

    assert state == "modified"
    assert text == REFINED.replace("</task>", f"\n{WHICH.text} {WHICH.candidates[0]}\n</task>")


async def test_an_answer_goes_with_a_prompt_that_the_person_wrote() -> None:
    client = FakeClient(FORMS, form=submitted(prompt="so", question_1=WHICH.candidates[0]))

    assert await approved(client, refined(questions=(WHICH,))) == (
        "modified",
        f"so\n\n{WHICH.text} {WHICH.candidates[0]}",
    )


async def test_questions_may_stay_open() -> None:
    assert await approved(FakeClient(FORMS, form=submitted()), refined(questions=(WHICH, WHY))) == ("accepted", REFINED)


async def test_permission_is_asked_for_below_the_prompt_and_its_changes() -> None:
    seen: list[str] = []

    def answer(params: Mapping[str, Any]) -> Any:
        seen.append(client.said())
        assert [option["name"] for option in params["options"]] == ["Accept & Send", "Use Original", "Cancel"]
        assert params["sessionId"] == "one"
        return selected("Accept & Send")(params)

    client = FakeClient(permission=answer)

    assert await approved(client) == ("accepted", REFINED)
    assert REFINED in seen[0]
    assert "code of \\[split\\](x)" in seen[0], "texts of the workspace make no links"
    call = client.requests[0][1]["toolCall"]["toolCallId"]
    assert client.updates[-1] == {"sessionUpdate": "tool_call_update", "toolCallId": call, "status": "completed"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (selected("Use Original"), "rejected"),
        (selected("Cancel"), "expired"),
        ({"outcome": {"outcome": "cancelled"}}, "expired"),
        ({"outcome": {"outcome": "selected", "optionId": "another"}}, "expired"),
        ({"outcome": {"outcome": "selected", "optionId": ["optafly-accept"]}}, "expired"),
        ("yes", "expired"),
    ],
)
async def test_only_what_was_chosen_is_sent(answer: Any, expected: str) -> None:
    assert (await approved(FakeClient(permission=answer)))[0] == expected


@pytest.mark.parametrize(
    "capabilities", [{}, {"elicitation": None}, {"elicitation": {}}, {"elicitation": {"form": None}}]
)
async def test_forms_are_for_clients_that_have_them(capabilities: Mapping[str, Any]) -> None:
    client = FakeClient(capabilities, form=submitted(), permission=selected("Accept & Send"))

    await outcome(client)

    assert client.methods() == ["session/request_permission"]


async def test_a_form_that_is_refused_is_made_up_for_by_a_permission_request() -> None:
    client = FakeClient(FORMS, permission=selected("Use Original"))

    assert (await approved(client))[0] == "rejected"
    assert client.methods() == ["elicitation/create", "session/request_permission"]
    assert client.said().count(REFINED) == 1


async def test_a_client_that_can_ask_nothing_leaves_the_own_words() -> None:
    client = FakeClient()
    result = await outcome(client)

    assert (result.proposal.state, result.proposal.approved) == ("rejected", "fix this")
    assert not result.asked
    assert CANNOT_ASK in client.said("agent_thought_chunk")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from(["prompt", "question_1", "question_2", "remark"]), JSON)


@given(st.fixed_dictionaries({"action": JSON | st.just("accept"), "content": JSON | FIELDS}) | JSON)
def test_whatever_a_client_answers_a_text_is_sent_or_nothing(answer: Any) -> None:
    async def play() -> None:
        async def again(_: tuple[str, ...]) -> None:
            return None

        proposal = (
            await outcome(FakeClient(FORMS, form=lambda _: answer), refined(questions=(WHICH, WHY)), again)
        ).proposal
        assert proposal.state in {"accepted", "modified", "rejected", "expired"}
        assert proposal.approved is None or proposal.approved.strip()

    asyncio.run(play())
