"""The core as a process: one per user, from its lock to its last log line."""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Final

import filelock

from optafly import __version__
from optafly.config import load_config
from optafly.core.app import Core
from optafly.core.deciding import LOADER_NAME, THREAD_NAME
from optafly.core.discovery import (
    discovery_file,
    lifetime_lock,
    make_runtime_dir,
    read_discovery,
    remove_discovery,
    unwritable,
    write_discovery,
)
from optafly.core.logs import begin_log, end_log
from optafly.core.serving import Server, listen, server_config
from optafly.core.wire import PROTOCOL_VERSION, Discovery
from optafly.errors import CoreUnavailable
from optafly.paths import Paths

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_MOST_DESCRIPTORS: Final = 8192
_END_S: Final = 5.0
_LOCK_S: Final = 0.5
"""Front-ends that look whether the lock is held have it for an instant themselves."""
_KEEP_S: Final = 2.0
"""How long an answer that was just given is waited for to be kept."""
_POLL_S: Final = 0.01
_LOOK_EVERY_S: Final = 30.0

_log = logging.getLogger(__name__)


def run_core(
    paths: Paths, environ: Mapping[str, str] = os.environ, *, ready: Callable[[Discovery], None] = lambda _: None
) -> None:
    """Serve until told to stop, or until nobody has needed it for long enough.

    Raises `CoreUnavailable` where one runs already, the port is taken, or there is nowhere to write.
    """
    make_runtime_dir(paths)
    _raise_limit()
    with _sole_core(paths):
        # Of one that was killed: from here on it would be taken for this one's.
        with contextlib.suppress(OSError):
            discovery_file(paths).unlink(missing_ok=True)
        log = begin_log(paths)
        try:
            config = load_config(paths.config_file, environ)
            if config.messages:
                # Not quoted: a value in the wrong place may be a key that nobody should see.
                _log.warning("%d settings not accepted; see: optafly config show", len(config.messages))
            with listen(int(config.get("core.port")), "core.port") as listener:
                asyncio.run(_serve(paths, listener, float(config.get("core.idle_exit_s")), ready))
        finally:
            end_log(log)


def end_soon() -> None:
    """End this process shortly, even where a thread still reads a long prompt or a disk that does not answer."""
    if any(thread.name in {THREAD_NAME, LOADER_NAME} for thread in threading.enumerate()):
        # It is loading libraries, or in them: Python is not taken down under them.
        os._exit(0)
    limit = threading.Timer(_END_S, os._exit, (0,))
    limit.daemon = True
    limit.start()


def _raise_limit() -> None:
    """Allow as many open connections and files as this user may have, within reason."""
    if os.name != "posix":
        return
    import resource  # noqa: PLC0415  not everywhere

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # what there is must do
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def _sole_core(paths: Paths) -> Iterator[None]:
    lock = filelock.FileLock(lifetime_lock(paths), timeout=_LOCK_S, poll_interval=_POLL_S, mode=0o600)
    try:
        lock.acquire()
    except filelock.Timeout:
        found = read_discovery(paths)
        who = f"pid {found.pid}" if found is not None else "it is just starting or stopping"
        raise CoreUnavailable(f"the core is already running ({who}); to end it run: optafly core stop") from None
    except OSError as error:
        raise unwritable(lifetime_lock(paths), error) from None
    try:
        yield
    finally:
        lock.release()


async def _serve(paths: Paths, listener: socket.socket, idle_exit_s: float, ready: Callable[[Discovery], None]) -> None:
    stopping = asyncio.Event()

    def stop(reason: str) -> None:
        if not stopping.is_set():
            _log.info("stopping: %s", reason)
            stopping.set()

    port = listener.getsockname()[1]
    discovery = Discovery(port, secrets.token_hex(32), os.getpid(), __version__, PROTOCOL_VERSION, time.time())
    core = Core(paths, port=port, token=discovery.token, idle_exit_s=idle_exit_s, stop=stop)

    def listening() -> None:
        write_discovery(paths, discovery)
        _log.info("core %s, pid %d, listens on port %d", __version__, discovery.pid, port)
        core.proxy.start()
        ready(discovery)

    server = Server(server_config(core.app), listening)
    try:
        with _signals(asyncio.get_running_loop(), stop):
            serving = asyncio.create_task(server.serve([listener]))
            ends = [asyncio.create_task(stopping.wait()), asyncio.create_task(_until_idle(core, idle_exit_s, stop))]
            await asyncio.wait([serving, *ends], return_when=asyncio.FIRST_COMPLETED)
            # First of all: nobody new shall come.
            remove_discovery(paths, discovery)
            core.close()
            server.should_exit = True
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            await asyncio.gather(serving, core.proxy.stop())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_KEEP_S):
                    await core.sending.join()
    finally:
        remove_discovery(paths, discovery)
        core.close()
        core.join()
    _log.info("stopped")


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[str], None]) -> Iterator[None]:
    def asked(number: int, _: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            loop.call_soon_threadsafe(stop, signal.Signals(number).name)

    before = {number: signal.signal(number, asked) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _until_idle(core: Core, idle_exit_s: float, stop: Callable[[str], None]) -> None:
    """Stop once nothing has been attached or done for that time; looked at a few times in it."""
    step = min(_LOOK_EVERY_S, idle_exit_s / 4)
    idle = 0.0
    while idle < idle_exit_s:
        before = time.monotonic()
        await asyncio.sleep(step)
        # Work that began and ended in between counts as well.
        idle = 0.0 if core.busy or core.used() else idle + time.monotonic() - before
    stop(f"not needed for {idle_exit_s:g} s")
