"""What the relay between a client and its agent needs of others, and what it offers them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from optafly.errors import OptaFlyError

Block = Mapping[str, Any]
"""A content block as it was received; it is replaced by another one, never changed."""
StopReason = Literal["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"]


class ClientRefused(OptaFlyError):
    """The client answered a request with an error, or with nothing that can be read; ``code`` is as in JSON-RPC."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class ClientGone(OptaFlyError):
    """The client has gone, or the turn that asked it is over."""


class Turn(msgspec.Struct, frozen=True):
    """What was said before in a session: by the person as it was sent on, or by the agent; long ones are cut."""

    role: Literal["user", "agent"]
    text: str


class AskedPrompt(msgspec.Struct, frozen=True):
    """A prompt that is held back until it is decided about.

    ``roots`` are the folders of the session, ``cwd`` first. ``turns`` are those before this one, oldest first, those
    of a session that was loaded included; ``goes_on`` where there may have been others, of which nothing is known here.
    ``commands`` holds our commands by the name that the client was told
    (``refine``, or ``optafly-refine`` where the agent has one of that name).
    """

    session: str
    cwd: str
    blocks: Sequence[Block]
    turns: Sequence[Turn] = ()
    roots: Sequence[str] = ()
    commands: Mapping[str, str] = {}
    goes_on: bool = False


class Forward(msgspec.Struct, frozen=True):
    """These blocks go to the agent; those that are the very ones of `AskedPrompt` go as the bytes that came in."""

    blocks: Sequence[Block]


class Answered(msgspec.Struct, frozen=True):
    """All is said: the turn ends, and the agent hears nothing of it."""

    stop_reason: StopReason = "end_turn"


class Stopped(msgspec.Struct, frozen=True):
    """The person does not want it sent: the turn ends as cancelled."""


Decided = Forward | Answered | Stopped


class ClientPort(Protocol):
    """The client, for the length of one turn."""

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """``clientCapabilities`` as the client sent them; empty where it sent none."""

    async def request(self, method: str, params: Mapping[str, Any]) -> Any:
        """Ask the client and wait for its result; raises `ClientRefused` and `ClientGone`.

        A request whose caller is cancelled is withdrawn.
        """

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Tell the client something, as a ``session/update``; raises `ClientGone`."""


class PromptGate(Protocol):
    """Decides what becomes of a prompt; for one event loop."""

    async def decide(self, asked: AskedPrompt, client: ClientPort) -> Decided:
        """Decide about one prompt. Cancelled when its person cancels the turn; prompts of one session come in turn.

        What it raises lets the prompt through as it came.
        """

    async def close(self) -> None:
        """Leave the core."""


class Answerer(Protocol):
    """Answers where there is no agent; for one event loop."""

    async def answer(self, asked: AskedPrompt, client: ClientPort) -> StopReason:
        """Stream the answer as ``agent_message_chunk`` updates; why it ended. Cancelled when its person cancels.

        An `OptaFlyError` is what the client is told.
        """

    async def close(self) -> None:
        """Leave the core."""
