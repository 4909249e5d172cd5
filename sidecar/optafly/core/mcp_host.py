"""MCP over HTTP in the core, on the proxy's port and behind the proxy's guard."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from optafly.core.agents import Agents
from optafly.core.compose import effective
from optafly.core.failures import error_of
from optafly.core.front_ends import FrontEnds
from optafly.core.gathering import in_own_words
from optafly.core.own_settings import OwnSettings
from optafly.core.security import Receive, Scope, Send
from optafly.core.service import Service
from optafly.core.wire import ApprovalCall, Failure, Progress, RefineCall
from optafly.core.wire_agents import LookUpCall, NoteCall
from optafly.errors import CoreUnavailable, NoApprover, NotFound
from optafly.mcp.ports import Approval, Choice, Context, Decision, Kept, Last, Rules, Say, Shown
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.settings import SENT
from optafly.stats.report import Report

if TYPE_CHECKING:
    from optafly.mcp.http import HttpMcp

MCP_PATH: Final = "/mcp"


class OwnEngine:
    """As `optafly.mcp.ports.Engine`, of this very process, with the settings of the person's file."""

    def __init__(self, service: Service, front_ends: FrontEnds, agents: Agents, settings: OwnSettings) -> None:
        self._service = service
        self._front_ends = front_ends
        self._agents = agents
        self._settings = settings

    async def rules(self) -> Rules:
        """As `Engine`."""
        config = self._settings.get()
        return Rules(config.get("mcp.without_editor"), config.get("mcp.on_timeout"), config.get("mcp.time_limit_s"))

    async def shown(self, workspace: str) -> Shown | None:
        """As `Engine`."""
        try:
            state = await self._service.share(self._front_ends.state_for(workspace))
        except NotFound:
            return None
        if state.workspace is None:
            return None
        return Shown(state.workspace, state.file, state.selection, state.diagnostics, state.buffers, state.edits)

    async def refine(self, request: RefineRequest, say: Say, *, by_agent: bool = False) -> RefinedPrompt:
        """As `Engine`."""
        call = RefineCall(request, self._values(), by_agent=by_agent)
        events = self._agents.noting(call, self._service.refine(call))
        async with contextlib.aclosing(events):
            async for name, value in events:
                match value:
                    case Progress():
                        await say(value.text)
                    case Failure():
                        raise error_of(value)
                    case RefinedPrompt() if name == "result":
                        return value
        raise CoreUnavailable("the core gave no result; try again")

    async def in_context(self, request: RefineRequest) -> Context:
        """As `Engine`."""
        found = await asyncio.to_thread(in_own_words, request, effective(self._values()))
        return Context(found.text, found.tokens, found.files, found.secrets)

    async def without_secrets(self, text: str) -> str:
        """As `Engine`."""
        return await self._agents.without_secrets(text)

    async def ask_approval(self, workspace: str, result: RefinedPrompt, time_limit_s: float) -> Approval | None:
        """As `Engine`."""
        try:
            answer = await self._front_ends.ask(ApprovalCall(workspace, result, time_limit_s))
        except NoApprover:
            return None
        self._service.count(answer.decision, by_setting=answer.by_setting)
        return Approval(answer.decision, answer.text)

    async def note(self, workspace: str, original: str, decision: Decision | None, sent: str) -> None:
        """As `Engine`."""
        self._agents.note(NoteCall(workspace, original, decision, sent))

    async def look_up(self, text: str, workspace: str, *, asked_as: Choice | None = None) -> Kept:
        """As `Engine`."""
        return await self._agents.look_up(LookUpCall(text, workspace, self._values(), asked_as))

    async def recent(self, workspace: str) -> Sequence[str]:
        """As `Engine`."""
        return await self._agents.recent(workspace)

    async def last(self, workspace: str) -> Last | None:
        """As `Engine`."""
        try:
            return await self._agents.last(workspace)
        except NotFound:
            return None

    async def report(self, days: int) -> Report:
        """As `Engine`."""
        return await self._agents.report(days)

    def _values(self) -> dict[str, Any]:
        """As a front-end sends them: in JSON there are lists alone."""
        config = self._settings.get()
        given = {key: config.get(key) for key in SENT}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}


class McpHost:
    """Serves MCP; what is imported for it takes a while, once, and is loaded with the first request."""

    def __init__(self, engine: OwnEngine) -> None:
        self._engine = engine
        self._http: HttpMcp | None = None
        self._loading = asyncio.Lock()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request that was let in."""
        async with self._loading:
            if self._http is None:
                make = await asyncio.to_thread(_load)
                self._http = make(self._engine)
        await self._http.serve(scope, receive, send)

    async def close(self) -> None:
        """End all sessions."""
        if self._http is not None:
            await self._http.close()


def _load() -> "type[HttpMcp]":
    from optafly.mcp.http import HttpMcp  # noqa: PLC0415

    return HttpMcp
