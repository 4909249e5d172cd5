"""The parts of a refined prompt but for its context."""

import msgspec

from optafly.protocol import Question


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of ours with where it comes from."""

    text: str
    source: str


class Wording(msgspec.Struct, frozen=True):
    """All of the refined prompt but its context."""

    task: str
    constraints: tuple[Sentence, ...]
    done_when: tuple[Sentence, ...]
    questions: tuple[Question, ...]
