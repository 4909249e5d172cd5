"""The stand-in in a thread of its own, or in a process of its own."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.standin.server import Standin

_START_S = 20.0
_ROOT = Path(__file__).parents[2]


@contextmanager
def running_standin(*, port: int = 0, **options: Any) -> Iterator[Standin]:
    """A stand-in in a thread; ``options`` are those of `Standin`. A function of a script that failed is raised here."""
    standin = Standin(**options)
    ready = threading.Event()
    thread = _ServerThread(standin, ready, port)
    thread.start()
    try:
        if not ready.wait(_START_S) or thread.failed is not None:
            raise RuntimeError("the stand-in did not start") from thread.failed
        yield standin
    finally:
        thread.stop()
    if standin.problems:
        raise standin.problems[0]


@contextmanager
def standin_process(*options: str) -> Iterator[str]:
    """A stand-in in a process, with the options of its command line; gives its address."""
    command = [sys.executable, "-m", "tests.standin", "--port", "0", *options]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("the stand-in did not start")
            yield url
        finally:
            process.terminate()


class _ServerThread(threading.Thread):
    def __init__(self, standin: Standin, ready: threading.Event, port: int) -> None:
        super().__init__(name="standin", daemon=True)
        self._standin, self._ready, self._port = standin, ready, port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception as problem:
            self.failed = problem
        finally:
            self._ready.set()

    def stop(self) -> None:
        if self._loop is not None and self._stopping is not None and self.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self.join(_START_S)

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        await self._standin.serve(self._ready.set, self._stopping, self._port)
