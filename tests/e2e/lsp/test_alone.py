"""A file that belongs to no project: it is refined with itself, and nothing that lies beside it is looked at."""

from pathlib import Path

import pytest

from tests.e2e.lsp.conftest import Start

CODE = (
    "def halve(value):\n    return value / 2\n\n\n"
    "def halve_all(values):\n    return [halve(value) for value in values]\n"
)


def read(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.mark.parametrize("opened_in_home", [False, True])
async def test_a_single_file_is_refined_without_its_neighbours(
    start: Start, folder: Path, tmp_path: Path, opened_in_home: bool
) -> None:
    me = tmp_path / "me"
    me.mkdir()
    (me / "script.py").write_text(CODE)
    (me / "other.py").write_text("from script import halve\n\n\ndef diary():\n    return halve(3)\n")
    editor = await start(folders=(me,) if opened_in_home else (folder,), environ={"HOME": str(me)})
    script = editor.open(me / "script.py", "python")
    at = script.text.index("return value")
    (optimize, *_) = await editor.actions(script, at, at + 12)
    await editor.choose(optimize)
    question = await editor.question()
    assert "script.py:1-2" in question.message
    question.answer("Accept")
    await editor.until(lambda: editor.shown)
    (shown,) = editor.shown
    approved = read(Path(shown.removeprefix("file://")))
    assert "def halve(value):" in approved
    assert "halve_all" in approved
    assert "diary" not in approved
    assert "other.py" not in approved


async def test_a_folder_that_was_opened_by_a_link_is_still_the_project(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    editor = await start(folders=(link,))
    notes = editor.open(folder / "notes.md", "markdown")
    await editor.act(notes, notes.text.index("fix") + 1)
    question = await editor.question()
    assert "shop/bill.py" in question.message
    question.answer("Use Original")
