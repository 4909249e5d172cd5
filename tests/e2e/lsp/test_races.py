"""Edits, renames, crashes and second thoughts while a refinement goes on, and before its question is answered."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.lsp.conftest import Start, core_is_there, core_process, held_still
from tests.e2e.lsp.notes import NUMBERS, PROMPT, accept, asked, write
from tests.e2e.lsp.played import PlayedEditor, path_of

# While the refinement goes on


async def test_an_edit_before_the_prompt_moves_it_meanwhile(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n\nLater.\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 12)
        editor.change(held, 0, 0, "A new first line.\n\n")
    await accept(editor, await editor.question())
    assert held.text.startswith("A new first line.\n\n# Plan\n\n<context>")
    assert held.text.endswith("\n\nLater.\n")


async def test_of_two_prompts_that_read_alike_the_chosen_one_is_replaced(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"{PROMPT}\n\n{PROMPT}\n\nLater.\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, len(PROMPT) + 5)
        # A third one, pasted before them, stands just where the second of two stood after the first.
        editor.change(held, 0, 0, f"{PROMPT}\n\n")
    await accept(editor, await editor.question())
    assert held.text.startswith(f"{PROMPT}\n\n{PROMPT}\n\n<context>")


async def test_an_edit_inside_the_prompt_makes_it_stale(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 12)
        editor.change(held, 12, 12, "XYZ ")
    before = held.text
    await accept(editor, await editor.question())
    assert held.text == before
    assert "has changed" in await editor.said("has changed")
    assert "<task>" in editor.open_uri(editor.shown[-1]).text


async def test_an_edit_after_the_prompt_changes_nothing_about_it(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"{PROMPT}\n\nLater.\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 3)
        editor.change(held, held.text.index("Later"), len(held.text), "Never.\n")
    await accept(editor, await editor.question())
    assert held.text.startswith("<context>")
    assert held.text.endswith("\n\nNever.\n")


async def test_the_document_is_closed_meanwhile(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 12)
        editor.close(held)
    await accept(editor, await editor.question())
    assert editor.texts[held.uri].text.startswith("# Plan\n\n<context>")


@pytest.mark.parametrize("tell", [True, False])
async def test_the_document_is_renamed_meanwhile(editor: PlayedEditor, home: Path, tell: bool) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 12)
        renamed = editor.rename(held, path_of(held).with_name(f"renamed-{next(NUMBERS)}.md"), tell=tell)
    await accept(editor, await editor.question())
    if tell:
        assert renamed.text.startswith("# Plan\n\n<context>")
    else:  # nobody knows that it is the same document
        assert renamed.text == f"# Plan\n\n{PROMPT}\n"
        assert "<task>" in editor.open_uri(editor.shown[-1]).text


async def test_the_folder_of_the_document_is_renamed_meanwhile(editor: PlayedEditor) -> None:
    held = editor.make("before/plan.md", "markdown", f"{PROMPT}\n")
    question = await asked(editor, held, 3)
    old = path_of(held).parent
    editor.close(held)
    new = old.rename(old.with_name("after"))
    renamed = editor.open(new / "plan.md", "markdown")
    editor.renamed(old, new)
    await accept(editor, question)
    assert renamed.text.startswith("<context>")


async def test_the_same_action_chosen_twice_asks_once(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 12)
        await editor.act(held, 13)
    question = await editor.question()
    question.answer("Use Original")
    await editor.nothing_waits()
    assert editor.unasked


async def test_a_prompt_that_was_changed_and_chosen_again_asks_about_what_it_is_now(
    editor: PlayedEditor, home: Path
) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 12)
        editor.change(held, held.text.index("\n", 12), held.text.index("\n", 12), " and in tip")
        await editor.act(held, 12)
    question = await editor.question()
    assert f"{PROMPT} and in tip" in question.message
    await accept(editor, question)
    assert held.text.startswith("# Plan\n\n<context>")
    assert editor.unasked


async def test_both_of_two_prompts_chosen_at_once_are_asked_about(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"{PROMPT}\n\nexplain what tip does wrong\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 3)
        await editor.act(held, held.text.index("explain"))
    first, second = await editor.question(), await editor.question()
    first.answer("Accept")
    second.answer("Accept")
    await editor.until(lambda: held.text.count("<task>") == 2)
    assert not editor.messages


# Stopping it


async def test_the_progress_stops_it(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, 12)
        await editor.until(lambda: editor.progress)
        token, begin = editor.progress[-1]
        assert begin["kind"] == "begin"
        assert begin["cancellable"]
        assert begin["title"] == "Refining prompt"
        editor.stop_work(token)
        await editor.until(lambda: (token, "end") in [(name, value["kind"]) for name, value in editor.progress])
        # It can be asked for again at once.
        await editor.act(held, 12)
    (await editor.question()).answer("Use Original")


async def test_the_command_and_the_lens_stop_it(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    await editor.command("optafly.cancel")
    assert await editor.said("Nothing is being refined")
    with held_still(home):
        await editor.act(held, 12)
        (lens,) = await editor.lenses_once(held)
        assert lens.command is not None
        assert lens.command.title == "Stop refining, keep the original"
        await editor.command(lens.command.command)
        await editor.act(held, 12)  # stopped and asked for again in the same breath
    (await editor.question()).answer("Use Original")
    await editor.nothing_waits()
    assert editor.unasked


async def test_it_is_stopped_before_it_has_begun(editor: PlayedEditor, home: Path) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    await core_is_there(editor)
    with held_still(home):
        for _ in range(5):
            await editor.act(held, 12)
            await editor.command("optafly.cancel")
    await editor.nothing_waits()
    await editor.nothing_waits()
    assert await editor.lenses(held) == []
    assert editor.unasked


@pytest.mark.parametrize("shut", [True, False])
async def test_the_editor_goes_away_in_the_middle(start: Start, folder: Path, home: Path, shut: bool) -> None:
    editor = await start()
    held = editor.open(folder / "notes.md", "markdown")
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, held.text.index("fix"))
        if shut:
            await asyncio.wait_for(editor.client.shutdown_async(None), 5)
        editor.client.exit(None)
        assert await asyncio.wait_for(editor.process.wait(), 5) == (0 if shut else 1)
    assert editor.unasked


async def test_a_core_that_is_killed_in_the_middle_is_started_again(start_alone: Start, own_home: Path) -> None:
    editor = await start_alone()
    held = editor.make("plan.md", "markdown", f"{PROMPT}\n")
    await core_is_there(editor)
    before = core_process(own_home)
    with held_still(own_home) as core:
        await editor.act(held, 3)
        await editor.until(lambda: editor.progress)
        core.kill()
    await accept(editor, await editor.question())
    assert "<task>" in held.text
    assert core_process(own_home).pid != before.pid
    assert not editor.messages
