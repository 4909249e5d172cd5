"""The document that an answer is written to while it comes; begun only once there is something to tell."""

import asyncio
import contextlib

from optafly.core.wire_send import DocumentAt
from optafly.errors import OptaFlyError
from optafly.sending.documents import AnswerDocument, AnswerDocuments
from optafly.sending.facts import facts_of, saved_by_cache
from optafly.sending.order import Answer, Complete, Event, Order, Piece


class AnswerPage:
    """One answer's document, or none where nobody wants one."""

    def __init__(self, documents: AnswerDocuments | None) -> None:
        self._documents = documents
        self._document: AnswerDocument | None = None
        self._complete: Answer | None = None
        self._ended = False

    async def begin(self, order: Order) -> DocumentAt | None:
        """Where it is, the first time; raises `OptaFlyError` where it cannot be written."""
        if self._documents is None or self._document is not None:
            return None
        self._document = await asyncio.to_thread(self._documents.begin, order)
        return DocumentAt(str(self._document.path))

    async def write(self, event: Event) -> None:
        """Write what came, some of it at a time; raises `OptaFlyError`."""
        if self._document is None:
            return
        if isinstance(event, Piece):
            self._document.add(event.text)
            if self._document.due:
                await asyncio.to_thread(self._document.flush)
        elif isinstance(event, Complete):
            self._complete = event.answer
        elif isinstance(event, Answer):
            await self._end(self._document, event)

    async def fail(self, reason: str) -> None:
        """It was not answered, or not to the end; nothing is written below the place for the next question."""
        if self._document is None or self._ended:
            return
        with contextlib.suppress(OptaFlyError):
            if self._complete is not None:
                await self._end(self._document, self._complete)
            else:
                self._ended = True
                await asyncio.to_thread(self._document.fail, reason)

    async def _end(self, document: AnswerDocument, answer: Answer) -> None:
        saved = saved_by_cache(answer)
        facts = ([("saved", saved)] if saved else []) + facts_of(answer)
        self._ended = True
        await asyncio.to_thread(document.end, answer, facts)
