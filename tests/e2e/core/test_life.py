"""The core as a process: its commands, its log, its end."""

import json
import os
import re
import resource
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from optafly.core.discovery import discovery_file
from optafly.core.launcher import ensure_core, find_core
from optafly.core.wire import RefineCall, encode
from optafly.errors import CoreUnavailable
from optafly.paths import Paths
from tests.e2e.core.conftest import BOUND_S, SHOWN_PROMPT, STUCK, StartCore, ask, found, status_of, until

Environment = dict[str, str]


def optafly(environment: Environment, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "optafly", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )


def test_status_and_stop(environment: Environment, start_core: StartCore, paths: Paths) -> None:
    process = start_core()
    shown = optafly(environment, "core", "status")
    assert shown.returncode == 0
    assert f"pid {process.pid}" in shown.stdout
    data = json.loads(optafly(environment, "core", "status", "--json").stdout)
    assert data["running"] is True
    assert data["pid"] == process.pid
    assert 10 < data["memory_mb"] < 200

    stopped = optafly(environment, "core", "stop")
    assert (stopped.returncode, stopped.stdout) == (0, f"stopped (pid {process.pid})\n")
    assert process.wait(BOUND_S) == 0
    assert not discovery_file(paths).exists()


def test_status_and_stop_without_a_core(environment: Environment, home: Path) -> None:
    shown = optafly(environment, "core", "status")
    assert (shown.returncode, shown.stderr) == (1, "")
    assert json.loads(optafly(environment, "core", "status", "--json").stdout) == {"running": False}
    assert optafly(environment, "core", "stop").returncode == 0
    assert not home.exists()


def test_a_second_core_names_the_first(environment: Environment, start_core: StartCore) -> None:
    process = start_core()
    second = optafly(environment, "core", "run")
    assert second.returncode == 1
    assert (
        second.stderr == f"error: the core is already running (pid {process.pid}); to end it run: optafly core stop\n"
    )
    assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(start_core: StartCore, paths: Paths, number: int) -> None:
    process = start_core()
    process.send_signal(number)
    assert process.wait(BOUND_S) == 0
    assert not discovery_file(paths).exists()
    assert process.stderr is not None
    assert process.stderr.read().count(b"\n") == 1


def test_it_ends_when_nobody_needs_it(start_core: StartCore, paths: Paths) -> None:
    process = start_core(OPTAFLY_CORE_IDLE_EXIT_S="1")
    assert process.wait(BOUND_S) == 0
    assert not discovery_file(paths).exists()
    assert "not needed for 1 s" in (paths.log_dir / "core.log").read_text()


