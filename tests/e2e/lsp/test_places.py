"""Where an approved prompt goes when its document changed after the question, and which characters stand around it."""

import pytest

from tests.e2e.lsp.notes import NUMBERS, PROMPT, accept, asked, write
from tests.e2e.lsp.played import PlayedEditor, path_of

# Between the question and the answer


async def test_an_edit_before_the_prompt_moves_it(editor: PlayedEditor) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    question = await asked(editor, held, 12)
    editor.change(held, 0, 0, "🦊 first\n\n")
    await accept(editor, question)
    assert held.text.startswith("🦊 first\n\n# Plan\n\n<context>")


async def test_an_edit_that_comes_just_before_ours_is_not_overwritten(editor: PlayedEditor) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    question = await asked(editor, held, 12)

    async def type_first() -> None:
        editor.change(held, 0, 0, "Typed while the answer was on its way.\n\n")

    editor.before_edit = type_first
    question.answer("Accept")
    await editor.until(lambda: len(editor.edits) == 2)
    assert held.text.startswith("Typed while the answer was on its way.\n\n# Plan\n\n<context>")
    assert not editor.messages


async def test_an_edit_of_the_prompt_that_comes_just_before_ours_wins(editor: PlayedEditor) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    question = await asked(editor, held, 12)

    async def type_first() -> None:
        editor.change(held, 17, 17, "not ")

    editor.before_edit = type_first
    question.answer("Accept")
    await editor.said("has changed")
    assert held.text == "# Plan\n\nfix this not bug in split_evenly\n"
    assert "<task>" in editor.open_uri(editor.shown[-1]).text


@pytest.mark.parametrize(("at", "typed"), [(8, "do not "), (8 + len(PROMPT), ", and in tip")])
async def test_what_is_written_on_beside_the_prompt_makes_it_another_one(
    editor: PlayedEditor, at: int, typed: str
) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    question = await asked(editor, held, 12)
    editor.change(held, at, at, typed)
    before = held.text
    question.answer("Accept")
    await editor.said("has changed")
    assert held.text == before
    assert "<task>" in editor.open_uri(editor.shown[-1]).text


async def test_another_mark_of_the_list_changes_nothing_about_it(editor: PlayedEditor) -> None:
    held = write(editor, f"1. one\n2. {PROMPT}\n")
    question = await asked(editor, held, 12)
    editor.change(held, 7, 9, "3)")
    await accept(editor, question)
    assert held.text.startswith("1. one\n3) <context>")


async def test_an_edit_that_the_editor_refuses_loses_nothing(editor: PlayedEditor) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n")
    question = await asked(editor, held, 12)
    editor.refuse_edits = True
    question.answer("Accept")
    await editor.said("did not make the edit")
    editor.refuse_edits = False
    assert held.text == f"# Plan\n\n{PROMPT}\n"
    assert "<task>" in editor.open_uri(editor.shown[-1]).text


async def test_a_prompt_cut_and_pasted_elsewhere_is_found_again(editor: PlayedEditor) -> None:
    held = write(editor, f"# Plan\n\n{PROMPT}\n\n# Later\n")
    question = await asked(editor, held, 12)
    editor.change(held, 8, 8 + len(PROMPT), "")
    editor.change(held, len(held.text), len(held.text), f"\n{PROMPT}\n")
    await accept(editor, question)
    assert "# Later\n\n<context>" in held.text


async def test_everything_replaced_by_a_formatter_keeps_the_place(editor: PlayedEditor) -> None:
    held = write(editor, f"# Plan\n{PROMPT}\n\n- list\n")
    question = await asked(editor, held, 9)
    editor.change(held, 0, len(held.text), f"# Plan\n\n{PROMPT}\n\n* list\n")
    await accept(editor, question)
    assert held.text.startswith("# Plan\n\n<context>")
    assert held.text.endswith("\n\n* list\n")


# Characters and line ends


async def test_line_ends_of_windows_stay(editor: PlayedEditor) -> None:
    held = write(editor, f"# Plan\r\n\r\nplease look, then\r\n{PROMPT}\r\n\r\nLater.\r\n")
    await accept(editor, await asked(editor, held, held.text.index("fix")))
    assert "<task>" in held.text
    assert held.text.endswith("\r\n\r\nLater.\r\n")
    assert "\n" not in held.text.replace("\r\n", "")
    assert "\r" not in held.text.replace("\r\n", "")


