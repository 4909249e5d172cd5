"""OptaFly as the agent: a conversation with Claude, a document for each of its turns."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Final

import msgspec

from optafly.acp.core_port import Core, Memory, Remembered
from optafly.acp.places import attached_text
from optafly.acp.ports import AskedPrompt, ClientPort, StopReason
from optafly.acp.prompt import read_prompt
from optafly.acp.request import build_request, workspace_of
from optafly.acp.updates import mention, say
from optafly.acp.words import fenced, one_line
from optafly.context.private import PrivateFiles
from optafly.core.wire import Progress
from optafly.core.wire_send import DocumentAt, Kept, SendCall, Summary
from optafly.errors import CoreUnavailable, InputError, NotFound
from optafly.settings import SENT

KEPT_ANSWER: Final = "A kept answer: nothing was sent."
SECRETS: Final = "Secrets ({}) are not sent: markers stand there."
NOTHING: Final = "the prompt holds no text; say what is asked"
NO_PICTURES: Final = "Pictures and sounds are not sent: OptaFly sends text to Claude."


class Alone:
    """See `optafly.acp.ports.Answerer`."""

    def __init__(self, core: Core, memory: Memory, home: Path) -> None:
        """``memory`` is that of the gate before it, ``home`` the person's home, which is no project."""
        self._core = core
        self._memory = memory
        self._home = home
        self._closing = False

    async def answer(self, asked: AskedPrompt, client: ClientPort) -> StopReason:
        """Stream the answer; raises what sending does."""
        known = self._memory.of(asked.session)
        call = await self._call(asked, known, client)
        going = _Going()
        work = asyncio.create_task(self._stream(call, asked.session, known, client, going), name="optafly-acp-answer")
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            # The person stops it, and the core is told first: of whoever just goes away it keeps the prompt.
            if not self._closing:
                await self._core.drop(call.name)
            raise
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        try:
            work.result()
        except NotFound:
            # Documents are not kept for ever; the next prompt begins anew.
            known.document = ""
            raise
        return "end_turn"

    async def close(self) -> None:
        """Leave the core; a prompt that is still on its way is kept."""
        self._closing = True
        await self._core.close()

    async def _call(self, asked: AskedPrompt, known: Remembered, client: ClientPort) -> SendCall:
        config = await self._core.config()
        values = {key: config.get(key) for key in SENT}
        private = PrivateFiles(config.get("private_files"))
        prompt = read_prompt(asked)
        workspace = workspace_of(asked.cwd, prompt, self._home)
        # Nothing is added to what its person decided on.
        written = [prompt.text, *(block.get("text") for block in asked.blocks)]
        decided = known.take_decided(written)
        text, refined = decided or (prompt.text, False)
        if text and decided is None and workspace is not None and not known.document:
            # There is no agent that could look: what is known about the request goes with it.
            shown = await self._core.shown(str(workspace))
            request = await build_request(prompt, workspace, shown, private)
            text = (await self._core.own_words(request, values)).text
        beside, left_out = _attached(asked, text, private)
        for note in [*left_out, *([NO_PICTURES] if prompt.shows else [])]:
            await mention(client, asked.session, note)
        if not text and not beside:
            raise InputError(NOTHING)
        folder = str(workspace) if workspace is not None else ""
        follows, refined = known.document, refined and not beside
        return SendCall(beside + text, folder, refined=refined, document=True, follows=follows, settings=values)

    async def _stream(
        self, call: SendCall, session: str, known: Remembered, client: ClientPort, going: "_Going"
    ) -> None:
        async with contextlib.aclosing(self._core.send(call)) as events:
            async for name, value in events:
                match value:
                    case Kept():
                        if value.secrets:
                            await mention(client, session, SECRETS.format(value.secrets))
                    case DocumentAt():
                        going.document = Path(value.path).stem
                    case Summary():
                        known.document = going.document
                        if value.saved:
                            await say(client, session, f"\n\n*{KEPT_ANSWER} {value.saved}.*")
                        return
                    case Progress():
                        await mention(client, session, value.text)
                    case _ if name == "text":
                        await say(client, session, _text(value))
        raise CoreUnavailable("the core gave no answer; try again")


class _Going(msgspec.Struct, eq=False):
    """An answer that is coming: the document it is written to."""

    document: str = ""


def _text(value: Any) -> str:
    return value.get("text", "") if isinstance(value, dict) else ""


def _attached(asked: AskedPrompt, text: str, private: PrivateFiles) -> tuple[str, list[str]]:
    """What was attached with its text, where that is not in the prompt already, and what is said of private files."""
    parts, left_out = [], []
    for block in asked.blocks:
        name, content = attached_text(block) or ("", "")
        if private.matches(name.lstrip("/")):
            left_out.append(f"{one_line(name)} is a private file and is not sent.")
        elif content.strip() and content.strip() not in text:
            parts.append(f"{name}\n{fenced(content)}\n\n")
    return "".join(parts), left_out
