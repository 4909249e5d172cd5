"""What deciding and answering need of the core, and what is remembered of a session in between."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final, Protocol

import msgspec

from optafly.approval import State
from optafly.config import Config
from optafly.core.wire import EditorState
from optafly.core.wire_send import OwnWords, SendCall
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.stats.report import Report

_MOST_ON_THEIR_WAY: Final = 8


class Core(Protocol):
    """The core and the settings. All of it raises `OptaFlyError`; cancelling the caller's task stops the work."""

    async def config(self) -> Config:
        """The settings as they are now."""

    async def shown(self, workspace: str) -> EditorState | None:
        """What an editor shows of a workspace, without private files and secrets; None where none has it open."""

    async def refine(self, request: RefineRequest, settings: dict[str, Any]) -> RefinedPrompt:
        """Refine a request."""

    async def own_words(self, request: RefineRequest, settings: dict[str, Any]) -> OwnWords:
        """A request as it was written, behind what is known about it."""

    async def decided(self, state: State, *, by_setting: bool = False) -> None:
        """Have a decision counted, where there is a core to count it; it stands, counted or not."""

    def send(self, call: SendCall) -> AsyncGenerator[tuple[str, Any]]:
        """Have Claude answer: the events of `SendCall`; closing the iterator stops it."""

    async def drop(self, name: str) -> None:
        """Have a prompt that is on its way not kept any longer; nothing where that fails."""

    async def report(self, days: int) -> Report:
        """The figures of the last days."""

    async def close(self) -> None:
        """Leave the core."""


class Last(msgspec.Struct, frozen=True):
    """The last refinement of a session, how it was decided, and what was sent; None where nothing was."""

    result: RefinedPrompt
    state: State
    by_setting: bool
    sent: str | None


class Remembered(msgspec.Struct, eq=False):
    """What is remembered of a session.

    ``original``: its prompts go as they are; ``original_once``: the next one does. ``document`` is the
    name of the document of Claude's last answer.
    """

    original: bool = False
    original_once: bool = False
    last: Last | None = None
    document: str = ""
    _decided: dict[str, bool] = {}

    def decided_on(self, text: str, *, refined: bool) -> None:
        """Note the text of a prompt that is on its way now; ``refined`` where it is a refined one unchanged."""
        self._decided[text] = refined
        while len(self._decided) > _MOST_ON_THEIR_WAY:
            del self._decided[next(iter(self._decided))]

    def take_decided(self, written: Sequence[Any]) -> tuple[str, bool] | None:
        """Which of these was decided on, and whether it is a refined one; once for each."""
        for text in written:
            if isinstance(text, str) and text in self._decided:
                return text, self._decided.pop(text)
        return None


class Memory:
    """What is remembered, by session; of very many the oldest are forgotten."""

    MOST = 1_000

    def __init__(self) -> None:
        self._known: dict[str, Remembered] = {}

    def of(self, session: str) -> Remembered:
        """What is remembered of a session."""
        found = self._known.pop(session, None) or Remembered()
        self._known[session] = found
        while len(self._known) > self.MOST:
            del self._known[next(iter(self._known))]
        return found
