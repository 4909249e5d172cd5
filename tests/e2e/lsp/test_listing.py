"""What is offered where, and that listing it costs nothing."""

import time

import pytest
from lsprotocol import types

from tests.e2e.lsp.played import PlayedEditor
from tests.e2e.lsp.words import problem

CODE = """\
import os

# AI: return the whole path
def join(parts):
    # fix this: an empty part gives two slashes
    return "/".join(parts)  # noqa
"""


async def titles(editor: PlayedEditor, name: str, language: str, text: str, start: int, end: int) -> list[str]:
    held = editor.make(name, language, text)
    return [action.title for action in await editor.actions(held, start, end)]


@pytest.mark.parametrize(
    ("language", "name"), [("markdown", "a.md"), ("plaintext", "a.txt"), ("git-commit", "COMMIT_EDITMSG")]
)
async def test_a_paragraph_of_prose_is_a_prompt(editor: PlayedEditor, language: str, name: str) -> None:
    text = "first words\n\nfix this bug in split_evenly\nand in tip\n\nlast\n"
    held = editor.make(f"prose/{name}", language, text)
    (action,) = await editor.actions(held, text.index("and"))
    assert action.title == "Refine prompt"
    assert action.kind == "refactor.rewrite.optafly"
    assert action.edit is None
    assert action.command is None  # until it is resolved
    resolved = await editor.client.code_action_resolve_async(action)
    assert resolved.command is not None
    assert resolved.command.command == "optafly.refine"


async def test_a_selection_is_a_prompt_whatever_is_around_it(editor: PlayedEditor) -> None:
    text = "one two three\nfour five six\n"
    held = editor.make("selected.md", "markdown", text)
    (action,) = await editor.actions(held, text.index("two"), text.index(" six"))
    await editor.choose(action)
    await editor.answer_or_clear("Use Original")


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("AI: return", ["Refine prompt"]),
        ("an empty part", ["Refine prompt"]),
        ("import os", []),
        ("join(parts):", []),
        ("noqa", []),
    ],
)
async def test_of_comments_only_requests_are_prompts(editor: PlayedEditor, at: str, found: list[str]) -> None:
    where = CODE.index(at) + 1
    assert await titles(editor, "comments.py", "python", CODE, where, where) == found


async def test_nothing_is_offered_where_there_is_no_prompt(editor: PlayedEditor) -> None:
    assert await titles(editor, "empty.md", "markdown", "", 0, 0) == []
    assert await titles(editor, "blank.md", "markdown", "\n\n \n", 2, 2) == []
    assert await titles(editor, "title.md", "markdown", "# Title\n", 3, 3) == []
    assert await titles(editor, "blank.py", "python", "x = 1\n\n\n", 6, 8) == []


async def test_problems_of_all_servers_are_offered_at_most_three(editor: PlayedEditor) -> None:
    text = "x = undefined_name\n"
    held = editor.make("problems.py", "python", text)
    found = [problem(text, 4, 8, f"problem {number}", source="ruff", code=number) for number in range(5)]
    found.append(found[0])
    actions = await editor.actions(held, 5, diagnostics=found)
    assert [action.title for action in actions] == ["Refine prompt: fix this problem"] * 3
    assert {action.kind for action in actions} == {"quickfix"}
    assert [action.diagnostics[0].message for action in actions] == ["problem 0", "problem 1", "problem 2"]


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["quickfix"], {"quickfix"}),
        (["refactor"], {"refactor.rewrite.optafly"}),
        (["refactor.rewrite"], {"refactor.rewrite.optafly"}),
        (["refactor.rewrite.optafly"], {"refactor.rewrite.optafly"}),
        (["source.organizeImports"], set()),
        (["refactor.extract"], set()),
        ([""], {"quickfix", "refactor.rewrite.optafly"}),
    ],
)
async def test_only_the_kinds_that_are_asked_for(editor: PlayedEditor, only: list[str], kinds: set[str]) -> None:
    text = "x = 1  # AI: name this well\n"
    held = editor.make("kinds.py", "python", text)
    found = await editor.actions(held, 12, diagnostics=[problem(text, 8, 14)], only=only)
    assert {action.kind for action in found} == kinds


