"""The review document: a prompt is edited, shortened, accepted or discarded in it, in this run or the next."""

import json
import os
import stat
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from lsprotocol import types

from optafly.paths import resolve_paths
from tests.e2e.lsp.conftest import Start, end_core, eventually, starting, write_project
from tests.e2e.lsp.played import PlayedEditor, Text, path_of

PROMPT = "fix this bug in split_evenly"
NUMBERS = count()


async def review(editor: PlayedEditor, text: str = f"# Plan\n\n{PROMPT}\n\nLater.\n") -> tuple[Text, Text]:
    """A document with a prompt in it, and the review document of its refinement, open."""
    held = editor.make(f"review-{next(NUMBERS)}.md", "markdown", text)
    await editor.act(held, text.index("fix") + 1)
    (await editor.question()).answer("Modify")
    await editor.until(lambda: editor.shown)
    return held, editor.open_uri(editor.shown[-1])


def edit(editor: PlayedEditor, held: Text, old: str, new: str) -> None:
    start = held.text.index(old)
    editor.change(held, start, start + len(old), new)


async def titles(editor: PlayedEditor, held: Text) -> list[str]:
    return [action.title for action in await editor.actions(held, 0)]


def unescaped(path: Path) -> str:
    """A URI as editors write it that escape less, or a file system by its real path."""
    return f"file://{quote(os.path.realpath(path), safe='/@()+,:=!')}"


@pytest.mark.parametrize("name", ["user@host (1) + 2, a", "a folder behind a link"])
async def test_what_was_edited_is_accepted_however_the_editor_spells_its_place(
    tmp_path: Path, folder: Path, name: str
) -> None:
    home = tmp_path / name
    if "link" in name:
        (tmp_path / "real").mkdir()
        home.symlink_to(tmp_path / "real")
    try:
        async with starting(home, folder) as start:
            editor = await start(uri_of=unescaped)
            held, document = await review(editor)
            assert document.uri == unescaped(path_of(document))
            assert (await titles(editor, document))[:1] == ["Accept this prompt"]
            edit(editor, document, "<task>", "<task>EDITED ")
            await editor.act(held, held.text.index("fix"), "Accept refined prompt")
            await editor.until(lambda: editor.edits)
            assert "<task>EDITED " in held.text
            (made,) = editor.edits[-1].edit.document_changes or ()
            assert isinstance(made, types.TextDocumentEdit)
            assert made.text_document.uri == held.uri
    finally:
        end_core(home)


async def test_a_prompt_is_found_however_the_editor_spells_its_place(start: Start, tmp_path: Path) -> None:
    made = write_project(tmp_path / "user@host (1)")
    editor = await start(folders=(made,), uri_of=unescaped)
    held = editor.make("plan.md", "markdown", f"{PROMPT}\n")
    await editor.act(held, 3)
    question = await editor.question()
    editor.uri_of = Path.as_uri
    renamed = editor.rename(held, made / "new (2).md")
    question.answer("Accept")
    await editor.until(lambda: editor.edits)
    assert "<task>" in renamed.text


async def test_it_holds_the_prompt_and_what_was_changed(editor: PlayedEditor) -> None:
    _, document = await review(editor)
    assert "prompt begins below this line -->\n<context>" in document.text
    for part in ("## Original", PROMPT, "## Changes", "## Criteria (coverage "):
        assert part in document.text
    found = await titles(editor, document)
    assert found[:3] == ["Accept this prompt", "Accept & send this prompt", "Discard: use the original"]
    assert any(title.startswith("Take out: ") for title in found)
    lenses = [lens.command.title for lens in await editor.lenses(document) if lens.command]
    assert lenses == found[:3]
    await editor.act(document, 0, "Discard: use the original")
    await editor.nothing_waits()
    assert not path_of(document).exists()


async def test_an_edited_prompt_is_accepted_before_it_is_saved(editor: PlayedEditor) -> None:
    held, document = await review(editor)
    edit(editor, document, "</task>", " and keep the cents 🦊</task>")
    await editor.act(document, 0, "Accept this prompt")
    await editor.until(lambda: editor.edits)
    assert "and keep the cents 🦊</task>" in held.text
    assert held.text.endswith("\n\nLater.\n")
    assert "prompt begins" not in held.text


