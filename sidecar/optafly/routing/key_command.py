"""A key that a command prints: `op read ...`, `pass show ...`, `security find-generic-password -w ...`."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import Any, Final

from optafly.errors import Cancelled
from optafly.programs import find_program
from optafly.routing.key_secret import LONGEST, Environment, Secret, secret_of

POLL_S: Final = 0.02
"""How often is looked whether the work was cancelled."""
_END_S: Final = 1.0
_CLOSING_S: Final = 0.2
"""How long a command that has ended may leave its output open: to a program that it started and that lives on."""
_MOST_BYTES: Final = 4 * LONGEST


def ask_command(
    command: Sequence[str], environment: Environment, *, limit_s: float, cancelled: Callable[[], bool]
) -> Secret | str:
    """The first line that a command prints, or in words why there is none; raises `Cancelled`.

    No shell; in the home folder, with nothing to read. What it says on standard error is never looked at, what it
    prints never kept: both may be the key. It is killed with all that it started after ``limit_s``.
    """
    name = program_name(command)
    program = _find(command[0])
    if program is None:
        return f"the program {name} of key_command is not found; install it, or give its absolute path"
    process = _start([program, *command[1:]], environment)
    if process is None:
        return f"the program {name} of key_command cannot be started; try it in a terminal"
    output = _Output()
    try:
        reading = threading.Thread(target=output.read, args=(process,), name="optafly-key-command", daemon=True)
        reading.start()
        ended = _wait(process, time.monotonic() + limit_s, cancelled, output)
        reading.join(_CLOSING_S)
    finally:
        if process.returncode is None:
            _end(process)
    if output.full:
        return f"the program {name} of key_command printed far more than a key; try it in a terminal"
    if ended is None:
        return f"the program {name} of key_command took longer than {limit_s:g} s; try it in a terminal"
    if ended != 0:
        return f"the program {name} of key_command failed (exit status {ended}); try it in a terminal"
    found = output.first_line()
    return f"what the program {name} of key_command printed first {found}" if isinstance(found, str) else found


def program_name(command: Sequence[str]) -> str:
    """What a command is called where a person reads it: its arguments are nobody's business."""
    return PurePath(command[0]).name


class _Output:
    """What a command prints; not shown wherever this object is."""

    __slots__ = ("_bytes", "_count", "full")

    def __init__(self) -> None:
        self._bytes = memoryview(bytearray(_MOST_BYTES))
        self._count = 0
        self.full = False

    def read(self, process: subprocess.Popen[bytes]) -> None:
        """Read to the end, or until there is more than any key has."""
        stream: Any = process.stdout
        with contextlib.suppress(OSError), stream:
            while self._count < _MOST_BYTES and (more := stream.readinto(self._bytes[self._count :])):
                self._count += more
        self.full = self._count == _MOST_BYTES

    def first_line(self) -> Secret | str:
        """The key; what was read is gone then."""
        line = self._bytes[: self._count].tobytes().partition(b"\n")[0]
        found = secret_of(bytearray(line))
        self._bytes[:] = bytes(_MOST_BYTES)
        return found


def _find(program: str) -> str | None:
    if program.startswith("~/"):
        program = os.path.expanduser(program)  # noqa: PTH111  not Path.expanduser, which raises without a home
    if os.path.dirname(program) and not PurePath(program).is_absolute():  # noqa: PTH120
        return None
    return find_program(program)


def _start(command: Sequence[str], environment: Environment) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            command,
            bufsize=0,
            # Not the current folder, which may be a workspace with programs and settings of its own.
            cwd=Path.home() if Path.home().is_dir() else Path(os.sep),
            env=environment.for_program(PATH=environment.search_path()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError, RuntimeError):
        return None


def _wait(
    process: subprocess.Popen[bytes], deadline: float, cancelled: Callable[[], bool], output: _Output
) -> int | None:
    """The exit status; None where it does not end in time. Raises `Cancelled`."""
    while time.monotonic() < deadline and not output.full:
        if cancelled():
            raise Cancelled("looking for the API key was stopped")
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(POLL_S)
    return process.poll()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the command and of what it started."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_S)
