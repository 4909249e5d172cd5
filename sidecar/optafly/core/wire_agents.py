"""What front-ends of agent panels and the core say to each other, as JSON; the answers are `optafly.mcp.ports`."""

from typing import Annotated, Any

import msgspec

from optafly.mcp.ports import Choice, Decision


class LookUpCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for the kept answer to a text, as it would be sent; ``settings`` are effective values by key.

    ``asked_as`` says in which words a person asked, and that it is counted; None where no person did.
    """

    text: str
    workspace: str = ""
    settings: dict[str, Any] = {}
    asked_as: Choice | None = None


class NoteCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of the last refinement of a workspace; ``original`` tells whether it is still that one."""

    workspace: str
    original: str
    decision: Decision | None
    sent: str


class TextCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text whose secrets are to be replaced."""

    text: Annotated[str, msgspec.Meta(max_length=4_000_000)]


class Text(msgspec.Struct, frozen=True):
    """The same without them."""

    text: str


class Requests(msgspec.Struct, frozen=True):
    """Requests of a workspace, the newest first."""

    texts: tuple[str, ...]
