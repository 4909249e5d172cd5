"""What becomes of a prompt on its way to the agent."""

import asyncio
from pathlib import Path

import pytest

from optafly.acp.gate import ORIGINAL_OFF, ORIGINAL_ON, ORIGINAL_ONCE
from optafly.acp.ports import Answered, AskedPrompt, ClientGone, Forward, Stopped
from optafly.acp.words import CLEAR, NOTHING_YET
from optafly.errors import CoreUnavailable, InputError
from tests.unit.acp.fakes import (
    FORMS,
    REFINED,
    FakeClient,
    FakeCore,
    asked,
    embedded,
    gate,
    link,
    refined,
    selected,
    submitted,
    text,
    unchanged,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "bill.py").write_text("def split():\n    pass\n")
    return tmp_path


async def test_what_was_accepted_takes_the_place_of_the_text_and_all_else_stays(folder: Path) -> None:
    attached = link(folder / "shop" / "bill.py")
    picture_of_code = {"type": "resource", "resource": {"uri": "mem://1", "blob": "AAAA"}}
    prompt = asked(folder, text("fix this in "), attached, text(" please"), picture_of_code)

    decided = await gate(FakeCore(refined())).decide(prompt, FakeClient(FORMS, form=submitted()))

    assert isinstance(decided, Forward)
    assert decided.blocks == (text(REFINED), attached, picture_of_code)
    assert decided.blocks[1] is prompt.blocks[1]


async def test_a_clear_prompt_passes_with_no_question_asked(folder: Path) -> None:
    prompt, client = asked(folder, "In `a` do b"), FakeClient(FORMS)

    decided = await gate(FakeCore(unchanged("In `a` do b"))).decide(prompt, client)

    assert decided == Forward(prompt.blocks)
    assert isinstance(decided, Forward)
    assert decided.blocks is prompt.blocks
    assert not client.requests
    assert not client.updates


async def test_own_words_go_to_the_letter(folder: Path) -> None:
    prompt = asked(folder, text("fix "), text("this"))

    decided = await gate(FakeCore(refined())).decide(prompt, FakeClient(FORMS, form={"action": "decline"}))

    assert isinstance(decided, Forward)
    assert decided.blocks is prompt.blocks


async def test_what_was_cancelled_is_not_sent(folder: Path) -> None:
    core = FakeCore(refined())
    deciding = gate(core)

    decided = await deciding.decide(asked(folder, "fix this"), FakeClient(FORMS, form={"action": "cancel"}))
    await deciding.close()

    assert decided == Stopped()
    assert not core.decisions


async def test_decisions_are_counted(folder: Path) -> None:
    core = FakeCore(refined())
    deciding = gate(core)
    for answer in (submitted(), submitted(prompt="fix it so"), {"action": "decline"}):
        await deciding.decide(asked(folder, "fix this"), FakeClient(FORMS, form=answer))
    await deciding.close()

    assert core.decisions == [("accepted", False), ("modified", False), ("rejected", False)]
    assert core.closed


async def test_where_nobody_could_be_asked_no_decision_is_counted(folder: Path) -> None:
    core = FakeCore(refined())
    deciding = gate(core)

    decided = await deciding.decide(prompt := asked(folder, "fix this"), FakeClient())
    await deciding.close()

    assert decided == Forward(prompt.blocks)
    assert core.decisions == []


async def test_what_the_person_changed_is_sent_and_shown(folder: Path) -> None:
    client = FakeClient(FORMS, form=submitted(prompt="fix it so"))

    decided = await gate(FakeCore(refined())).decide(asked(folder, "fix this"), client)

    assert decided == Forward((text("fix it so"),))
    assert "fix it so" in client.said()


