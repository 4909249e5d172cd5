"""The core and the settings, as deciding and answering need them."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from optafly.approval import State
from optafly.config import Config, load_config
from optafly.core.client import CoreClient
from optafly.core.wire import EditorState, RefineCall
from optafly.core.wire_send import OwnWords, OwnWordsCall, SendCall
from optafly.errors import CoreUnavailable, NotFound, OptaFlyError
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.stats.report import Report

_QUICK_S: Final = 2.0
"""For what must not keep a person waiting."""


class CoreLink:
    """Reaches for the core when it is first needed, and stays attached to it: see `optafly.acp.core_port.Core`."""

    def __init__(self, paths: Paths, environ: Mapping[str, str]) -> None:
        self._paths = paths
        self._environ = environ
        self._client = CoreClient(paths, environ)
        self._attaching = asyncio.Lock()

    async def config(self) -> Config:
        """The settings as they are now."""
        return await asyncio.to_thread(load_config, self._paths.config_file, self._environ)

    async def shown(self, workspace: str) -> EditorState | None:
        """What an editor shows of a workspace, without private files and secrets; None where none has it open."""
        await self._attach()
        try:
            return await self._client.editor_state(workspace)
        except NotFound:
            return None

    async def refine(self, request: RefineRequest, settings: dict[str, Any]) -> RefinedPrompt:
        """Refine a request."""
        await self._attach()
        async with contextlib.aclosing(self._client.refine(RefineCall(request, settings))) as events:
            async for name, value in events:
                if name == "result" and isinstance(value, RefinedPrompt):
                    return value
        raise CoreUnavailable("the core gave no result; try again")

    async def own_words(self, request: RefineRequest, settings: dict[str, Any]) -> OwnWords:
        """A request as it was written, behind what is known about it."""
        await self._attach()
        return await self._client.own_words(OwnWordsCall(request, settings))

    async def decided(self, state: State, *, by_setting: bool = False) -> None:
        """Have a decision counted, where there is a core to count it; it stands, counted or not."""
        if state != "proposed" and self._client.front_end:
            await self._quickly(self._client.decision(state, by_setting=by_setting))

    def send(self, call: SendCall) -> AsyncGenerator[tuple[str, Any]]:
        """Have Claude answer: the events of `SendCall`; closing the iterator stops it."""
        return self._send(call)

    async def drop(self, name: str) -> None:
        """Have a prompt that is on its way not kept any longer; nothing where that fails."""
        await self._quickly(self._client.drop(name))

    async def report(self, days: int) -> Report:
        """The figures of the last days."""
        await self._attach()
        return await self._client.call("GET", f"/v1/report?days={days}", Report)

    async def close(self) -> None:
        """Leave the core."""
        await self._client.close()

    async def _send(self, call: SendCall) -> AsyncGenerator[tuple[str, Any]]:
        await self._attach()
        async with contextlib.aclosing(self._client.send(call)) as events:
            async for event in events:
                yield event

    async def _attach(self) -> None:
        """Be attached, so that the core stays for the next prompt; nothing more is done where that was begun."""
        async with self._attaching:
            if not self._client.front_end:
                # Nobody is asked for others here: what comes out of it need not be read.
                await self._client.attach("acp")

    async def _quickly(self, call: Any) -> None:
        with contextlib.suppress(OptaFlyError, TimeoutError):
            async with asyncio.timeout(_QUICK_S):
                await call
