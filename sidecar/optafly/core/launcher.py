"""Finding the running core, or starting one: however many front-ends begin at the same instant, there is one core."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import filelock

from optafly import __version__
from optafly.core.connection import Connection
from optafly.core.discovery import (
    launch_lock,
    lifetime_lock,
    make_runtime_dir,
    read_discovery,
    unwritable,
)
from optafly.core.wire import PROTOCOL_VERSION, Discovery
from optafly.errors import CoreUnavailable, OptaFlyError
from optafly.paths import Paths

COMMAND: Final = ("core", "run")
START_S: Final = 15.0
"""How long a core may take until it listens."""

_ANSWER_S: Final = 2.0
_STOP_S: Final = 10.0
_PATIENCE_S: Final = 2.0
_LOOK_S: Final = 0.1
_LOCK_S: Final = START_S + _STOP_S + _ANSWER_S
_POLL_S: Final = 0.01
_LOG_NAME: Final = "core-start.log"
_LAST_LINE_BYTES: Final = 4096
_VERSION: Final = re.compile(r"((?:[0-9]{1,9}\.?)*)(.*)", re.DOTALL)
_DEVELOPMENT: Final = ("dev", ".dev")
_BEFORE: Final = re.compile(r"[._-]?(?:a|b|c|rc|alpha|beta|pre|preview)", re.IGNORECASE)


def find_core(paths: Paths, *, answer_s: float = _ANSWER_S) -> Discovery | None:
    """The running core of this version, or None; starts nothing. ``answer_s`` is how long it may take to answer."""
    found = running_core(paths, answer_s=answer_s)
    return found if found is not None and _is_ours(found) else None


def running_core(paths: Paths, *, answer_s: float = _ANSWER_S) -> Discovery | None:
    """The running core of whatever version, or None; starts nothing.

    One that is killed leaves its file behind, and its port to anybody: it counts only while its lock is held, and once
    it has proved that it knows the token, which is not sent before.
    """
    found = read_discovery(paths)
    if found is None or not _is_alive(found.pid):
        return None
    try:
        if _is_free(paths, timeout_s=0):
            return None
        Connection(found, timeout_s=answer_s).prove()
    except OptaFlyError:
        return None
    return found


def silent_core(paths: Paths) -> Discovery | None:
    """A core that is there and does not answer, or None."""
    found = read_discovery(paths)
    # Others look as well, and have the lock for that instant.
    if found is None or not _is_alive(found.pid) or _is_free(paths, timeout_s=_LOOK_S):
        return None
    # Looked at again: one that is just starting has removed what the one before it left.
    return found if running_core(paths) is None and read_discovery(paths) == found else None


def ensure_core(paths: Paths, environ: Mapping[str, str] = os.environ) -> Discovery:
    """The running core, started where there is none of this version; raises `CoreUnavailable`. Takes up to seconds.

    A core of an older version is replaced; one of a newer version is not, or the two would replace each other in turn.
    """
    found = running_core(paths)
    if found is not None and _is_usable(found):
        return found
    make_runtime_dir(paths)
    try:
        with filelock.FileLock(launch_lock(paths), timeout=_LOCK_S, mode=0o600):
            # Whoever held the lock before has started one.
            found = running_core(paths)
            if found is not None and _is_usable(found):
                return found
            if found is not None:
                stop_core(paths, found)
            return _when_free(paths) or _start(paths, environ)
    except filelock.Timeout:
        raise CoreUnavailable("another front-end has been starting the core for too long; try again") from None
    except OSError as error:
        raise unwritable(launch_lock(paths), error) from None


def stop_core(paths: Paths, discovery: Discovery) -> None:
    """Ask a core to stop and wait until it has; raises `CoreUnavailable` where it does not."""
    # One that goes away while it answers has done what was asked.
    with contextlib.suppress(OptaFlyError):
        Connection(discovery, timeout_s=_ANSWER_S).ask("POST", "/v1/shutdown")
    if not _is_free(paths, timeout_s=_STOP_S):
        raise CoreUnavailable(
            f"the core (version {discovery.version}, pid {discovery.pid}) does not stop; end that process and try again"
        )


def end_core(paths: Paths, discovery: Discovery) -> None:
    """End a core that does not answer; raises `CoreUnavailable` where that is not possible."""
    with contextlib.suppress(OSError):
        os.kill(discovery.pid, signal.SIGTERM)
    if not _is_free(paths, timeout_s=_PATIENCE_S):
        with contextlib.suppress(OSError):
            os.kill(discovery.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    if not _is_free(paths, timeout_s=_STOP_S):
        raise CoreUnavailable(f"the core (pid {discovery.pid}) cannot be ended; end that process and try again")


def _when_free(paths: Paths) -> Discovery | None:
    """Wait for a core that is just ending; the core itself where it was just starting."""
    deadline = time.monotonic() + _STOP_S
    while not _is_free(paths, timeout_s=_LOOK_S):
        found = find_core(paths)
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise CoreUnavailable("a core is there and does not answer; to end it run: optafly core stop")
    return None


def _is_free(paths: Paths, timeout_s: float) -> bool:
    """Whether no core holds the lock, after waiting for that long."""
    try:
        with filelock.FileLock(lifetime_lock(paths), timeout=timeout_s, poll_interval=_POLL_S, mode=0o600):
            return True
    except filelock.Timeout:
        return False
    except OSError as error:
        raise unwritable(lifetime_lock(paths), error) from None


def _is_usable(found: Discovery) -> bool:
    """Whether it is of this version; False for one to replace, raises `CoreUnavailable` for one of a newer version."""
    if _is_ours(found):
        return True
    if _age(found.version, found.protocol) > _age(__version__, PROTOCOL_VERSION):
        raise CoreUnavailable(
            f"a newer core runs (version {found.version}, this is {__version__}); restart the editor, or update OptaFly"
        )
    return False


def _age(version: str, protocol: int) -> tuple[object, ...]:
    """Sorts versions (https://peps.python.org/pep-0440/, as far as ours go) from older to newer, all of them."""
    release, rest = _VERSION.fullmatch(version).groups("")  # type: ignore[union-attr]
    numbers = [int(number) for number in release.split(".") if number]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    stage = -2 if rest.startswith(_DEVELOPMENT) else -1 if _BEFORE.match(rest) else 1 if rest else 0
    return numbers, stage, [(len(part), part) for part in re.findall(r"[0-9]+|[a-z]+", rest)], version, protocol


def _is_ours(found: Discovery) -> bool:
    return found.version == __version__ and found.protocol == PROTOCOL_VERSION


def _is_alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # there, signal 0 would end it; whether it answers decides
    try:
        os.kill(pid, 0)
    except OverflowError:
        return False
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def _start(paths: Paths, environ: Mapping[str, str]) -> Discovery:
    # -P: nothing that lies in the current folder is ever imported.
    command = [sys.executable, "-P", "-m", "optafly", *COMMAND]
    with contextlib.closing(_start_log(paths)) as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=dict(environ),
                cwd=_safe_folder(),
                start_new_session=True,
            )
        except OSError as error:
            raise CoreUnavailable(f"{sys.executable} cannot be started ({error.strerror}); install again") from None
        # It outlives this process as a rule; where it does not, it must not stay behind as a zombie.
        threading.Thread(target=process.wait, name="optafly-core-reaper", daemon=True).start()
        return _wait_for(paths, process, log)