async def test_line_ends_of_an_editor_that_writes_its_own(editor: PlayedEditor) -> None:
    held, document = await review(editor)
    editor.change(document, 0, len(document.text), document.text.replace("\n", "\r\n"))
    await editor.act(document, 0, "Accept this prompt")
    await editor.until(lambda: editor.edits)
    assert "<task>" in held.text
    assert "\r" not in held.text


async def test_a_single_change_is_taken_out(editor: PlayedEditor) -> None:
    held, document = await review(editor)
    assert "Keep the signature" in document.text.partition("## Original")[0]
    (take_out,) = [title for title in await titles(editor, document) if "signature" in title]
    await editor.act(document, 0, take_out)
    assert "Keep the signature" not in document.text.partition("## Original")[0]
    assert take_out not in await titles(editor, document)
    await editor.act(document, 0, "Accept this prompt")
    await editor.until(lambda: editor.edits)
    assert "<task>" in held.text
    assert "Keep the signature" not in held.text


async def test_without_its_bounds_nothing_is_accepted_until_they_are_back(editor: PlayedEditor) -> None:
    held, document = await review(editor)
    before = document.text
    editor.change(document, 0, document.text.index("<context>"), "")
    await editor.act(document, 0, "Accept this prompt")
    await editor.said("lines that bound the prompt")
    assert held.text.startswith("# Plan\n\nfix")
    editor.undo(document)
    assert document.text == before
    await editor.act(document, 0, "Accept this prompt")
    await editor.until(lambda: editor.edits)
    assert "<task>" in held.text


async def test_an_emptied_prompt_is_no_decision(editor: PlayedEditor) -> None:
    held, document = await review(editor)
    start = document.text.index("<context>")
    end = document.text.index("\n<!-- optafly", start)
    editor.change(document, start, end, "  \n")
    await editor.act(document, 0, "Accept this prompt")
    await editor.said("The prompt is empty")
    assert held.text.startswith("# Plan\n\nfix")
    await editor.act(document, 0, "Discard: use the original")
    await editor.nothing_waits()


async def test_modify_again_opens_what_was_edited(editor: PlayedEditor) -> None:
    held, document = await review(editor)
    edit(editor, document, "</task>", " now</task>")
    editor.save(document, path_of(document))
    editor.close(document)
    editor.client.shown_documents.clear()
    await editor.act(held, held.text.index("fix"), "Modify refined prompt")
    await editor.until(lambda: editor.shown)
    document = editor.open_uri(editor.shown[-1])
    assert " now</task>" in document.text
    await editor.act(document, 0, "Discard: use the original")
    await editor.nothing_waits()


async def test_a_later_run_goes_on_with_it(start: Start, folder: Path) -> None:
    first = await start()
    held, document = await review(first)
    path = path_of(document)
    edit(first, document, "</task>", " again</task>")
    first.save(document, path)
    await first.stop()
    second = await start()
    again = second.open(path_of(held), "markdown")
    document = second.open(path, "markdown")
    assert (await titles(second, document))[0] == "Accept this prompt"
    await second.act(document, 0, "Accept this prompt")
    await second.until(lambda: second.edits)
    assert again.text.startswith("# Plan\n\n<context>")
    assert " again</task>" in again.text


async def test_a_review_whose_proposal_is_unknown_offers_nothing(editor: PlayedEditor, home: Path) -> None:
    folder = resolve_paths({"OPTAFLY_HOME": str(home)}).state_dir / "reviews"
    _, document = await review(editor)
    text = document.text
    await editor.act(document, 0, "Discard: use the original")
    await editor.nothing_waits()
    path = folder / "0123456789ab.md"
    path.write_text(text)
    other = editor.open(path, "markdown")
    assert await titles(editor, other) == []
    assert await editor.lenses(other) == []
    path.unlink()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
