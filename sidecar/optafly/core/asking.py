"""Sending for a command: at a running core, or in this process."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec

from optafly.core.connection import LOST, Connection
from optafly.core.decisions import Decisions
from optafly.core.failures import error_of
from optafly.core.launcher import find_core
from optafly.core.recording import Recording
from optafly.core.sending import Result, Sending
from optafly.core.wire import Discovery, Failure, Progress, decode, encode
from optafly.core.wire_send import CORE_GONE, DropCall, Kept, SendCall, kept_for_later
from optafly.errors import CoreUnavailable, OptaFlyError
from optafly.paths import Paths
from optafly.sending.order import Answer, Piece

Told = Callable[[str, Any], None]
"""Told each event but the last: its name, and what it holds."""

# A core that takes longer is too busy to be of use to a single command.
_ANSWER_S: Final = 1.0
_JOIN_S: Final = 3.0
# Ctrl-C, and a reader that has what it wanted.
_NOT_WANTED: Final = (KeyboardInterrupt, BrokenPipeError)
_KINDS: Final[Mapping[str, Any]] = MappingProxyType(
    {"kept": Kept, "progress": Progress, "retry": Progress, "text": Piece, "result": Result, "error": Failure}
)


class Sends(Protocol):
    """What a command asks."""

    def send(self, call: SendCall, told: Told) -> Answer:
        """The whole answer, its pieces told as they come; raises as `Sender.send`.

        `KeyboardInterrupt` stops it, and the prompt is not kept then, unless it waited already.
        """


@contextlib.contextmanager
def open_sends(paths: Paths, recording: Recording, *, in_process: bool = False) -> Iterator[Sends]:
    """The running core's, where there is one of this version, else one of this process; starts no core."""
    found = None if in_process else find_core(paths, answer_s=_ANSWER_S)
    here = LocalSends(paths, recording)
    yield RemoteSends(found, here) if found is not None else here


class LocalSends:
    """Sends from this process."""

    def __init__(self, paths: Paths, recording: Recording) -> None:
        self._paths = paths
        self._recording = recording

    def send(self, call: SendCall, told: Told) -> Answer:
        """As `Sends`."""
        # As it would arrive at a core: lists where there were tuples.
        return asyncio.run(self._send(decode(encode(call), SendCall), told))

    async def _send(self, call: SendCall, told: Told) -> Answer:
        decisions = Decisions(self._paths)
        sending = Sending(self._paths, decisions, self._recording)
        try:
            async with contextlib.aclosing(sending.send(call)) as events:
                async for name, value in events:
                    if isinstance(value, Failure):
                        raise error_of(value)
                    if isinstance(value, Result):
                        await sending.join()
                        return value.answer
                    told(name, value)
        except (asyncio.CancelledError, *_NOT_WANTED):
            if not call.unsent:
                await sending.drop(call.name)
            raise
        finally:
            decisions.close()
            decisions.join(_JOIN_S)
        raise CoreUnavailable("sending ended without an answer; try again")


class RemoteSends:
    """Has a running core send; closing the connection stops it there. ``otherwise`` sends where that core is gone."""

    def __init__(self, core: Discovery, otherwise: Sends) -> None:
        self._connection = Connection(core)
        self._otherwise = otherwise

    def send(self, call: SendCall, told: Told) -> Answer:
        """As `Sends`."""
        kept: list[str] = []

        def note(name: str, value: Any) -> None:
            if isinstance(value, Kept):
                kept.append(value.id)
            told(name, value)

        try:
            answer = self._send(call, note)
        except CoreUnavailable as error:
            if str(error) != LOST:
                raise
            answer = None
        except _NOT_WANTED:
            if not call.unsent:
                self._drop(call.name)
            raise
        if answer is not None:
            return answer
        if not kept:
            # Nothing was sent: a core says first that it keeps the prompt.
            return self._otherwise.send(call, told)
        raise CoreUnavailable(kept_for_later(CORE_GONE, kept[0]))

    def _send(self, call: SendCall, told: Told) -> Answer | None:
        """The answer; None where the core ended before there was one."""
        with contextlib.closing(self._connection.events("/v1/send", call)) as events:
            for event in events:
                value = _read(event.name, event.data)
                if isinstance(value, Failure):
                    raise error_of(value)
                if isinstance(value, Result):
                    return value.answer
                if value is not None:
                    told(event.name, value)
        return None

    def _drop(self, name: str) -> None:
        with contextlib.suppress(OptaFlyError):
            self._connection.ask("POST", "/v1/send/drop", DropCall(name))


def _read(name: str, data: bytes) -> Any:
    kind = _KINDS.get(name)
    if kind is None:  # of a core that can say more
        return None
    try:
        return decode(data, kind)
    except msgspec.DecodeError:
        raise CoreUnavailable("the core speaks in another way; restart it: optafly core stop") from None
