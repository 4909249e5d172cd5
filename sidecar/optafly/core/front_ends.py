"""The front-ends attached to the core: what their editors show, and what their persons are asked."""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Final

import msgspec

from optafly.core.wire import (
    ApprovalAnswer,
    ApprovalCall,
    ApprovalRequest,
    Attach,
    Attached,
    EditorState,
    FrontEndName,
    Handover,
    Progress,
)
from optafly.errors import InputError, NoApprover, NotFound

LONGEST_APPROVAL_S: Final = 3600.0
EXPIRED: Final = ApprovalAnswer("expired")
STOPPING: Final = Progress("the core was stopped")

_log = logging.getLogger(__name__)


class _FrontEnd(msgspec.Struct, eq=False):
    id: str
    attach: Attach
    events: "asyncio.Queue[tuple[str, object] | None]"
    state: EditorState | None = None
    published: int = 0
    """Counts up: the highest is the newest state."""
    asked: dict[str, "asyncio.Future[ApprovalAnswer]"] = {}


class FrontEnds:
    """Who is attached; to be used on one event loop. ``on_leave`` is told the identity of each that goes."""

    def __init__(self, on_leave: Callable[[str], None]) -> None:
        self._on_leave = on_leave
        self._attached: dict[str, _FrontEnd] = {}
        self._published = 0
        self._closed = False

    @property
    def names(self) -> tuple[FrontEndName, ...]:
        """What is attached, one name for each."""
        return tuple(front_end.attach.name for front_end in self._attached.values())

    @property
    def asking(self) -> int:
        """How many persons' answers are waited for."""
        return sum(len(front_end.asked) for front_end in self._attached.values())

    async def attach(self, words: Attach) -> AsyncGenerator[tuple[str, object]]:
        """Its events, for as long as it stays; when the generator is closed, all that belonged to it is forgotten."""
        front_end = _FrontEnd(secrets.token_hex(8), words, asyncio.Queue())
        self._attached[front_end.id] = front_end
        _log.info("front-end %s attached: %s, pid %d", front_end.id, words.name, words.pid)
        try:
            yield "attached", Attached(front_end.id)
            while not self._closed and (event := await front_end.events.get()) is not None:
                yield event
            yield "stopping", STOPPING
        finally:
            del self._attached[front_end.id]
            for answer in front_end.asked.values():
                _settle(answer, EXPIRED)
            self._on_leave(front_end.id)
            _log.info("front-end %s left", front_end.id)

    def close(self) -> None:
        """End all streams; each says that the core stops."""
        self._closed = True
        for front_end in self._attached.values():
            front_end.events.put_nowait(None)

    def check(self, front_end: str) -> None:
        """Raise `NotFound` unless that front-end is attached; an empty text is one that need not be."""
        if front_end:
            self._find(front_end)

    def publish(self, front_end: str, state: EditorState) -> None:
        """Note what its editor shows; raises `NotFound`."""
        self._published += 1
        found = self._find(front_end)
        found.state, found.published = state, self._published

    def state_for(self, workspace: str) -> EditorState:
        """The newest state of a workspace, or of a folder that contains it; raises `NotFound`."""
        found = self._newest(workspace, self._attached.values())
        if found is None or found.state is None:
            raise NotFound("no editor has published anything of that workspace; open it in the editor")
        return found.state

    async def ask(self, call: ApprovalCall) -> ApprovalAnswer:
        """Let the person of another front-end decide; expired when they do not, or go away. Raises `NoApprover`."""
        if not 0 < call.time_limit_s <= LONGEST_APPROVAL_S:
            raise InputError(f"time_limit_s must be more than 0 and at most {LONGEST_APPROVAL_S:g}")
        approver = self._newest(call.workspace, (item for item in self._attached.values() if item.attach.approves))
        if approver is None:
            raise NoApprover("no editor with that workspace can ask its person; open the workspace in the editor")
        name = secrets.token_hex(8)
        answer: asyncio.Future[ApprovalAnswer] = asyncio.get_running_loop().create_future()
        approver.asked[name] = answer
        approver.events.put_nowait(("approve", ApprovalRequest(name, call.workspace, call.result)))
        try:
            async with asyncio.timeout(call.time_limit_s):
                return await answer
        except TimeoutError:
            return EXPIRED
        finally:
            approver.asked.pop(name, None)

    def answer(self, name: str, answer: ApprovalAnswer) -> None:
        """Take the person's answer; raises `NotFound` where nobody waits for it any more."""
        for front_end in self._attached.values():
            if name in front_end.asked:
                _settle(front_end.asked[name], answer)
                return
        raise NotFound("nobody waits for that approval any more")

    def hand_over(self, decision: Handover) -> None:
        """Pass a decision on to the process it is for; raises `NotFound` where that is not attached."""
        for front_end in self._attached.values():
            if front_end.attach.name == "lsp" and front_end.attach.pid == decision.pid:
                front_end.events.put_nowait(("handover", decision))
                return
        raise NotFound("the editor that this prompt belongs to is not attached any more")

    def _find(self, front_end: str) -> _FrontEnd:
        found = self._attached.get(front_end)
        if found is None:
            raise NotFound("no front-end of that identity is attached; attach again")
        return found

    def _newest(self, workspace: str, among: Iterable[_FrontEnd]) -> _FrontEnd | None:
        target = os.path.realpath(workspace)
        fitting = [item for item in among if item.state is not None and _shows(item.state, target)]
        return max(fitting, key=lambda item: item.published, default=None)


def _shows(state: EditorState, target: str) -> bool:
    """Whether an editor that shows this has a folder open that is the target or contains it."""
    folders = {*state.folders, *([state.workspace] if state.workspace else [])}
    return any(_contains(os.path.realpath(folder), target) for folder in folders if folder)


def _contains(folder: str, target: str) -> bool:
    return target == folder or target.startswith(folder.rstrip(os.sep) + os.sep)


def _settle(answer: "asyncio.Future[ApprovalAnswer]", value: ApprovalAnswer) -> None:
    if not answer.done():
        answer.set_result(value)