async def test_nobody_else_can_read_it(editor: PlayedEditor) -> None:
    _, document = await review(editor)
    path = path_of(document)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_suffix(".json").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await editor.act(document, 0, "Discard: use the original")
    await editor.nothing_waits()


async def test_a_state_folder_that_cannot_be_written_loses_nothing(start_alone: Start, own_home: Path) -> None:
    state = resolve_paths({"OPTAFLY_HOME": str(own_home)}).state_dir
    state.parent.mkdir(parents=True)
    state.write_text("in the way")  # root may write anywhere, but not here
    editor = await start_alone()
    code = "def tip(total):\n    # AI: make the tip configurable\n    return total * 0.1\n"
    held = editor.make("tips.py", "python", code)
    await editor.act(held, code.index("AI:"))
    (await editor.question()).answer("Accept")
    await editor.said("cannot be written")
    assert (await titles_at(editor, held, code.index("AI:")))[0] == "Accept refined prompt"
    await editor.act(held, code.index("AI:"), "Modify refined prompt")
    state.unlink()
    await editor.act(held, code.index("AI:"), "Accept refined prompt")
    await editor.until(lambda: editor.shown)
    assert "make the tip configurable" in editor.open_uri(editor.shown[-1]).text


async def titles_at(editor: PlayedEditor, held: Text, at: int) -> list[str]:
    return [action.title for action in await editor.actions(held, at)]


async def test_no_text_of_a_prompt_is_logged(start_alone: Start, own_home: Path) -> None:
    editor = await start_alone()
    secret = "zanzibarite"
    held = editor.make("private.md", "markdown", f"fix this {secret} bug in split_evenly\n")
    await editor.act(held, 4)
    (await editor.question()).answer("Modify")
    await editor.until(lambda: editor.shown)
    document = editor.open_uri(editor.shown[-1])
    assert secret in document.text
    await editor.act(document, 0, "Accept this prompt")
    await editor.until(lambda: editor.edits)
    await editor.command("optafly.refine", {"offer": secret})
    await editor.stop()
    logs = list((own_home / "log").iterdir())
    assert {path.name for path in logs} >= {"lsp.log"}
    assert not [path for path in logs if secret.encode() in path.read_bytes()]


async def test_no_unsaved_text_is_kept_beside_it(editor: PlayedEditor) -> None:
    held = editor.make("unsaved.py", "python", "x = 1\n")
    editor.change(held, 0, 0, "# not to be kept\n")
    _, document = await review(editor)
    kept = json.loads(path_of(document).with_suffix(".json").read_text())["request"]
    assert kept["prompt"] == PROMPT
    assert not kept.get("buffers")
    assert not kept.get("edits")
    await editor.act(document, 0, "Discard: use the original")
    await editor.nothing_waits()


@pytest.mark.parametrize("what", ["replaced", "stale", "comment", "free text", "sent", "discarded"])
async def test_nothing_that_was_decided_comes_back(editor: PlayedEditor, what: str) -> None:
    text = f"# AI: {PROMPT}\nx = 1\n" if what == "comment" else f"{PROMPT}\n"
    held = editor.make(f"review-{next(NUMBERS)}", "python" if what == "comment" else "markdown", text)
    if what == "free text":
        await editor.command("optafly.refine", PROMPT)
    else:
        await editor.act(held, text.index("bug"))
    (await editor.question()).answer("Modify")
    await editor.until(lambda: editor.shown)
    document = editor.open_uri(editor.shown[-1])
    if what == "stale":
        editor.change(held, 3, 3, " not")
    decision = {"discarded": "Discard: use the original", "sent": "Accept & send this prompt"}
    await editor.act(document, 0, decision.get(what, "Accept this prompt"))
    if what not in {"replaced", "discarded"}:
        await editor.until(lambda: len(editor.shown) == 2)  # the approved prompt
    await editor.nothing_waits()
    path = path_of(document)

    async def is_gone() -> bool:
        return not path.exists() and not path.with_suffix(".json").exists()

    await eventually(is_gone, "what was decided is removed")
    assert await titles(editor, document) == []