@pytest.mark.parametrize(
    ("setting", "worded", "asks"), [(True, False, False), (True, True, True), (False, False, True)]
)
async def test_what_is_safe_is_taken_without_asking_where_the_setting_says_so(
    folder: Path, *, setting: bool, worded: bool, asks: bool
) -> None:
    core = FakeCore(refined(worded=worded), settings={"auto_approve_safe_refinements": setting})
    client, deciding = FakeClient(FORMS, form=submitted()), gate(core)

    decided = await deciding.decide(asked(folder, "fix this"), client)
    await deciding.close()

    assert decided == Forward((text(REFINED),))
    assert bool(client.requests) is asks
    assert core.decisions == [("accepted", not asks)]
    assert REFINED in client.said("agent_message_chunk" if asks else "agent_thought_chunk")


async def test_the_settings_of_the_person_go_with_the_request(folder: Path) -> None:
    core = FakeCore(unchanged("fix this"), settings={"refinement_threshold": 0.4})

    await gate(core).decide(asked(folder, "fix this"), FakeClient())

    assert core.values[0]["refinement_threshold"] == 0.4


async def test_nothing_is_refined_where_that_is_switched_off(folder: Path) -> None:
    core = FakeCore(refined(), settings={"enabled": False})

    decided = await gate(core).decide(prompt := asked(folder, "fix this"), FakeClient())

    assert decided == Forward(prompt.blocks)
    assert not core.asked


async def test_a_refinement_that_takes_too_long_is_stopped_and_the_original_let_through(folder: Path) -> None:
    core = FakeCore(refined(), settings={"acp.time_limit_s": 0.1})
    core.hold = asyncio.Event()
    client = FakeClient(FORMS)

    decided = await gate(core).decide(prompt := asked(folder, "fix this"), client)

    assert decided == Forward(prompt.blocks)
    assert core.stopped
    assert "longer than 0.1 s" in client.said("agent_thought_chunk")
    assert not client.requests


async def test_the_time_limit_is_not_for_the_person(folder: Path) -> None:
    core, clicked = FakeCore(refined(), settings={"acp.time_limit_s": 0.1}), asyncio.Event()
    client = FakeClient(FORMS, form=[clicked])
    deciding = asyncio.create_task(gate(core).decide(asked(folder, "fix this"), client))
    await client.asked.wait()
    asyncio.get_running_loop().call_later(0.15, clicked.set)

    assert await deciding == Stopped()
    assert clicked.is_set()


async def test_without_a_core_the_original_goes_and_the_person_is_told_why(folder: Path) -> None:
    client = FakeClient(FORMS)

    decided = await gate(FakeCore(CoreUnavailable("no core: see `optafly doctor`"))).decide(
        prompt := asked(folder, "fix this"), client
    )

    assert decided == Forward(prompt.blocks)
    assert "no core: see `optafly doctor`" in client.said("agent_thought_chunk")


async def test_a_client_that_has_gone_has_nothing_sent(folder: Path) -> None:
    def gone(_: object) -> object:
        raise ClientGone("the client has gone")

    assert await gate(FakeCore(refined())).decide(asked(folder, "fix this"), FakeClient(FORMS, form=gone)) == Stopped()


async def test_cancelling_stops_the_work(folder: Path) -> None:
    core = FakeCore(refined())
    core.hold = asyncio.Event()
    deciding = asyncio.create_task(gate(core).decide(asked(folder, "fix this"), FakeClient()))
    await core.begun.wait()

    deciding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deciding

    assert core.stopped


async def test_two_sessions_do_not_take_each_others_place(folder: Path) -> None:
    core, deciding = FakeCore(unchanged("fix this")), gate(FakeCore())
    deciding = gate(core)

    await asyncio.gather(
        deciding.decide(asked(folder, "fix this", session="one"), FakeClient()),
        deciding.decide(asked(folder, "fix this", session="two"), FakeClient()),
    )

    assert len(core.asked) == 2
    assert core.most_at_once == 1


async def test_what_an_editor_showed_and_holds_no_longer_is_left_out(folder: Path) -> None:
    attached = link(folder / "shop" / "bill.py", "L2")
    core = FakeCore(InputError("--selection is outside"), unchanged("fix this"))

    await gate(core).decide(asked(folder, "fix this", attached), FakeClient())

    assert [request.file for request in core.asked] == ["shop/bill.py", None]