async def test_characters_of_two_units_on_the_same_line(editor: PlayedEditor) -> None:
    held = write(editor, f"- 🐛🐛 note\n- 🚀 {PROMPT} 🦊\n- another\n")
    await accept(editor, await asked(editor, held, held.text.index("fix")))
    assert held.text.startswith("- 🐛🐛 note\n- <context>")
    assert held.text.endswith("\n- another\n")


async def test_a_selection_on_a_line_with_characters_of_two_units(editor: PlayedEditor) -> None:
    held = write(editor, f"🦊🦊 {PROMPT} 🦊 and so on\n")
    at = held.text.index("fix")
    (action,) = await editor.actions(held, at, at + len(PROMPT))
    await editor.choose(action)
    await accept(editor, await editor.question())
    assert held.text.startswith("🦊🦊 <context>")
    assert held.text.endswith("> 🦊 and so on\n")


@pytest.mark.parametrize("new", ["", "mend this bug in split_evenly"])
async def test_another_prompt_that_reads_alike_is_left_alone(editor: PlayedEditor, new: str) -> None:
    held = write(editor, f"{PROMPT}\n\n## Done\n\n- {PROMPT}\n\n```\n{PROMPT}\n```\n")
    question = await asked(editor, held, 3)
    editor.change(held, 0, len(PROMPT), new)
    before = held.text
    await accept(editor, question)
    assert held.text == before
    await editor.said("has changed")


async def test_a_closed_document_that_another_program_wrote_to_is_left_alone(editor: PlayedEditor) -> None:
    held = write(editor, f"{PROMPT}\n\n{PROMPT}\n")
    question = await asked(editor, held, 3)
    editor.close(held)
    path_of(held).write_text(f"{PROMPT}\n")
    await accept(editor, question)
    await editor.said("has changed")
    assert not editor.edits


@pytest.mark.parametrize(("shown", "closed"), [(True, False), (False, False), (False, True)])
async def test_a_byte_order_mark_stays_and_shifts_nothing(editor: PlayedEditor, shown: bool, closed: bool) -> None:
    path = editor.folders[0] / f"places-{next(NUMBERS)}.md"
    path.write_bytes(f"\ufeff{PROMPT}\r\n\r\nLater.\r\n".encode())
    editor.shows_marks = shown
    held = editor.open(path, "markdown")
    question = await asked(editor, held, 3)
    assert "\ufeff" not in question.message
    if closed:
        editor.close(held)
    await accept(editor, question)
    text = editor.texts[held.uri].text
    assert text.startswith("\ufeff<context>" if shown else "<context>")
    assert text.endswith("\r\n\r\nLater.\r\n")


@pytest.mark.parametrize(("before", "leader"), [("- ", "  "), ("1. ", "   "), ("> ", "> "), ("- [ ] ", "  ")])
async def test_what_is_put_into_a_list_or_a_quote_stays_in_it(editor: PlayedEditor, before: str, leader: str) -> None:
    text = f"Plan:\n\n{before}{PROMPT}\n\nLater.\n"
    held = write(editor, text)
    await accept(editor, await asked(editor, held, text.index("bug")))
    head, _, rest = held.text.partition("<context>\n")
    assert head == f"Plan:\n\n{before}"
    inside, _, tail = rest.partition("</constraints>")
    assert tail == "\n\nLater.\n"
    assert f"\n{leader}```python\n{leader}def split_evenly(" in inside
    assert all(line.startswith(leader) or line == leader.rstrip() for line in inside.split("\n"))
    editor.undo(held)
    assert held.text == text


async def test_a_deleted_file_is_said_to_be_gone(editor: PlayedEditor) -> None:
    held = write(editor, f"{PROMPT}\n")
    question = await asked(editor, held, 3)
    editor.close(held)
    path_of(held).unlink()
    await accept(editor, question)
    await editor.said("cannot be read any longer")
    assert not editor.edits


@pytest.mark.parametrize("before", ["", "- "])
async def test_what_was_put_in_is_no_request_to_refine_again(editor: PlayedEditor, before: str) -> None:
    held = write(editor, f"{before}{PROMPT}\n\nmake the tip larger\n")
    await accept(editor, await asked(editor, held, 5))
    await editor.nothing_waits()
    end = held.text.index("</constraints>")
    for at in range(0, end, 5):
        assert await editor.actions(held, at) == [], held.text[at : at + 20]
    assert [item.title for item in await editor.actions(held, held.text.index("larger"))] == ["Refine prompt"]
