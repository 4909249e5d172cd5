"""What a person chose when they were asked about a refined prompt."""

from typing import Literal

import msgspec


class Choice(msgspec.Struct, frozen=True):
    """``send`` the refined text, ``text`` in its place where the person changed it; the ``original``; or nothing.

    ``answers`` are candidates that were chosen, by question. ``said`` is what was answered to questions in own words,
    and what was added to the prompt, where the question is empty.
    """

    decision: Literal["send", "original", "nothing"]
    text: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()


def with_answers(text: str, answers: tuple[tuple[str, str], ...]) -> str:
    """A text with answers to its questions, at the end of its task."""
    if not answers:
        return text
    lines = "\n".join(f"{question} {answer}".strip() for question, answer in answers)
    before, end, after = text.rpartition("</task>")
    return f"{before}\n{lines}\n{end}{after}" if end else f"{text}\n\n{lines}"