# What is left alone


@pytest.mark.parametrize(
    "blocks",
    [
        ["/compact now"],
        ["what is this?", {"type": "image", "data": "AAAA", "mimeType": "image/png"}],
        [{"type": "image", "data": "AAAA", "mimeType": "image/png"}],
        [{"type": "text", "text": "for the agent", "annotations": {"audience": ["assistant"]}}],
        [],
        ["fix " * 100_001],
    ],
    ids=["the agent's command", "about a picture", "a picture", "not the person's", "nothing", "very much"],
)
async def test_what_is_not_ours_to_word(folder: Path, blocks: list[object]) -> None:
    core, prompt = FakeCore(refined()), asked(folder, *blocks)  # type: ignore[arg-type]

    decided = await gate(core).decide(prompt, FakeClient())

    assert decided == Forward(prompt.blocks)
    assert not core.asked


async def test_a_home_is_no_project() -> None:
    core = FakeCore(refined())

    decided = await gate(core).decide(prompt := AskedPrompt("one", "/home", [text("fix this")]), FakeClient())

    assert decided == Forward(prompt.blocks)
    assert not core.asked


async def test_a_follow_up_that_points_back_is_left_alone(folder: Path) -> None:
    core = FakeCore(refined())
    prompt = asked(folder, "now do the same for the other file", turns=["fix split in shop/bill.py"])

    assert await gate(core).decide(prompt, FakeClient()) == Forward(prompt.blocks)
    assert not core.asked


async def test_a_follow_up_to_what_nobody_here_has_heard_is_left_alone(folder: Path) -> None:
    core = FakeCore(refined())
    prompt = AskedPrompt("one", str(folder), [text("now do the same for the other file")], goes_on=True)

    assert await gate(core).decide(prompt, FakeClient()) == Forward(prompt.blocks)
    assert not core.asked


async def test_a_follow_up_that_names_what_it_is_about_is_refined(folder: Path) -> None:
    core = FakeCore(refined())
    prompt = asked(folder, "add a test for `split` in shop/bill.py", turns=["fix tip"])

    decided = await gate(core).decide(prompt, FakeClient(FORMS, form=submitted()))

    assert decided == Forward((text(REFINED),))


# Our commands


async def test_refine_refines_what_would_be_left_alone_and_asks(folder: Path) -> None:
    core = FakeCore(refined(worded=False), settings={"auto_approve_safe_refinements": True, "enabled": False})
    client, deciding = FakeClient(FORMS, form=submitted()), gate(core)
    await deciding.decide(asked(folder, "/original on"), client)

    decided = await deciding.decide(asked(folder, "/refine do the same there", turns=["fix tip"]), client)

    assert decided == Forward((text(REFINED),))
    assert core.asked[0].prompt == "do the same there"
    assert core.values[0]["refinement_threshold"] == 0
    assert core.values[0]["enabled"] is True
    assert client.methods() == ["elicitation/create"]


async def test_refine_sends_what_is_clear_without_the_command(folder: Path) -> None:
    client, attached = FakeClient(FORMS), link(folder / "shop" / "bill.py")
    prompt = asked(folder, text("/refine explain "), attached)

    decided = await gate(FakeCore(unchanged("explain"))).decide(prompt, client)

    assert decided == Forward((text("explain "), attached))
    assert client.said("agent_thought_chunk").strip() == CLEAR


async def test_refine_alone_shows_the_last_refinement(folder: Path) -> None:
    client = FakeClient(FORMS, form=[submitted(prompt="fix it so")])
    deciding = gate(FakeCore(refined()))
    assert await deciding.decide(asked(folder, "/refine"), client) == Answered()
    assert NOTHING_YET in client.said()
    await deciding.decide(asked(folder, "fix this"), client)
    client.updates.clear()

    assert await deciding.decide(asked(folder, "/refine"), client) == Answered()

    for part in ("fix this", REFINED, "fix it so", "You changed it"):
        assert part in client.said()
    assert await deciding.decide(asked(folder, "/refine", session="two"), other := FakeClient()) == Answered()
    assert NOTHING_YET in other.said()


