"""Starting: the core is not waited for, and where it cannot be had that is said when it is needed."""

import asyncio
from pathlib import Path

from lsprotocol import types

from optafly.core.client import CoreClient
from optafly.core.discovery import read_discovery
from optafly.paths import resolve_paths
from tests.e2e.lsp.conftest import Start, eventually
from tests.e2e.lsp.played import PlayedEditor

PROMPT = "fix this bug in split_evenly"


async def test_the_core_is_reached_in_the_background(start_alone: Start, own_home: Path) -> None:
    editor = await start_alone()
    paths = resolve_paths({"OPTAFLY_HOME": str(own_home)})
    assert read_discovery(paths) is None
    held = editor.make("plan.md", "markdown", f"{PROMPT}\n")
    assert [action.title for action in await editor.actions(held, 3)] == ["Refine prompt"]

    async def there() -> bool:
        return read_discovery(paths) is not None

    await eventually(there, "a core, although nothing was refined")
    assert not editor.messages


async def test_without_a_core_listing_works_and_refining_says_why_it_does_not(
    start_alone: Start, own_home: Path
) -> None:
    in_the_way = own_home / "run"
    in_the_way.parent.mkdir()
    in_the_way.write_text("a file")
    editor = await start_alone()
    held = editor.make("plan.md", "markdown", f"{PROMPT}\n")
    await editor.act(held, 3)
    await editor.said("set OPTAFLY_HOME")
    assert len(editor.messages) == 1
    assert await editor.lenses(held) == []
    in_the_way.unlink()
    await editor.act(held, 3)
    (await editor.question()).answer("Accept")
    await editor.until(lambda: editor.edits)


async def test_a_client_that_never_answers_keeps_nothing_from_working(start: Start, core: CoreClient) -> None:
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def silent(*_: object) -> None:
        await never

    def mute(editor: PlayedEditor) -> None:
        editor.client.feature(types.WORKSPACE_CONFIGURATION)(silent)

    editor = await start(without=[types.WORKSPACE_CONFIGURATION], prepare=mute)
    await eventually(lambda: core.editor_state(str(editor.folders[0])), "the editor is known to the core")
    held = editor.make("plan.md", "markdown", f"{PROMPT}\n")
    await editor.act(held, 3)
    (await editor.question()).answer("Use Original")
    never.set_result(None)
    await editor.nothing_waits()


async def test_a_single_file_without_a_folder_is_refined(start: Start, folder: Path) -> None:
    editor = await start(folders=(folder,), no_folders=True)
    bill = editor.open(folder / "shop" / "bill.py", "python")
    await editor.actions(bill, 0, 20)
    await editor.command("optafly.refine", "make this faster")
    question = await editor.question()
    assert "bill.py" in question.message
    question.answer("Use Original")
    editor.close(bill)
    await editor.nothing_waits()
    await editor.command("optafly.refine", "make this faster")
    await editor.said("Open a file or a folder first")
    await editor.command("optafly.refine")
    await editor.said("Say what is to be refined")
