"""The core of the soak: started as a front-end does it, killed, started again, and looked at each second."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil

from optafly.core.launcher import ensure_core
from optafly.paths import resolve_paths
from optafly.proxy.token import FILE_NAME as TOKEN_FILE
from tests.e2e.core.conftest import status_of, until
from tests.soak.ledger import Outage
from tests.soak.memory import Sample

_LOOK_S: Final = 1.0
_START_S: Final = 60.0


class Lives:
    """One core after another, in one home; ``samples`` has a list for each."""

    def __init__(self, environment: Mapping[str, str], port: int) -> None:
        self.paths = resolve_paths(environment)
        self.port = port
        self.samples: list[list[Sample]] = []
        self.pids: list[int] = []
        self._environment = environment
        self._outages: list[Outage] = []
        self._killed: float | None = None
        self._up = asyncio.Event()

    @property
    def token(self) -> str:
        """The proxy's."""
        return (self.paths.data_dir / TOKEN_FILE).read_text("ascii").strip()

    @property
    def outages(self) -> list[Outage]:
        """Those so far; one that lasts has no end yet."""
        return [*self._outages, *([Outage(self._killed, float("inf"))] if self._killed is not None else [])]

    def was_down(self, since: float) -> bool:
        """Whether the core was dead at any time since then."""
        return any(outage.ended > since for outage in self.outages)

    async def begin(self) -> None:
        """Start the core and wait until its proxy listens."""
        core = await asyncio.to_thread(ensure_core, self.paths, self._environment)
        self.samples.append([])
        self.pids.append(core.pid)
        await asyncio.to_thread(until, lambda: status_of(core).proxy.port, "the proxy listens")
        self._up.set()

    async def kill(self) -> None:
        """Kill it in the middle of its work, and start another."""
        self._up.clear()
        self._killed = time.monotonic()
        os.kill(self.pids[-1], signal.SIGKILL)
        await self.begin()
        self._outages.append(Outage(self._killed, time.monotonic()))
        self._killed = None

    async def look(self) -> None:
        """Sample its memory each second, until cancelled."""
        while True:
            await self._up.wait()
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(self.pids[-1])
                self.samples[-1].append(Sample(time.time() - process.create_time(), process.memory_info().rss))
            await asyncio.sleep(_LOOK_S)

    def end(self) -> None:
        """Kill whatever is left of it."""
        for process in of_home(Path(self._environment["OPTAFLY_HOME"])):
            with contextlib.suppress(psutil.Error):
                process.kill()
                process.wait(_START_S)


def of_home(home: Path) -> list[psutil.Process]:
    """All processes but this one that were started with this home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("OPTAFLY_HOME") == str(home):
                found.append(process)
    return found


def free_port() -> int:
    """A port of the loopback interface that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
