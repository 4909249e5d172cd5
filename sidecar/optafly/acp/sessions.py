"""What is known of the sessions: their folders, what was said in them, and what our commands are called there."""

import os
from collections import deque
from collections.abc import Sequence
from typing import Final, Literal

from optafly.acp.commands import names_beside
from optafly.acp.messages import OpenParams
from optafly.acp.ports import AskedPrompt, Block, Turn

MOST_TURNS: Final = 20
LONGEST_TURN: Final = 8_000
_MOST_SESSIONS: Final = 100


class Session:
    """One conversation."""

    def __init__(self) -> None:
        self.told = False
        """Whether the client has been told of commands in this session."""
        self.loading = False
        """Whether the agent tells what was said before."""
        self.goes_on = False
        """Whether more may have been said than is known here."""
        self.commands = names_beside(())
        self._cwd = _here()
        self._roots: tuple[str, ...] = (self._cwd,)
        self._turns: deque[Turn] = deque(maxlen=MOST_TURNS)

    def opened(self, params: OpenParams) -> None:
        """Note what the client opened it with."""
        self._cwd = params.cwd
        self._roots = tuple(dict.fromkeys((params.cwd, *(params.additional_directories or ()))))

    def forget_turns(self) -> None:
        """What was said is told anew."""
        self._turns.clear()

    def goes_on_from(self, other: "Session") -> None:
        """What was said in the other was said here as well."""
        self._turns = other._turns.copy()
        self.goes_on = True

    def said(self, role: Literal["user", "agent"], text: str) -> None:
        """Note a piece of what somebody says; pieces of one after another are one turn."""
        if not text:
            return
        before = self._turns.pop().text if self._turns and self._turns[-1].role == role else ""
        self._turns.append(Turn(role, before + text[: LONGEST_TURN - len(before)]))

    def prompted(self, text: str) -> None:
        """Note a prompt, which is a turn of its own."""
        if text:
            self._turns.append(Turn("user", text[:LONGEST_TURN]))

    def asked(self, name: str, blocks: Sequence[Block]) -> AskedPrompt:
        """A prompt with what was before it."""
        return AskedPrompt(name, self._cwd, blocks, tuple(self._turns), self._roots, self.commands, self.goes_on)


class Sessions:
    """Sessions by name; of very many those not used for long are forgotten, and go on without what was said."""

    def __init__(self) -> None:
        self._known: dict[str, Session] = {}

    def of(self, name: str) -> Session:
        """The session, which is made where it is not known yet."""
        session = self._known.pop(name) if name in self._known else Session()
        self._known[name] = session
        if len(self._known) > _MOST_SESSIONS:
            del self._known[next(iter(self._known))]
        return session

    def knows(self, name: str) -> bool:
        """Whether there is such a session."""
        return name in self._known

    def drop(self, name: str) -> None:
        """Forget a session."""
        self._known.pop(name, None)


def _here() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:  # it has been removed
        return os.sep
