"""Sending in a process: orders made of calls, prompts kept until they are answered, answers counted."""

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from optafly.config import Config, load_config
from optafly.context.secrets import SecretScanner
from optafly.core.answer_page import AnswerPage
from optafly.core.answers import Told
from optafly.core.compose import effective
from optafly.core.decisions import Decisions
from optafly.core.failures import failure_of, log_unexpected
from optafly.core.recording import Recording
from optafly.core.sending_decides import DecidesWith
from optafly.core.sending_events import answered_event, failed_event, stopped_event
from optafly.core.wire import Progress
from optafly.core.wire_send import Kept, SendCall, kept_for_later
from optafly.errors import Cancelled, InputError, OptaFlyError
from optafly.neural.encoder import Encoder
from optafly.paths import Paths
from optafly.sending.claude import Api
from optafly.sending.documents import AnswerDocuments
from optafly.sending.facts import facts_of, saved_by_cache
from optafly.sending.names import is_name
from optafly.sending.order import Answer, Complete, Order, Piece, Retry, Used, Waiting
from optafly.sending.ports import Claude
from optafly.sending.sender import Sender
from optafly.sending.unsent import Claim, Outbox, Unsent

STOPPED: Final = "It was stopped."
GONE: Final = "whoever sent it went away before it was answered"
CLOSED: Final = "the core ended before it was answered"
LONGEST: Final = 4_000_000
"""Characters of a text."""
_MOST_DROPPED: Final = 64
"""Prompts that were dropped before they came; a front-end that stops at once may be faster with the latter."""


class Result(msgspec.Struct, frozen=True):
    """An answer, with what is said of it in words."""

    answer: Answer
    saved: str
    facts: tuple[tuple[str, str], ...]


class _Sent(msgspec.Struct, eq=False):
    """A prompt on its way: as it is kept, how many of its secrets were replaced, and its answer once all is there."""

    kept: Unsent
    claim: Claim
    secrets: int = 0
    complete: Answer | None = None
    counted: bool = False
    sender: Sender | None = None

    @property
    def used(self) -> Used:
        """What it has used so far."""
        return self.sender.used if self.sender is not None else Used()


