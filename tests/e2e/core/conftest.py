"""Core processes for tests: each has a home of its own, and none outlives its test."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import psutil
import pytest

from optafly.core.discovery import discovery_file, read_discovery
from optafly.core.wire import Discovery, RefineCall, Status
from optafly.paths import Paths, resolve_paths
from optafly.protocol import RefineRequest, Selection
from tests.small_model import SMALL_MODEL

T = TypeVar("T")

BOUND_S = 60.0
SHOWN_PROMPT = "Fix this bug"
# A core whose model is never loaded: everybody waits for it.
STUCK = """
import threading
from optafly.core import refiners, run
from optafly.engines.worker import ModelWorker, Recycling
from optafly.paths import resolve_paths

recycling = Recycling(soft=8, hard=14, pause_s=10.0)
never = threading.Event()
refiners.build_engine = lambda config, paths: ModelWorker(never.wait, "stuck", idle_unload_s=60, recycling=recycling)
run.run_core(resolve_paths())
"""


class Answer(msgspec.Struct, frozen=True):
    """A raw answer of the core."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def kind(self) -> str:
        return str(self.body["error"]["kind"])


class StartCore(Protocol):
    """Starts a core and waits until it listens; ``script`` is one of its own making."""

    def __call__(self, script: str | None = None, **environment: str) -> "subprocess.Popen[bytes]": ...


def until(look: Callable[[], T | None], what: str) -> T:
    """What is seen when it is seen; looked for again and again, with a bound."""
    deadline = time.monotonic() + BOUND_S
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        threading.Event().wait(0.01)  # leaves the processor to what is waited for
    raise AssertionError(f"not seen within {BOUND_S:g} s: {what}")


def clean_environment(home: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPTAFLY_", "ANTHROPIC_", "GIT_"))
    }
    return kept | SMALL_MODEL | {"OPTAFLY_HOME": str(home), "PYTHONWARNINGS": "error"}


@contextlib.contextmanager
def no_core_left(home: Path) -> Iterator[None]:
    """Ends every process that was started with this home."""
    try:
        yield
    finally:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != os.getpid() and process.environ().get("OPTAFLY_HOME") == str(home):
                    process.kill()
                    process.wait(BOUND_S)


def ask(
    discovery: Discovery,
    method: str,
    path: str,
    body: object = None,
    *,
    raw: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One call with headers to choose; those given as an empty text are left out."""
    data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
    fields = {"Authorization": f"Bearer {discovery.token}", "Host": f"127.0.0.1:{discovery.port}"}
    if data is not None:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
    fields |= headers or {}
    connection = http.client.HTTPConnection("127.0.0.1", discovery.port, timeout=BOUND_S)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in fields.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        if data is not None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before it was all read
                connection.send(data)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), json.loads(answer.read()))
    finally:
        connection.close()


def status_of(discovery: Discovery) -> Status:
    return msgspec.convert(ask(discovery, "GET", "/v1/status").body, Status, strict=True)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    with no_core_left(folder):
        yield folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return clean_environment(home)


@pytest.fixture
def paths(environment: dict[str, str]) -> Paths:
    return resolve_paths(environment)


@pytest.fixture
def start_core(environment: dict[str, str], paths: Paths) -> Iterator[StartCore]:
    started: list[subprocess.Popen[bytes]] = []

    def start(script: str | None = None, **more: str) -> subprocess.Popen[bytes]:
        command = ["-c", script] if script is not None else ["-m", "optafly", "core", "run"]
        process = subprocess.Popen(
            [sys.executable, *command], env=environment | more, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        started.append(process)

        def listens() -> bool:
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            found = read_discovery(paths)
            return found is not None and found.pid == process.pid

        until(listens, "the core listens")
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=BOUND_S)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text("def load_rows(path):\n    rows = open(path)\n    return rows[0]\n", "utf-8")
    return folder


@pytest.fixture
def call(project: Path) -> RefineCall:
    """A refinement without the model."""
    return RefineCall(RefineRequest(SHOWN_PROMPT, str(project), "app.py", Selection(1, 1, 4, 1)), model=False)


def found(paths: Paths) -> Discovery:
    discovery = read_discovery(paths)
    assert discovery is not None, discovery_file(paths)
    return discovery
