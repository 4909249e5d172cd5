"""Keys that a command prints."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from optafly.errors import Cancelled
from optafly.routing.key_command import ask_command
from optafly.routing.key_secret import Environment, Secret

BOUND_S = 60.0


def ask(*command: str, variables: dict[str, str] | None = None, limit_s: float = BOUND_S) -> Secret | str:
    environment = Environment(dict(os.environ) if variables is None else variables)
    return ask_command(command, environment, limit_s=limit_s, cancelled=lambda: False)


def printed(script: str, **variables: str) -> str:
    """The key that a shell's script prints."""
    found = ask("/bin/sh", "-c", script, variables=dict(os.environ) | variables)
    assert isinstance(found, Secret), found
    return found.reveal()


@pytest.mark.parametrize(
    "script",
    ["echo key-1", "printf key-1", "printf 'key-1\\r\\nmore\\n'", "echo '  key-1 '", "echo key-1; echo no >&2; echo b"],
)
def test_the_first_line_is_the_key(script: str) -> None:
    assert printed(script) == "key-1"


def test_a_program_of_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "print-key"
    program.write_text("#!/bin/sh\necho key-$1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = ask("print-key", "2")
    assert isinstance(found, Secret)
    assert found.reveal() == "key-2"


def test_a_program_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "print-key"
    program.write_text("#!/bin/sh\necho key-1\n")
    program.chmod(0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    found = ask("~/print-key")
    assert isinstance(found, Secret)


def test_a_program_of_the_current_folder_is_never_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (tmp_path / "print-key", tmp_path / "bin" / "print-key"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\necho key-1\ntouch {tmp_path}/started\n")
        place.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:{os.defpath}:bin:")
    for name in ("print-key", "./print-key", "bin/print-key"):
        said = ask(name)
        assert said == "the program print-key of key_command is not found; install it, or give its absolute path"
    assert not (tmp_path / "started").exists()


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    found = ask("/bin/echo", f"$(touch${{IFS}}{tmp_path}/x);$HOME")
    assert isinstance(found, Secret)
    assert found.reveal() == f"$(touch${{IFS}}{tmp_path}/x);$HOME"
    assert not (tmp_path / "x").exists()


def test_it_runs_in_the_home_folder_with_the_variables_and_nothing_to_read(tmp_path: Path) -> None:
    assert printed("cd -P . && pwd", HOME="/somewhere") == str(Path.home().resolve())
    assert printed("echo $VAULT-$PATH", VAULT="v", PATH=".:/usr/bin") == "v-/usr/bin"
    assert printed("read line || echo nothing") == "nothing"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo key-1; exit 1", "the program sh of key_command failed (exit status 1); try it in a terminal"),
        ("kill -9 $$", "the program sh of key_command failed (exit status -9); try it in a terminal"),
        ("true", "what the program sh of key_command printed first is empty"),
        ("echo; echo key-1", "what the program sh of key_command printed first is empty"),
        ("echo error: no vault", "what the program sh of key_command printed first is no key: it holds spaces, "),
        ("printf 'k\\377y'", "what the program sh of key_command printed first is no key"),
        ("printf 'k\\033[31m'", "what the program sh of key_command printed first is no key"),
        ("exec cat /dev/zero", "the program sh of key_command printed far more than a key; try it in a terminal"),
    ],
)
def test_what_is_said_when_there_is_no_key(script: str, said: str) -> None:
    found = ask("/bin/sh", "-c", script)
    assert isinstance(found, str)
    assert found.startswith(said)


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    file.write_bytes(b"\0\1\2")
    assert "is not found; install it" in str(ask(str(file)))
    file.chmod(0o700)
    assert ask(str(file)) == "the program key.txt of key_command cannot be started; try it in a terminal"


def test_one_that_does_not_end_is_not_waited_for() -> None:
    said = ask(sys.executable, "-c", "import threading; threading.Event().wait()", limit_s=0.05)
    assert str(said).endswith("of key_command took longer than 0.05 s; try it in a terminal")


def test_a_program_that_lives_on_behind_it_is_not_waited_for(tmp_path: Path) -> None:
    """As the agent of a password store, which may keep the command's output open."""
    os.mkfifo(tmp_path / "pipe")
    assert printed(f"setsid cat {tmp_path}/pipe & echo key-1") == "key-1"
    with (tmp_path / "pipe").open("w"):
        pass


def test_stopping_kills_it_with_all_that_it_started(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    noted = tmp_path / "pid"
    script = f"cat {tmp_path}/pipe & echo $! > {noted}.part; mv {noted}.part {noted}; wait"
    with pytest.raises(Cancelled):
        ask_command(("/bin/sh", "-c", script), Environment(os.environ), limit_s=BOUND_S, cancelled=noted.exists)
    pid = int(noted.read_text())
    until = time.monotonic() + BOUND_S
    while is_running(pid):
        assert time.monotonic() < until


def is_running(pid: int) -> bool:
    try:
        # Nobody may be there to take notice of its end.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
