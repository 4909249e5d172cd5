"""How the document of an answer ends: with a place for the next question, or with why there is no answer."""

import re
from typing import Final

NEXT: Final = "## Your next question"
"""Below this heading a person writes what they ask next."""
HINT: Final = "<!-- Write below this line, then choose the code action or lens “Ask a follow-up”. -->"

_UNSENT: Final = re.compile(r"\*\*Not answered\.\*\* .*: optafly ask --retry ([0-9a-f-]{1,20})")
_NOT: Final = "**Not answered.**"


def not_answered(reason: str, *, ends_line: bool) -> str:
    """The end of a document that has no whole answer; ``ends_line`` says whether what stands there ends its line."""
    between = "" if ends_line else "\n"
    return f"{between}\n---\n\n{_NOT} {in_a_line(reason)}\n"


def has_ended(text: str) -> bool:
    """Whether a document has such an end, or the place for the next question."""
    lines = text.rstrip().splitlines()
    return HINT in lines or (bool(lines) and lines[-1].startswith(_NOT))


def in_a_line(text: str) -> str:
    """A text in one line of Markdown, without tags."""
    return " ".join(text.split()).replace("<", "\\<")


def unsent_in(text: str) -> str:
    """The id of the prompt that was not answered, where a document ends so; empty else."""
    last = text.rstrip().rpartition("\n")[2]
    found = _UNSENT.fullmatch(last)
    return found[1] if found else ""


def question_in(text: str) -> str:
    """What a person wrote below the last heading for it; empty where there is nothing."""
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if line.strip() == NEXT]
    if not places:
        return ""
    below = [line for line in lines[places[-1] + 1 :] if line.strip() != HINT]
    return "\n".join(below).strip()
