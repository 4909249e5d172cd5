"""What the server knows of the editor, as the core and with it other front-ends get to see it."""

from pathlib import Path

from lsprotocol import types

from optafly.core.client import CoreClient
from optafly.core.wire import EditorState
from optafly.protocol import Selection
from tests.e2e.lsp.conftest import Start, eventually, write_project
from tests.e2e.lsp.played import PlayedEditor, path_of
from tests.e2e.lsp.words import problem


async def state(core: CoreClient, editor: PlayedEditor, file: str, folder: Path | None = None) -> EditorState:
    """What is published, once that file is the active one."""

    async def look() -> EditorState | None:
        found = await core.editor_state(str(folder or editor.folders[0]))
        return found if found.file == file else None

    return await eventually(look, f"{file} is the active file")


async def test_the_active_file_and_selection(editor: PlayedEditor, core: CoreClient) -> None:
    text = "one = 1\n🦊 = 2; two = 2\nthree = 3\n"
    held = editor.make("active.py", "python", text)
    start = text.index("two")
    await editor.actions(held, start, start + 3)
    found = await state(core, editor, "active.py")
    assert found.workspace == str(editor.folders[0])
    assert found.folders == (str(editor.folders[0]),)
    assert found.selection == Selection(2, start - text.index("🦊") + 1, 2, start - text.index("🦊") + 4)
    assert found.buffers == ()


async def test_problems_of_other_servers_until_the_text_changes(editor: PlayedEditor, core: CoreClient) -> None:
    text = "x = undefined\n"
    held = editor.make("warned.py", "python", text)
    await editor.actions(held, 5, diagnostics=[problem(text, 4, 13, "no such name", code="F821", source="ruff")])
    found = (await state(core, editor, "warned.py")).diagnostics
    assert [(item.path, item.message, item.code, item.source) for item in found] == [
        ("warned.py", "no such name", "F821", "ruff")
    ]
    editor.change(held, 4, 13, "1")

    async def gone() -> bool:
        return not (await core.editor_state(str(editor.folders[0]))).diagnostics

    await eventually(gone, "the problem is gone with the text it was found in")


async def test_unsaved_text_until_it_is_saved(editor: PlayedEditor, core: CoreClient) -> None:
    held = editor.make("unsaved.py", "python", "a = 1\r\nb = 2\r\n")
    editor.change(held, 4, 5, "'🦊'")

    async def unsaved() -> EditorState | None:
        found = await core.editor_state(str(editor.folders[0]))
        return found if [item.path for item in found.buffers] == ["unsaved.py"] else None

    (buffer,) = (await eventually(unsaved, "unsaved text")).buffers
    assert buffer.text == "a = '🦊'\r\nb = 2\r\n"
    editor.save(held, path_of(held))
    editor.change(held, 0, 0, "")  # something that has the state published anew
    await editor.actions(held, 0)

    async def saved() -> bool:
        return not (await core.editor_state(str(editor.folders[0]))).buffers

    await eventually(saved, "nothing is unsaved")


async def test_recent_edits_newest_first_and_by_their_new_names(editor: PlayedEditor, core: CoreClient) -> None:
    first = editor.make("first.py", "python", "one = 1\n\n\n\n\n\n\n\n\n\n\n\nlast = 2\n")
    second = editor.make("second.py", "python", "other = 1\n")
    for letter in "abc":
        editor.change(first, 3, 3, letter)
    editor.change(second, 0, 5, "another")
    editor.change(first, len(first.text) - 2, len(first.text) - 1, "3")
    found = (await eventually_edits(core, editor, 3)).edits
    mine = [item for item in found if item.path in {"first.py", "second.py"}]
    assert [item.path for item in mine[:2]] == ["first.py", "second.py"]
    assert "+last = 3" in mine[0].text
    typed = next(item for item in mine[1:] if item.path == "first.py")
    assert "-one = 1" in typed.text
    assert "+onecba = 1" in typed.text
    editor.rename(second, path_of(second).with_name("renamed.py"))

    async def renamed() -> bool:
        paths = {item.path for item in (await core.editor_state(str(editor.folders[0]))).edits}
        return "renamed.py" in paths and "second.py" not in paths

    await eventually(renamed, "the edit goes by the new name")
    editor.client.workspace_did_delete_files(types.DeleteFilesParams([types.FileDelete(first.uri)]))
    editor.close(first)

    async def deleted() -> bool:
        return "first.py" not in {item.path for item in (await core.editor_state(str(editor.folders[0]))).edits}

    await eventually(deleted, "edits of a deleted file are gone")


async def eventually_edits(core: CoreClient, editor: PlayedEditor, least: int) -> EditorState:
    async def look() -> EditorState | None:
        found = await core.editor_state(str(editor.folders[0]))
        return found if len(found.edits) >= least else None

    return await eventually(look, f"{least} edits")


async def test_two_folders_each_with_its_own(start: Start, core: CoreClient, folder: Path, tmp_path: Path) -> None:
    other = write_project(tmp_path / "other")
    (other / "shop" / "bill.py").write_text("def split_by_weight(total, weights):\n    return total\n")
    editor = await start(folders=(folder, other))
    editor.open(folder / "shop" / "bill.py", "python")
    bill = editor.open(other / "shop" / "bill.py", "python")
    await editor.actions(bill, 0)
    found = await state(core, editor, "shop/bill.py", other)
    assert (found.workspace, found.folders) == (str(other), (str(folder), str(other)))
    plan = editor.make("plan.md", "markdown", "fix this bug in split_evenly\n")
    await editor.act(plan, 4)
    question = await editor.question()
    # What stands in the first folder is about that one, wherever the person was last.
    assert "shop/bill.py" in question.message
    question.answer("Accept")
    await editor.until(lambda: editor.edits)
    assert "def split_evenly" in plan.text
    assert "split_by_weight" not in plan.text


async def test_folders_come_and_go(start: Start, core: CoreClient, folder: Path, tmp_path: Path) -> None:
    other = write_project(tmp_path / "other")
    editor = await start()
    bill = editor.open(other / "shop" / "bill.py", "python")
    event = types.WorkspaceFoldersChangeEvent(
        added=[types.WorkspaceFolder(other.as_uri(), "other")],
        removed=[types.WorkspaceFolder(folder.as_uri(), "project")],
    )
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    await editor.actions(bill, 0)
    found = await state(core, editor, "shop/bill.py", other)
    assert (found.workspace, found.folders) == (str(other), (str(other),))