def test_it_stays_while_somebody_is_attached(start_core: StartCore, paths: Paths) -> None:
    process = start_core(OPTAFLY_CORE_IDLE_EXIT_S="1")
    core = found(paths)
    body = encode({"name": "lsp", "pid": os.getpid()})
    with socket.create_connection(("127.0.0.1", core.port), timeout=BOUND_S) as connection:
        head = (
            f"POST /v1/front-ends HTTP/1.1\r\nHost: 127.0.0.1:{core.port}\r\nAuthorization: Bearer {core.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        assert b"200 OK" in connection.recv(1000)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2.5)
        assert status_of(core).front_ends == ("lsp",)
    assert process.wait(BOUND_S) == 0


def test_a_taken_port_is_named_with_its_setting(environment: Environment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = optafly(environment | {"OPTAFLY_CORE_PORT": str(port)}, "core", "run")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: port {port} is taken")
    assert "prompt_management_agent.core.port" in line


def test_a_fixed_port(start_core: StartCore, paths: Paths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    start_core(OPTAFLY_CORE_PORT=str(port))
    assert found(paths).port == status_of(found(paths)).port == port


@pytest.mark.parametrize("obstacle", ["run", "run/core.lock"])
def test_a_runtime_folder_that_cannot_be_written_is_an_error(
    environment: Environment, home: Path, obstacle: str
) -> None:
    home.mkdir()
    if obstacle == "run":
        (home / "run").write_text("")
    else:
        (home / "run" / "core.lock").mkdir(parents=True)
        (home / "run").chmod(0o700)
    done = optafly(environment, "core", "run")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "OPTAFLY_HOME" in line


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_runtime_folder_that_others_may_write_is_refused(environment: Environment, home: Path, mode: int) -> None:
    (home / "run").mkdir(parents=True)
    (home / "run").chmod(mode)
    done = optafly(environment, "core", "run")
    assert done.returncode == 1
    assert "chmod 700" in done.stderr


def test_a_full_disk_is_an_error(environment: Environment, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "optafly", "core", "run"],
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
        # Nothing longer than this can be written, as on a disk that is full.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)),
    )
    assert done.returncode == 1
    assert "core.json cannot be written" in done.stderr
    assert [file.name for file in (home / "run").iterdir()] == ["core.lock"]


def test_without_a_place_for_the_log_it_goes_on(start_core: StartCore, home: Path, paths: Paths) -> None:
    home.mkdir()
    (home / "log").write_text("")
    process = start_core()
    assert status_of(found(paths)).pid == process.pid
    process.terminate()
    _, said = process.communicate(timeout=BOUND_S)
    assert re.search(rb"warning: .*core\.log cannot be written", said)


def test_no_word_of_a_prompt_a_file_or_the_token_is_logged(
    start_core: StartCore, paths: Paths, call: RefineCall, project: Path
) -> None:
    process = start_core()
    core = found(paths)
    secret = "zebra-quagga"
    bodies = [
        encode(call),
        encode({"request": {"prompt": secret, "workspace": str(project)}, "model": False}),
        encode({"request": {"prompt": secret, "workspace": f"/{secret}"}, "model": False}),
        encode({"request": {"prompt": secret, "workspace": str(project)}, "settings": {secret: secret}}),
        encode({secret: secret}),
        secret.encode(),
    ]
    for body in bodies:
        ask_raw(core.port, core.token, body)
    ask(core, "GET", f"/v1/{secret}")
    ask(core, "GET", "/v1/status", headers={"Authorization": f"Bearer {secret}"})
    with socket.create_connection(("127.0.0.1", core.port), timeout=BOUND_S) as connection:
        connection.sendall(f"{secret} nonsense\r\n\r\n".encode())
        connection.recv(1000)
    process.terminate()
    _, said = process.communicate(timeout=BOUND_S)
    written = said.decode() + "".join(file.read_text() for file in paths.log_dir.iterdir())
    assert "refinement done" in written
    for word in (core.token, SHOWN_PROMPT, "load_rows", secret, str(project)):
        assert word not in written


def ask_raw(port: int, token: str, body: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=BOUND_S) as connection:
        head = (
            f"POST /v1/refine HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        while connection.recv(65536):
            pass


def test_the_discovery_file_is_private_and_only_its_own_core_removes_it(start_core: StartCore, paths: Paths) -> None:
    process = start_core()
    file = discovery_file(paths)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = file.read_text().replace(found(paths).token, "c" * 64)
    file.write_text(other)
    process.terminate()
    process.wait(BOUND_S)
    assert file.read_text() == other


def test_work_under_way_does_not_keep_it(start_core: StartCore, paths: Paths, call: RefineCall) -> None:
    process = start_core(STUCK)
    core = found(paths)
    body = encode({"request": json.loads(encode(call.request)), "model": True})
    with socket.create_connection(("127.0.0.1", core.port), timeout=BOUND_S) as connection:
        head = (
            f"POST /v1/refine HTTP/1.1\r\nHost: 127.0.0.1:{core.port}\r\nAuthorization: Bearer {core.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        until(lambda: status_of(core).working == 1, "the refinement begins")
        process.terminate()
        assert process.wait(10) == 0
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b'"kind":"Cancelled"' in answer


def test_a_core_that_does_not_answer_is_named_and_can_be_stopped(
    environment: Environment, start_core: StartCore, paths: Paths, project: Path
) -> None:
    process = start_core()
    process.send_signal(signal.SIGSTOP)
    checks = json.loads(optafly(environment, "doctor", "--json").stdout)
    (check,) = (check for check in checks if check["name"] == "core")
    assert (check["ok"], check["found"]) == (False, f"pid {process.pid} does not answer")
    done = optafly(environment, "refine", "fix this", "--workspace", str(project), "--no-llm", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = optafly(environment, "core", "status")
    assert said.returncode == 1
    assert said.stdout.startswith(f"a core is there (pid {process.pid}) and does not answer")
    assert "optafly core stop" in said.stdout
    silent = json.loads(optafly(environment, "core", "status", "--json").stdout)
    assert silent == {"running": False, "silent_pid": process.pid}

    stopped = optafly(environment, "core", "stop")
    assert (stopped.returncode, stopped.stdout) == (0, f"stopped (pid {process.pid})\n")
    process.wait(BOUND_S)
    assert optafly(environment, "core", "status").returncode == 1


def test_what_others_may_have_put_into_the_runtime_folder_is_neither_asked_nor_ended(
    environment: Environment, start_core: StartCore, paths: Paths
) -> None:
    process = start_core()
    paths.runtime_dir.chmod(0o777)
    for words in (("core", "status"), ("core", "stop")):
        done = optafly(environment, *words)
        assert done.returncode == 1
        assert "chmod 700" in done.stderr
    assert find_core(paths) is None
    with pytest.raises(CoreUnavailable, match="chmod 700"):
        ensure_core(paths, environment)
    paths.runtime_dir.chmod(0o700)
    assert optafly(environment, "core", "status").returncode == 0
    assert process.poll() is None
