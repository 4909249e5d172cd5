"""The core as the MCP server needs it, over the connection of a front-end."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from optafly.config import Config, load_config
from optafly.core.client import CoreClient
from optafly.core.wire import ApprovalCall, Progress, RefineCall
from optafly.core.wire_agents import LookUpCall, NoteCall, Requests, Text, TextCall
from optafly.core.wire_send import OwnWordsCall
from optafly.errors import CoreUnavailable, NoApprover, NotFound
from optafly.mcp.ports import Approval, Choice, Context, Decision, Kept, Last, Rules, Say, Shown
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.settings import SENT
from optafly.stats.report import Report

_OWN: Final = ": mcp."
"""Stands in each message about a setting of this server."""

_log = logging.getLogger(__name__)


class CoreEngine:
    """As `optafly.mcp.ports.Engine`; settings are read anew for each request."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], client: CoreClient) -> None:
        """``client`` need not be attached: two requests of one person at once do not take each other's place then."""
        self._paths = paths
        self._environ = environ
        self._client = client
        self._said: set[str] = set()

    async def rules(self) -> Rules:
        """As `Engine`."""
        config = await self._config()
        return Rules(config.get("mcp.without_editor"), config.get("mcp.on_timeout"), config.get("mcp.time_limit_s"))

    async def shown(self, workspace: str) -> Shown | None:
        """As `Engine`."""
        try:
            state = await self._client.editor_state(workspace)
        except NotFound:
            return None
        if state.workspace is None:
            return None
        return Shown(state.workspace, state.file, state.selection, state.diagnostics, state.buffers, state.edits)

    async def refine(self, request: RefineRequest, say: Say, *, by_agent: bool = False) -> RefinedPrompt:
        """As `Engine`."""
        call = RefineCall(request, await self._settings(), by_agent=by_agent)
        async with contextlib.aclosing(self._client.refine(call)) as events:
            async for name, value in events:
                if isinstance(value, Progress):
                    await say(value.text)
                elif name == "result":
                    return value
        raise CoreUnavailable("the core gave no result; try again")

    async def in_context(self, request: RefineRequest) -> Context:
        """As `Engine`."""
        found = await self._client.own_words(OwnWordsCall(request, await self._settings()))
        return Context(found.text, found.tokens, found.files, found.secrets)

    async def without_secrets(self, text: str) -> str:
        """As `Engine`."""
        return (await self._client.call("POST", "/v1/without-secrets", Text, TextCall(text))).text

    async def ask_approval(self, workspace: str, result: RefinedPrompt, time_limit_s: float) -> Approval | None:
        """As `Engine`."""
        try:
            answer = await self._client.ask_approval(ApprovalCall(workspace, result, time_limit_s))
        except NoApprover:
            return None
        return Approval(answer.decision, answer.text)

    async def note(self, workspace: str, original: str, decision: Decision | None, sent: str) -> None:
        """As `Engine`."""
        await self._client.call("POST", "/v1/last", dict[str, Any], NoteCall(workspace, original, decision, sent))

    async def look_up(self, text: str, workspace: str, *, asked_as: Choice | None = None) -> Kept:
        """As `Engine`."""
        call = LookUpCall(text, workspace, await self._settings(), asked_as)
        return await self._client.call("POST", "/v1/look-up", Kept, call)

    async def recent(self, workspace: str) -> Sequence[str]:
        """As `Engine`."""
        path = f"/v1/requests?workspace={quote(workspace, safe='')}"
        return (await self._client.call("GET", path, Requests)).texts

    async def last(self, workspace: str) -> Last | None:
        """As `Engine`."""
        try:
            return await self._client.call("GET", f"/v1/last?workspace={quote(workspace, safe='')}", Last)
        except NotFound:
            return None

    async def report(self, days: int) -> Report:
        """As `Engine`."""
        return await self._client.call("GET", f"/v1/report?days={days}", Report)

    async def _settings(self) -> dict[str, Any]:
        config = await self._config()
        return {key: config.get(key) for key in SENT}

    async def _config(self) -> Config:
        config = await asyncio.to_thread(load_config, self._paths.config_file, self._environ)
        for message in config.messages:
            # Of the others the core and `optafly config` tell; what stands in the place of a key may be one.
            if _OWN in message and message not in self._said:
                self._said.add(message)
                _log.warning("%s", message)
        return config
