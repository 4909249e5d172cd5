"""An editor that has the workspace open asks its person; a played one here."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from mcp.client.client import Client

from optafly.core.client import CoreClient
from optafly.paths import resolve_paths
from tests.e2e.lsp.conftest import NO_MODEL, eventually
from tests.e2e.lsp.played import PlayedEditor
from tests.e2e.mcp.conftest import BOUND_S, PROMPT, Connect, text_of


@pytest_asyncio.fixture
async def editor(home: Path, folder: Path, environment: dict[str, str]) -> AsyncIterator[PlayedEditor]:
    """An editor with the code of the project open, known to the core."""
    editor = await PlayedEditor.start(home, (folder,), environ=NO_MODEL)
    editor.open(folder / "shop" / "bill.py", "python")
    core = CoreClient(resolve_paths(environment), environment)
    await eventually(lambda: core.editor_state(str(folder)), "the editor is known")
    await core.close()
    yield editor
    await editor.stop()


async def asked(client: Client, request: str = PROMPT) -> "asyncio.Task[str]":
    async def ask() -> str:
        return text_of(await client.get_prompt("refine", {"request": request}))

    return asyncio.create_task(ask())


@pytest.mark.parametrize(
    ("button", "approved", "said"),
    [("Accept", True, "You accepted it."), ("Use Original", False, "You used your own words.")],
)
async def test_the_person_decides_in_the_editor(
    connect: Connect, folder: Path, editor: PlayedEditor, button: str, approved: bool, said: str
) -> None:
    async with connect(roots=(folder,)) as client:
        waiting = await asked(client)
        question = await editor.question()
        assert PROMPT in question.message
        question.answer(button)
        text = await asyncio.wait_for(waiting, BOUND_S)
        last = text_of(await client.get_prompt("refine"))
    assert text.startswith("<context>\nshop/bill.py") if approved else text == PROMPT
    assert said in last


async def test_what_the_person_made_of_it_is_sent(connect: Connect, folder: Path, editor: PlayedEditor) -> None:
    async with connect(roots=(folder,)) as client:
        waiting = await asked(client)
        (await editor.question()).answer("Modify")
        await editor.until(lambda: editor.shown)
        document = editor.open_uri(editor.shown[-1])
        at = document.text.index("</task>")
        editor.change(document, at, at, " and its caller")
        await editor.act(document, 0, "Accept this prompt")
        text = await asyncio.wait_for(waiting, BOUND_S)
    assert "and its caller</task>" in text


async def test_where_nobody_answers_in_time_the_original_goes_through(
    connect: Connect, folder: Path, editor: PlayedEditor
) -> None:
    async with connect(roots=(folder,), OPTAFLY_MCP_TIME_LIMIT_S="6") as client:
        waiting = await asked(client)
        question = await editor.question()
        assert await asyncio.wait_for(waiting, BOUND_S) == PROMPT
        assert "You did not decide in time." in text_of(await client.get_prompt("refine"))
    question.answer(None)


async def test_an_editor_with_a_part_of_the_repository_open_is_asked(
    connect: Connect, folder: Path, editor: PlayedEditor
) -> None:
    (folder.parent / ".git").mkdir()
    async with connect(cwd=folder) as client:
        waiting = await asked(client)
        (await editor.question()).answer("Use Original")
        assert await asyncio.wait_for(waiting, BOUND_S) == PROMPT


async def test_a_clear_request_asks_nobody(connect: Connect, folder: Path, editor: PlayedEditor) -> None:
    async with connect(roots=(folder,)) as client:
        text = await asyncio.wait_for(await asked(client, "What is a monad?"), BOUND_S)
    assert text == "What is a monad?"
    assert editor.unasked


async def test_what_the_editor_shows_unsaved_is_what_is_quoted(
    connect: Connect, folder: Path, editor: PlayedEditor, environment: dict[str, str]
) -> None:
    held = editor.open(folder / "shop" / "bill.py", "python")
    at = held.text.index("share = ")
    editor.change(held, at, at, "zebra = 1\n    ")
    core = CoreClient(resolve_paths(environment), environment)

    async def seen() -> bool:
        return any("zebra" in item.text for item in (await core.editor_state(str(folder))).buffers)

    await eventually(seen, "the change is known")
    await core.close()
    async with connect(roots=(folder,)) as client:
        found = await client.call_tool("prompt_context", {"request": PROMPT})
    assert found.structured_content["file"] == "shop/bill.py"
    assert found.structured_content["unsaved"] == ["shop/bill.py"]
    assert "zebra = 1" in found.structured_content["context"]
