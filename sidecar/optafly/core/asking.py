"""Sending for a command: at a running core, or in this process."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec

from optafly.core.connection import Connection
from optafly.core.decisions import Decisions
from optafly.core.failures import error_of
from optafly.core.launcher import find_core
from optafly.core.recording import Recording
from optafly.core.sending import Result, Sending
from optafly.core.wire import Discovery, Failure, Progress, decode, encode
from optafly.core.wire_send import Kept, SendCall
from optafly.errors import CoreUnavailable
from optafly.paths import Paths
from optafly.sending.order import Answer, Piece

Told = Callable[[str, Any], None]
"""Told each event but the last: its name, and what it holds."""

# A core that takes longer is too busy to be of use to a single command.
_ANSWER_S: Final = 1.0
_JOIN_S: Final = 3.0
_KINDS: Final[Mapping[str, Any]] = MappingProxyType(
    {"kept": Kept, "progress": Progress, "retry": Progress, "text": Piece, "result": Result, "error": Failure}
)


class Sends(Protocol):
    """What a command asks."""

    def send(self, call: SendCall, told: Told) -> Answer:
        """The whole answer, its pieces told as they come; `KeyboardInterrupt` stops it. Raises as `Sender.send`."""


@contextlib.contextmanager
def open_sends(paths: Paths, recording: Recording, *, in_process: bool = False) -> Iterator[Sends]:
    """The running core's, where there is one of this version, else one of this process; starts no core."""
    found = None if in_process else find_core(paths, answer_s=_ANSWER_S)
    yield RemoteSends(found) if found is not None else LocalSends(paths, recording)


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
        finally:
            decisions.close()
            decisions.join(_JOIN_S)
        raise CoreUnavailable("sending ended without an answer; try again")


class RemoteSends:
    """Has a running core send; closing the connection stops it there."""

    def __init__(self, core: Discovery) -> None:
        self._connection = Connection(core)

    def send(self, call: SendCall, told: Told) -> Answer:
        """As `Sends`."""
        with contextlib.closing(self._connection.events("/v1/send", call)) as events:
            for event in events:
                value = _read(event.name, event.data)
                if isinstance(value, Failure):
                    raise error_of(value)
                if isinstance(value, Result):
                    return value.answer
                if value is not None:
                    told(event.name, value)
        raise CoreUnavailable("the core ended before it answered; the prompt is kept, see: optafly ask --retry list")


def _read(name: str, data: bytes) -> Any:
    kind = _KINDS.get(name)
    if kind is None:  # of a core that can say more
        return None
    try:
        return decode(data, kind)
    except msgspec.DecodeError:
        raise CoreUnavailable("the core speaks in another way; restart it: optafly core stop") from None
