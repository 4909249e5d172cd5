"""What the agent is given for what a person typed behind /refine and /ask."""

import asyncio

import pytest

from optafly.errors import CoreUnavailable, InputError
from optafly.mcp.ports import Approval, Choice, Kept, Last, Rules, Shown
from optafly.mcp.prompts import LONGEST_REQUEST, Answered, Name, Prompts
from optafly.protocol import Buffer, RefineRequest, Selection
from tests.unit.mcp.played import ASKED, REFINED, SECRET, PlayedEngine, result_of, unheard

HERE = "/home/me/shop"


async def answer(engine: PlayedEngine, asked: str = ASKED, name: Name = "refine") -> Answered:
    return await Prompts(engine).answer(name, asked, (HERE,), unheard)


@pytest.mark.parametrize(
    ("approval", "text"),
    [
        (Approval("accepted", REFINED), REFINED),
        (Approval("modified", "<task>Something else.</task>"), "<task>Something else.</task>"),
        (Approval("rejected", ASKED), ASKED),
        (Approval("expired"), ASKED),
    ],
)
async def test_the_person_decides_in_their_editor(engine: PlayedEngine, approval: Approval, text: str) -> None:
    engine.approval = approval
    assert (await answer(engine)).text == text
    assert engine.notes == [(HERE, ASKED, approval.decision, text)]


@pytest.mark.parametrize(("choice", "text"), [("refined", REFINED), ("original", ASKED)])
async def test_without_an_editor_the_setting_decides(engine: PlayedEngine, choice: Choice, text: str) -> None:
    engine.set_rules = Rules(choice, "original", 30.0)
    answered = await answer(engine)
    assert answered.text == text
    assert "No editor could ask you" in answered.description
    assert engine.notes == [(HERE, ASKED, "unasked", text)]


@pytest.mark.parametrize(("choice", "text"), [("refined", REFINED), ("original", ASKED)])
async def test_where_nobody_decides_in_time_the_setting_does(engine: PlayedEngine, choice: Choice, text: str) -> None:
    engine.set_rules = Rules("refined", choice, 30.0)
    engine.approval = Approval("expired")
    assert (await answer(engine)).text == text


async def test_the_decision_has_what_is_left_of_the_time(engine: PlayedEngine) -> None:
    await answer(engine)
    ((workspace, time_limit_s),) = engine.approvals
    assert workspace == HERE
    assert 0 < time_limit_s < 30.0


async def test_a_refinement_that_takes_too_long_is_stopped_and_the_original_goes_through(engine: PlayedEngine) -> None:
    engine.set_rules = Rules("refined", "refined", 0.05)
    engine.stuck = True
    answered = await answer(engine)
    assert answered.text == ASKED
    assert "in time" in answered.description
    assert engine.cancelled.is_set()
    assert not engine.approvals


async def test_a_clear_request_passes_with_no_question_asked(engine: PlayedEngine) -> None:
    engine.refined = "What is a monad?"
    assert (await answer(engine, "What is a monad?")).text == "What is a monad?"
    assert not engine.approvals


@pytest.mark.parametrize("approval", [Approval("rejected"), Approval("expired")])
async def test_an_original_goes_without_its_secrets(engine: PlayedEngine, approval: Approval) -> None:
    engine.approval = approval
    assert (await answer(engine, f"why does {SECRET} fail")).text == "why does [secret] fail"


async def test_an_approval_without_a_text_approves_nothing(engine: PlayedEngine) -> None:
    engine.approval = Approval("accepted", "  ")
    assert (await answer(engine)).text == ASKED


async def test_what_the_editor_shows_is_part_of_the_request(engine: PlayedEngine) -> None:
    buffer = Buffer("app.py", "def halve(value): ...")
    engine.editors[HERE] = Shown(HERE, "app.py", Selection(1, 1, 2, 1), (), (buffer,))
    await answer(engine)
    assert engine.asked == [RefineRequest(ASKED, HERE, "app.py", Selection(1, 1, 2, 1), (), (), (buffer,), ())]


