"""A core that is played: it says what a test wants, and notes what it was asked."""

import asyncio
from collections.abc import Sequence
from typing import Any

from optafly.errors import OptaFlyError
from optafly.mcp.ports import Approval, Choice, Context, Decision, Kept, Last, Rules, Say, Shown
from optafly.protocol import (
    Change,
    ContextSummary,
    EngineSummary,
    Quality,
    RefinedPrompt,
    RefineRequest,
    Timings,
    TokenCounts,
)
from optafly.stats.figures import figures
from optafly.stats.report import Report

ASKED = "fix this bug"
REFINED = "<task>Fix the bug in `halve` (app.py:1).</task>"
SECRET = "hunter2hunter2"
MISS = Kept("miss", "nothing like it is kept")


def result_of(request: RefineRequest, refined: str = REFINED, **more: Any) -> RefinedPrompt:
    parts: dict[str, Any] = {
        "outcome": "unchanged" if refined == request.prompt else "refined",
        "changes": (Change("target", "place named in the task", 7, "app.py:1"),),
        "quality": Quality(20, 80, 0.75, {}),
        "questions": (),
        "gates": (),
        "context": ContextSummary((), 0, 0),
        "engine": EngineSummary("none", False, "cpu", 0, 0),
        "tokens": TokenCounts(3, 12),
        "timings_ms": Timings(1.0, 0.0, 1.0, 2.0),
    }
    return RefinedPrompt(original=request.prompt, refined=refined, **(parts | more))


class PlayedEngine:
    """As `optafly.mcp.ports.Engine`."""

    def __init__(self) -> None:
        self.set_rules = Rules("refined", "original", 30.0)
        self.editors: dict[str, Shown] = {}
        self.refined = REFINED
        self.approval: Approval | None = None
        self.kept = MISS
        self.requests: tuple[str, ...] = ()
        self.remembered: Last | None = None
        self.error: OptaFlyError | None = None
        self.asked: list[RefineRequest] = []
        self.by_agent: list[bool] = []
        self.approvals: list[tuple[str, float]] = []
        self.notes: list[tuple[str, str, Decision | None, str]] = []
        self.looked_up: list[tuple[str, str, Choice | None]] = []
        self.stuck = False
        self.look_up_stuck = False
        self.lost_after: OptaFlyError | None = None
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def rules(self) -> Rules:
        return self.set_rules

    async def shown(self, workspace: str) -> Shown | None:
        return self.editors.get(workspace)

    async def refine(self, request: RefineRequest, say: Say, *, by_agent: bool = False) -> RefinedPrompt:
        self.asked.append(request)
        self.by_agent.append(by_agent)
        if self.error is not None:
            raise self.error
        await say("looking")
        self.begun.set()
        if self.stuck:
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.set()
        return result_of(request, self.refined)

    async def in_context(self, request: RefineRequest) -> Context:
        return Context(f"<context>halve</context>\n{request.prompt}", 9, ("app.py",), 0)

    async def without_secrets(self, text: str) -> str:
        return text.replace(SECRET, "[secret]")

    async def ask_approval(self, workspace: str, result: RefinedPrompt, time_limit_s: float) -> Approval | None:
        self.approvals.append((workspace, time_limit_s))
        return self.approval

    async def note(self, workspace: str, original: str, decision: Decision | None, sent: str) -> None:
        self.notes.append((workspace, original, decision, sent))
        if self.lost_after is not None:
            raise self.lost_after

    async def look_up(self, text: str, workspace: str, *, asked_as: Choice | None = None) -> Kept:
        self.looked_up.append((text, workspace, asked_as))
        if self.look_up_stuck:
            await asyncio.Event().wait()
        if self.lost_after is not None:
            raise self.lost_after
        return self.kept

    async def recent(self, workspace: str) -> Sequence[str]:
        return self.requests

    async def last(self, workspace: str) -> Last | None:
        return self.remembered

    async def report(self, days: int) -> Report:
        return figures([], 0.0, days * 86_400.0)


async def unheard(_: str) -> None:
    """Where nobody wants to be told."""
