"""The proxy of a core that has just begun, that is told to end, and whose token is another."""

import contextlib
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from optafly.core.discovery import read_discovery
from tests.e2e.core.conftest import no_core_left, until
from tests.e2e.proxy.conftest import BOUND_S, KEY, Running, proxy_environment
from tests.standin import Answer, Gate, Standin, running_standin
from tests.unit.proxy.played import begun, body, read_until

ASKED = "How do I sort a list of walruses in Python?"


@contextlib.contextmanager
def core_of(home: Path, standin: Standin) -> Iterator[Running]:
    """A core of its own that has just been started."""
    environment = proxy_environment(home, standin.url)
    command = [sys.executable, "-m", "optafly", "core", "run"]
    with no_core_left(home), subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield Running(environment, process, standin)
        finally:
            process.kill()


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin() as running:
        yield running


def test_the_same_request_is_answered_before_the_networks_are_loaded(tmp_path: Path, standin: Standin) -> None:
    with core_of(tmp_path / "home", standin) as core:
        # Which has them loaded.
        first = core.ask(body("Who feeds the walrus?"))
        assert core.kept(body("Who feeds the walrus?")).text == first.text
        until(lambda: core.status.networks, "the networks are loaded")
        core.ask(body(ASKED))
        asked = core.kept(body(ASKED))
        core.process.terminate()
        assert core.process.wait(BOUND_S) == 0
    before = len(standin.requests)
    with core_of(tmp_path / "home", standin) as core:
        reworded = body("How would I sort a list of walruses in Python?")
        other = core.ask(reworded)
        assert (other.own["cache"], "the networks are not loaded yet" in other.own["reason"]) == ("miss", True)
        for value, text in ((body(ASKED), asked.text), (body("Who feeds the walrus?"), first.text)):
            again = core.ask(value)
            assert (again.own["tier"], again.text) == ("exact", text)
        # Nobody has waited for them.
        assert not core.status.networks
        assert core.kept(reworded).text == other.text
    assert len(standin.requests) == before + 1


def test_an_answer_that_is_given_while_the_core_ends_is_kept(tmp_path: Path, standin: Standin) -> None:
    gate = Gate()
    standin.script(Answer("It scatters.", gate=gate))
    with core_of(tmp_path / "home", standin) as core:
        with begun(core.url, body(ASKED, stream=True), **{"x-api-key": core.token}) as client:
            gate.release()
            read_until(client, b"message_start")
            core.process.terminate()
            until(lambda: read_discovery(core.paths) is None, "the core ends")
            gate.open()
            assert b"0\r\n\r\n" in read_until(client, b"0\r\n\r\n")
        assert core.process.wait(BOUND_S) == 0
    with core_of(tmp_path / "home", standin) as core:
        again = core.ask(body(ASKED))
        assert (again.own["cache"], again.text) == ("hit", "It scatters.")
    assert len(standin.requests) == 1


def test_another_token_counts_at_once(tmp_path: Path, standin: Standin) -> None:
    with core_of(tmp_path / "home", standin) as core:
        old, file = core.token, core.paths.data_dir / "proxy-token"
        assert core.ask(body(ASKED)).status == 200
        new = core.optafly("proxy", "token", "--new").stdout.strip()
        assert new == core.optafly("proxy", "token").stdout.strip() != old
        assert (core.ask(body(ASKED)).status, core.ask(body(ASKED), headers={"x-api-key": new}).status) == (401, 200)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

        # Others may have read it.
        file.chmod(0o644)
        assert core.ask(body(ASKED), headers={"x-api-key": new}).status == 401
        newest = core.optafly("proxy", "token").stdout.strip()
        assert core.ask(body(ASKED), headers={"x-api-key": newest}).status == 200
        file.unlink()
        for token in (old, new, newest, "optafly-"):
            assert core.ask(body(ASKED), headers={"x-api-key": token}).status == 401
    for request in standin.requests:
        assert request.headers["x-api-key"] == KEY
