"""Approvals that another front-end asks for, and work that begins before it is asked for."""

import asyncio
from pathlib import Path

from optafly.core.client import CoreClient
from optafly.core.wire import ApprovalAnswer, ApprovalCall, RefineCall
from optafly.errors import NoApprover
from optafly.protocol import RefinedPrompt, RefineRequest
from tests.e2e.lsp.conftest import Start, core_is_there, eventually, held_still
from tests.e2e.lsp.played import BOUND_S, PlayedEditor

PROMPT = "fix this bug in split_evenly"


async def refined(core: CoreClient, folder: Path) -> RefinedPrompt:
    call = RefineCall(RefineRequest(PROMPT, str(folder)), model=False)
    found = [value async for name, value in core.refine(call) if name == "result"]
    assert isinstance(found[0], RefinedPrompt)
    return found[0]


async def ask(
    core: CoreClient, editor: PlayedEditor, time_limit_s: float = BOUND_S
) -> tuple["asyncio.Task[ApprovalAnswer]", RefinedPrompt]:
    """An approval that is asked for, once the editor is known to the core."""
    folder = editor.folders[0]
    result = await refined(core, folder)
    await eventually(lambda: core.editor_state(str(folder)), "the editor is known")
    return asyncio.create_task(core.ask_approval(ApprovalCall(str(folder), result, time_limit_s))), result


async def test_the_answer_of_the_person_comes_back(editor: PlayedEditor, core: CoreClient) -> None:
    for button, decision in (("Accept", "accepted"), ("Use Original", "rejected")):
        asked, result = await ask(core, editor)
        question = await editor.question()
        assert PROMPT in question.message
        # Who asked sends it: from here it would be sent twice.
        assert question.buttons == ["Accept", "Modify", "Use Original"]
        question.answer(button)
        answer = await asyncio.wait_for(asked, BOUND_S)
        assert answer.decision == decision
        assert answer.text == (result.refined if decision == "accepted" else PROMPT)
    assert not editor.edits
    assert not editor.shown
    assert not editor.messages


async def test_a_modified_text_comes_back(editor: PlayedEditor, core: CoreClient) -> None:
    asked, _ = await ask(core, editor)
    (await editor.question()).answer("Modify")
    await editor.until(lambda: editor.shown)
    document = editor.open_uri(editor.shown[-1])
    assert not [action for action in await editor.actions(document, 0) if "send" in action.title]
    at = document.text.index("</task>")
    editor.change(document, at, at, " and its caller")
    await editor.act(document, 0, "Accept this prompt")
    answer = await asyncio.wait_for(asked, BOUND_S)
    assert answer.decision == "modified"
    assert answer.text is not None
    assert "and its caller</task>" in answer.text


async def test_an_answer_that_nobody_waits_for_any_longer_is_not_lost(editor: PlayedEditor, core: CoreClient) -> None:
    asked, _ = await ask(core, editor, time_limit_s=0.3)
    question = await editor.question()
    assert (await asyncio.wait_for(asked, BOUND_S)).decision == "expired"
    question.answer("Accept")
    await editor.said("does not wait any longer")
    assert "<task>" in editor.open_uri(editor.shown[-1]).text


async def test_a_closed_editor_asks_nobody(start: Start, folder: Path, core: CoreClient) -> None:
    editor = await start()
    asked, result = await ask(core, editor)
    (await editor.question()).answer(None)
    await editor.stop()
    assert (await asyncio.wait_for(asked, BOUND_S)).decision == "expired"
    try:
        await core.ask_approval(ApprovalCall(str(folder), result, 1))
    except NoApprover:
        return
    raise AssertionError("there is no editor any longer")


async def count(core: CoreClient) -> int:
    counts = (await core.status()).counts
    return counts.refined + counts.unchanged + counts.cancelled + counts.failed


async def test_listing_asks_nothing_of_the_core(editor: PlayedEditor, core: CoreClient) -> None:
    await core_is_there(editor)
    before = await count(core)
    held = editor.make("quiet.md", "markdown", f"{PROMPT}\n")
    for at in range(5):
        await editor.actions(held, at)
    await editor.act(held, 3)
    (await editor.question()).answer("Use Original")
    assert await count(core) == before + 1


async def test_work_ahead_is_joined_when_it_is_asked_for(start: Start, core: CoreClient, home: Path) -> None:
    editor = await start(options={"editor": {"work_ahead": True}})
    held = editor.make("ahead.md", "markdown", f"{PROMPT}\n\nmake the tip larger in tip\n")
    editor.open(editor.folders[0] / "shop" / "bill.py", "python")
    await core_is_there(editor)
    before, ahead = await count(core), (await core.status()).counts.ahead
    with held_still(home):
        await editor.act(held, 3)
    (await editor.question()).answer("Use Original")
    assert await count(core) == before + 1
    await editor.actions(held, held.text.index("larger"))

    async def begun() -> bool:
        return (await core.status()).counts.ahead == ahead + 1

    await eventually(begun, "the next one is refined before it is asked for")
    assert await count(core) == before + 1
    assert editor.unasked
