"""Answers of Claude: written by the core to a document that opens beside the code, shown while they come."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from optafly.core.wire_send import SendCall, Summary
from optafly.errors import OptaFlyError
from optafly.lsp.editor import Editor
from optafly.lsp.link import CoreLink
from optafly.lsp.settings import EditorSettings
from optafly.lsp.store import ReviewStore
from optafly.lsp.ui import Ui
from optafly.sending.next_question import question_in

ASKING: Final = "Asking Claude"
NO_QUESTION: Final = "write your next question at the end of the answer's document first"
_TOLD: Final = ("model", "tokens", "cost")

log = logging.getLogger(__name__)


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
        self._going_on: set[asyncio.Task[Summary]] = set()

    async def send(self, text: str, workspace: str) -> bool:
        """Have a prompt answered; False where that failed before there was a document to say so in."""
        return await self._ask(
            SendCall(text, workspace, refined=True, document=True, settings=self._settings.values), None
        )

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
        for task in self._going_on:
            task.cancel()
        return len(self._going_on)

    async def _ask(self, call: SendCall, token: Any) -> bool:
        opened: list[Path] = []
        working_now: list[Callable[[str], None]] = []

        def open_it(path: Path) -> None:
            opened.append(path)
            self._start(self._ui.show_document(path, "The answer"))

        def say(text: str) -> None:
            for report in working_now:
                report(text)

        work = asyncio.create_task(self._link.send(call, open_it, say), name="optafly-answer")
        self._going_on.add(work)
        try:
            async with self._ui.working(ASKING, lambda: _cancel(work), token) as working:
                working_now.append(working.report)
                await asyncio.wait({work})
        finally:
            self._going_on.discard(work)
            work.cancel()
        if work.cancelled():
            log.info("an answer was stopped")
            return True
        try:
            answer = work.result()
        except OptaFlyError as error:
            self._ui.warn(str(error))
            return bool(opened)
        self._ui.info(told(answer))
        return True


def told(summary: Summary) -> str:
    """An answer in a line: what was saved, or what it took."""
    facts = dict(summary.facts)
    return summary.saved or "Answered: " + ", ".join(facts[name] for name in _TOLD)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _cancel(work: "asyncio.Task[Summary]") -> None:
    work.cancel()
