"""The language server's tie to the core: made in the background, kept, and made anew when it breaks."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from optafly.approval import Proposal, State
from optafly.core.client import CoreClient
from optafly.core.wire import (
    ApprovalAnswer,
    ApprovalRequest,
    EditorState,
    Handover,
    ModelState,
    Progress,
    RefineCall,
    Status,
)
from optafly.core.wire_send import DocumentAt, Kept, OwnWords, OwnWordsCall, SendCall, Summary
from optafly.errors import CoreUnavailable, NotFound, OptaFlyError
from optafly.protocol import RefinedPrompt, RefineRequest

AGAIN_AFTER_S: Final = 30.0
DROP_S: Final = 2.0

log = logging.getLogger(__name__)


class CoreLink:
    """What this server asks of the core."""

    def __init__(self, client: CoreClient, on_attached: Callable[[], None]) -> None:
        """``on_attached`` is called each time the core has been reached."""
        self._client = client
        self._on_attached = on_attached
        self._task: asyncio.Task[None] | None = None
        self.use_model = True
        """False while the model is known not to be on this machine."""

    @property
    def attached(self) -> bool:
        """Whether the core has been reached."""
        return bool(self._client.front_end)

    def start(self, on_request: Callable[[ApprovalRequest | Handover], None]) -> None:
        """Reach for the core in the background; ``on_request`` gets what comes from other front-ends."""
        self._task = asyncio.create_task(self._stay(on_request), name="optafly-core-link")

    async def refine(
        self, request: RefineRequest, settings: Mapping[str, Any], say: Callable[[str], None], *, ahead: bool = False
    ) -> RefinedPrompt:
        """Refine a request, ``ahead`` of anybody asking for it; cancelling the caller's task stops the work."""
        call = RefineCall(request, dict(settings), model=self.use_model, ahead=ahead)
        async with contextlib.aclosing(self._client.refine(call)) as events:
            async for name, value in events:
                if isinstance(value, Progress):
                    say(value.text)
                elif name == "result":
                    return value
        raise CoreUnavailable("the core gave no result; try again")

    async def publish(self, state: EditorState) -> None:
        """Let other front-ends of the workspace know what the editor shows."""
        if self._client.front_end:
            await self._client.publish(state)

    async def warm(self, settings: Mapping[str, Any]) -> None:
        """Let the model be loaded, a refinement will follow."""
        if self.use_model:
            await self._client.warm(settings)

    async def model_state(self, name: str) -> ModelState:
        """Whether a registered model is on this machine."""
        return await self._client.model_state(name)

    async def pull_model(self, name: str, say: Callable[[Progress], None]) -> None:
        """Fetch a model; cancelling the caller's task stops it."""
        async with contextlib.aclosing(self._client.pull_model(name)) as events:
            async for _, value in events:
                if isinstance(value, Progress):
                    say(value)

    async def wanted(self) -> None:
        """Have what was begun ahead counted as asked for now."""
        if self.attached:
            with contextlib.suppress(OptaFlyError):
                await self._client.wanted()

    async def decided(self, state: State, *, by_setting: bool = False) -> None:
        """Have a decision counted, where there is a core to count it; it stands, counted or not."""
        if state != "proposed" and self.attached:
            with contextlib.suppress(OptaFlyError):
                await self._client.decision(state, by_setting=by_setting)

    async def answer_approval(self, request: str, proposal: Proposal, *, by_setting: bool = False) -> bool:
        """Tell another front-end how the person decided; False where it does not wait any longer."""
        try:
            await self._client.answer_approval(request, _answer_of(proposal, by_setting=by_setting))
        except NotFound:
            return False
        return True

    async def hand_over(self, decision: Handover) -> bool:
        """Pass a decision on to the process that its proposal belongs to; whether that is still there."""
        try:
            await self._client.hand_over(decision)
        except NotFound:
            return False
        return True

    async def own_words(self, request: RefineRequest, settings: Mapping[str, Any]) -> OwnWords:
        """What would be sent of a request that is clear as it is."""
        return await self._client.own_words(OwnWordsCall(request, dict(settings)))

    async def drop(self, name: str) -> None:
        """Have a prompt that waits to be sent, or is on its way, not kept any longer; nothing where that fails."""
        with contextlib.suppress(OptaFlyError, TimeoutError):
            async with asyncio.timeout(DROP_S):
                await self._client.drop(name)

    async def send(
        self,
        call: SendCall,
        on_kept: Callable[[Kept], None],
        on_document: Callable[[Path], None],
        say: Callable[[str], None],
    ) -> Summary:
        """Have Claude answer; cancelling the caller's task stops it. Raises what sending does."""
        async with contextlib.aclosing(self._client.send(call)) as events:
            async for _, value in events:
                match value:
                    case Kept():
                        on_kept(value)
                    case DocumentAt():
                        on_document(Path(value.path))
                    case Progress():
                        say(value.text)
                    case Summary():
                        return value
        raise CoreUnavailable("the core gave no answer; try again")

    async def status(self) -> Status:
        """What the core says of itself."""
        return await self._client.status()

    async def close(self) -> None:
        """Leave the core."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._client.close()

    async def _stay(self, on_request: Callable[[ApprovalRequest | Handover], None]) -> None:
        while True:
            try:
                requests = await self._client.attach("lsp", approves=True)
                self._on_attached()
                async with contextlib.aclosing(requests):
                    async for request in requests:
                        on_request(request)
                return
            except OptaFlyError as error:
                # The person hears of it when they ask for something.
                log.warning("the core cannot be reached: %s", error)
            await asyncio.sleep(AGAIN_AFTER_S)


def _answer_of(proposal: Proposal, *, by_setting: bool) -> ApprovalAnswer:
    match proposal.state:
        case "accepted" | "modified" | "rejected":
            return ApprovalAnswer(proposal.state, proposal.approved, by_setting)
        case _:
            return ApprovalAnswer("expired")
