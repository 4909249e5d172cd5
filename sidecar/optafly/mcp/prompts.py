"""The prompts `refine` and `ask`: from what a person typed in an agent panel to what its agent is given."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from optafly.errors import InputError, OptaFlyError
from optafly.mcp.ports import Choice, Decision, Engine, Kept, Rules, Say, Shown
from optafly.mcp.words import NOTHING_YET, READ_ONLY, last_as_text, with_kept_answer
from optafly.mcp.workspaces import look
from optafly.protocol import RefinedPrompt, RefineRequest

Name = Literal["refine", "ask"]
ARGUMENT: Final = "request"
LONGEST_REQUEST: Final = 200_000
"""Characters."""
MOST_OFFERED: Final = 100
"""Completions of one answer, as the protocol has it."""
LOOK_UP_S: Final = 8.0
"""How long a kept answer is looked for: what was approved must not be lost to a panel that waits no longer."""
NO_WORKSPACE: Final = (
    "no workspace is known: start this in the folder of a project, or use a client that names its folders (roots)"
)


class Answered(msgspec.Struct, frozen=True):
    """What the agent is given, in the person's name."""

    text: str
    description: str


class _Decided(msgspec.Struct, frozen=True):
    text: str
    description: str
    decision: Decision | None = None
    words: Choice = "original"


class Prompts:
    """Answers prompts; ``look_up_s`` is how long a kept answer is looked for."""

    def __init__(self, engine: Engine, *, look_up_s: float = LOOK_UP_S) -> None:
        self._engine = engine
        self._look_up_s = look_up_s

    async def answer(self, name: Name, asked: str, folders: Sequence[str], say: Say) -> Answered:
        """Refine what was asked and let its person decide; an empty request shows the last refinement."""
        if len(asked) > LONGEST_REQUEST:
            raise InputError(f"the request has more than {LONGEST_REQUEST} characters; shorten it")
        if not folders:
            raise InputError(NO_WORKSPACE)
        workspace, shown = await look(self._engine, folders)
        if not asked.strip():
            return await self._show_last(workspace)
        decided = await self._decide(_request(asked, workspace, shown), say)
        # From here on it is decided: what fails now must not lose that.
        with contextlib.suppress(OptaFlyError):
            await self._engine.note(workspace, asked, decided.decision, decided.text)
        kept = await self._kept(decided, workspace) if name == "ask" else None
        if kept is None:
            return Answered(decided.text, decided.description)
        return Answered(with_kept_answer(decided.text, kept.answer), f"{decided.description} {kept.reason}".strip())

    async def offer(self, beginning: str, folders: Sequence[str]) -> tuple[list[str], int]:
        """Recent requests that hold what was typed so far, those that begin with it first; and how many there are."""
        if not folders:
            return [], 0
        workspace, _ = await look(self._engine, folders)
        typed = beginning.casefold().strip()
        recent = await self._engine.recent(workspace)
        fitting = [text for text in recent if typed in text.casefold()]
        fitting.sort(key=lambda text: not text.casefold().startswith(typed))
        return fitting[:MOST_OFFERED], len(fitting)

    async def _kept(self, decided: _Decided, workspace: str) -> Kept | None:
        with contextlib.suppress(OptaFlyError, TimeoutError):
            async with asyncio.timeout(self._look_up_s):
                kept = await self._engine.look_up(decided.text, workspace, asked_as=decided.words)
            return kept if kept.outcome != "miss" else None
        return None

    async def _show_last(self, workspace: str) -> Answered:
        last = await self._engine.last(workspace)
        text = NOTHING_YET if last is None else f"{READ_ONLY}\n\n{last_as_text(last)}"
        return Answered(text, "What OptaFly changed last")

    async def _decide(self, request: RefineRequest, say: Say) -> _Decided:
        rules = await self._engine.rules()
        ends = time.monotonic() + rules.time_limit_s
        try:
            async with asyncio.timeout(rules.time_limit_s):
                result = await self._engine.refine(request, say)
        except TimeoutError:
            return _Decided(await self._own_words(request), "Not refined in time: your own words.")
        if result.outcome == "unchanged" or result.refined.strip() == result.original.strip():
            return _Decided(await self._own_words(request), "Clear as it is.")
        left = ends - time.monotonic()
        if left <= 0:
            return await self._by_rule(rules, request, result, in_time=False)
        await say("waiting for your decision in the editor")
        approval = await self._engine.ask_approval(request.workspace, result, left)
        if approval is None:
            return await self._by_rule(rules, request, result, in_time=True)
        match approval.decision:
            case "accepted" | "modified" if approval.text and approval.text.strip():
                return _Decided(approval.text, _refined(result), approval.decision, "refined")
            case "rejected":
                return _Decided(await self._own_words(request), "Your own words, as you decided.", "rejected")
            case _:
                return await self._by_rule(rules, request, result, in_time=False)

    async def _by_rule(self, rules: Rules, request: RefineRequest, result: RefinedPrompt, *, in_time: bool) -> _Decided:
        """What the settings say where nobody decided."""
        choice = rules.without_editor if in_time else rules.on_timeout
        decision: Decision = "unasked" if in_time else "expired"
        why = "No editor could ask you" if in_time else "Not decided in time"
        if choice == "refined":
            return _Decided(result.refined, f"{why}. {_refined(result)}", decision, "refined")
        return _Decided(await self._own_words(request), f"{why}: your own words.", decision)

    async def _own_words(self, request: RefineRequest) -> str:
        return await self._engine.without_secrets(request.prompt)


def _request(asked: str, workspace: str, shown: Shown | None) -> RefineRequest:
    if shown is None:
        return RefineRequest(asked, workspace)
    return RefineRequest(
        asked, workspace, shown.file, shown.selection, shown.diagnostics, (), shown.buffers, shown.edits
    )


def _refined(result: RefinedPrompt) -> str:
    count = len(result.changes)
    return f"Refined: {count} change{'' if count == 1 else 's'}; /refine alone shows them."
