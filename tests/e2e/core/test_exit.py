"""A language server ends when its editor says so, whatever the core does."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import filelock
import psutil
import pytest

from optafly.core.client import CoreClient
from optafly.core.discovery import launch_lock, make_runtime_dir
from optafly.errors import CoreUnavailable
from optafly.paths import Paths
from tests.e2e.core.conftest import BOUND_S, StartCore, found, until
from tests.e2e.lsp.raw import RawServer

SOON_S = 2.0


@pytest.fixture
async def server(home: Path) -> AsyncIterator[RawServer]:
    server = await RawServer.start(home)
    yield server
    if server.process.returncode is None:
        server.process.kill()
        await server.process.wait()


def reaches_for_the_core(server: RawServer) -> bool:
    """Whether it has the thread that finds the core."""
    return psutil.Process(server.process.pid).num_threads() >= 5  # the loop, reading, writing, tidying, and that one


async def seconds_to_end(server: RawServer) -> float:
    assert (await server.ask("shutdown", identity="last"))["result"] is None
    began = time.monotonic()
    server.send("exit")
    assert await server.ended() == 0
    return time.monotonic() - began


async def test_it_ends_while_another_process_starts_the_core(server: RawServer, paths: Paths) -> None:
    make_runtime_dir(paths)
    with filelock.FileLock(launch_lock(paths)):
        await server.initialize()
        await asyncio.to_thread(until, lambda: reaches_for_the_core(server), "it waits for the lock")
        assert await seconds_to_end(server) < SOON_S


async def test_it_ends_while_the_core_does_not_answer(server: RawServer, paths: Paths, start_core: StartCore) -> None:
    start_core().send_signal(signal.SIGSTOP)
    await server.initialize()
    await asyncio.to_thread(until, lambda: reaches_for_the_core(server), "it waits for the core")
    assert await seconds_to_end(server) < SOON_S


async def test_it_ends_when_the_core_it_is_attached_to_stops_answering(
    server: RawServer, paths: Paths, environment: dict[str, str]
) -> None:
    await server.initialize()
    client = CoreClient(paths, environment)
    async with asyncio.timeout(BOUND_S):
        while "lsp" not in (await client.status()).front_ends:
            pass
    await client.close()
    pid = found(paths).pid
    os.kill(pid, signal.SIGSTOP)
    try:
        # It publishes this, and asks for a refinement.
        text = {"uri": "file:///tmp/a.md", "languageId": "markdown", "version": 1, "text": "fix this bug in it\n"}
        server.send("textDocument/didOpen", {"textDocument": text})
        server.send("workspace/executeCommand", {"command": "optafly.refine", "arguments": ["fix it"]}, "refine")
        assert await seconds_to_end(server) < SOON_S
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_a_client_that_is_given_up_waits_for_nothing(paths: Paths, environment: dict[str, str]) -> None:
    make_runtime_dir(paths)
    with filelock.FileLock(launch_lock(paths)):
        # What it began goes on in a thread, and starts a core once the lock is free: one that soon ends by itself.
        client = CoreClient(paths, environment | {"OPTAFLY_CORE_IDLE_EXIT_S": "1"})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.status(), 0.1)
        await client.close()
        with pytest.raises(CoreUnavailable):
            await client.status()
