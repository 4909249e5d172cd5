"""Where a person writes their next question in the document of an answer."""

from typing import Final

NEXT: Final = "## Your next question"
"""Below this heading a person writes what they ask next."""
HINT: Final = "<!-- Write below this line, then choose the code action or lens “Ask a follow-up”. -->"


def question_in(text: str) -> str:
    """What a person wrote below the last heading for it; empty where there is nothing."""
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if line.strip() == NEXT]
    if not places:
        return ""
    below = [line for line in lines[places[-1] + 1 :] if line.strip() != HINT]
    return "\n".join(below).strip()
