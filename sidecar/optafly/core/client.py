"""A front-end's side of the core: calls that outlive a crash of it, and the attachment that is renewed."""

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from optafly.core.attachment import Attachment
from optafly.core.connection import LOST, SILENCE_S
from optafly.core.failures import error_of
from optafly.core.launcher import ensure_core
from optafly.core.link import Link, Lost
from optafly.core.wire import (
    ApprovalAnswer,
    ApprovalCall,
    ApprovalRequest,
    Attach,
    Decision,
    DecisionCall,
    EditorState,
    Failure,
    FrontEndName,
    Handover,
    ModelState,
    Progress,
    RefineCall,
    Status,
    WarmCall,
    decode,
)
from optafly.core.wire_send import (
    CORE_GONE,
    DocumentAt,
    DropCall,
    Kept,
    OwnWords,
    OwnWordsCall,
    SendCall,
    Summary,
    kept_for_later,
)
from optafly.errors import CoreUnavailable, OptaFlyError
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt

T = TypeVar("T")

_EVENTS: Final[Mapping[str, Any]] = {
    "draft": RefinedPrompt,
    "progress": Progress,
    "error": Failure,
    "kept": Kept,
    "retry": Progress,
    "text": dict[str, str],
    "document": DocumentAt,
}
_SPARE_S: Final = 10.0


