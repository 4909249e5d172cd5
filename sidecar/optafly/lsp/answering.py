"""Answers of Claude: written by the core to a document that opens beside the code, shown while they come."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import msgspec

from optafly.core.wire_send import Kept, SendCall, Summary
from optafly.errors import CoreUnavailable, OptaFlyError
from optafly.lsp.editor import Editor
from optafly.lsp.link import CoreLink
from optafly.lsp.settings import EditorSettings
from optafly.lsp.store import Approved, ReviewStore
from optafly.lsp.ui import Ui
from optafly.sending.next_question import has_ended, not_answered, question_in

ASKING: Final = "Asking Claude"
NO_QUESTION: Final = "write your next question at the end of the answer's document first"
_TOLD: Final = ("model", "tokens", "cost")

log = logging.getLogger(__name__)


class Sent(msgspec.Struct, frozen=True):
    """What came of sending: whether the person sees it, and under which id the prompt waits if it was not answered."""

    shown: bool
    unsent: str = ""


class _Going(msgspec.Struct, eq=False):
    """An answer that is coming: the work, whether it is sent for the first time and under which id, and the id of what
    the core keeps by now.
    """

    work: asyncio.Task[Summary]
    first_time: bool
    name: str
    kept: str = ""


class Answering:
    """Sends what was approved; everything here runs on the event loop and blocks nothing."""

    def __init__(
        self,
        editor: Editor,
        ui: Ui,
        link: CoreLink,
        settings: EditorSettings,
        store: ReviewStore,
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """``start`` does something in the background."""
        self._editor = editor
        self._ui = ui
        self._link = link
        self._settings = settings
        self._store = store
        self._start = start
        self._going_on: set[_Going] = set()

    async def send(self, text: str, how: Approved) -> Sent:
        """Have a prompt answered; an earlier try of it is not kept any longer."""
        values = self._settings.values
        call = SendCall(text, how.workspace, refined=how.refined, document=True, settings=values)
        return await self._ask(call, None, instead_of=how.unsent)

    async def send_again(self, unsent: str, token: Any = None) -> None:
        """Have a prompt answered that waits to be sent."""
        await self._ask(SendCall(unsent=unsent, document=True, settings=self._settings.values), token)

    async def follow_up(self, name: str, token: Any = None) -> None:
        """Ask the question at the end of a document; raises `OptaFlyError` where there is none."""
        path = self._store.answers / f"{Path(name).name}.md"
        held = self._editor.at(path)
        text = held.document.text if held is not None else await asyncio.to_thread(_read, path)
        question = question_in(text)
        if not question:
            raise OptaFlyError(NO_QUESTION)
        call = SendCall(question, refined=False, document=True, follows=path.stem, settings=self._settings.values)
        await self._ask(call, token)

    def cancel_all(self) -> int:
        """Stop every answer that is coming; returns how many there were."""
        for going in self._going_on:
            self._stop(going)
        return len(self._going_on)

    def _stop(self, going: "_Going") -> None:
        """The person stops it; the core is told so, which would keep the prompt of whoever just goes away."""

        async def stop() -> None:
            try:
                # First, so that its document says so; where the core has not taken it yet, nothing waits for that.
                if going.first_time and going.kept:
                    await self._link.drop(going.name)
            finally:
                going.work.cancel()
            if going.first_time and not going.kept:
                await self._link.drop(going.name)

        self._start(stop())

    async def _ask(self, call: SendCall, token: Any, instead_of: str = "") -> Sent:
        opened: list[Path] = []
        working_now: list[Callable[[str], None]] = []

        def keep(kept: Kept) -> None:
            going.kept = kept.id
            if instead_of:
                self._start(self._link.drop(instead_of))
            if kept.secrets:
                self._ui.info(f"Secrets in it ({kept.secrets}) are not sent: markers stand there.")

        def open_it(path: Path) -> None:
            opened.append(path)
            self._start(self._ui.show_document(path, "The answer"))

        def say(text: str) -> None:
            for report in working_now:
                report(text)

        work = asyncio.create_task(self._link.send(call, keep, open_it, say), name="optafly-answer")
        going = _Going(work, first_time=not call.unsent, name=call.name)
        self._going_on.add(going)
        try:
            async with self._ui.working(ASKING, lambda: self._stop(going), token) as working:
                working_now.append(working.report)
                await asyncio.wait({work})
        finally:
            self._going_on.discard(going)
            work.cancel()
        if work.cancelled():
            log.info("an answer was stopped")
            return Sent(shown=True)
        try:
            answer = work.result()
        except OptaFlyError as error:
            if opened and isinstance(error, CoreUnavailable):
                await asyncio.to_thread(_end, opened[0], str(error))
            self._ui.warn(str(error))
            return Sent(bool(opened), going.kept)
        self._ui.info(told(answer))
        return Sent(shown=True)


def told(summary: Summary) -> str:
    """An answer in a line: what was saved, or what it took."""
    facts = dict(summary.facts)
    return summary.saved or "Answered: " + ", ".join(facts[name] for name in _TOLD)


def _end(path: Path, reason: str) -> None:
    """Write to a document that there is no answer, where the core that would have done so was killed."""
    text = _read(path)
    if text and not has_ended(text):
        with contextlib.suppress(OSError), path.open("ab") as stream:
            stream.write(not_answered(reason, ends_line=text.endswith("\n")).encode("utf-8", "replace"))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
