"""`optafly acp` when its agent is absent, dies, hangs or talks nonsense, and when it is to end itself."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.acp.panel import ROOT, environment
from tests.e2e.acp.raw import BOUND_S, Message, RawClient, before, talking

SECRET = "sk-ant-api03-Zk3v9QxT7LmW2pRs8NdYb4HcJf6Ga1Ue"
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}}
ANSWERS = """
import json, os, sys
def hear():
    return json.loads(sys.stdin.readline())
def say(**message):
    print(json.dumps(message), flush=True)
say(id=hear()["id"], result={"protocolVersion": 1})
"""
# It tells the process it has started, and ends neither when nobody speaks nor when it is asked to.
CLINGS = ANSWERS + """
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN);"
                          "print(flush=True); time.sleep(600)"], stdout=subprocess.PIPE)
child.stdout.readline()
say(method="started", params=[os.getpid(), child.pid])
time.sleep(600)
"""  # fmt: skip


@contextlib.contextmanager
def relaying(folder: Path, code: str, *arguments: str, **more: str) -> Iterator[RawClient]:
    """`optafly acp` in front of a program."""
    environ = environment(folder / "home", **more)
    with talking(environ, *before((sys.executable, "-c", code, *arguments))) as client:
        yield client


def said(message: Message) -> str:
    assert message["error"]["code"] == -32603
    return str(message["error"]["message"])


def family(client: RawClient) -> list[psutil.Process]:
    """All that runs below it."""
    return psutil.Process(client.process.pid).children(recursive=True)


def are_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, BOUND_S)
    return all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def test_an_absent_agent_is_named(tmp_path: Path) -> None:
    command = before(("optafly-no-such-agent", "--key", SECRET))
    with talking(environment(tmp_path / "home"), *command) as client:
        client.send(HELLO)
        message = said(client.answer(1))
        assert "`optafly-no-such-agent --key " in message
        assert "was not found" in message
        assert SECRET not in message
        assert client.leave() == 1
    assert not client.errors


def test_an_agent_that_dies_is_named_with_its_last_words(tmp_path: Path) -> None:
    code = f"{ANSWERS}hear(); sys.stderr.write('Error: refused ' + {SECRET!r} + '\\n'); sys.exit(3)"
    with relaying(tmp_path, code) as client:
        client.send(HELLO)
        client.answer(1)
        client.send({"jsonrpc": "2.0", "id": "new", "method": "session/new", "params": {"cwd": "/", "mcpServers": []}})
        message = said(client.answer("new"))
        assert "ended with exit status 3: Error: refused «redacted:" in message
        assert SECRET not in message
        client.send({"jsonrpc": "2.0", "id": "again", "method": "session/new", "params": {}})
        assert said(client.answer("again")) == message
        assert client.leave() == 3
    assert SECRET in client.errors.decode()  # its standard error is the client's, as without OptaFly


def test_it_ends_by_itself_when_its_agent_has_died(tmp_path: Path) -> None:
    with relaying(tmp_path, "import sys; sys.exit(5)") as client:
        client.send(HELLO)
        assert "ended with exit status 5" in said(client.answer(1))
        assert client.ended() == 5


def test_an_agent_that_is_killed_is_named(tmp_path: Path) -> None:
    with relaying(tmp_path, ANSWERS + "hear(); os.kill(os.getpid(), 9)") as client:
        client.send(HELLO)
        client.answer(1)
        assert "was ended by SIGKILL" in said(client.ask("session/list", {}, "x"))
        assert client.leave() == 137


def test_an_agent_that_hangs_at_its_start_is_ended(tmp_path: Path) -> None:
    code = "import sys, time; print('fetching', flush=True); time.sleep(600)"
    with relaying(tmp_path, code, OPTAFLY_ACP_START_TIME_LIMIT_S="1") as client:
        client.send(HELLO)
        message = said(client.answer(1))
        assert "did not answer `initialize` within 1 s: fetching" in message
        assert client.leave() != 0


def test_a_program_that_is_no_agent_is_ended(tmp_path: Path) -> None:
    with relaying(tmp_path, "while True: print('y' * 1000)") as client:
        client.send(HELLO)
        assert "does not speak ACP; it printed: yyy" in said(client.answer(1))
        client.leave()


def test_noise_between_messages_does_no_harm(tmp_path: Path) -> None:
    with relaying(tmp_path, ANSWERS + "print('npm notice'); hear(); say(id='x', result={'noise': 1})") as client:
        client.send(HELLO)
        client.answer(1)
        client.send({"jsonrpc": "2.0", "id": "x", "method": "session/list"})
        assert json.loads(client.hear()) == {"id": "x", "result": {"noise": 1}}


@pytest.mark.parametrize("how", ["its input ends", "SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"])
def test_nothing_stays_behind(tmp_path: Path, how: str) -> None:
    with relaying(tmp_path, CLINGS) as client:
        client.send(HELLO)
        client.answer(1)
        started = json.loads(client.hear())
        processes = family(client)
        assert {process.pid for process in processes} >= set(started["params"])
        if how == "its input ends":
            assert client.leave() == 0
        else:
            os.kill(client.process.pid, signal.Signals[how])
            client.process.wait(BOUND_S)
        assert are_gone(processes)


def test_a_huge_message_passes_both_ways(tmp_path: Path) -> None:
    code = (
        ANSWERS + "m = hear(); say(id=m['id'], result={'echo': m['params']['text'], 'size': len(m['params']['text'])})"
    )
    text = "x" * 20_000_000
    with relaying(tmp_path, code) as client:
        client.send(HELLO)
        client.answer(1)
        result = client.ask("_echo", {"text": text}, "big")["result"]
    assert (result["size"], result["echo"] == text) == (20_000_000, True)


def test_where_the_client_does_not_read_it_still_ends(tmp_path: Path) -> None:
    code = ANSWERS + "\nwhile True: say(method='x', params={'a': 'x' * 100_000})"
    command = before((sys.executable, "-c", code))
    with subprocess.Popen(
        command, env=environment(tmp_path / "home"), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(HELLO).encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline()
        processes = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(BOUND_S)
        assert are_gone(processes)


def test_what_may_not_stand_before_the_command_is_said(tmp_path: Path) -> None:
    with talking(environment(tmp_path / "home"), *before(())[:-1], "--sdtio") as client:
        assert client.ended() == 2
    assert b"--sdtio" in client.errors
