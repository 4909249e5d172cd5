"""What happens to a refined prompt when the person decides, and when they do not."""

import asyncio
from itertools import count

import pytest

from tests.e2e.lsp.played import PlayedEditor, Text, path_of
from tests.e2e.lsp.words import problem

PROMPT = "fix this bug in split_evenly"
NUMBERS = count()
DECISIONS = [
    "Accept refined prompt",
    "Accept refined prompt & send",
    "Modify refined prompt",
    "Use original prompt",
]


async def ask(editor: PlayedEditor, text: str, prompt: str = PROMPT) -> Text:
    held = editor.make(f"ask-{next(NUMBERS)}.md", "markdown", text)
    await editor.act(held, text.index(prompt) + 2)
    return held


async def titles(editor: PlayedEditor, held: Text, at: int) -> list[str]:
    return [action.title for action in await editor.actions(held, at)]


def approved(editor: PlayedEditor) -> Text:
    """The approved prompt that the server had opened last, opened as an editor would."""
    return editor.open_uri(editor.shown[-1])


async def test_the_question_shows_what_there_is_to_decide_on(editor: PlayedEditor) -> None:
    await ask(editor, f"# Plan\n\n{PROMPT}\n")
    question = await editor.question()
    assert f"```\n{PROMPT}\n```" in question.message
    assert "Refined task:" in question.message
    assert "tokens, from shop/bill.py" in question.message
    assert "Now present: target" in question.message
    assert len(question.message) < 3000
    question.answer("Use Original")


async def test_using_the_original_changes_nothing_and_ends_it(editor: PlayedEditor) -> None:
    held = await ask(editor, f"# Plan\n\n{PROMPT}\n")
    (await editor.question()).answer("Use Original")
    await editor.nothing_waits()
    assert held.text == f"# Plan\n\n{PROMPT}\n"
    assert not editor.edits
    assert await titles(editor, held, 12) == ["Refine prompt"]


async def test_a_closed_question_waits_in_code_actions_and_code_lenses(editor: PlayedEditor) -> None:
    held = await ask(editor, f"# Plan\n\n{PROMPT}\n\nLater.\n")
    (await editor.question()).answer(None)
    assert await titles(editor, held, 12) == DECISIONS
    lenses = await editor.lenses(held)
    assert [lens.command.title for lens in lenses if lens.command] == DECISIONS
    assert {lens.range.start.line for lens in lenses} == {2}
    assert not [title for title in await titles(editor, held, held.text.index("Later")) if title in DECISIONS]
    await editor.act(held, 12, "Accept refined prompt")
    await editor.until(lambda: editor.edits)
    assert held.text.startswith("# Plan\n\n<context>")
    assert await editor.lenses(held) == []


async def test_a_prompt_that_cannot_be_sent_is_there_to_be_copied(editor: PlayedEditor) -> None:
    held = await ask(editor, f"{PROMPT}\n")
    (await editor.question()).answer("Accept & Send")
    await editor.until(lambda: editor.edits and editor.messages and editor.shown)
    assert "<task>" in held.text
    assert "ANTHROPIC_API_KEY is not set" in editor.messages[-1]
    assert "optafly ask --retry" in editor.messages[-1]
    assert approved(editor).text == held.text.removesuffix("\n")


async def test_a_comment_stays_and_its_prompt_opens_ready_to_copy(editor: PlayedEditor) -> None:
    code = "def tip(total):\n    # AI: make the tip configurable\n    return total * 0.1\n"
    held = editor.make("tips.py", "python", code)
    await editor.act(held, code.index("AI:"))
    (await editor.question()).answer("Accept")
    await editor.until(lambda: editor.shown)
    assert held.text == code
    assert not editor.edits
    document = approved(editor)
    assert document.text.startswith("<context>")
    assert "make the tip configurable" in document.text
    assert "AI:" not in document.text.partition("<task>")[2]
    assert await titles(editor, document, 0) == ["Send approved prompt"]
    assert [lens.command.title for lens in await editor.lenses(document) if lens.command] == ["Send approved prompt"]
    await editor.act(document, 0, "Send approved prompt")
    await editor.until(lambda: editor.messages)


async def test_free_text_is_about_where_the_person_was_last(editor: PlayedEditor) -> None:
    held = editor.make("last.py", "python", "def slug(text):\n    return text.lower()\n")
    await editor.actions(held, held.text.index("return"))
    assert await editor.command("optafly.refine", "make this faster") is None
    question = await editor.question()
    assert "make this faster" in question.message
    assert "last.py" in question.message
    question.answer("Accept")
    await editor.until(lambda: editor.shown)
    assert "<task>" in approved(editor).text


