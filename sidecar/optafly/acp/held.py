"""Prompts that are held back until it is decided about them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from optafly.acp.client import Client, TurnClient
from optafly.acp.messages import PromptParams, response, texts, with_params
from optafly.acp.ports import Block, Forward, PromptGate, Stopped
from optafly.acp.sessions import Sessions
from optafly.log_file import where

log = logging.getLogger(__name__)


class HeldPrompt:
    """A prompt as it came in."""

    def __init__(self, line: bytes, request_id: msgspec.Raw, params: PromptParams, turn: TurnClient) -> None:
        self.line = line
        self.id = request_id
        self.session = params.session_id
        self.turn = turn
        self.task: asyncio.Task[None]
        self._raw = params.prompt
        self.blocks = [msgspec.json.decode(block, type=dict[str, Any]) for block in params.prompt]

    def with_blocks(self, blocks: Sequence[Block]) -> bytes:
        """The request with these blocks; the very line where they are those that came."""
        if len(blocks) == len(self.blocks) and all(map(_same, blocks, self.blocks)):
            return self.line
        came = {id(block): raw for block, raw in zip(self.blocks, self._raw, strict=True)}
        return with_params(self.line, prompt=[came.get(id(block), block) for block in blocks])


class Holding:
    """The prompts that are held back, each until the gate has decided or its person cancels."""

    def __init__(
        self,
        gate: PromptGate,
        client: Client,
        sessions: Sessions,
        forward: Callable[[HeldPrompt, bytes], Awaitable[None]],
    ) -> None:
        self._gate = gate
        self._client = client
        self._sessions = sessions
        self._forward = forward
        self._held: list[HeldPrompt] = []
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}

    def hold(self, line: bytes, request_id: msgspec.Raw, params: PromptParams) -> None:
        """Hold a prompt; raises `msgspec.DecodeError` where it is none."""
        prompt = HeldPrompt(line, request_id.copy(), params, TurnClient(self._client))
        tasks = self._tasks.setdefault(prompt.session, [])
        prompt.task = asyncio.create_task(self._decide(prompt, tuple(tasks)))
        tasks.append(prompt.task)
        self._held.append(prompt)

    def stop(self, concerned: Callable[[HeldPrompt], bool] | None = None) -> list[msgspec.Raw]:
        """Stop deciding about these prompts, or all; returns their ids, which are to be answered."""
        stopped = [prompt for prompt in self._held if concerned is None or concerned(prompt)]
        for prompt in stopped:
            self._let_go(prompt)
            prompt.task.cancel()
        return [prompt.id for prompt in stopped]

    async def close(self) -> None:
        """Stop all, and wait until that is done."""
        self.stop()
        tasks = [task for of_session in self._tasks.values() for task in of_session]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _decide(self, prompt: HeldPrompt, before: Sequence[asyncio.Task[None]]) -> None:
        try:
            if before:
                await asyncio.wait(before)
            done = await self._decided(prompt)
            self._let_go(prompt)
            if isinstance(done, bytes):
                await self._forward(prompt, done)
            else:
                await self._client.out.send(response(prompt.id, {"stopReason": done}))
        finally:
            tasks = self._tasks[prompt.session]
            tasks.remove(prompt.task)
            if not tasks:
                del self._tasks[prompt.session]

    async def _decided(self, prompt: HeldPrompt) -> bytes | str:
        """What goes to the agent, or why the turn ends."""
        session = self._sessions.of(prompt.session)
        blocks: Sequence[Block] = prompt.blocks
        try:
            decided = await self._gate.decide(session.asked(prompt.session, prompt.blocks), prompt.turn)
            if isinstance(decided, Stopped):
                return "cancelled"
            if not isinstance(decided, Forward):
                return decided.stop_reason
            line, blocks = prompt.with_blocks(decided.blocks), decided.blocks
        except Exception as error:  # whatever goes wrong in it, what was asked is not lost
            log.warning("a prompt goes on as it came: %s", where(error))
            line = prompt.line
        session.prompted(texts(blocks))
        return line

    def _let_go(self, prompt: HeldPrompt) -> None:
        prompt.turn.over = True
        self._held.remove(prompt)


def _same(one: Block, other: Block) -> bool:
    return one is other
