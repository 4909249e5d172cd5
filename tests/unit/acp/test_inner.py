"""The agent's process: how it is started, what is said of it when it ends, and that nothing of it stays."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from io import FileIO
from pathlib import Path

import psutil
import pytest

from optafly.acp.inner import AgentFailed, Program
from optafly.acp.streams import Input, Output
from tests.unit.acp.relaying import BOUND_S

SECRET = "sk-ant-api03-Zk3v9QxT7LmW2pRs8NdYb4HcJf6Ga1Ue"
CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN);"
                          "print('up', flush=True); time.sleep(600)"], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
"""
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


class Started:
    """A program that runs, and what it prints on standard error."""

    def __init__(self, *command: str) -> None:
        read, write = os.pipe()
        self._errors = Output(FileIO(write, "wb"), "errors")
        self.errors = Input(FileIO(read, "rb"), "read-errors")
        self.program = Program(command, self._errors)

    async def close(self) -> None:
        await self.program.stop(at_once=True)
        await self._errors.close(BOUND_S)


@contextlib.asynccontextmanager
async def started(code: str, *arguments: str) -> AsyncIterator[Started]:
    running = Started(sys.executable, "-c", code, *arguments)
    running.program.start()
    try:
        yield running
    finally:
        await running.close()


async def ended(program: Program) -> str:
    return str(await asyncio.wait_for(program.ended(), BOUND_S))


async def line(program: Program) -> str:
    return (await asyncio.wait_for(program.read(), BOUND_S)).decode().strip()


def gone(pid: int) -> bool:
    """Whether a process has ended; one that its new parent has not waited for yet has."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(BOUND_S)
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


@pytest.mark.parametrize("name", ["optafly-no-such-agent", "/no/such/agent"])
async def test_one_that_is_absent(name: str) -> None:
    with pytest.raises(AgentFailed, match=rf"^`{name} --x` was not found; say where it is, or put it on PATH$"):
        Started(name, "--x").program.start()


async def test_one_that_cannot_be_run(tmp_path: Path) -> None:
    file = tmp_path / "agent"
    file.write_bytes(b"\x7fnothing that runs")
    file.chmod(0o700)
    with pytest.raises(AgentFailed, match=r"agent` could not be started: Exec format error$"):
        Started(str(file)).program.start()


async def test_what_goes_in_comes_out_and_errors_are_passed_on() -> None:
    code = "import sys; print(sys.stdin.readline().upper(), end='', flush=True); sys.stderr.write('a\\nb'); sys.exit(4)"
    async with started(code) as running:
        await running.program.write(b"hello\n")
        assert await line(running.program) == "HELLO"
        assert (await ended(running.program)).endswith("` ended with exit status 4: b")
        assert running.program.status == 4
        assert await asyncio.wait_for(running.errors.read(), BOUND_S) in {b"a\nb", b"a\n"}


async def test_one_that_is_killed() -> None:
    async with started("import os, signal; os.kill(os.getpid(), signal.SIGKILL)") as running:
        assert (await ended(running.program)).endswith("` was ended by SIGKILL")
        assert running.program.status == 137


async def test_secrets_and_control_characters_are_not_shown() -> None:
    code = f"import sys; sys.stderr.write('\\x1b[31mbad key: ' + {SECRET!r} + '\\n'); sys.exit(1)"
    async with started(code, "--api-key", SECRET) as running:
        shown = await ended(running.program)
    assert SECRET not in shown
    assert "\x1b" not in shown
    assert "bad key: «redacted:" in shown


async def test_a_secret_far_out_in_a_long_line_is_not_shown() -> None:
    code = f"import sys; sys.stderr.write('x' * 200_000 + ' token = ' + {SECRET!r}); sys.exit(1)"
    async with started(code) as running:
        shown = await ended(running.program)
    assert not [at for at in range(len(SECRET) - 8) if SECRET[at : at + 8] in shown]
    assert len(shown) < 1000


async def test_it_may_end_by_itself_when_nobody_says_more() -> None:
    code = "import sys; sys.stdin.read(); print('bye', flush=True)"
    async with started(code) as running:
        await running.program.stop()
        assert await line(running.program) == "bye"
        assert running.program.status == 0


async def test_one_that_does_not_leave_is_ended_with_all_that_it_has_started() -> None:
    async with started(CHILD + "import time; time.sleep(600)") as running:
        child = int(await line(running.program))
        await running.program.stop(at_once=True)
    assert gone(child)


async def test_what_an_agent_leaves_behind_is_ended() -> None:
    async with started(CHILD) as running:
        child = int(await line(running.program))
        assert "ended with exit status 0" in await ended(running.program)
        await running.program.stop(at_once=True)
    assert gone(child)


async def test_one_that_does_not_listen_is_killed() -> None:
    async with started(STUBBORN) as running:
        assert await line(running.program) == "up"
        await running.program.stop(at_once=True)
        assert running.program.status == 128 + signal.SIGKILL


async def test_one_that_never_reads_does_not_hold_up_its_end() -> None:
    async with started(STUBBORN) as running:
        assert await line(running.program) == "up"
        writing = asyncio.create_task(running.program.write(b"x" * 10_000_000))
        await asyncio.sleep(0)
        await running.program.stop(at_once=True)
        await asyncio.wait_for(writing, BOUND_S)
