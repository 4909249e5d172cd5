"""Sending in a process: orders made of calls, prompts kept until they are answered, answers counted."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from optafly.config import Config, Value, load_config
from optafly.core.answer_page import AnswerPage
from optafly.core.answers import Told
from optafly.core.compose import effective
from optafly.core.decisions import LOADING, Decisions
from optafly.core.failures import failure_of, log_unexpected
from optafly.core.recording import Recording, rates_of
from optafly.core.wire import Progress
from optafly.core.wire_send import Kept, SendCall
from optafly.errors import InputError, KeyMissing, KeyRefused, OptaFlyError
from optafly.neural.encoder import Encoder
from optafly.paths import Paths
from optafly.routing.anchor_memory import Seen
from optafly.routing.decision import Routing, RoutingRequest
from optafly.routing.usage import Usage
from optafly.sending.claude import Api
from optafly.sending.documents import AnswerDocuments
from optafly.sending.facts import facts_of, saved_by_cache
from optafly.sending.order import Answer, Order, Piece, Retry, Waiting
from optafly.sending.ports import Claude
from optafly.sending.sender import Sender
from optafly.sending.unsent import Outbox, Unsent
from optafly.stats import events

STOPPED: Final = "It was stopped."
LONGEST: Final = 4_000_000
"""Characters of a text."""


class Result(msgspec.Struct, frozen=True):
    """An answer, with what is said of it in words."""

    answer: Answer
    saved: str
    facts: tuple[tuple[str, str], ...]


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
        self._closing = False

    @property
    def working(self) -> int:
        """How much is under way."""
        return len(self._senders)

    def send(self, call: SendCall) -> AsyncGenerator[Told]:
        """Events of `SendCall`; closing the generator stops it. Raises `InputError` for what cannot be sent."""
        config = effective(call.settings)
        if not call.unsent and not call.text.strip():
            raise InputError("the text is empty; say what is asked")
        if len(call.text) > LONGEST:
            raise InputError(f"the text has more than {LONGEST} characters")
        if call.workspace and not Path(call.workspace).is_absolute():
            raise InputError("workspace must be an absolute path, or empty")
        return self._send(call, config)

    def close(self) -> None:
        """What is stopped from now on is kept to be sent later: nobody asked for it to be stopped."""
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
        kept: Unsent | None = None
        page = AnswerPage(self._documents if call.document else None)
        begun = time.monotonic()
        try:
            kept = await asyncio.to_thread(self._kept, call, config)
            yield "kept", Kept(kept.id)
            async with contextlib.aclosing(self._told(kept, config, page)) as told:
                async for event in told:
                    yield event
        except (asyncio.CancelledError, GeneratorExit):
            if kept is not None and not call.unsent and not self._closing:
                # Whoever stopped it does not want it any more.
                self.outbox.remove(kept.id)
            page.fail(STOPPED)
            raise
        except OptaFlyError as error:
            failure = self._failed(kept, error, begun)
            page.fail(str(failure))
            yield "error", failure_of(failure)
        except Exception as error:
            log_unexpected(error)
            failure = self._failed(
                kept, OptaFlyError(f"it failed ({type(error).__name__}); core.log says where"), begun
            )
            page.fail(str(failure))
            yield "error", failure_of(failure)

    async def _told(self, kept: Unsent, config: Config, page: AnswerPage) -> AsyncGenerator[Told]:
        sender = Sender(
            _Decides(self._decisions, config),
            self._decisions.answers,
            self._decisions.selector,
            self._claude or Api(load_config(self._paths.config_file, self._environ).get("sending.base_url")),
            Encoder().version,
        )
        self._senders.add(sender)
        try:
            async with contextlib.aclosing(sender.send(kept.order)) as answers:
                async for event in answers:
                    if (at := await page.begin(kept.order)) is not None:
                        yield "document", at
                    await page.write(event)
                    match event:
                        case Piece():
                            yield "text", event
                        case Waiting():
                            yield "progress", Progress(event.text)
                        case Retry():
                            yield "retry", Progress(event.text)
                        case Answer():
                            self.outbox.remove(kept.id)
                            self._recording.answered(_answered(event, kept.refined))
                            yield "result", Result(event, saved_by_cache(event), tuple(facts_of(event)))
        finally:
            self._senders.discard(sender)
            self._keep_on(sender)

    def _kept(self, call: SendCall, config: Config) -> Unsent:
        if call.unsent:
            return self.outbox.find(call.unsent)
        if call.follows:
            before = self._documents.conversation(call.follows)
            order = Order(
                call.text, before.model, before.max_tokens, before.workspace, before.said, before.name, call.use_cache
            )
            return self.outbox.keep(order, refined=call.refined)
        order = Order(
            call.text,
            model=call.model or config.get("sending.model"),
            max_tokens=call.max_tokens or int(config.get("sending.max_tokens")),
            workspace=call.workspace,
            use_cache=call.use_cache,
        )
        return self.outbox.keep(order, refined=call.refined)

    def _failed(self, kept: Unsent | None, error: OptaFlyError, begun: float) -> OptaFlyError:
        """Keep the prompt with why it was not sent; the error as the person is told of it."""
        if kept is None:
            return error
        self.outbox.failed(kept, str(error))
        reason = "no_key" if isinstance(error, KeyMissing | KeyRefused) else "upstream_error"
        self._recording.answered(
            events.Answered(
                at=time.time(),
                path="failed",
                model=kept.order.model,
                latency_ms=(time.monotonic() - begun) * 1000,
                status=0,
                reason=reason,
                refined=kept.refined,
            )
        )
        return type(error)(f"{error}. The prompt is kept; send it later: optafly ask --retry {kept.id}")


class _Decides:
    """As `optafly.sending.ports.Decides`, with the settings of a call."""

    def __init__(self, decisions: Decisions, config: Config) -> None:
        self._decisions = decisions
        self._config = config

    @property
    def slow(self) -> str:
        return LOADING if self._config.get("router.enabled") and not self._decisions.loaded else ""

    async def decide(self, request: RoutingRequest, *, wait: bool) -> Routing:
        config = self._config if wait else _without_cache(self._config)
        return await self._decisions.decide(request, config, wait=wait)

    def answered(self, seen: Seen | None, counted_tokens: int | None = None) -> None:
        self._decisions.answered(seen, counted_tokens)


def _without_cache(config: Config) -> Config:
    """Nobody asks then whether similar requests may answer, and no network is loaded to tell."""
    return Config({**config.values, "semantic_cache.enabled": Value(False, "front-end")}, config.messages)


def outbox_of(paths: Paths) -> Outbox:
    """Where prompts wait that were not sent."""
    return Outbox(paths.data_dir / "unsent")


def _answered(answer: Answer, refined: bool | None) -> events.Answered:
    """What is recorded of an answer."""
    cache, decision = answer.cache, answer.decision
    optimised = decision.token_optimization if decision is not None else None
    hit = cache.hit
    usage = answer.usage if not hit else (cache.spared or Usage())
    path: events.Path = f"hit-{cache.outcome}" if hit else cache.outcome  # type: ignore[assignment]
    return events.Answered(
        at=time.time(),
        path=path,
        model=answer.model,
        latency_ms=answer.took_s * 1000,
        first_byte_ms=answer.first_text_s * 1000 if answer.first_text_s is not None else None,
        saved_ms=cache.saved_s * 1000,
        usage=None if hit else _usage(answer.usage),
        spared=_usage(cache.spared) if hit and cache.spared is not None else None,
        tokens_saved=max(0, optimised.before - optimised.after) if optimised is not None and not hit else None,
        refined=refined,
        rates=rates_of(answer.model, usage.prompt),
    )


def _usage(usage: Usage) -> events.Usage:
    return events.Usage(usage.input, usage.output, usage.cache_read, usage.cache_write, usage.cache_write_1h)
