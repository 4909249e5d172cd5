"""A front-end's side of the core: calls that outlive a crash of it, and the attachment that is renewed."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from optafly.core.connection import HOST, LOST, SILENCE_S, headers
from optafly.core.failures import error_in, error_of
from optafly.core.launcher import ensure_core
from optafly.core.sse import Event, EventParser
from optafly.core.wire import (
    ApprovalAnswer,
    ApprovalCall,
    ApprovalRequest,
    Attach,
    Attached,
    Decision,
    DecisionCall,
    Discovery,
    EditorState,
    Failure,
    FrontEndName,
    ModelState,
    Progress,
    RefineCall,
    SendCall,
    Status,
    WarmCall,
    decode,
    encode,
)
from optafly.errors import CoreUnavailable, OptaFlyError
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

_CONNECT_S: Final = 5.0
_EVENTS: Final[Mapping[str, Any]] = {"draft": RefinedPrompt, "progress": Progress, "error": Failure}
_SPARE_S: Final = 10.0
_CRASHES_APART_S: Final = 1.0


class _Lost(Exception):
    """The connection broke before the answer was complete."""


class _Link:
    """One running core and the connections to it."""

    def __init__(self, discovery: Discovery) -> None:
        import httpx  # noqa: PLC0415  takes a quarter of a second

        self._transport_error = httpx.TransportError
        # No proxy of the environment ever sees the loopback traffic.
        self._http: httpx.AsyncClient = httpx.AsyncClient(
            base_url=f"http://{HOST}:{discovery.port}",
            headers=headers(discovery),
            timeout=httpx.Timeout(SILENCE_S, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=4),
            trust_env=False,
        )

    async def ask(self, method: str, path: str, body: object = None, timeout_s: float = SILENCE_S) -> bytes:
        """The body of the answer; raises what the core names, and `_Lost`."""
        async with self._answer(method, path, body, timeout_s) as answer:
            return await answer.aread()

    async def events(self, path: str, body: object) -> AsyncGenerator[Event]:
        """The events of the answer; closing the generator closes the connection, which ends the work."""
        parser = EventParser()
        async with self._answer("POST", path, body, SILENCE_S) as answer:
            async for chunk in answer.aiter_raw():
                for event in parser.feed(chunk):
                    yield event

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @contextlib.asynccontextmanager
    async def _answer(self, method: str, path: str, body: object, timeout_s: float) -> "AsyncGenerator[httpx.Response]":
        data = None if body is None else encode(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        limits = {"connect": _CONNECT_S, "read": timeout_s, "write": SILENCE_S, "pool": _CONNECT_S}
        request = self._http.build_request(method, path, content=data, headers=kind, extensions={"timeout": limits})
        try:
            answer = await self._http.send(request, stream=True)
            try:
                if answer.is_error:
                    raise error_in(await answer.aread(), answer.status_code)
                yield answer
            finally:
                await answer.aclose()
        except self._transport_error:
            raise _Lost from None


class CoreClient:
    """Calls to the core, which is started where there is none.

    A call whose connection breaks is repeated once, with a new core where the old one is gone, and after attaching
    again; then `CoreUnavailable` is raised. Errors of the core are raised as the exceptions they name. Iterators are to
    be closed (`contextlib.aclosing`): that ends the work. For one event loop.
    """

    def __init__(self, paths: Paths, environ: Mapping[str, str] = os.environ) -> None:
        self._paths = paths
        self._environ = environ
        self._link: _Link | None = None
        self._renewing = asyncio.Lock()
        self._attachment: _Attachment | None = None
        self._state: EditorState | None = None
        self._closed = False

    @property
    def front_end(self) -> str:
        """The identity of the attachment; empty while there is none."""
        return self._attachment.front_end if self._attachment is not None else ""

    async def connect(self) -> None:
        """Find or start the core; raises `CoreUnavailable`."""
        await self._linked(None)

    async def attach(self, name: FrontEndName, *, approves: bool = False) -> AsyncGenerator[ApprovalRequest]:
        """Attach, for as long as this client is open; what its person is asked comes out of the iterator.

        The attachment is there when this returns, and is kept whether or not the iterator is read.
        """
        self._attachment = _Attachment(Attach(name, os.getpid(), approves), self._lost_attachment)
        await self._again(self._stay_attached)
        return self._attachment.requests()

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

    async def decision(self, decision: Decision) -> None:
        """Have a decision about a proposal of this front-end counted."""
        await self._ask("POST", "/v1/decisions", DecisionCall(decision))

    async def ask_approval(self, call: ApprovalCall) -> ApprovalAnswer:
        """Let the person of another front-end decide; raises `NoApprover` where there is none."""
        return decode(await self._ask("POST", "/v1/approvals", call, call.time_limit_s + _SPARE_S), ApprovalAnswer)

    async def answer_approval(self, request: str, answer: ApprovalAnswer) -> None:
        """How the person decided; raises `NotFound` where nobody waits for it any more."""
        await self._ask("POST", f"/v1/approvals/{quote(request, safe='')}", answer)

    async def editor_state(self, workspace: str) -> EditorState:
        """What an editor shows of a workspace; raises `NotFound` where none does."""
        return decode(await self._ask("GET", f"/v1/state?workspace={quote(workspace, safe='')}"), EditorState)

    async def send(self, workspace: str, text: str) -> None:
        """Send an approved text; raises `NotSetUp`."""
        await self._ask("POST", "/v1/send", SendCall(workspace, text))

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

    async def _again(self, attempt: Callable[[_Link], Awaitable[T]]) -> T:
        """Do it, and once more with another link where the connection broke."""
        link = await self._linked(None)
        with contextlib.suppress(_Lost):
            return await attempt(link)
        link = await self._linked(link)
        try:
            return await attempt(link)
        except _Lost:
            raise CoreUnavailable(LOST) from None

    async def _events(
        self, path: str, body: Callable[[], object], result: type[Any]
    ) -> AsyncGenerator[tuple[str, Any]]:
        broken: _Link | None = None
        for last in (False, True):
            link = await self._linked(broken)
            with contextlib.suppress(_Lost):
                async with contextlib.aclosing(link.events(path, body())) as events:
                    async for event in events:
                        value = decode(event.data, result if event.name == "result" else _EVENTS[event.name])
                        if event.name == "error":
                            raise error_of(value)
                        yield event.name, value
                        if event.name == "result":
                            return
            if last:
                break
            broken = link
        raise CoreUnavailable(LOST)

    async def _linked(self, broken: _Link | None) -> _Link:
        """The link to the running core, another than the ``broken`` one."""
        async with self._renewing:
            if self._closed:
                raise CoreUnavailable("this front-end has left the core")
            link = self._link
            if link is None or link is broken:
                self._link = None
                if link is not None:
                    await link.close()
                link = self._link = _Link(await asyncio.to_thread(ensure_core, self._paths, self._environ))
                with contextlib.suppress(_Lost):  # the call itself will find the same
                    await self._stay_attached(link)
                    await self._publish(link)
            return link

    async def _stay_attached(self, link: _Link) -> None:
        if self._attachment is not None:
            await self._attachment.begin(link)

    async def _publish(self, link: _Link) -> None:
        if self._state is None or self._attachment is None:
            return
        if not self.front_end:  # the core said that it stops: begin anew
            raise _Lost
        await link.ask("PUT", f"/v1/front-ends/{self.front_end}/state", self._state)

    async def _lost_attachment(self, link: _Link) -> None:
        """The core went away without saying so: it crashed, and others may need what was published here."""
        with contextlib.suppress(OptaFlyError):
            await self._linked(link)


class _Attachment:
    """The stream that stays open, read by a task; begun anew with each link."""

    def __init__(self, words: Attach, on_lost: Callable[[_Link], Awaitable[None]]) -> None:
        self._words = words
        self._on_lost = on_lost
        self._requests: asyncio.Queue[ApprovalRequest | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._link: _Link | None = None
        self._lost: set[asyncio.Task[None]] = set()
        self.front_end = ""

    async def begin(self, link: _Link) -> None:
        """Attach over this link, unless that is done; raises `_Lost`."""
        if self._link is link and self._task is not None and not self._task.done():
            return
        await self._stop()
        attached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        attached.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._link = link
        self._task = asyncio.create_task(self._read(link, attached), name="optafly-attachment")
        await attached

    async def requests(self) -> AsyncGenerator[ApprovalRequest]:
        """What the person is asked."""
        while (request := await self._requests.get()) is not None:
            yield request

    async def end(self) -> None:
        """Detach."""
        for task in list(self._lost):
            task.cancel()
        await asyncio.gather(*self._lost, return_exceptions=True)
        await self._stop()
        self._requests.put_nowait(None)

    async def _stop(self) -> None:
        self.front_end = ""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _read(self, link: _Link, attached: "asyncio.Future[None]") -> None:
        began = time.monotonic()
        said_goodbye = False
        try:
            async with contextlib.aclosing(link.events("/v1/front-ends", self._words)) as events:
                async for event in events:
                    if event.name == "attached":
                        self.front_end = decode(event.data, Attached).front_end
                        attached.set_result(None)
                    elif event.name == "approve":
                        self._requests.put_nowait(decode(event.data, ApprovalRequest))
                    elif event.name == "stopping":
                        said_goodbye = True
        except (_Lost, OptaFlyError, msgspec.DecodeError) as error:
            if not attached.done():
                attached.set_exception(error)
        finally:
            if not attached.done():
                attached.set_exception(_Lost())
        was_attached, self.front_end = bool(self.front_end), ""
        # A core that crashes as soon as it is used is not started over and over: the next call will.
        if was_attached and not said_goodbye and time.monotonic() - began > _CRASHES_APART_S:
            # By another task: this one is stopped when the attachment begins anew.
            task = asyncio.create_task(_run(self._on_lost(link)), name="optafly-attach-again")
            self._lost.add(task)
            task.add_done_callback(self._lost.discard)


async def _run(work: Awaitable[None]) -> None:
    await work