class Sending:
    """Answers calls to send; to be used on one event loop, which is never blocked.

    Where Claude is, and the keys, are those of the person's file and of this process, whatever a call says: a call must
    not be able to have a key sent elsewhere.
    """

    def __init__(
        self,
        paths: Paths,
        decisions: Decisions,
        recording: Recording,
        environ: Mapping[str, str] = os.environ,
        claude: Claude | None = None,
    ) -> None:
        self._paths = paths
        self._decisions = decisions
        self._recording = recording
        self._environ = environ
        self._claude = claude
        self.outbox = outbox_of(paths)
        self._documents = AnswerDocuments(paths.data_dir / "answers")
        self._senders: set[Sender] = set()
        self._keeping: set[asyncio.Task[None]] = set()
        self._first: set[str] = set()
        """What is sent for the first time, and so is kept only if it fails."""
        self._dropped: set[str] = set()
        self._not_come: deque[str] = deque(maxlen=_MOST_DROPPED)
        self._closing = False

    @property
    def working(self) -> int:
        """How much is under way."""
        return len(self._senders)

    def send(self, call: SendCall) -> AsyncGenerator[Told]:
        """Events of `SendCall`; closing the generator stops it. Raises `InputError` for what cannot be sent.

        What is stopped is kept to be sent later, unless its person wants that no more (`drop`).
        """
        config = effective(call.settings)
        if not call.unsent and not call.text.strip():
            raise InputError("the text is empty; say what is asked")
        if len(call.text) > LONGEST:
            raise InputError(f"the text has more than {LONGEST} characters")
        if call.workspace and not Path(call.workspace).is_absolute():
            raise InputError("workspace must be an absolute path, or empty")
        if not is_name(call.name):
            raise InputError("name looks like 20260131-120000-1a2b")
        return self._send(call, config)

    async def drop(self, name: str) -> None:
        """A prompt's person does not want it answered any more: it is not kept, nor will be where it is on its way."""
        if name in self._first:
            self._dropped.add(name)
        else:
            self._not_come.append(name)
            await asyncio.to_thread(self.outbox.remove, name)

    def close(self) -> None:
        """What is stopped from now on is stopped because this process ends."""
        self._closing = True

    async def join(self) -> None:
        """Wait until the answers that were given are kept."""
        if self._keeping:
            await asyncio.wait(self._keeping)

    def _keep_on(self, sender: Sender) -> None:
        if sender.keeping:
            task = asyncio.create_task(sender.close(), name="optafly-send-keep")
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def _send(self, call: SendCall, config: Config) -> AsyncGenerator[Told]:
        sent: _Sent | None = None
        page = AnswerPage(self._documents if call.document else None)
        begun = time.monotonic()
        try:
            if not call.unsent:
                if call.name in self._not_come:
                    raise Cancelled("it was stopped")
                self._first.add(call.name)
            keeping = asyncio.ensure_future(asyncio.to_thread(self._kept, call, config))
            try:
                sent = await asyncio.shield(keeping)
            except asyncio.CancelledError:
                # The thread goes on, and what it keeps is to be seen to.
                await asyncio.wait({keeping})
                sent = keeping.result() if keeping.exception() is None else None
                raise
            yield "kept", Kept(sent.kept.id, sent.secrets)
            async with contextlib.aclosing(self._told(sent, config, page)) as told:
                async for event in told:
                    yield event
        except (asyncio.CancelledError, GeneratorExit):
            await self._stopped(sent, page, begun)
            raise
        except OptaFlyError as error:
            failure = await self._failed(sent, error, begun)
            await page.fail(str(failure))
            yield "error", failure_of(failure)
        except Exception as error:
            log_unexpected(error)
            failure = await self._failed(
                sent, OptaFlyError(f"it failed ({type(error).__name__}); core.log says where"), begun
            )
            await page.fail(str(failure))
            yield "error", failure_of(failure)
        finally:
            await self._end(call, sent)

    async def _stopped(self, sent: _Sent | None, page: AnswerPage, begun: float) -> None:
        if sent is None or sent.counted:
            return
        if sent.complete is not None:
            await self._answered(sent, sent.complete)
            await page.fail(STOPPED)
            return
        why = "core_ended" if self._closing else "cancelled"
        self._recording.answered(stopped_event(sent.kept, sent.used, why, took_s=time.monotonic() - begun))
        if sent.kept.id in self._dropped:
            await asyncio.to_thread(self._settle, sent)
            await page.fail(STOPPED)
            return
        reason = CLOSED if self._closing else GONE
        await asyncio.to_thread(self._settle, sent, reason)
        await page.fail(kept_for_later(reason, sent.kept.id))

    async def _end(self, call: SendCall, sent: _Sent | None) -> None:
        if not call.unsent:
            self._first.discard(call.name)
        if sent is not None and (sent.kept.id in self._dropped or sent.claim.is_locked):
            await asyncio.to_thread(self._settle, sent, "" if sent.counted else GONE)
        self._dropped.discard(call.name)

    def _settle(self, sent: _Sent, reason: str = "") -> None:
        """It is not being sent any more: it waits, with the reason why, or is not kept where there is none.

        To be done before anybody is told, who may have it sent again at once.
        """
        if reason and sent.kept.id not in self._dropped:
            self.outbox.failed(sent.kept, reason)
        else:
            self.outbox.remove(sent.kept.id)
        self.outbox.let_go(sent.claim)

    async def _answered(self, sent: _Sent, answer: Answer) -> None:
        if not sent.counted:
            sent.counted = True
            self._recording.answered(answered_event(answer, sent.kept.refined))
            await asyncio.to_thread(self._settle, sent)

    async def _told(self, sent: _Sent, config: Config, page: AnswerPage) -> AsyncGenerator[Told]:
        order = sent.kept.order
        claude = self._claude if self._claude is not None else await asyncio.to_thread(self._api)
        sender = Sender(
            DecidesWith(self._decisions, config),
            self._decisions.answers,
            self._decisions.selector,
            claude,
            Encoder().version,
        )
        self._senders.add(sender)
        sent.sender = sender
        try:
            async with contextlib.aclosing(sender.send(order)) as answers:
                async for event in answers:
                    if (at := await page.begin(order)) is not None:
                        yield "document", at
                    await page.write(event)
                    match event:
                        case Piece():
                            yield "text", event
                        case Waiting():
                            yield "progress", Progress(event.text)
                        case Retry():
                            yield "retry", Progress(event.text)
                        case Complete():
                            sent.complete = event.answer
                        case Answer():
                            await self._answered(sent, event)
                            yield "result", Result(event, saved_by_cache(event), tuple(facts_of(event)))
        finally:
            self._senders.discard(sender)
            self._keep_on(sender)

    def _api(self) -> Api:
        return Api(load_config(self._paths.config_file, self._environ).get("sending.base_url"))

    def _kept(self, call: SendCall, config: Config) -> _Sent:
        if call.unsent:
            claim = self.outbox.claim(self.outbox.find(call.unsent).id)
            try:
                # Another may just have had it answered.
                return _Sent(self.outbox.find(call.unsent), claim)
            except OptaFlyError:
                self.outbox.let_go(claim)
                raise
        # What was refined was shown without its secrets, and approved.
        clean = SecretScanner().redact(call.text) if not call.refined else None
        text = clean.text if clean is not None else call.text
        order = self._order(call, config, text)
        kept = self.outbox.keep(order, refined=call.refined, name=call.name)
        return _Sent(kept, self.outbox.claim(kept.id), clean.count if clean is not None else 0)

    def _order(self, call: SendCall, config: Config, text: str) -> Order:
        if call.follows:
            before = self._documents.conversation(call.follows)
            return Order(
                text, before.model, before.max_tokens, before.workspace, before.said, before.name, call.use_cache
            )
        return Order(
            text,
            model=call.model or config.get("sending.model"),
            max_tokens=call.max_tokens or int(config.get("sending.max_tokens")),
            workspace=call.workspace,
            use_cache=call.use_cache,
        )

    async def _failed(self, sent: _Sent | None, error: OptaFlyError, begun: float) -> OptaFlyError:
        """Keep the prompt with why it was not sent; the error as the person is told of it."""
        if sent is None:
            return error
        kept = sent.kept
        if sent.complete is not None:
            # It was answered; what failed is only what was to be done with the answer.
            await self._answered(sent, sent.complete)
            return error
        await asyncio.to_thread(self._settle, sent, str(error))
        self._recording.answered(failed_event(kept, sent.used, error, took_s=time.monotonic() - begun))
        return type(error)(kept_for_later(str(error), kept.id))


def outbox_of(paths: Paths) -> Outbox:
    """Where prompts wait that were not sent."""
    return Outbox(paths.data_dir / "unsent")
