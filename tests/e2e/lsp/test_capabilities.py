"""Clients that can do less than Zed get the next best thing."""

import asyncio
import os
from pathlib import Path

import pytest
from lsprotocol import types

from tests.e2e.lsp.conftest import Start, core_is_there, held_still
from tests.e2e.lsp.played import BOUND_S, PlayedEditor, Text

LEAST = dict.fromkeys(
    ("literals", "resolve", "document_changes", "apply_edit", "show_document", "progress", "configuration", "lenses"),
    False,
)


def notes(editor: PlayedEditor) -> tuple[Text, int]:
    held = editor.open(editor.folders[0] / "notes.md", "markdown")
    return held, held.text.index("fix")


async def test_without_anything_the_approved_prompt_is_where_a_message_says(start: Start) -> None:
    editor = await start(client=LEAST, name="Other")
    held, at = notes(editor)
    (command,) = await editor.actions(held, at)
    assert isinstance(command, types.Command)
    await editor.choose(command)
    (await editor.question()).answer("Accept")
    where = await editor.said("The approved prompt is in /")
    assert "<task>" in editor.open_uri(f"file://{where.partition(' is in ')[2]}").text
    assert "did not make the edit" in await editor.said("did not make the edit")
    assert not editor.edits


async def test_without_literals_decisions_are_commands(start: Start) -> None:
    editor = await start(client={"literals": False})
    held, at = notes(editor)
    await editor.act(held, at)
    (await editor.question()).answer(None)
    found = await editor.actions(held, at)
    assert all(isinstance(item, types.Command) for item in found)
    await editor.act(held, at, "Accept refined prompt")
    await editor.until(lambda: editor.edits)


async def test_without_resolving_actions_have_their_command_at_once(start: Start) -> None:
    editor = await start(client={"resolve": False})
    held, at = notes(editor)
    (action,) = await editor.actions(held, at)
    assert action.command is not None
    await editor.choose(action)
    (await editor.question()).answer("Use Original")


async def test_without_versions_in_edits_the_edit_is_made_all_the_same(start: Start) -> None:
    editor = await start(client={"document_changes": False})
    held, at = notes(editor)
    await editor.act(held, at)
    (await editor.question()).answer("Accept")
    await editor.until(lambda: editor.edits)
    assert editor.edits[0].edit.changes
    assert held.text.startswith("# Plan\n\n<context>")


async def test_who_cannot_be_asked_is_told_and_decides_elsewhere(start: Start) -> None:
    editor = await start(without=[types.WINDOW_SHOW_MESSAGE_REQUEST])
    held, at = notes(editor)
    await editor.act(held, at)
    assert "Refined task:" in await editor.said("Refined prompt")
    await editor.act(held, at, "Accept refined prompt")
    await editor.until(lambda: editor.edits)


@pytest.mark.parametrize(
    "method", [types.WORKSPACE_APPLY_EDIT, types.WINDOW_SHOW_DOCUMENT, types.WORKSPACE_CODE_LENS_REFRESH]
)
async def test_what_was_announced_and_does_not_work_is_no_error(start: Start, method: str) -> None:
    editor = await start(without=[method], name="Other")
    held, at = notes(editor)
    await editor.act(held, at)
    (await editor.question()).answer("Accept & Send")
    await editor.until(lambda: editor.shown or any("approved prompt is in" in text for text in editor.messages))
    assert "<task>" in held.text or method == types.WORKSPACE_APPLY_EDIT


async def test_settings_that_are_never_given_hold_nothing_up(start: Start) -> None:
    editor = await start(without=[types.WORKSPACE_CONFIGURATION])
    held, at = notes(editor)
    await core_is_there(editor)
    await editor.act(held, at)
    (await editor.question()).answer("Use Original")


async def test_without_progress_it_is_stopped_by_the_command(start: Start, home: Path) -> None:
    editor = await start(client={"progress": False})
    held, at = notes(editor)
    await core_is_there(editor)
    with held_still(home):
        await editor.act(held, at)
        await editor.lenses_once(held)
        await editor.command("optafly.cancel")
    await editor.nothing_waits()
    assert editor.unasked
    assert not editor.progress


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
async def test_zed_opens_documents_by_its_own_command(start: Start, tmp_path: Path) -> None:
    tools, seen = tmp_path / "tools", tmp_path / "seen"
    tools.mkdir()
    (tools / "zed").write_text(f'#!/bin/sh\necho "$1" > {seen}.part\nmv {seen}.part {seen}\n')
    (tools / "zed").chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    editor = await start(client={"show_document": False}, name="Zed Preview", environ={"PATH": path})
    held, at = notes(editor)
    await editor.act(held, at)
    (await editor.question()).answer("Modify")
    await editor.lenses_once(held)
    async with asyncio.timeout(BOUND_S):
        while not seen.exists():
            await editor.lenses(held)
    assert "## Original" in editor.open_uri(f"file://{seen.read_text().strip()}").text
    assert not editor.messages
    await editor.act(held, at, "Use original prompt")