async def test_of_several_workspaces_the_one_with_a_file_open_is_meant(engine: PlayedEngine) -> None:
    engine.editors = {"/home/me/a": Shown("/home/me/a"), "/home/me/b": Shown("/home/me/b", "app.py")}
    await Prompts(engine).answer("refine", ASKED, ("/home/me/a", "/home/me/b"), unheard)
    assert engine.asked[0].workspace == "/home/me/b"


async def test_alone_it_shows_what_was_changed_last(engine: PlayedEngine) -> None:
    engine.remembered = Last(result_of(RefineRequest(ASKED, HERE)), "accepted", REFINED)
    text = (await answer(engine, "  ")).text
    assert text.startswith("For me to read: nothing is to be done about it.")
    assert "place named in the task (app.py:1" in text
    assert "You accepted it." in text
    assert REFINED in text
    assert not engine.asked


async def test_alone_before_anything_was_refined_it_says_how_it_is_used(engine: PlayedEngine) -> None:
    assert "/refine fix this bug" in (await answer(engine, "")).text


async def test_ask_gives_the_kept_answer_to_what_was_approved(engine: PlayedEngine) -> None:
    engine.approval = Approval("modified", "<task>Mine.</task>")
    engine.kept = Kept("exact", "the same request", "The kept answer.", "claude")
    answered = await answer(engine, name="ask")
    assert answered.text.startswith("<task>Mine.</task>\n")
    assert answered.text.endswith("\nThe kept answer.")
    assert "do not repeat it" in answered.text
    assert engine.looked_up == [("<task>Mine.</task>", HERE, "refined")]


async def test_an_answer_to_own_words_is_looked_for_as_that(engine: PlayedEngine) -> None:
    engine.approval = Approval("rejected")
    await answer(engine, name="ask")
    assert engine.looked_up == [(ASKED, HERE, "original")]


async def test_what_was_approved_goes_on_though_no_kept_answer_comes_in_time(engine: PlayedEngine) -> None:
    engine.approval = Approval("accepted", REFINED)
    engine.look_up_stuck = True
    answered = await Prompts(engine, look_up_s=0.05).answer("ask", ASKED, (HERE,), unheard)
    assert answered.text == REFINED


@pytest.mark.parametrize("name", ["refine", "ask"])
async def test_what_was_approved_goes_on_though_the_core_is_lost(engine: PlayedEngine, name: Name) -> None:
    engine.approval = Approval("accepted", REFINED)
    engine.lost_after = CoreUnavailable("the core cannot be started")
    assert (await answer(engine, name=name)).text == REFINED


async def test_refine_looks_nothing_up(engine: PlayedEngine) -> None:
    engine.kept = Kept("exact", "the same request", "The kept answer.", "claude")
    assert (await answer(engine)).text == REFINED
    assert not engine.looked_up


async def test_what_goes_wrong_is_said(engine: PlayedEngine) -> None:
    engine.error = CoreUnavailable("the core cannot be started")
    with pytest.raises(CoreUnavailable):
        await answer(engine)


async def test_without_a_workspace_it_says_what_to_do(engine: PlayedEngine) -> None:
    with pytest.raises(InputError, match="start this in the folder of a project"):
        await Prompts(engine).answer("refine", ASKED, (), unheard)


async def test_a_request_without_end_is_refused(engine: PlayedEngine) -> None:
    with pytest.raises(InputError, match="characters"):
        await answer(engine, "x" * (LONGEST_REQUEST + 1))


async def test_who_goes_away_stops_the_work(engine: PlayedEngine) -> None:
    engine.stuck = True
    asking = asyncio.create_task(answer(engine))
    await engine.begun.wait()
    asking.cancel()
    await asyncio.wait({asking})
    assert engine.cancelled.is_set()


async def test_recent_requests_are_offered_those_that_begin_so_first(engine: PlayedEngine) -> None:
    engine.requests = ("please fix it", "Fix the bill", "explain it", "fix this bug")
    offered, total = await Prompts(engine).offer("fix", (HERE,))
    assert offered == ["Fix the bill", "fix this bug", "please fix it"]
    assert total == 3


async def test_never_more_than_a_hundred_are_offered(engine: PlayedEngine) -> None:
    engine.requests = tuple(f"fix {number}" for number in range(150))
    offered, total = await Prompts(engine).offer("", (HERE,))
    assert (len(offered), total) == (100, 150)
