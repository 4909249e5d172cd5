"""Documents of answers: what stands in them, whatever the texts are, and what a person writes at their end."""

import asyncio
import os
import re
import time
from pathlib import Path

import pytest

from optafly.core.answer_page import AnswerPage
from optafly.errors import NotFound, OptaFlyError
from optafly.routing.usage import Usage
from optafly.sending.costs import nothing
from optafly.sending.documents import STEP_S, AnswerDocuments
from optafly.sending.next_question import HINT, NEXT, has_ended, not_answered, question_in, unsent_in
from optafly.sending.order import Answer, CacheUse, Order, Said

PROMPT = "<context>\n````\nx = 1\n````\n</context>\n<task>Fix `x`.</task>"


def order(text: str = "What is it?", **more: object) -> Order:
    return Order(text, "claude-sonnet-5-5", 100, **more)  # type: ignore[arg-type]


def answer(text: str) -> Answer:
    return Answer(text, "claude-sonnet-5-5", "end_turn", Usage(), nothing(), CacheUse("miss", "x"), 1.0, 0.5)


def test_it_grows_as_the_answer_comes(tmp_path: Path) -> None:
    now = 0.0
    document = AnswerDocuments(tmp_path).begin(order(), clock=lambda: now)
    assert document.path.read_text("utf-8") == "## Question\n\n```\nWhat is it?\n```\n\n## Answer\n\n"
    document.add("one ")
    due = [document.due]
    now = STEP_S
    document.add("two ✓")
    due.append(document.due)
    document.flush()
    assert document.path.read_text("utf-8").endswith("## Answer\n\none two ✓")
    assert [*due, document.due] == [False, True, False]
    document.add(" three")
    document.end(answer("one two ✓ three"), [("model", "m | <b>x</b>\ny")])
    text = document.path.read_text("utf-8")
    assert "\n\none two ✓ three\n\n---\n\n| | |\n|---|---|\n| model | m \\| \\<b>x\\</b> y |\n" in text
    assert text.endswith(f"{NEXT}\n\n{HINT}\n\n")
    assert question_in(text) == ""


def test_a_refined_prompt_shows_its_task_and_unfolds(tmp_path: Path) -> None:
    text = AnswerDocuments(tmp_path).begin(order(PROMPT)).path.read_text("utf-8")
    assert text.startswith("## Question\n\n```\nFix `x`.\n```\n\n<details>")
    assert f"\n`````\n{PROMPT}\n`````\n" in text


def test_a_conversation_is_kept_beside_it_and_goes_on(tmp_path: Path) -> None:
    documents = AnswerDocuments(tmp_path)
    first = documents.begin(order("One?", workspace="/somewhere"))
    with pytest.raises(NotFound):
        documents.conversation(first.path.stem)
    first.end(answer("Yes."), [])
    kept = documents.conversation(first.path.stem)
    assert (kept.name, kept.workspace) == (first.path.stem, "/somewhere")
    assert kept.said == (Said("user", "One?"), Said("assistant", "Yes."))
    second = documents.begin(order("Two?", before=kept.said, conversation=kept.name))
    second.add("No.")
    second.end(answer("No."), [])
    text = second.path.read_text("utf-8")
    assert re.findall(r"One\?|Yes\.|Two\?|No\.", text) == ["One?", "Yes.", "Two?", "No."]
    again = documents.conversation(second.path.stem)
    assert (again.name, len(again.said)) == (first.path.stem, 4)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "20260101-000000-0123456g", "20260101-000000-01234567"])
def test_of_others_there_is_no_conversation(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound, match="ask anew"):
        AnswerDocuments(tmp_path).conversation(name)


def test_what_is_old_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    documents = AnswerDocuments(tmp_path)
    old, notes = documents.begin(order()).path, tmp_path / "notes.md"
    notes.write_text("mine")
    for path in (old, notes):
        os.utime(path, (time.time() - 31 * 86400,) * 2)
    new = documents.begin(order()).path
    assert {path.name for path in tmp_path.iterdir()} == {new.name, "notes.md"}


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OptaFlyError, match="data folder"):
        AnswerDocuments(tmp_path / "file").begin(order())


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("", ""),
        ("## Answer\n\nx\n", ""),
        (f"{NEXT}\n\n{HINT}\n\n", ""),
        (f"{NEXT}\n\n{HINT}\n\nWhy?\nAnd how?\n\n", "Why?\nAnd how?"),
        (f"{NEXT}\r\n\r\n{HINT}\r\nWhy?\r\n", "Why?"),
        (f"{NEXT}\nWhy?\n", "Why?"),
        (f"quoted\n{NEXT}\nold\n{NEXT}\n{HINT}\nnew", "new"),
        (f"{NEXT} and more\nWhy?", ""),
    ],
)
def test_the_question_is_what_stands_below_the_last_heading_for_it(text: str, question: str) -> None:
    assert question_in(text) == question


def test_nothing_is_written_below_a_finished_answer(tmp_path: Path) -> None:
    async def answered() -> str:
        page = AnswerPage(AnswerDocuments(tmp_path))
        at = await page.begin(order())
        assert at is not None
        await page.write(answer("Sort it."))
        # Whoever stops it in the last moment stops nothing any more: what is below is the person's next question.
        await page.fail("It was stopped.")
        return at.path

    assert question_in(Path(asyncio.run(answered())).read_text("utf-8")) == ""


@pytest.mark.parametrize(
    ("end", "unsent"),
    [
        ("It broke off. The prompt is kept; send it later: optafly ask --retry 20260101-000000-abcd", "abcd"),
        ("It was stopped.", ""),
    ],
)
def test_what_was_not_answered_names_the_prompt_that_waits(tmp_path: Path, end: str, unsent: str) -> None:
    document = AnswerDocuments(tmp_path).begin(order())
    document.add("**Not answered.** x: optafly ask --retry 20250101-000000-0000\n")
    assert unsent_in(document.path.read_text("utf-8")) == ""
    document.fail(end)
    assert unsent_in(document.path.read_text("utf-8")).endswith(unsent)
    assert bool(unsent_in(document.path.read_text("utf-8"))) == bool(unsent)


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("", False),
        ("## Answer\n\nhalf of", False),
        ("half of" + not_answered("It was stopped.", ends_line=False), True),
        (f"all\n\n{NEXT}\n\n{HINT}\n\nand why?", True),
        ("**Not answered.** is what it said\n\nand more", False),
    ],
)
def test_whether_a_document_has_its_end(text: str, ended: bool) -> None:
    assert has_ended(text) is ended
