"""The proxy in the core: its port, its parts, and what is told of it."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from optafly.core.decisions import Decisions
from optafly.core.failures import log_unexpected
from optafly.core.mcp_host import MCP_PATH, McpHost
from optafly.core.own_settings import OwnSettings
from optafly.core.recording import rates_of
from optafly.core.security import KNOWN, App, Receive, Scope, Send
from optafly.core.serving import Server, listen, server_config
from optafly.core.wire import ProxyState
from optafly.errors import OptaFlyError
from optafly.neural.encoder import Encoder
from optafly.paths import Paths
from optafly.proxy.outcome import Outcome
from optafly.proxy.token import FILE_NAME, TokenFile, read_token
from optafly.routing.anchor_memory import Seen
from optafly.routing.decision import Routing, RoutingRequest
from optafly.routing.key_scope import read_salt
from optafly.routing.key_secret import Secret
from optafly.routing.keys import KeyChoice
from optafly.routing.usage import Usage
from optafly.stats import events

if TYPE_CHECKING:
    from optafly.proxy.app import Proxy

_log = logging.getLogger(__name__)

_PATHS: Final[Mapping[str, events.Path]] = {"exact": "hit-exact", "equal": "hit-equal", "semantic": "hit-semantic"}


class ProxyHost:
    """Serves the proxy beside the core, on one event loop; the core goes on without it where it cannot be had.

    ``note`` is told of each request that was answered, ``note_use`` of each that keeps the core alive.
    """

    def __init__(
        self,
        paths: Paths,
        decisions: Decisions,
        note: Callable[[events.Answered], None],
        note_use: Callable[[], None],
        environ: Mapping[str, str] = os.environ,
        *,
        mcp: McpHost | None = None,
    ) -> None:
        """``mcp`` is served beside it, to who knows the proxy's token."""
        self._paths = paths
        self._decisions = decisions
        self._note = note
        self._note_use = note_use
        self._settings = OwnSettings(paths, environ)
        self._mcp = mcp
        self._guarded_mcp: App | None = None
        self._starting: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None
        self._server: Server | None = None
        self._proxy: Proxy | None = None
        self.working = 0
        """How many requests are being answered."""
        self.state = ProxyState()

    def start(self) -> None:
        """Begin to listen, and to load what is needed; returns at once."""
        config = self._settings.get()
        upstream, port = str(config.get("proxy.upstream")), int(config.get("proxy.port"))
        if not config.get("proxy.enabled"):
            return
        self.state = ProxyState(enabled=True, upstream=upstream)
        try:
            listener = listen(port, "proxy.port")
        except OptaFlyError as error:
            self._failed(f"the proxy does not run: {error}")
            return
        self._starting = asyncio.create_task(self._start(listener, upstream), name="optafly-proxy-start")

    async def stop(self) -> None:
        """Stop once what is under way is answered and kept, but not for long."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        if self._mcp is not None:  # its open streams would be waited for
            await self._mcp.close()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait({self._serving})
        if self._proxy is not None:
            await self._proxy.close()
        self._starting = self._serving = self._server = self._proxy = None

    async def _start(self, listener: socket.socket, upstream: str) -> None:
        port = listener.getsockname()[1]
        with contextlib.ExitStack() as stack:
            stack.callback(listener.close)
            try:
                self._proxy = await asyncio.to_thread(self._build, port, upstream)
            except OptaFlyError as error:
                self._failed(f"the proxy does not run: {error}")
                return
            except Exception as error:
                log_unexpected(error)
                self._failed(f"the proxy does not run: it failed ({type(error).__name__})")
                return
            self._server = Server(server_config(self._counted), lambda: self._ready(port, upstream))
            self._serving = asyncio.create_task(self._serve(self._server, listener), name="optafly-proxy")
            stack.pop_all()

    async def _serve(self, server: Server, listener: socket.socket) -> None:
        try:
            await server.serve([listener])
        except Exception as error:
            log_unexpected(error)
            self._failed(f"the proxy ended: it failed ({type(error).__name__})")

    def _build(self, port: int, upstream: str) -> "Proxy":
        """In a thread: what is imported takes a while."""
        from optafly.proxy.app import Proxy  # noqa: PLC0415
        from optafly.proxy.guard import Guard  # noqa: PLC0415
        from optafly.proxy.upstream import Upstream  # noqa: PLC0415

        token = self._paths.data_dir / FILE_NAME
        read_token(token)
        current = TokenFile(token).current
        if self._mcp is not None:
            self._guarded_mcp = Guard(self._mcp.serve, token=current, port=port, let_in=self._let_in)
        return Proxy(
            Upstream(upstream),
            _Decides(self._decisions, self._settings),
            self._decisions.answers,
            _Keys(self._decisions),
            self,
            token=current,
            port=port,
            salt=lambda: read_salt(self._paths.state_dir / "key-scope.salt"),
            embedder=Encoder().version,
            let_in=self._let_in,
        )

    def note(self, outcome: Outcome) -> None:
        """As `optafly.proxy.ports.Counts`."""
        self._note(answered(outcome))

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._proxy is None:
            return
        app: App = self._proxy.app
        if self._guarded_mcp is not None and scope.get("path") == MCP_PATH and self._settings.get().get("mcp.http"):
            app = self._guarded_mcp
        self.working += 1
        try:
            await app(scope, receive, send)
        finally:
            self.working -= 1

    def _let_in(self, scope: Scope) -> None:
        self._note_use()
        scope["extensions"][KNOWN]()

    def _ready(self, port: int, upstream: str) -> None:
        self.state = ProxyState(enabled=True, port=port, upstream=upstream)
        _log.info("the proxy listens on port %d", port)

    def _failed(self, problem: str) -> None:
        self.state = ProxyState(enabled=True, upstream=self.state.upstream, problem=problem)
        _log.warning("%s", problem)


class _Decides:
    """As `optafly.proxy.ports.Decides`, with the settings as they are now."""

    def __init__(self, decisions: Decisions, settings: OwnSettings) -> None:
        self._decisions = decisions
        self._settings = settings

    async def decide(self, request: RoutingRequest) -> Routing:
        return await self._decisions.decide(request, self._settings.get())

    def answered(self, seen: Seen | None, counted_tokens: int | None = None) -> None:
        self._decisions.answered(seen, counted_tokens)


class _Keys:
    """As `optafly.proxy.ports.Keys`, with the settings as they are now."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    def choose(
        self,
        provider: str | None = None,
        workspace: str | None = None,
        conversation: str | None = None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> KeyChoice:
        return self._decisions.selector().choose(provider, workspace, conversation, cancelled=cancelled)

    def secret(self, choice: KeyChoice, *, cancelled: Callable[[], bool] = lambda: False) -> Secret:
        return self._decisions.selector().secret(choice, cancelled=cancelled)

    def forget(self, choice: KeyChoice) -> None:
        self._decisions.selector().forget(choice)


def answered(outcome: Outcome) -> events.Answered:
    """What is recorded of a request."""
    usage = outcome.saved_usage if outcome.path in _PATHS else outcome.usage
    path: events.Path = _PATHS.get(outcome.path, outcome.path)  # type: ignore[arg-type]
    return events.Answered(
        at=outcome.when,
        path=path,
        model=outcome.model,
        latency_ms=outcome.latency_ms,
        first_byte_ms=outcome.first_byte_ms,
        saved_ms=outcome.saved_ms,
        usage=None if outcome.path in _PATHS else _usage(outcome.usage),
        spared=_usage(outcome.saved_usage),
        tokens_saved=outcome.tokens_saved,
        status=outcome.status,
        reason=outcome.reason,
        sent=outcome.sent,
        rates=rates_of(outcome.model, usage.prompt) if usage is not None else None,
    )


def _usage(usage: Usage | None) -> events.Usage | None:
    if usage is None:
        return None
    return events.Usage(usage.input, usage.output, usage.cache_read, usage.cache_write, usage.cache_write_1h)
