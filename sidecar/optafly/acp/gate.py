"""Between a person's prompt and the agent: our commands, refining, and the decision about it."""

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import msgspec

from optafly.acp.asking import Outcome, decide
from optafly.acp.core_port import Core, Last, Memory, Remembered
from optafly.acp.follow_up import stands_for_itself
from optafly.acp.ports import Answered, AskedPrompt, ClientGone, ClientPort, Decided, Forward, Stopped
from optafly.acp.prompt import Prompt, read_prompt
from optafly.acp.request import bare, build_request, workspace_of
from optafly.acp.updates import mention, say
from optafly.acp.words import CHANGED, CLEAR, fenced, last_refinement, not_refined, statistics
from optafly.approval import State
from optafly.config import Config
from optafly.context.private import PrivateFiles
from optafly.errors import InputError, OptaFlyError
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.settings import SENT

STATS_DAYS: Final = 30
LONGEST: Final = 400_000
"""Characters of a prompt: whoever writes more than that has said what is meant."""
ORIGINAL_ON: Final = "Prompts go as you write them, until `/original off`."
ORIGINAL_OFF: Final = "Prompts are refined again."
ORIGINAL_ONCE: Final = "The next prompt goes as you write it."

log = logging.getLogger(__name__)


class Gate:
    """See `optafly.acp.ports.PromptGate`."""

    def __init__(self, core: Core, memory: Memory, home: Path) -> None:
        """``home`` is the person's home, which is no project."""
        self._core = core
        self._memory = memory
        self._home = home
        # To the core a newer request of one front-end takes the place of an older one about the same file.
        self._one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def decide(self, asked: AskedPrompt, client: ClientPort) -> Decided:
        """Decide about one prompt."""
        known = self._memory.of(asked.session)
        prompt = read_prompt(asked)
        try:
            if prompt.command:
                return await self._command(prompt, asked, known, client)
            if self._goes_as_it_is(prompt, asked, known):
                return Forward(asked.blocks)
            return await self._refine(prompt, asked, known, client)
        except ClientGone:
            return Stopped()

    async def close(self) -> None:
        """Leave the core, when all that was decided is counted."""
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._core.close()

    def _goes_as_it_is(self, prompt: Prompt, asked: AskedPrompt, known: Remembered) -> bool:
        # What a picture shows, and what the agent's own commands mean, nobody knows here.
        if prompt.theirs or not prompt.text or len(prompt.text) > LONGEST:
            return True
        once, known.original_once = known.original_once, False
        if known.original or once or prompt.shows:
            return True
        return (asked.goes_on or bool(asked.turns)) and not stands_for_itself(prompt.text)

    async def _command(self, prompt: Prompt, asked: AskedPrompt, known: Remembered, client: ClientPort) -> Decided:
        if prompt.command == "stats":
            return await self._say(asked, client, await self._statistics())
        if prompt.command == "refine":
            if prompt.text:
                return await self._refine(prompt, asked, known, client)
            if prompt.brings_more:
                return Forward(prompt.blocks)
            return await self._say(asked, client, last_refinement(known.last))
        switch = prompt.text.lower()
        if switch not in {"on", "off"} and (prompt.text or prompt.brings_more):
            return Forward(prompt.blocks)
        known.original, known.original_once = switch == "on", not switch
        return await self._say(asked, client, {"on": ORIGINAL_ON, "off": ORIGINAL_OFF}.get(switch, ORIGINAL_ONCE))

    async def _say(self, asked: AskedPrompt, client: ClientPort, text: str) -> Answered:
        await say(client, asked.session, text)
        return Answered()

    async def _statistics(self) -> str:
        try:
            return statistics(await self._core.report(STATS_DAYS), STATS_DAYS)
        except OptaFlyError as error:
            return str(error)

    async def _refine(self, prompt: Prompt, asked: AskedPrompt, known: Remembered, client: ClientPort) -> Decided:
        as_it_is = Forward(prompt.blocks if prompt.command else asked.blocks)
        config = await self._core.config()
        workspace = workspace_of(asked.cwd, prompt, self._home)
        wanted = bool(prompt.command)
        if workspace is None or not (wanted or config.get("enabled")):
            return as_it_is
        values = {key: config.get(key) for key in SENT}
        if wanted:
            values |= {"enabled": True, "refinement_threshold": 0.0}
        limit_s = float(config.get("acp.time_limit_s"))
        try:
            async with asyncio.timeout(limit_s):
                request = await self._request(prompt, workspace, config)
                request, result = await self._refined(request, values)
        except (OptaFlyError, TimeoutError) as error:
            reason = str(error) if isinstance(error, OptaFlyError) else f"that took longer than {limit_s:g} s"
            await mention(client, asked.session, not_refined(reason))
            return as_it_is
        if result.outcome == "unchanged":
            if wanted:
                await mention(client, asked.session, CLEAR)
            return as_it_is

        async def again(answers: tuple[str, ...]) -> RefinedPrompt | None:
            try:
                async with asyncio.timeout(limit_s):
                    return (await self._refined(msgspec.structs.replace(request, answers=answers), values))[1]
            except (OptaFlyError, TimeoutError):
                log.info("a request was not refined again with what was answered")
                return None

        takes_safe = not wanted and bool(config.get("auto_approve_safe_refinements"))
        outcome = await decide(result, asked.session, client, again, takes_safe=takes_safe)
        return await self._settle(outcome, prompt, as_it_is, known, asked, client)

    async def _settle(
        self,
        outcome: Outcome,
        prompt: Prompt,
        as_it_is: Forward,
        known: Remembered,
        asked: AskedPrompt,
        client: ClientPort,
    ) -> Decided:
        proposal = outcome.proposal
        known.last = Last(proposal.result, proposal.state, outcome.by_setting, proposal.approved)
        if proposal.state in {"proposed", "expired"} or proposal.approved is None:
            return Stopped()
        if not outcome.asked:
            return as_it_is
        self._count(proposal.state, by_setting=outcome.by_setting)
        if proposal.state == "rejected":
            known.decided_on(prompt.text, refined=False)
            return as_it_is
        if proposal.state == "modified":
            await say(client, asked.session, f"{CHANGED}\n\n{fenced(proposal.approved)}\n\n")
        known.decided_on(proposal.approved, refined=proposal.state == "accepted")
        return Forward(prompt.with_text(proposal.approved))

    async def _request(self, prompt: Prompt, workspace: Path, config: Config) -> RefineRequest:
        shown = await self._core.shown(str(workspace))
        return await build_request(prompt, workspace, shown, PrivateFiles(config.get("private_files")))

    async def _refined(self, request: RefineRequest, values: dict[str, Any]) -> tuple[RefineRequest, RefinedPrompt]:
        """The request as it could be refined, and the result."""
        async with self._one:
            try:
                return request, await self._core.refine(request, values)
            except InputError:
                # A file that has changed since: what an editor showed does not hold any longer.
                return bare(request), await self._core.refine(bare(request), values)

    def _count(self, state: State, *, by_setting: bool) -> None:
        """Have a decision counted; the prompt does not wait for that."""
        self._start(self._core.decided(state, by_setting=by_setting))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="optafly-acp-count")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
