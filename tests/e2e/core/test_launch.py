"""Finding the core, or starting one."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import psutil
import pytest

from optafly import __version__
from optafly.core.discovery import discovery_file, make_runtime_dir, read_discovery, write_discovery
from optafly.core.launcher import ensure_core, find_core, running_core
from optafly.core.wire import PROTOCOL_VERSION, Discovery
from optafly.errors import CoreUnavailable
from optafly.paths import Paths
from tests.e2e.core.conftest import BOUND_S, StartCore, ask, is_gone, status_of, until

Environment = dict[str, str]
LAUNCH = (
    "from optafly.core.launcher import ensure_core\n"
    "from optafly.paths import resolve_paths\n"
    "print('ready', flush=True)\n"
    "input()\n"
    "print(ensure_core(resolve_paths()).pid)\n"
)
OLDER = (
    "import os, optafly\n"
    "optafly.__version__ = os.environ.get('ITS_VERSION', '0.0.1')\n"
    "from optafly.core.run import run_core\n"
    "from optafly.paths import resolve_paths\n"
    "run_core(resolve_paths())\n"
)


@pytest.mark.parametrize("count", [2, 8])
def test_front_ends_that_begin_at_the_same_instant_share_one_core(count: int, environment: Environment) -> None:
    pipe = subprocess.PIPE
    launchers = [
        subprocess.Popen([sys.executable, "-c", LAUNCH], env=environment, stdin=pipe, stdout=pipe, text=True)
        for _ in range(count)
    ]
    for launcher in launchers:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == "ready\n"
    for launcher in launchers:
        assert launcher.stdin is not None
        launcher.stdin.write("\n")
        launcher.stdin.flush()
    pids = {launcher.communicate(timeout=BOUND_S)[0].strip() for launcher in launchers}
    assert [launcher.returncode for launcher in launchers] == [0] * count
    assert len(pids) == 1
    os.kill(int(pids.pop()), 0)


def test_a_core_is_private_detached_and_found_again(paths: Paths, environment: Environment) -> None:
    core = ensure_core(paths, environment)
    assert ensure_core(paths, environment) == find_core(paths) == core
    assert stat.S_IMODE(paths.runtime_dir.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in paths.runtime_dir.iterdir()} == {0o600}
    assert stat.S_IMODE(paths.log_dir.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in paths.log_dir.iterdir()} == {0o600}
    assert os.getsid(core.pid) == core.pid != os.getsid(0)
    assert Path(psutil.Process(core.pid).cwd()) == Path.home().resolve()


def stale(paths: Paths, **changes: object) -> Discovery:
    """A discovery file that stayed behind."""
    make_runtime_dir(paths)
    discovery = msgspec.structs.replace(
        Discovery(9, "a" * 64, os.getpid(), __version__, PROTOCOL_VERSION, 0.0), **changes
    )
    write_discovery(paths, discovery)
    return discovery


def test_the_file_of_a_dead_core_is_passed_over(paths: Paths, environment: Environment) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(BOUND_S)
    stale(paths, pid=gone.pid)
    assert find_core(paths) is None
    assert ensure_core(paths, environment).pid != gone.pid


def test_a_process_that_got_the_number_of_a_dead_core_is_left_alone(paths: Paths, environment: Environment) -> None:
    stale(paths, pid=os.getpid())
    assert find_core(paths) is None
    assert status_of(ensure_core(paths, environment)).pid != os.getpid()


def test_a_wrong_token_is_no_core(paths: Paths, start_core: StartCore) -> None:
    process = start_core()
    right = read_discovery(paths)
    assert right is not None
    write_discovery(paths, msgspec.structs.replace(right, token="b" * 64))
    assert running_core(paths) is None
    assert process.poll() is None


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_an_ended_core_is_replaced(paths: Paths, environment: Environment, signal_number: int) -> None:
    first = ensure_core(paths, environment)
    os.kill(first.pid, signal_number)
    until(lambda: is_gone(first.pid), "the end of the core")
    second = ensure_core(paths, environment)
    assert second.pid != first.pid
    assert second.token != first.token


def test_one_is_wanted_at_the_moment_the_other_ends(paths: Paths, environment: Environment) -> None:
    pids = []
    for _ in range(6):
        core = ensure_core(paths, environment)
        pids.append(core.pid)
        os.kill(core.pid, signal.SIGTERM)
        until(lambda: read_discovery(paths) is None, "the core has taken leave")
    assert len(set(pids)) == 6


def test_a_core_that_does_not_answer_is_named(
    paths: Paths, environment: Environment, start_core: StartCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optafly.core.launcher._STOP_S", 0.1)
    start_core().send_signal(signal.SIGSTOP)
    with pytest.raises(CoreUnavailable, match="optafly core stop"):
        ensure_core(paths, environment)


def test_a_core_of_another_version_is_stopped_and_replaced(
    paths: Paths, environment: Environment, start_core: StartCore
) -> None:
    older = start_core(OLDER)
    assert find_core(paths) is None
    found = running_core(paths)
    assert found is not None
    assert found.version == "0.0.1"

    newer = ensure_core(paths, environment)
    assert newer.version == status_of(newer).version == __version__
    assert older.wait(BOUND_S) == 0


def test_a_core_of_a_newer_version_is_left_alone(paths: Paths, environment: Environment, start_core: StartCore) -> None:
    newer = start_core(OLDER, ITS_VERSION="99.0")
    with pytest.raises(CoreUnavailable, match=r"a newer core runs \(version 99\.0.*restart the editor, or update"):
        ensure_core(paths, environment)
    assert find_core(paths) is None
    assert newer.poll() is None


class Stranger(BaseHTTPRequestHandler):
    """Another program that got the port of a core that is gone."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_program_on_the_port_of_a_dead_core_is_no_core(
    paths: Paths, environment: Environment, stranger: int
) -> None:
    stale(paths, port=stranger)
    assert find_core(paths) is None
    assert ensure_core(paths, environment).port != stranger


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"port": 1}', b"\xff\xfe", b"x" * 100_000, b"{}" * 9])
def test_a_damaged_file_is_passed_over(paths: Paths, content: bytes) -> None:
    make_runtime_dir(paths)
    discovery_file(paths).write_bytes(content)
    discovery_file(paths).chmod(0o600)
    assert find_core(paths) is None


def test_a_core_that_cannot_start_says_why(paths: Paths, environment: Environment, stranger: int) -> None:
    with pytest.raises(CoreUnavailable, match=rf"port {stranger} is taken.*prompt_management_agent\.core\.port"):
        ensure_core(paths, environment | {"OPTAFLY_CORE_PORT": str(stranger)})


def test_an_interpreter_that_fails_is_named_by_its_last_line(
    paths: Paths, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'it is broken' >&2\nexit 3\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(CoreUnavailable, match="the core did not start: it is broken"):
        ensure_core(paths, environment)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(CoreUnavailable, match="cannot be started"):
        ensure_core(paths, environment)


def test_a_file_where_the_runtime_folder_should_be_is_an_error_that_says_what_to_do(
    paths: Paths, environment: Environment, home: Path
) -> None:
    home.mkdir()
    paths.runtime_dir.write_text("")
    with pytest.raises(CoreUnavailable, match="OPTAFLY_HOME"):
        ensure_core(paths, environment)


def test_nothing_of_the_current_folder_is_imported(
    paths: Paths, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uvicorn.py").write_text("raise SystemExit('imported from the workspace')\n")
    monkeypatch.chdir(tmp_path)
    core = ensure_core(paths, environment | {"HOME": str(tmp_path)})
    assert ask(core, "GET", "/v1/status").status == 200
