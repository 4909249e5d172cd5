"""The proxy of a running core, with the real router, cache and keys, before a stand-in for Anthropic."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from optafly.core.discovery import read_discovery
from optafly.paths import resolve_paths
from tests.e2e.core.conftest import clean_environment, no_core_left, until
from tests.e2e.proxy.conftest import BOUND_S, KEY, Running, proxy_environment, run_optafly
from tests.standin import Answer, Failure, Gate
from tests.unit.proxy.played import begun, body, read_until

WALRUS = "How do I sort a list of walruses in Python?"


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_is_answered_by_anthropic_and_then_by_the_cache(running: Running, stream: bool) -> None:
    value = body(f"{WALRUS} {stream}", stream=stream)
    before = len(running.standin.requests)
    first = running.ask(value)
    again = running.kept(value)

    assert (first.status, first.own["cache"]) == (200, "miss")
    assert again.text == first.text
    assert again.own["tier"] == "exact"
    assert running.standin.requests[before].headers["x-api-key"] == KEY
    assert running.ask(value | {"stream": not stream}).text == first.text


def test_the_same_in_other_words(running: Running) -> None:
    first = running.ask(body("How do I reverse a list in Python without changing it?"))
    running.kept(body("How do I reverse a list in Python without changing it?"))
    # Each once, since it is kept where it is missed; on a busy machine the router may take longer than is waited.
    wordings = [f"{polite}how do {who} reverse a list in python without changing it{end}"
                for end in ("", "?", ".") for who in ("i", "I") for polite in ("", "please, ")]  # fmt: skip
    found = next(reply for wording in wordings if (reply := running.ask(body(wording))).own["cache"] == "hit")
    assert (found.own["tier"], found.text) in [("equal", first.text), ("semantic", first.text)]
    assert running.ask(body("How do I sort a list in Python without changing it?")).own["cache"] == "miss"


def test_what_is_forgotten_is_asked_anew(running: Running) -> None:
    value = body("What is a monad, for a walrus?")
    running.ask(value)
    running.kept(value)
    assert running.optafly("cache", "clear", "--yes").returncode == 0
    assert running.ask(value).own["cache"] == "miss"


def test_bypass(running: Running) -> None:
    value = body("What is a functor, for a walrus?")
    running.ask(value)
    running.kept(value)
    found = running.ask(value, headers={"x-optafly-bypass": "1"})
    assert found.own["cache"] == "bypass"


def test_a_long_request_gets_anchors(running: Running) -> None:
    system = "You are a careful assistant of a zoo. " * 200
    running.ask(body("Who feeds the walrus?", system=system))
    assert b"cache_control" in running.standin.requests[-1].body
    running.ask(body("Who feeds the walrus?", system=system), headers={"x-optafly-bypass": "1"})
    assert b"cache_control" not in running.standin.requests[-1].body


def test_events_come_as_they_are_sent(running: Running) -> None:
    gate = Gate()
    running.standin.script(Answer("It scatters.", gate=gate))
    with begun(running.url, body("Why is the sky blue?", stream=True), **{"x-api-key": running.token}) as client:
        gate.release()
        assert b"message_start" in read_until(client, b"message_start")
        assert running.status.working >= 1
        gate.open()
        read_until(client, b"0\r\n\r\n")
    until(lambda: running.status.proxy and not running.status.working, "nothing is worked on")


def test_a_client_that_goes_away_ends_the_call(running: Running) -> None:
    gate = Gate()
    running.standin.script(Answer("It scatters.", head_gate=gate))
    before = len(running.standin.requests)
    with begun(running.url, body("Why is the sea blue?"), **{"x-api-key": running.token}):
        gate.wait_reached(1)
    assert running.standin.requests[before].wait_over() == "client_gone"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"x-api-key": ""}, 401), ({"x-api-key": "x"}, 401), ({"host": "evil.example"}, 403), ({"host": ""}, 400),
     ({"origin": "https://evil.example"}, 403), ({"content-type": "text/plain"}, 415)],
)  # fmt: skip
def test_who_is_refused(running: Running, headers: dict[str, str], status: int) -> None:
    before = len(running.standin.requests)
    found = running.ask(body(), headers=headers)
    assert found.status in {status, 403}
    assert len(running.standin.requests) == before


def test_the_tokens_of_core_and_proxy_are_two(running: Running) -> None:
    assert running.ask(body(), headers={"x-api-key": running.core.token}).status == 401
    file = running.paths.data_dir / "proxy-token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert running.token != running.core.token


def test_two_hundred_strangers_keep_nobody_out(running: Running) -> None:
    strangers = [socket.create_connection(("127.0.0.1", running.port), timeout=BOUND_S) for _ in range(200)]
    try:
        assert running.ask(body("Who are you?")).status == 200
    finally:
        for stranger in strangers:
            stranger.close()


def test_many_at_once_each_get_their_own(running: Running) -> None:
    found: list[tuple[int, str]] = []

    def one(number: int) -> None:
        reply = running.ask(body(f"Why is walrus number {number} hungry?", stream=number % 2 == 0))
        found.append((number, reply.text))

    threads = [threading.Thread(target=one, args=(number % 10,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND_S)
    assert len(found) == 40
    assert len(set(found)) == 10


def test_it_listens_on_the_loopback_interface_only(running: Running) -> None:
    listening = {
        connection.laddr.ip
        for connection in psutil.Process(running.process.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_what_is_done_is_counted(running: Running) -> None:
    value = body("How heavy is a walrus?")
    running.ask(value)
    running.kept(value)
    counted = json.loads(running.optafly("stats", "--since", "24h", "--json").stdout)
    assert counted
    assert "walrus" not in json.dumps(counted)


def test_nothing_of_a_request_or_a_key_is_written_but_in_the_cache(running: Running) -> None:
    running.standin.script(Failure(401), Failure(529))
    own = "sk-ant-api03-of-the-client-fedcba9876543210"
    for headers in ({}, {"x-api-key": own, "x-optafly-token": running.token}):
        running.ask(body("What does a narwhal eat?"), headers=headers)
    written = [file for file in running.paths.data_dir.parent.rglob("*") if file.is_file()]
    assert written
    for file in written:
        data = file.read_bytes()
        assert KEY.encode() not in data
        assert own.encode() not in data
        assert running.token.encode() not in data or file.name == "proxy-token"
        if running.paths.cache_dir not in file.parents:
            assert b"narwhal" not in data


def test_the_commands_say_where_it_is(running: Running) -> None:
    status = running.optafly("proxy", "status")
    assert (status.returncode, status.stderr) == (0, "")
    assert status.stdout == f"{running.url}, on to {running.standin.url}\n"
    assert json.loads(running.optafly("proxy", "status", "--json").stdout) == {
        "running": True, "enabled": True, "port": running.port, "upstream": running.standin.url, "problem": "",
    }  # fmt: skip
    assert f"proxy: {running.url}" in running.optafly("core", "status").stdout
    checks = json.loads(running.optafly("doctor", "--json").stdout)
    (found,) = [check for check in checks if check["name"] == "proxy"]
    assert found["ok"]
    settings = json.loads(running.optafly("proxy", "settings", "--json").stdout)
    assert settings["url"] == running.url
    assert settings["zed"]["language_models"]["anthropic_compatible"]["OptaFly"]["api_url"] == running.url
    assert running.url in running.optafly("proxy", "settings").stdout


def test_the_environment_that_is_shown_is_enough_for_the_client(running: Running) -> None:
    variables = json.loads(running.optafly("proxy", "settings", "--json").stdout)["sdk"]
    script = (
        "import anthropic\n"
        "print(anthropic.Anthropic().messages.create(model='claude-opus-5-5', max_tokens=100,\n"
        "    messages=[{'role': 'user', 'content': 'Who feeds the narwhal?'}]).content[0].text)"
    )
    environment = clean_environment(running.paths.data_dir) | variables
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=BOUND_S, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Sentence 1")


def test_a_port_that_is_taken_is_said_and_the_core_goes_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with socket.create_server(("127.0.0.1", 0)) as taken, no_core_left(home):
        port = taken.getsockname()[1]
        environment = proxy_environment(home, "http://127.0.0.1:1", OPTAFLY_PROXY_PORT=str(port))
        with subprocess.Popen(
            [sys.executable, "-m", "optafly", "core", "run"], env=environment, stderr=subprocess.DEVNULL
        ) as process:
            until(lambda: read_discovery(resolve_paths(environment)), "the core listens")
            problem = f"the proxy does not run: port {port} is taken by another program; set proxy.port to another"
            status = run_optafly(environment, "proxy", "status")
            assert status.returncode == 1
            assert status.stdout.startswith(problem)
            assert problem in run_optafly(environment, "core", "status").stdout
            checks = json.loads(run_optafly(environment, "doctor", "--json").stdout)
            (found,) = [check for check in checks if check["name"] == "proxy"]
            assert not found["ok"]
            assert problem in (resolve_paths(environment).log_dir / "core.log").read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(BOUND_S) == 0


def test_a_port_that_nobody_has_chosen_yet_is_not_shown(tmp_path: Path) -> None:
    environment = proxy_environment(tmp_path / "home", "http://127.0.0.1:1", OPTAFLY_PROXY_PORT="0")
    done = run_optafly(environment, "proxy", "settings")
    assert (done.returncode, done.stdout) == (1, "")
    assert "start it with optafly core run" in done.stderr
    shown = run_optafly(environment | {"OPTAFLY_PROXY_PORT": "8490"}, "proxy", "settings")
    assert 'ANTHROPIC_AUTH_TOKEN="$(optafly proxy token)"' in shown.stdout
    assert ":8490" in shown.stdout


def test_switched_off_and_not_running(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = proxy_environment(home, "http://127.0.0.1:1", OPTAFLY_PROXY_ENABLED="false")
    before = run_optafly(environment, "proxy", "status")
    assert before.returncode == 1
    assert before.stdout.startswith("not running: it is part of the core")
    with no_core_left(home), subprocess.Popen(
        [sys.executable, "-m", "optafly", "core", "run"], env=environment, stderr=subprocess.DEVNULL
    ) as process:  # fmt: skip
        until(lambda: read_discovery(resolve_paths(environment)), "the core listens")
        status = run_optafly(environment, "proxy", "status")
        assert (status.returncode, status.stdout) == (1, "switched off (proxy.enabled)\n")
        process.kill()


def test_answers_under_way_are_given_when_the_core_ends(tmp_path: Path, running: Running) -> None:
    home = tmp_path / "home"
    environment = proxy_environment(home, running.standin.url)
    with no_core_left(home), subprocess.Popen(
        [sys.executable, "-m", "optafly", "core", "run"], env=environment, stderr=subprocess.DEVNULL
    ) as process:  # fmt: skip
        own = Running(environment, process, running.standin)
        gate = Gate()
        running.standin.script(Answer("It scatters.", gate=gate))
        with begun(own.url, body("Why is the sky blue?", stream=True), **{"x-api-key": own.token}) as client:
            gate.release()
            read_until(client, b"message_start")
            os.kill(process.pid, signal.SIGTERM)
            gate.open()
            assert b"0\r\n\r\n" in read_until(client, b"0\r\n\r\n")
        assert process.wait(BOUND_S) == 0
