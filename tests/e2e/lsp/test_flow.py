"""From a code action to the refined prompt in the document."""

from pathlib import Path

from tests.e2e.lsp.conftest import Start


async def test_a_paragraph_is_refined_accepted_and_undone(start: Start, folder: Path) -> None:
    editor = await start()
    editor.open(folder / "shop" / "bill.py", "python")
    notes = editor.open(folder / "notes.md", "markdown")
    before = notes.text
    (action,) = await editor.actions(notes, notes.text.index("fix") + 3)
    assert action.title == "Refine prompt"
    await editor.choose(action)
    question = await editor.question()
    assert question.buttons == ["Accept", "Accept & Send", "Modify", "Use Original"]
    assert "split_evenly" in question.message
    question.answer("Accept")
    await editor.until(lambda: editor.edits)
    assert "<task>" in notes.text
    assert "shop/bill.py" in notes.text
    assert notes.text.startswith("# Plan\n\n<context>")
    assert notes.text.endswith("\n\nSomething else to do later.\n")
    editor.undo(notes)
    assert notes.text == before
