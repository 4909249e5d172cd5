"""The agent behind the relay: its process, and how it ended."""

import asyncio
import contextlib
import logging
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Sequence
from io import FileIO
from typing import Final, Protocol, cast

from optafly.acp.streams import Input, Output
from optafly.errors import OptaFlyError
from optafly.programs import find_program

log = logging.getLogger(__name__)

_LONGEST_SHOWN: Final = 300
_LONGEST_KEPT: Final = 4 * _LONGEST_SHOWN
_LEAVE_S: Final = 2.0
_KILL_S: Final = 2.0
_REST_S: Final = 0.5
_POSIX: Final = os.name == "posix"
# Ends the group when this process can no longer do so itself.
_WATCH: Final = 'read -r _; kill -s KILL -- "-$1"'


class AgentFailed(OptaFlyError):
    """The agent could not be started, or has ended; the message names its command and says how."""


class Inner(Protocol):
    """What is behind the relay: a program, or what answers by itself."""

    def start(self) -> None:
        """Begin; raises `AgentFailed`."""

    async def read(self) -> bytes:
        """What it says; empty when it has ended."""

    async def write(self, data: bytes) -> None:
        """Say something to it."""

    async def ended(self) -> AgentFailed:
        """Wait until it has ended, which it does not by itself as long as all is well."""

    def failed(self, how: str, said: bytes = b"") -> AgentFailed:
        """An error that names it, with the last that it said."""

    async def stop(self, *, at_once: bool = False) -> None:
        """End it and all that it has started; it has a moment to do so by itself unless it is to be ``at_once``."""

    @property
    def status(self) -> int:
        """Its exit status as a shell would say it; 0 where it ended well or was ended."""


class Program:
    """An agent that is a program: in a process group of its own, which ends with it."""

    def __init__(self, command: Sequence[str], errors: Output) -> None:
        """``errors`` gets what it prints on standard error, as it comes."""
        self._command = tuple(command)
        self._errors = errors
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self._exited = asyncio.Event()
        self._last_error = b""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start it; raises `AgentFailed`."""
        program = find_program(self._command[0])
        if program is None:
            raise self.failed("was not found; say where it is, or put it on PATH")
        try:
            process = subprocess.Popen(
                [program, *self._command[1:]], bufsize=0, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "its arguments cannot be used"
            raise self.failed(f"could not be started: {reason}") from None
        log.info("the agent has started (pid %d)", process.pid)
        self._process = process
        self._watch = _watched(process.pid) if _POSIX else None
        self._output = Input(cast(FileIO, process.stdout), "agent-output")
        self._input = Output(cast(FileIO, process.stdin), "agent-input")
        self._tasks.append(asyncio.create_task(self._pass_errors(Input(cast(FileIO, process.stderr), "agent-errors"))))
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._wait, args=(loop,), name="optafly-acp-agent", daemon=True).start()

    async def read(self) -> bytes:
        """What it prints; empty at the end."""
        return await self._output.read()

    async def write(self, data: bytes) -> None:
        """Hand it something on standard input; nothing happens where it does not run."""
        if self._process is not None:
            await self._input.write(data)

    async def ended(self) -> AgentFailed:
        """Wait until it has ended; what it printed last may still be on its way for a moment."""
        await self._exited.wait()
        # Its last words say why; a process that it left behind may hold the pipe open for ever.
        await asyncio.wait(self._tasks, timeout=_REST_S)
        return self.failed(self._how())

    def failed(self, how: str, said: bytes = b"") -> AgentFailed:
        """An error that names the command, with the last line it printed, without secrets."""
        last = said[:_LONGEST_KEPT] or self._last_error
        name = _shown(shlex.join(self._command))
        return AgentFailed(f"`{name}` {how}" + (f": {_shown(last.decode('utf-8', 'replace'))}" if last else ""))

    async def stop(self, *, at_once: bool = False) -> None:
        """Close its standard input and wait, then end the whole group."""
        if self._process is None:
            return
        if not at_once:
            await self._input.close(_LEAVE_S)
            await self._gone_within(_LEAVE_S)
        if not self._exited.is_set():
            self._end_group("SIGTERM")
            await self._gone_within(_KILL_S)
        # Also where it has ended: what it has started is in its group, and nobody else ends that.
        self._end_group("SIGKILL")
        await self._gone_within(_KILL_S)
        self._end_watch()
        await self._input.close(_REST_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def status(self) -> int:
        """Its exit status as a shell would say it; 0 where it does not run or was ended here."""
        code = self._process.returncode if self._process is not None else None
        return 0 if code is None else code if code >= 0 else 128 - code

    def _how(self) -> str:
        code = self._process.returncode if self._process is not None else None
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit status {code}"

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._process is not None  # noqa: S101
        self._process.wait()
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._exited.set)

    async def _gone_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._exited.wait(), seconds)

    def _end_group(self, how: str) -> None:
        """Signal the whole group; that it is empty is as good."""
        assert self._process is not None  # noqa: S101
        if _POSIX:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.Signals[how])
        elif not self._exited.is_set():
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(self._process.pid)], capture_output=True, check=False)

    def _end_watch(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.kill()
            watch.wait()
            assert watch.stdin is not None  # noqa: S101
            watch.stdin.close()

    async def _pass_errors(self, errors: Input) -> None:
        """Pass its standard error on, and keep the last line that says something."""
        rest = b""
        while data := await errors.read():
            await self._errors.write(data)
            *lines, rest = (rest + data).split(b"\n")
            # Its beginning: a secret whose name was cut off would not be known as one.
            rest = rest[:_LONGEST_KEPT]
            said = [line for line in (*lines, rest) if line.strip()]
            if said:
                self._last_error = said[-1][:_LONGEST_KEPT]


def _watched(group: int) -> subprocess.Popen[bytes]:
    """A process that ends the group when its standard input closes, which happens also where this one is killed."""
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "optafly-acp-watch", str(group)], stdin=subprocess.PIPE, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _shown(text: str) -> str:
    """Words of others in one line of an error: without secrets and control characters, and not long."""
    from optafly.context.secrets import SecretScanner  # noqa: PLC0415  only where something went wrong

    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    words = SecretScanner().redact(words).text
    return words if len(words) <= _LONGEST_SHOWN else words[: _LONGEST_SHOWN - 1] + "…"
