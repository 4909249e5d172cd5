"""Where a person writes their next question in the document of an answer."""

import re
from typing import Final

NEXT: Final = "## Your next question"
"""Below this heading a person writes what they ask next."""
HINT: Final = "<!-- Write below this line, then choose the code action or lens “Ask a follow-up”. -->"

_UNSENT: Final = re.compile(r"\*\*Not answered\.\*\* .*: optafly ask --retry ([0-9a-f-]{1,20})")


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
