"""``optafly refine`` at a running core, and without one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from optafly.core.launcher import ensure_core
from optafly.engines.models import resolve_model
from optafly.paths import Paths, resolve_paths
from tests.e2e.core.conftest import BOUND_S, STUCK, StartCore, found, is_gone, status_of, until

# A test run in the background has the interrupt ignored, and hands that on.
COMMAND = """
import signal, sys
from optafly.cli.main import run
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(run(sys.argv[1:]))
"""
Environment = dict[str, str]
Process = subprocess.Popen[bytes]


def start(environment: Environment, project: Path, *arguments: str) -> Process:
    command = [sys.executable, "-c", COMMAND, "refine", "fix this", "--json", "--workspace", str(project),
               "--file", "app.py", "--selection", "1:1-4:1", *arguments]  # fmt: skip
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)


def refine(environment: Environment, project: Path, *arguments: str) -> Any:
    process = start(environment, project, *arguments)
    out, said = process.communicate(timeout=BOUND_S)
    assert (process.returncode, said) == (0, b"")
    return json.loads(out)


def without_times(result: Any) -> str:
    return json.dumps(result | {"timings_ms": None})


@pytest.mark.parametrize("arguments", [("--no-llm",), ("--model", "phi-3-mini-q4")])
def test_the_answer_is_the_same_with_a_core_and_without(
    environment: Environment, project: Path, start_core: StartCore, paths: Paths, arguments: tuple[str, ...]
) -> None:
    alone = refine(environment, project, *arguments)
    assert not paths.runtime_dir.exists()  # it never starts one

    start_core()
    shared = refine(environment, project, *arguments)
    assert status_of(found(paths)).counts.refined == 1
    assert list(shared) == list(alone)
    assert without_times(shared) == without_times(alone)

    assert without_times(refine(environment, project, "--in-process", *arguments)) == without_times(alone)
    assert status_of(found(paths)).counts.refined == 1


def test_settings_are_those_of_the_command(
    environment: Environment, project: Path, start_core: StartCore, paths: Paths
) -> None:
    start_core()
    result = refine(environment | {"OPTAFLY_ENABLED": "false"}, project, "--no-llm")
    assert result["outcome"] == "unchanged"
    assert "switched off" in result["notes"][0]
    assert status_of(found(paths)).counts.unchanged == 1


def test_the_current_folder_is_the_commands(
    environment: Environment, project: Path, start_core: StartCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_core()
    monkeypatch.chdir(project)
    assert "load_rows" in refine(environment, Path(), "--no-llm")["refined"]


def test_a_model_named_by_a_path_of_this_folder_is_not_left_to_the_core(
    environment: Environment, project: Path, start_core: StartCore, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_core()
    monkeypatch.chdir(project)
    (project / "own.gguf").write_bytes(b"GGUF" + b"\x03\0\0\0" + b"\xff" * 4096)
    result = refine(environment, project, "--model", "own.gguf")
    assert result["engine"]["model"] == "own.gguf"
    assert status_of(found(paths)).counts.refined == 0


def test_bad_input_is_refused_in_the_same_words(environment: Environment, project: Path, start_core: StartCore) -> None:
    def refusal() -> tuple[int, bytes, bytes]:
        process = start(environment, project, "--no-llm", "--selection", "90:1-91:1")
        out, said = process.communicate(timeout=BOUND_S)
        return process.returncode, out, said

    alone = refusal()
    assert alone[0] == 2
    start_core()
    assert refusal() == alone


@pytest.fixture
def waiting(environment: Environment, project: Path, start_core: StartCore, paths: Paths) -> Iterator[Process]:
    """A refinement that waits for the model of a core."""
    environment["OPTAFLY_TIME_LIMIT_S"] = "600"
    start_core(STUCK)
    process = start(environment, project, "--model", "phi-3-mini-q4")
    until(lambda: status_of(found(paths)).working == 1, "the refinement is under way")
    yield process
    process.kill()
    process.communicate(timeout=BOUND_S)


def test_a_core_that_dies_in_the_middle_is_done_without(waiting: Process, paths: Paths) -> None:
    os.kill(found(paths).pid, signal.SIGKILL)
    out, said = waiting.communicate(timeout=BOUND_S)
    assert (waiting.returncode, said) == (0, b"")
    assert json.loads(out)["outcome"] == "fallback"


def test_an_interrupt_ends_the_command_and_the_work(waiting: Process, paths: Paths) -> None:
    waiting.send_signal(signal.SIGINT)
    out, said = waiting.communicate(timeout=BOUND_S)
    assert (waiting.returncode, out, said.strip()) == (130, b"", b"")
    until(lambda: status_of(found(paths)).working == 0, "the work is cancelled")


def test_two_commands_do_not_supersede_each_other(
    waiting: Process, environment: Environment, project: Path, paths: Paths
) -> None:
    other = start(environment, project, "--model", "phi-3-mini-q4")
    until(lambda: status_of(found(paths)).working == 2, "both are under way")
    assert waiting.poll() is None
    os.kill(found(paths).pid, signal.SIGKILL)
    for process in (waiting, other):
        out, _ = process.communicate(timeout=BOUND_S)
        assert json.loads(out)["outcome"] == "fallback"


def test_an_interrupt_in_a_terminal_goes_on_with_the_draft(
    environment: Environment, project: Path, start_core: StartCore, paths: Paths
) -> None:
    start_core(STUCK)
    arguments = ["-c", COMMAND, "refine", "fix this", "--workspace", str(project), "--file", "app.py",
                 "--selection", "1:1-4:1", "--model", "phi-3-mini-q4"]  # fmt: skip
    terminal = environment | {"TERM": "xterm-256color", "OPTAFLY_TIME_LIMIT_S": "600"}
    child = pexpect.spawn(sys.executable, arguments, env=terminal, timeout=BOUND_S, encoding="utf-8")
    try:
        child.expect("loading the local model")
        child.sendintr()
        child.expect("Going on without the model")
        child.expect("ccept")
        child.send("q")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 1
    finally:
        child.close(force=True)
    until(lambda: status_of(found(paths)).working == 0, "the work is cancelled")


@pytest.mark.model
def test_with_the_real_model_the_answer_is_the_same(environment: Environment, project: Path, paths: Paths) -> None:
    resolve_model("smollm2-135m", resolve_paths())
    alone = refine(environment, project)
    core = ensure_core(paths, environment)
    shared = refine(environment, project)
    assert shared["engine"]["completion_tokens"] > 0
    assert without_times(shared) == without_times(alone)
    status = status_of(core)
    assert status.model == "smollm2-135m"
    assert status.counts.refined == 1
    again = refine(environment, project)
    assert again["timings_ms"]["total"] < shared["timings_ms"]["total"]
    os.kill(core.pid, signal.SIGTERM)
    until(lambda: is_gone(core.pid), "the core ends")
