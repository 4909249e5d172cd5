"""A prompt found in a document."""

from typing import Final, Literal

import msgspec

from optafly.protocol import Selection

PromptKind = Literal["prose", "selection", "comment", "marked_comment"]
LONGEST_PROMPT: Final = 20_000


class FoundPrompt(msgspec.Struct, frozen=True):
    """A prompt as a plain request, and the offsets of the stretch that holds it, end exclusive.

    ``replaceable`` when the stretch is the text to the letter, so that another text may take its place. ``target`` is
    the code that a comment is about.
    """

    kind: PromptKind
    text: str
    start: int
    end: int
    replaceable: bool = False
    target: Selection | None = None