async def test_original_sends_a_request_as_it_is(folder: Path) -> None:
    core = FakeCore(refined())

    decided = await gate(core).decide(asked(folder, "/original fix this\nnow"), FakeClient())

    assert decided == Forward((text("fix this\nnow"),))
    assert not core.asked


@pytest.mark.parametrize("command", ["/original", "/refine"])
async def test_a_picture_behind_a_command_is_not_lost(folder: Path, command: str) -> None:
    picture = {"type": "image", "data": "AAAA", "mimeType": "image/png"}

    decided = await gate(FakeCore(refined())).decide(asked(folder, command, picture), FakeClient(FORMS))

    assert decided == Forward((picture,))


async def test_original_is_for_the_next_prompt_or_until_it_is_switched_off(folder: Path) -> None:
    core, client = FakeCore(unchanged("fix this")), FakeClient()
    deciding = gate(core)

    async def goes(words: str) -> bool:
        """Whether a prompt goes without being looked at."""
        before = len(core.asked)
        assert isinstance(await deciding.decide(asked(folder, words), client), Forward)
        return len(core.asked) == before

    await deciding.decide(asked(folder, "/original"), client)
    assert [await goes("fix this"), await goes("fix this")] == [True, False]
    await deciding.decide(asked(folder, "/original on"), client)
    assert [await goes("fix this"), await goes("fix this")] == [True, True]
    await deciding.decide(asked(folder, " /original  OFF "), client)
    assert [await goes("fix this")] == [False]
    assert client.said() == ORIGINAL_ONCE + ORIGINAL_ON + ORIGINAL_OFF


async def test_original_is_for_one_session(folder: Path) -> None:
    core, client = FakeCore(unchanged("fix this")), FakeClient()
    deciding = gate(core)
    await deciding.decide(asked(folder, "/original on"), client)

    await deciding.decide(asked(folder, "fix this", session="two"), client)

    assert len(core.asked) == 1


async def test_stats_are_shown(folder: Path) -> None:
    client = FakeClient()

    assert await gate(FakeCore()).decide(asked(folder, "/stats"), client) == Answered()

    assert "Nothing was counted" in client.said()


async def test_a_command_goes_by_the_name_that_the_client_was_told(folder: Path) -> None:
    core, client = FakeCore(refined()), FakeClient()
    blocks = [text("/stats"), text("/optafly-stats")]
    commands = {"refine": "refine", "optafly-stats": "stats"}
    theirs, ours = (AskedPrompt("one", str(folder), [block], commands=commands) for block in blocks)

    assert await gate(core).decide(theirs, client) == Forward(theirs.blocks)
    assert await gate(core).decide(ours, client) == Answered()


async def test_a_path_is_no_command(folder: Path) -> None:
    core = FakeCore(unchanged("x"))

    await gate(core).decide(asked(folder, "/stats/x.py is broken"), FakeClient())

    assert core.asked[0].prompt == "/stats/x.py is broken"


async def test_an_attached_file_is_what_a_request_is_about(folder: Path) -> None:
    core = FakeCore(unchanged("x"))
    content = "def split():\n    pass\n    # unsaved\n"

    await gate(core).decide(asked(folder, "fix this", embedded(folder / "shop" / "bill.py", content)), FakeClient())

    (request,) = core.asked
    assert (request.file, [item.text for item in request.buffers]) == ("shop/bill.py", [content])


async def test_without_forms_the_person_is_asked_for_permission(folder: Path) -> None:
    client = FakeClient(permission=selected("Accept & Send"))

    decided = await gate(FakeCore(refined())).decide(asked(folder, "fix this"), client)

    assert decided == Forward((text(REFINED),))
    assert client.methods() == ["session/request_permission"]
