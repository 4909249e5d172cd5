"""What decides whether an answer to one text also answers another."""

from typing import Protocol

import msgspec


class Judgement(msgspec.Struct, frozen=True):
    """Whether two texts ask for the same, the calibrated probability where there is one, and why."""

    same: bool
    p: float | None
    reason: str


class Judge(Protocol):
    """Compares a stored text with a new one in the same scope."""

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        """Whether the answer to ``a`` answers ``b``; ``similarity`` is the cosine of their vectors."""