async def test_free_text_that_waits_is_reached_from_anywhere(editor: PlayedEditor) -> None:
    await editor.command("optafly.refine", "fix the tip")
    (await editor.question()).answer(None)
    held = editor.make("other.md", "markdown", "# Only a title\n")
    await editor.act(held, 0, "Review the refined prompt that waits")
    await editor.until(lambda: editor.shown)
    review = editor.open_uri(editor.shown[-1])
    assert "## Original" in review.text
    await editor.act(review, 0, "Discard: use the original")
    await editor.nothing_waits()


async def test_the_problem_at_the_cursor_is_fixed_where_it_is(editor: PlayedEditor) -> None:
    code = "def tip(total):\n    return totl * 0.1\n"
    held = editor.make("typo.py", "python", code)
    at = code.index("totl")
    found = problem(code, at, at + 4, 'undefined name "totl"', code="F821", source="ruff")
    actions = await editor.actions(held, at, diagnostics=[found])
    (fix,) = [action for action in actions if action.kind == "quickfix"]
    assert fix.title == "Refine prompt: fix this problem"
    assert [item.message for item in fix.diagnostics] == [found.message]
    await editor.choose(fix)
    question = await editor.question()
    assert "F821" in question.message
    question.answer("Accept")
    await editor.until(lambda: editor.shown)
    text = approved(editor).text
    assert 'undefined name "totl"' in text
    assert "typo.py" in text


async def test_each_verb_on_selected_code_has_its_own_prompt(editor: PlayedEditor) -> None:
    held = editor.make("verbs.py", "python", "def double(n):\n    return n + n\n")
    actions = await editor.actions(held, 0, len(held.text))
    assert [action.title for action in actions] == [
        f"Refine prompt: {verb} this" for verb in ("optimize", "explain", "write tests for", "review", "document")
    ]
    await editor.choose(actions[0])
    first = await editor.question()
    await editor.choose(actions[1])
    second = await editor.question()
    assert "Optimize this" in first.message
    assert "Explain this" in second.message
    # One that waits does not take the place of the other.
    first.answer("Accept")
    await editor.until(lambda: editor.shown)
    assert "Optimize this" in approved(editor).text
    second.answer("Use Original")
    await editor.nothing_waits()
    assert not editor.messages


async def test_a_question_that_came_too_late_says_so(editor: PlayedEditor) -> None:
    held = await ask(editor, f"{PROMPT}\n")
    question = await editor.question()
    await editor.command("optafly.accept")
    await editor.until(lambda: editor.edits)
    question.answer("Use Original")
    assert "accepted already" in await editor.said("already")
    assert "<task>" in held.text


@pytest.mark.parametrize("command", ["accept", "acceptAndSend", "modify", "reject", "showReview"])
async def test_commands_without_anything_that_waits_say_so(editor: PlayedEditor, command: str) -> None:
    await editor.command(f"optafly.{command}")
    await editor.said("No refined prompt waits")
    await editor.command(f"optafly.{command}", {"proposal": "0123456789ab"})
    await editor.said("There is no such refined prompt")


async def test_a_clear_request_is_left_alone_and_said_so(editor: PlayedEditor) -> None:
    text = (
        "In `split_evenly` (shop/bill.py) return cents as int instead of float; keep the signature; "
        "add a test for 10 split by 3, and check that pytest passes.\n"
    )
    held = editor.make("clear.md", "markdown", text)
    await editor.act(held, 5)
    question = await editor.question()
    assert question.message.startswith("Clear as it is")
    question.answer("Don't Send")
    await editor.nothing_waits()
    assert held.text == text


async def test_what_is_refined_is_unsaved_text(editor: PlayedEditor) -> None:
    bill = editor.texts[(editor.folders[0] / "shop" / "bill.py").as_uri()]
    editor.change(bill, 0, 0, "def round_up_cents(amount):\n    return -(-amount // 0.01)\n\n\n")
    held = await ask(editor, "fix the rounding in round_up_cents\n", "fix the rounding")
    (await editor.question()).answer("Accept")
    await editor.until(lambda: editor.edits)
    assert "return -(-amount // 0.01)" in held.text
    assert "round_up_cents" not in path_of(bill).read_text()


@pytest.mark.parametrize("title", ["Accept refined prompt", "Use original prompt"])
async def test_a_double_click_says_nothing(editor: PlayedEditor, title: str) -> None:
    held = await ask(editor, f"{PROMPT}\n\nLater.\n")
    question = await editor.question()
    (action,) = [item for item in await editor.actions(held, 3) if item.title == title]
    await asyncio.gather(editor.choose(action), editor.choose(action))
    await editor.choose(action)
    question.answer("Accept" if "Accept" in title else "Use Original")
    await editor.command("optafly.cancel")
    await editor.said("Nothing is being refined")
    assert editor.messages == ["Nothing is being refined."]
    await editor.nothing_waits()
    assert len(editor.edits) == ("Accept" in title)
    assert held.text.count("<task>") == ("Accept" in title)