def _wait_for(paths: Paths, process: "subprocess.Popen[bytes]", log: IO[bytes]) -> Discovery:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        found = read_discovery(paths)
        if found is not None and found.pid == process.pid:
            return found
        if process.returncode is not None:
            # Someone may have started one by hand at the same instant.
            found = find_core(paths)
            if found is not None:
                return found
            raise CoreUnavailable(f"the core did not start: {_last_line(log)}")
        time.sleep(_POLL_S)
    process.terminate()
    raise CoreUnavailable(f"the core did not start within {START_S:g} s; try: optafly core run")


def _start_log(paths: Paths) -> IO[bytes]:
    """Where the new process complains, so that its complaint can be passed on."""
    try:
        paths.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        return open(os.open(paths.log_dir / _LOG_NAME, flags, 0o600), "r+b")  # noqa: PTH123  a descriptor
    except OSError:
        return tempfile.TemporaryFile()


def _last_line(log: IO[bytes]) -> str:
    size = os.fstat(log.fileno()).st_size
    log.seek(max(0, size - _LAST_LINE_BYTES))
    lines = [line for line in log.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ")[:300] if lines else "it said nothing; try: optafly core run"


def _safe_folder() -> str:
    """A folder that stays: the workspace's could not be removed or unmounted while the core runs in it."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  Path.home raises where there is none
    return str(home) if home.is_dir() and os.access(home, os.X_OK) else os.path.abspath(os.sep)  # noqa: PTH100
