"""Questions that only the person can answer, and approvals without one."""

import asyncio
from pathlib import Path

from optafly.paths import resolve_paths
from optafly.stats.events import Decided
from optafly.stats.store import read_events, stats_file
from tests.e2e.core.conftest import until
from tests.e2e.lsp.conftest import Start
from tests.e2e.lsp.played import PlayedEditor, Text

TIED = "make slugify faster"


def write_tie(folder: Path) -> None:
    for name, what in (("blog", "title"), ("market", "name")):
        (folder / name).mkdir()
        (folder / name / "text.py").write_text(f"def slugify({what}):\n    return {what}.lower()\n", "utf-8")


async def tie(start: Start, folder: Path, **options: object) -> tuple[PlayedEditor, Text]:
    write_tie(folder)
    editor = await start(**options)
    held = editor.make("tie.md", "markdown", f"# Plan\n\n{TIED}\n")
    await editor.act(held, 12)
    return editor, held


async def titles(editor: PlayedEditor, held: Text, at: int = 12) -> list[str]:
    return [action.title for action in await editor.actions(held, at)]


async def test_a_tie_is_asked_about_and_the_answer_decides(start: Start, folder: Path) -> None:
    editor, held = await tie(start, folder)
    question = await editor.question()
    assert "Open: which one is meant?" in question.message
    assert "blog/text.py" in question.message
    assert "market/text.py" in question.message
    question.answer(None)
    answers = [title for title in await titles(editor, held) if title.startswith("Answer: ")]
    assert len(answers) == 2
    (market,) = [title for title in answers if "market" in title]
    await editor.act(held, 12, market)
    second = await editor.question()
    assert "Open:" not in second.message
    second.answer("Accept")
    await editor.until(lambda: editor.edits)
    assert "market/text.py" in held.text
    assert "blog/text.py" not in held.text


async def test_an_answer_in_the_review_document_takes_its_place(start: Start, folder: Path) -> None:
    editor, _ = await tie(start, folder)
    (await editor.question()).answer("Modify")
    await editor.until(lambda: editor.shown)
    document = editor.open_uri(editor.shown[-1])
    assert "## Open questions" in document.text
    (blog,) = [lens.command for lens in await editor.lenses(document) if lens.command and "blog" in lens.command.title]
    await editor.command(blog.command, *(blog.arguments or ()))
    (await editor.question()).answer("Use Original")
    await editor.nothing_waits()
    assert await editor.actions(document, 0) == []


async def test_a_safe_refinement_is_taken_without_asking_where_the_person_wants_that(
    start_alone: Start, own_home: Path, folder: Path
) -> None:
    editor = await start_alone(options={"auto_approve_safe_refinements": True})
    bill = editor.open(folder / "shop" / "bill.py", "python")
    await editor.actions(bill, bill.text.index("share"))
    held = editor.open(folder / "notes.md", "markdown")
    await editor.act(held, held.text.index("fix"))
    await editor.until(lambda: editor.edits)
    assert "<task>" in held.text
    assert editor.unasked
    # Nobody was asked, so nobody approved: the setting did.
    file = stats_file(resolve_paths({"OPTAFLY_HOME": str(own_home)}))

    def decided() -> list[str]:
        return [item.decision for item in read_events(file, 0.0, 1e12) if isinstance(item, Decided)]

    assert await asyncio.to_thread(until, decided, "a decision is written") == ["by_setting"]


async def test_what_is_open_is_asked_about_all_the_same(start: Start, folder: Path) -> None:
    editor, held = await tie(start, folder, options={"auto_approve_safe_refinements": True})
    (await editor.question()).answer("Use Original")
    await editor.nothing_waits()
    assert TIED in held.text