async def test_decisions_are_no_quick_fixes(editor: PlayedEditor) -> None:
    text = "fix this bug in split_evenly\n"
    held = editor.make("decisions.md", "markdown", text)
    await editor.act(held, 4)
    (await editor.question()).answer(None)
    assert await editor.actions(held, 4, only=["quickfix"]) == []
    await editor.act(held, 4, "Use original prompt")
    await editor.nothing_waits()


async def test_what_waits_does_not_hide_other_prompts_in_its_place(editor: PlayedEditor) -> None:
    text = "def halve(n):\n    # AI: use integers\n    return n / 2\n"
    held = editor.make("hide.py", "python", text)
    (review,) = [item for item in await editor.actions(held, 0, len(text)) if item.title.endswith("review this")]
    await editor.choose(review)
    (await editor.question()).answer(None)
    found = [action.title for action in await editor.actions(held, text.index("AI:"))]
    assert found[:1] == ["Accept refined prompt"]
    assert found[-1] == "Refine prompt"
    await editor.act(held, text.index("AI:"), "Use original prompt")
    await editor.nothing_waits()


async def test_an_action_outlives_edits_around_it(editor: PlayedEditor) -> None:
    text = "# Plan\n\nfix this bug in split_evenly\n"
    held = editor.make("outlives.md", "markdown", text)
    (action,) = await editor.actions(held, 12)
    editor.change(held, 0, 0, "new\n\n")
    await editor.choose(action)
    (await editor.question()).answer("Accept")
    await editor.until(lambda: editor.edits)
    assert held.text.startswith("new\n\n# Plan\n\n<context>")


async def test_an_action_of_a_closed_document_is_too_old(editor: PlayedEditor) -> None:
    held = editor.make("closed.md", "markdown", "fix this bug in split_evenly\n")
    (action,) = await editor.actions(held, 4)
    resolved = await editor.client.code_action_resolve_async(action)
    editor.close(held)
    assert resolved.command is not None
    await editor.command(resolved.command.command, *(resolved.command.arguments or ()))
    await editor.said("This action is too old")


async def test_a_large_document_is_listed_at_once_after_a_change(editor: PlayedEditor) -> None:
    line = "some words about nothing much, and 🦊 here\n"
    text = line * (1_000_000 // len(line)) + "\nfix this bug in split_evenly\n\n" + line * 100
    held = editor.make("large.md", "markdown", text)
    at = text.index("fix this")
    editor.change(held, 10, 10, "🦊 ")
    editor.change(held, at + 2, at + 2, "please ")
    await editor.actions(held, 5)  # the text has arrived
    times = []
    for shift in range(9):
        began = time.perf_counter()
        (action,) = await editor.actions(held, at + 8 + shift)
        times.append(time.perf_counter() - began)
        assert action.title == "Refine prompt"
    # The bound of the issue is 10 ms and is measured in the benchmark; a shared machine is given more.
    assert sorted(times)[4] < 0.1
    await editor.choose(action)
    (await editor.question()).answer("Accept")
    await editor.until(lambda: editor.edits)
    assert "and 🦊 here\n\n<context>" in held.text
    assert held.text.endswith(line * 100)


async def test_positions_beyond_the_text_are_its_end(editor: PlayedEditor) -> None:
    held = editor.make("beyond.md", "markdown", "fix this bug in split_evenly")
    far = types.Position(10**6, 2**31 - 1)
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(held.uri), types.Range(far, far), types.CodeActionContext([])
    )
    found = await editor.client.text_document_code_action_async(params)
    assert [action.title for action in found or ()] == ["Refine prompt"]


@pytest.mark.parametrize("name", [".env", ".ssh/config", "deploy.pem"])
async def test_nothing_is_offered_in_a_private_file(editor: PlayedEditor, name: str) -> None:
    text = "fix this bug in split_evenly\n"
    held = editor.make(name, "plaintext", text)
    assert await editor.actions(held, 3, diagnostics=[problem(text, 0, 3)]) == []
    assert await editor.actions(held, 0, len(text)) == []
    assert await editor.lenses(held) == []
