"""Editors that give the review document a server of its own: what is decided there is done where the prompt is."""

from pathlib import Path

from tests.e2e.lsp.conftest import Start
from tests.e2e.lsp.played import PlayedEditor, Text

UNSAVED = "Written above and not saved.\n\n"


async def both(start: Start, folder: Path) -> tuple[PlayedEditor, Text, PlayedEditor, Text]:
    """A document with a prompt in one server, and its review document in another."""
    first = await start()
    notes = first.open(folder / "notes.md", "markdown")
    first.change(notes, 0, 0, UNSAVED)
    await first.act(notes, notes.text.index("fix") + 1)
    (await first.question()).answer("Modify")
    await first.until(lambda: first.shown)
    second = await start()
    return first, notes, second, second.open_uri(first.shown[-1])


async def decide(editor: PlayedEditor, review: Text, title: str) -> None:
    (action,) = [item for item in await editor.actions(review, 0) if item.title == title]
    await editor.choose(action)


async def test_what_is_accepted_there_is_replaced_here(start: Start, folder: Path) -> None:
    first, notes, second, review = await both(start, folder)
    at = review.text.index("</task>")
    second.change(review, at, at, " Quickly.")
    await decide(second, review, "Accept this prompt")
    await first.until(lambda: first.edits)
    assert notes.text.startswith(UNSAVED + "# Plan\n\n<context>")
    assert " Quickly.</task>" in notes.text
    assert notes.text.endswith("\n\nSomething else to do later.\n")
    assert second.edits == []
    await second.until(lambda: True)
    assert [item.title for item in await second.actions(review, 0) if "Accept" in item.title] == []


async def test_what_is_discarded_there_is_decided_here(start: Start, folder: Path) -> None:
    first, notes, second, review = await both(start, folder)
    await decide(second, review, "Discard: use the original")
    while "Accept refined prompt" in [item.title for item in await first.actions(notes, notes.text.index("fix") + 1)]:
        await first.lenses(notes)
    assert "<task>" not in notes.text
    assert first.edits == []


async def test_without_the_first_server_nothing_is_replaced_from_disk(start: Start, folder: Path) -> None:
    first, _, second, review = await both(start, folder)
    first.process.kill()
    await first.ended()
    await decide(second, review, "Accept this prompt")
    await second.until(lambda: any("not open here" in item for item in second.messages))
    assert second.edits == []
    assert "<task>" in second.open_uri(second.shown[-1]).text
