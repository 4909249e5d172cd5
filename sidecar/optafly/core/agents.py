"""What agent panels ask of the core besides refining: recent requests, the last refinement, kept answers, figures."""

import asyncio
import os
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from optafly.config import load_config
from optafly.context.secrets import SecretScanner
from optafly.core.answers import Told
from optafly.core.compose import effective
from optafly.core.decisions import Decisions
from optafly.core.sending_decides import DecidesWith
from optafly.core.sending_events import answered_event, left_to_agent_event
from optafly.core.wire import Decision as Verdict
from optafly.core.wire import RefineCall
from optafly.core.wire_agents import LookUpCall, NoteCall
from optafly.errors import InputError, NotFound, OptaFlyError
from optafly.mcp.ports import Kept, Last
from optafly.neural.encoder import Encoder
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt
from optafly.sending.claude import Api
from optafly.sending.order import Order
from optafly.sending.sender import Sender, given
from optafly.stats.events import Answered
from optafly.stats.figures import figures
from optafly.stats.report import Report
from optafly.stats.store import read_events, stats_file

MOST_WORKSPACES: Final = 32
MOST_REQUESTS: Final = 100
LONGEST_REQUEST: Final = 2000
"""Characters; a longer request is not offered again."""
LONGEST_RESULT: Final = 400_000
"""Characters of a refinement that is kept to be shown."""
_DAY_S: Final = 86_400.0


class _Workspace(msgspec.Struct, eq=False):
    """In memory alone, and for as long as the core runs."""

    requests: deque[str]
    last: Last | None = None


class Agents:
    """For one event loop; what takes a while is done in threads."""

    def __init__(
        self,
        paths: Paths,
        decisions: Decisions,
        count: Callable[[Verdict], None],
        record: Callable[[Answered], None],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """``count`` is told of what a setting decided where no person could, ``record`` of what a person asked for."""
        self._paths = paths
        self._decisions = decisions
        self._count = count
        self._record = record
        self._environ = environ
        self._workspaces: OrderedDict[str, _Workspace] = OrderedDict()

    async def noting(self, call: RefineCall, events: AsyncGenerator[Told]) -> AsyncGenerator[Told]:
        """The same events; what a person asked for is remembered."""
        try:
            async for name, value in events:
                asked_for = not (call.ahead or call.by_agent)
                if name == "result" and isinstance(value, RefinedPrompt) and asked_for:
                    self._remember(call.request.workspace, value)
                yield name, value
        finally:
            await events.aclose()

    def note(self, call: NoteCall) -> None:
        """Remember what became of the last refinement of a workspace."""
        found = self._find(call.workspace)
        if found is None or found.last is None or found.last.result.original != call.original:
            return
        result = found.last.result
        if call.decision == "unasked":
            self._count("accepted" if call.sent == result.refined else "rejected")
        found.last = Last(result, call.decision, call.sent[:LONGEST_RESULT])

    async def recent(self, workspace: str) -> tuple[str, ...]:
        """Requests of a workspace, the newest first, without secrets."""
        found = self._find(workspace)
        return tuple(await asyncio.to_thread(_clean, list(found.requests))) if found is not None else ()

    async def last(self, workspace: str) -> Last:
        """The last refinement of a workspace, without secrets; raises `NotFound`."""
        found = self._find(workspace)
        if found is None or found.last is None:
            raise NotFound("nothing was refined in that workspace since the core was started")
        return await asyncio.to_thread(_clean_last, found.last)

    async def without_secrets(self, text: str) -> str:
        """A text with its secrets replaced."""
        return (await asyncio.to_thread(_clean, [text]))[0]

    async def look_up(self, call: LookUpCall) -> Kept:
        """The kept answer to a text, as if it was sent; raises `InputError`."""
        begun = time.monotonic()
        if not call.text.strip():
            raise InputError("the text is empty; say what is asked")
        if call.workspace and not Path(call.workspace).is_absolute():
            raise InputError("workspace must be an absolute path, or empty")
        config = effective(call.settings)
        order = Order(
            call.text, config.get("sending.model"), int(config.get("sending.max_tokens")), workspace=call.workspace
        )
        sender = Sender(
            DecidesWith(self._decisions, config),
            self._decisions.answers,
            self._decisions.selector,
            await asyncio.to_thread(self._api),
            Encoder().version,
        )
        try:
            found = await sender.look_up(order)
        except OptaFlyError as error:
            return Kept("miss", str(error))
        refined = call.asked_as == "refined"
        if found.entry is None or found.outcome == "miss":
            if call.asked_as is not None:
                self._record(left_to_agent_event(order.model, found, refined))
            return Kept("miss", found.reason)
        answer = given(found, found.entry, None, begun)
        if call.asked_as is not None:
            self._record(answered_event(answer, refined))
        return Kept(found.outcome, found.reason, answer.text, answer.model, found.similarity)

    async def report(self, days: int) -> Report:
        """The figures of the last days."""
        return await asyncio.to_thread(self._report, days)

    def _find(self, folder: str) -> _Workspace | None:
        return self._workspaces.get(os.path.realpath(folder))

    def _api(self) -> Api:
        return Api(load_config(self._paths.config_file, self._environ).get("sending.base_url"))

    def _report(self, days: int) -> Report:
        until = time.time()
        start = max(0.0, until - days * _DAY_S)
        return figures(read_events(stats_file(self._paths), start, until), start, until)

    def _remember(self, folder: str, result: RefinedPrompt) -> None:
        if len(result.original) + len(result.refined) > LONGEST_RESULT:
            return
        key = os.path.realpath(folder)
        found = self._workspaces.setdefault(key, _Workspace(deque(maxlen=MOST_REQUESTS)))
        self._workspaces.move_to_end(key)
        while len(self._workspaces) > MOST_WORKSPACES:
            self._workspaces.popitem(last=False)
        found.last = Last(result)
        text = result.original.strip()
        if text and len(text) <= LONGEST_REQUEST:
            if text in found.requests:
                found.requests.remove(text)
            found.requests.appendleft(text)


def _clean(texts: list[str]) -> list[str]:
    scanner = SecretScanner()
    return [scanner.redact(text).text for text in texts]


def _clean_last(last: Last) -> Last:
    result = last.result
    original, refined, sent = _clean([result.original, result.refined, last.sent or ""])
    shown: Mapping[str, Any] = {"original": original, "refined": refined}
    return Last(msgspec.structs.replace(result, **shown), last.decision, None if last.sent is None else sent)
