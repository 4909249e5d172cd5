"""The buttons of the messages that ask for a decision."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from optafly.lsp.proposals import Action

TO_DECIDE: Final = ("Accept", "Accept & Send", "Modify", "Use Original")
TO_DECIDE_FOR_ANOTHER: Final = ("Accept", "Modify", "Use Original")
"""Of another front-end's prompt: that one sends it."""
TO_DECIDE_CLEAR: Final = ("Send", "Show What Is Sent", "Don't Send")
"""Of a prompt that is clear as it is."""
ACTIONS: Final[Mapping[str, Action | Literal["modify"]]] = MappingProxyType(
    {
        "Accept": "accept",
        "Accept & Send": "send",
        "Modify": "modify",
        "Use Original": "reject",
        "Send": "send",
        "Show What Is Sent": "modify",
        "Don't Send": "reject",
    }
)