class CoreClient:
    """Calls to the core, which is started where there is none.

    A call whose connection breaks is repeated once, with a new core where the old one is gone, and after attaching
    again; then `CoreUnavailable` is raised. Errors of the core are raised as the exceptions they name. Iterators are to
    be closed (`contextlib.aclosing`): that ends the work. For one event loop.
    """

    def __init__(self, paths: Paths, environ: Mapping[str, str] = os.environ) -> None:
        self._paths = paths
        self._environ = environ
        self._link: Link | None = None
        self._renewing = asyncio.Lock()
        self._attachment: Attachment | None = None
        self._state: EditorState | None = None
        self._closed = False

    @property
    def front_end(self) -> str:
        """The identity of the attachment; empty while there is none."""
        return self._attachment.front_end if self._attachment is not None else ""

    async def connect(self) -> None:
        """Find or start the core; raises `CoreUnavailable`."""
        await self._linked(None)

    async def attach(self, name: FrontEndName, *, approves: bool = False) -> AsyncGenerator[ApprovalRequest | Handover]:
        """Attach, for as long as this client is open; what its person is asked comes out of the iterator.

        The attachment is there when this returns, and is kept whether or not the iterator is read. Where it fails it
        may be tried again, and is made up for by the next call that reaches a core.
        """
        words = Attach(name, os.getpid(), approves)
        attachment = self._attachment
        if attachment is None or attachment.words != words:
            if attachment is not None:
                await attachment.end()
            attachment = self._attachment = Attachment(words, self._lost_attachment)
        await self._again(self._settle)
        return attachment.requests()

    async def refine(self, call: RefineCall) -> AsyncGenerator[tuple[str, RefinedPrompt | Progress]]:
        """``draft``, ``progress`` and one ``result``, each with what it holds.

        ``front_end`` is filled in. Where the call had to be repeated, drafts come again.
        """

        def body() -> RefineCall:
            return msgspec.structs.replace(call, front_end=self.front_end)

        async with contextlib.aclosing(self._events("/v1/refine", body, RefinedPrompt)) as events:
            async for name, value in events:
                yield name, value

    async def pull_model(self, name: str) -> AsyncGenerator[tuple[str, Progress | ModelState]]:
        """``progress`` of a download and one ``result``."""
        path = f"/v1/models/{quote(name, safe='')}/pull"
        async with contextlib.aclosing(self._events(path, lambda: None, ModelState)) as events:
            async for told, value in events:
                yield told, value

    async def publish(self, state: EditorState) -> None:
        """Say what the editor shows now; needs an attachment."""
        self._state = state
        await self._again(self._publish)

    async def warm(self, settings: Mapping[str, Any]) -> None:
        """Let the model of these settings be loaded in the background."""
        await self._ask("POST", "/v1/warm", WarmCall(dict(settings)))

    async def model_state(self, name: str) -> ModelState:
        """Whether a registered model is on this machine; raises `ModelUnknown`."""
        return decode(await self._ask("GET", f"/v1/models/{quote(name, safe='')}"), ModelState)

    async def decision(self, decision: Decision, *, by_setting: bool = False) -> None:
        """Have a decision about a proposal of this front-end counted, a person's or that of a setting."""
        await self._ask("POST", "/v1/decisions", DecisionCall(decision, by_setting))

    async def wanted(self) -> None:
        """Have the refinement that was begun ahead counted as one that a person asked for now."""
        await self._ask("POST", f"/v1/front-ends/{quote(self.front_end, safe='')}/wanted")

    async def ask_approval(self, call: ApprovalCall) -> ApprovalAnswer:
        """Let the person of another front-end decide; raises `NoApprover` where there is none."""
        return decode(await self._ask("POST", "/v1/approvals", call, call.time_limit_s + _SPARE_S), ApprovalAnswer)

    async def answer_approval(self, request: str, answer: ApprovalAnswer) -> None:
        """How the person decided; raises `NotFound` where nobody waits for it any more."""
        await self._ask("POST", f"/v1/approvals/{quote(request, safe='')}", answer)

    async def hand_over(self, decision: Handover) -> None:
        """Pass a decision on to the front-end it is for; raises `NotFound` where that is not attached."""
        await self._ask("POST", "/v1/handovers", decision)

    async def editor_state(self, workspace: str) -> EditorState:
        """What an editor shows of a workspace; raises `NotFound` where none does."""
        return decode(await self._ask("GET", f"/v1/state?workspace={quote(workspace, safe='')}"), EditorState)

    async def send(self, call: SendCall) -> AsyncGenerator[tuple[str, Any]]:
        """Have Claude answer: events of `SendCall`, one ``result`` (`Summary`) last.

        It is never sent a second time by itself: that would be paid for twice. Closing the iterator stops it; the
        prompt is kept then, unless it is dropped first.
        """
        kept = ""
        async with contextlib.aclosing(self._events("/v1/send", lambda: call, Summary, once=True)) as events:
            try:
                async for name, value in events:
                    if isinstance(value, Kept):
                        kept = value.id
                    yield name, value
            except CoreUnavailable as error:
                if not kept or str(error) != LOST:
                    raise
                raise CoreUnavailable(kept_for_later(CORE_GONE, kept)) from None

    async def own_words(self, call: OwnWordsCall) -> OwnWords:
        """What would be sent of a request that is not refined."""
        return decode(await self._ask("POST", "/v1/own-words", call), OwnWords)

    async def drop(self, name: str) -> None:
        """The person does not want this prompt answered any more."""
        await self._ask("POST", "/v1/send/drop", DropCall(name))

    async def call(self, method: str, path: str, kind: type[T], body: object = None) -> T:
        """A call whose words a front-end has of its own; its answer is of that kind."""
        return decode(await self._ask(method, path, body), kind)

    async def status(self) -> Status:
        """What the core says of itself."""
        return decode(await self._ask("GET", "/v1/status"), Status)

    async def close(self) -> None:
        """Leave the core: all that was asked of it is cancelled, what was published forgotten."""
        self._closed = True
        if self._attachment is not None:
            await self._attachment.end()
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _ask(self, method: str, path: str, body: object = None, timeout_s: float = SILENCE_S) -> bytes:
        return await self._again(lambda link: link.ask(method, path, body, timeout_s))

    async def _again(self, attempt: Callable[[Link], Awaitable[T]]) -> T:
        """Do it, and once more with another link where the connection broke."""
        link = await self._linked(None)
        with contextlib.suppress(Lost):
            return await attempt(link)
        link = await self._linked(link)
        try:
            return await attempt(link)
        except Lost:
            raise CoreUnavailable(LOST) from None

    async def _events(
        self, path: str, body: Callable[[], object], result: type[Any], *, once: bool = False
    ) -> AsyncGenerator[tuple[str, Any]]:
        """The events of a call; with ``once`` it is not repeated when it has begun."""
        broken: Link | None = None
        begun = False
        for last in (False, True):
            link = await self._linked(broken)
            with contextlib.suppress(Lost):
                async with contextlib.aclosing(link.events(path, body())) as events:
                    async for event in events:
                        begun = True
                        value = decode(event.data, result if event.name == "result" else _EVENTS[event.name])
                        if event.name == "error":
                            raise error_of(value)
                        yield event.name, value
                        if event.name == "result":
                            return
            if last or (once and begun):
                break
            broken = link
        raise CoreUnavailable(LOST)

    async def _linked(self, broken: Link | None) -> Link:
        """The link to the running core, another than the ``broken`` one."""
        async with self._renewing:
            self._raise_if_closed()
            link = self._link
            if link is None or link is broken:
                self._link = None
                if link is not None:
                    await link.close()
                found = await _in_a_thread(lambda: ensure_core(self._paths, self._environ))
                self._raise_if_closed()
                link = self._link = Link(found)
                with contextlib.suppress(Lost):  # the call itself will find the same
                    await self._settle(link)
            return link

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise CoreUnavailable("this front-end has left the core")

    async def _settle(self, link: Link) -> None:
        """Attach, unless that is done, and say what the editor shows."""
        if self._attachment is not None:
            await self._attachment.begin(link)
            await self._publish(link)

    async def _publish(self, link: Link) -> None:
        if self._state is None or self._attachment is None:
            return
        if not self.front_end:  # the core said that it stops: begin anew
            raise Lost
        await link.ask("PUT", f"/v1/front-ends/{self.front_end}/state", self._state)

    async def _lost_attachment(self, link: Link) -> None:
        """The core went away without saying so: it crashed, and others may need what was published here."""
        with contextlib.suppress(OptaFlyError):
            await self._linked(link)


async def _in_a_thread(work: Callable[[], T]) -> T:
    """The outcome of work that may wait for long, in a thread that nobody waits for when the process ends."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if outcome.done():  # nobody waits for it any more
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, raised = None, None
        try:
            result = work()
        except BaseException as error:  # handed on to whoever waits
            raised = error
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, raised)

    threading.Thread(target=run, name="optafly-find-core", daemon=True).start()
    return await outcome
