"""What the MCP server needs of the core; the front-end and the core itself hand in their own."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol

import msgspec

from optafly.protocol import Buffer, Diagnostic, Hunk, RefinedPrompt, RefineRequest, Selection
from optafly.stats.report import Report

Choice = Literal["refined", "original"]
Decision = Literal["accepted", "modified", "rejected", "expired", "unasked"]
"""What became of a refinement; ``unasked`` where no editor could ask and a setting decided."""
Say = Callable[[str], Awaitable[None]]
"""Is told in words what is going on."""


class Rules(msgspec.Struct, frozen=True):
    """The settings: what is given without an editor, or where nobody decided in time; seconds for all of it."""

    without_editor: Choice
    on_timeout: Choice
    time_limit_s: float


class Shown(msgspec.Struct, frozen=True):
    """What an editor shows of a workspace, without private files and secrets; paths are relative to ``workspace``."""

    workspace: str
    file: str | None = None
    selection: Selection | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    edits: tuple[Hunk, ...] = ()


class Approval(msgspec.Struct, frozen=True):
    """How a person decided in their editor, and the approved text where there is one."""

    decision: Literal["accepted", "modified", "rejected", "expired"]
    text: str | None = None


class Context(msgspec.Struct, frozen=True):
    """A request behind what is known about it: its text and tokens, the files it quotes, and secrets replaced."""

    text: str
    tokens: int
    files: tuple[str, ...]
    secrets: int


class Kept(msgspec.Struct, frozen=True):
    """What the cache says of a request; a miss has a reason and no answer."""

    outcome: Literal["exact", "equal", "semantic", "miss"]
    reason: str
    answer: str = ""
    model: str = ""
    similarity: float | None = None


class Last(msgspec.Struct, frozen=True):
    """The last refinement of a workspace, without secrets; ``sent`` is what was given to the agent."""

    result: RefinedPrompt
    decision: Decision | None = None
    sent: str | None = None


class Engine(Protocol):
    """What is asked of the core. All of it raises `OptaFlyError`; cancelling the caller's task stops the work."""

    async def rules(self) -> Rules:
        """The settings as they are now."""

    async def shown(self, workspace: str) -> Shown | None:
        """What an editor shows of a workspace; None where none has it open."""

    async def refine(self, request: RefineRequest, say: Say, *, by_agent: bool = False) -> RefinedPrompt:
        """Refine a request; one ``by_agent`` is not remembered as what its person asked."""

    async def in_context(self, request: RefineRequest) -> Context:
        """A request in its own words, behind what is known about it."""

    async def without_secrets(self, text: str) -> str:
        """A text with its secrets replaced."""

    async def ask_approval(self, workspace: str, result: RefinedPrompt, time_limit_s: float) -> Approval | None:
        """Let the person decide in their editor; None where no editor with that workspace can ask."""

    async def note(self, workspace: str, original: str, decision: Decision | None, sent: str) -> None:
        """Remember what became of the last refinement."""

    async def look_up(self, text: str, workspace: str, *, asked_as: Choice | None = None) -> Kept:
        """The kept answer to a text; nothing is sent.

        Where a person asked for it, ``asked_as`` says in which words, and it is counted.
        """

    async def recent(self, workspace: str) -> Sequence[str]:
        """Requests that were refined in a workspace, the newest first, without secrets."""

    async def last(self, workspace: str) -> Last | None:
        """The last refinement of a workspace."""

    async def report(self, days: int) -> Report:
        """The figures of the last days."""
