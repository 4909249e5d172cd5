"""Serves one client over standard input and output, in front of an agent or alone."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from io import FileIO
from typing import Final, Protocol

from optafly.acp.inner import Inner, Program
from optafly.acp.logs import start_log
from optafly.acp.own_agent import OwnAgent
from optafly.acp.parts import make_parts
from optafly.acp.ports import Answerer, PromptGate
from optafly.acp.relay import Relay
from optafly.acp.streams import Input, Output
from optafly.config import load_config
from optafly.errors import OptaFlyError
from optafly.log_file import where
from optafly.paths import Paths, resolve_paths
from optafly.settings import BY_KEY

START_LIMIT: Final = "acp.start_time_limit_s"
_FLUSH_S: Final = 2.0
_LEAVE_S: Final = 10.0
_SIGNALS: Final = ("SIGTERM", "SIGINT", "SIGHUP")

log = logging.getLogger(__name__)


class Parts(Protocol):
    """What it needs besides the relay; closing the gate leaves the core for both."""

    @property
    def gate(self) -> PromptGate:
        """What decides about prompts."""

    @property
    def alone(self) -> Answerer:
        """What answers where there is no agent."""


def serve(
    command: Sequence[str],
    environ: Mapping[str, str] = os.environ,
    parts_of: Callable[[Paths, Mapping[str, str]], Parts] = make_parts,
) -> int:
    """Serve the client of this process; without a command OptaFly answers by itself. Returns the exit status."""
    paths = resolve_paths(environ)
    start_log(paths)
    came, out, errors = (FileIO(os.dup(number), mode) for number, mode in ((0, "rb"), (1, "wb"), (2, "wb")))
    os.dup2(2, 1)  # whatever else is printed does no harm on standard error
    return asyncio.run(_serve(command, parts_of(paths, environ), _start_limit(paths, environ), came, out, errors))


async def _serve(
    command: Sequence[str], parts: Parts, start_limit_s: float, came: FileIO, out: FileIO, errors: FileIO
) -> int:
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    to_client, to_log = Output(out, "output", gone.set), Output(errors, "errors")
    inner: Inner = Program(command, to_log) if command else OwnAgent(parts.alone)
    relay = Relay(Input(came, "input"), to_client, inner, parts.gate, start_limit_s=start_limit_s)
    for name in _SIGNALS:
        with contextlib.suppress(AttributeError, NotImplementedError):  # not every system has them
            loop.add_signal_handler(getattr(signal, name), gone.set)
    running, leaving = asyncio.create_task(relay.run()), asyncio.create_task(gone.wait())
    try:
        await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
        relay.leave()
        await asyncio.wait({running}, timeout=_LEAVE_S)
        return running.result() if running.done() else 1
    except Exception as error:
        log.error("the relay has failed: %s", where(error))
        raise
    finally:
        for task in (running, leaving):
            task.cancel()
        await asyncio.gather(running, leaving, return_exceptions=True)
        with contextlib.suppress(OptaFlyError, TimeoutError):
            async with asyncio.timeout(_FLUSH_S):
                await parts.gate.close()
        await to_client.close(_FLUSH_S)
        await to_log.close(_FLUSH_S)


def _start_limit(paths: Paths, environ: Mapping[str, str]) -> float:
    try:
        config = load_config(paths.config_file, environ)
    except OptaFlyError:
        return float(BY_KEY[START_LIMIT].default)
    return float(config.get(START_LIMIT))
