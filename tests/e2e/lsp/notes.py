"""Notes with a prompt in them, and what a person does with one."""

from itertools import count
from typing import Final

from tests.e2e.lsp.played import PlayedEditor, Question, Text

PROMPT: Final = "fix this bug in split_evenly"
NUMBERS = count()


def write(editor: PlayedEditor, text: str) -> Text:
    """A new document of the project, open."""
    return editor.make(f"notes-{next(NUMBERS)}.md", "markdown", text)


async def asked(editor: PlayedEditor, held: Text, at: int) -> Question:
    """The question that follows when the prompt at an offset is refined."""
    await editor.act(held, at)
    return await editor.question()


async def accept(editor: PlayedEditor, question: Question) -> None:
    """Accept, and wait for what comes of it."""
    count_before = len(editor.edits)
    question.answer("Accept")
    await editor.until(lambda: len(editor.edits) > count_before or editor.shown)
