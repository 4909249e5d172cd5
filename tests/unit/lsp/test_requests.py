"""What of the editor is passed on, and what stays: private files, and texts in what is kept."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from optafly.context.private import PrivateFiles
from optafly.lsp.documents import ContentChange, TextDocument
from optafly.lsp.editor import Editor, Problem
from optafly.lsp.requests import Wish, build_request, state_of, with_texts, without_texts
from optafly.protocol import Position, Range

SECRET = "hunter2-hunter2"
START = Range(Position(0, 0), Position(0, 0))


def shown(tmp_path: Path, *names: str, private: Callable[[str], bool] | None = None) -> Editor:
    """An editor with these files open, something unsaved and a problem in each; the last one is active."""
    editor = Editor(tmp_path / "own", tmp_path / "alone", *([private] if private else []))
    workspace = tmp_path / "project"
    workspace.mkdir(exist_ok=True)
    editor.folders = (workspace,)
    for name in names:
        uri = (workspace / name).as_uri()
        editor.open(TextDocument(uri, "python", 1, "x = 1\n"))
        editor.change(uri, [ContentChange(f"{name} {SECRET}\n", START)], 2)
        editor.look(uri, START, [Problem(START, f"what is {SECRET}", 1, None, None)])
    return editor


async def passed_on(editor: Editor, name: str) -> list[str]:
    """All that leaves the process, as text."""
    held = next(item for item in editor.documents.values() if item.path is not None and item.path.name == name)
    wish = Wish("fix this", None, None, held, None, tuple(held.problems))
    return [repr(await state_of(editor)), repr(await build_request(wish, editor))]


async def test_what_is_open_and_not_private_is_passed_on(tmp_path: Path) -> None:
    for text in await passed_on(shown(tmp_path, "a.py"), "a.py"):
        assert text.count(SECRET) == 3  # unsaved, edited, and in the problem


@pytest.mark.parametrize("name", [".env", "deploy/.env.local", "key.pem", "config/SECRETS.yaml", ".ssh/config"])
async def test_of_a_private_file_only_its_name_is_passed_on(tmp_path: Path, name: str) -> None:
    for text in await passed_on(shown(tmp_path, name), Path(name).name):
        assert SECRET not in text
        assert name in text


async def test_files_that_a_setting_makes_private_are_private(tmp_path: Path) -> None:
    editor = shown(tmp_path, "plans/next.md", "a.py", private=PrivateFiles(["plans/"]).matches)
    for text in await passed_on(editor, "a.py"):
        assert f"a.py {SECRET}" in text
        assert f"next.md {SECRET}" not in text


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
async def test_a_link_to_a_private_file_is_private(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".env").touch()
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id").touch()
    (tmp_path / "project" / "inside.txt").symlink_to(".env")
    (tmp_path / "project" / "outside.txt").symlink_to(tmp_path / ".ssh" / "id")
    for text in await passed_on(shown(tmp_path, "inside.txt", "outside.txt"), "inside.txt"):
        assert SECRET not in text


async def test_a_private_file_that_belongs_to_no_project_is_private(tmp_path: Path) -> None:
    editor = shown(tmp_path, ".ssh/config", "a.py")
    editor.folders = ()
    for name, count in ((".env", 0), ("config", 0), ("a.py", 2)):
        if name == ".env":
            editor.open(TextDocument((tmp_path / name).as_uri(), "python", 1, SECRET))
        assert (await passed_on(editor, name))[1].count(SECRET) == count


async def test_what_is_kept_holds_no_text_and_gets_that_of_now(tmp_path: Path) -> None:
    editor = shown(tmp_path, "a.py")
    (held,) = editor.documents.values()
    request = await build_request(Wish("fix this", about=held), editor)
    assert request is not None
    kept = without_texts(request)
    assert (kept.buffers, kept.edits) == ((), ())
    assert await with_texts(kept, editor) == request
    editor.change(held.key, [ContentChange("later\n", START)], 3)
    again = await with_texts(kept, editor)
    assert again.buffers[0].text.startswith("later\n")
    editor.folders = ()
    alone = await build_request(Wish("fix this", about=held), editor)
    assert alone is not None
    assert await with_texts(without_texts(alone), editor) == alone
