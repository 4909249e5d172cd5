"""What may happen to a proposal: proposed, then accepted, modified, rejected or expired. No input or output here."""

from typing import Literal

import msgspec

from optafly.errors import OptaFlyError
from optafly.protocol import RefinedPrompt

State = Literal["proposed", "accepted", "modified", "rejected", "expired"]


class NotProposed(OptaFlyError):
    """A decision was made already."""


class Proposal(msgspec.Struct, frozen=True):
    """A refinement waiting for, or holding, a decision; the original is part of it at every moment."""

    result: RefinedPrompt
    state: State = "proposed"
    modified_text: str | None = None

    @property
    def approved(self) -> str | None:
        """The text the person approved, or None while (or when) there is none."""
        match self.state:
            case "accepted":
                return self.result.refined
            case "modified":
                return self.modified_text
            case "rejected":
                return self.result.original
            case _:
                return None

    def accept(self) -> "Proposal":
        """Take the refined text."""
        return self._decide("accepted")

    def modify(self, text: str) -> "Proposal":
        """Take an edited text; an emptied one is no decision."""
        if self.state == "proposed" and not text.strip():
            return self
        return self._decide("modified", text)

    def reject(self) -> "Proposal":
        """Use the original."""
        return self._decide("rejected")

    def expire(self) -> "Proposal":
        """Approve nothing."""
        return self._decide("expired")

    def _decide(self, state: State, text: str | None = None) -> "Proposal":
        if self.state != "proposed":
            raise NotProposed(f"this refinement was {self.state} already")
        return msgspec.structs.replace(self, state=state, modified_text=text)


def is_safe(result: RefinedPrompt) -> bool:
    """Whether a refinement may be taken without asking: all gates passed, nothing open, nothing worded by the model."""
    return all(gate.passed for gate in result.gates) and not result.questions and not result.engine.used
