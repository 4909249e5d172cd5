"""One core with its proxy for all of these, and a stand-in for Anthropic behind it."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optafly.core.discovery import read_discovery
from optafly.core.wire import Discovery, Status
from optafly.paths import Paths, resolve_paths
from tests.e2e.core.conftest import ask as ask_core
from tests.e2e.core.conftest import clean_environment, no_core_left, until
from tests.standin import Standin, running_standin
from tests.unit.proxy.played import Reply, ask, body

BOUND_S = 60.0
KEY = "sk-ant-api03-zebra-quagga-0123456789abcdef"


class Running:
    """A core with its proxy; ``environment`` is that of its processes."""

    def __init__(self, environment: dict[str, str], process: "subprocess.Popen[bytes]", standin: Standin) -> None:
        self.environment = environment
        self.process = process
        self.standin = standin
        self.paths: Paths = resolve_paths(environment)
        self.core: Discovery = until(self._discovered, "the core listens")
        self.port: int = until(lambda: self.status.proxy.port, "the proxy listens")
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = self.optafly("proxy", "token").stdout.strip()

    @property
    def status(self) -> Status:
        return msgspec.convert(ask_core(self.core, "GET", "/v1/status").body, Status, strict=True)

    def ask(self, value: object = None, **options: Any) -> Reply:
        """A request with the token, as `tests.unit.proxy.played.ask`."""
        headers = {"x-api-key": self.token} | options.pop("headers", {})
        return ask(self.url, value, headers=headers, **options)

    def kept(self, value: dict[str, Any], **options: Any) -> Reply:
        """Ask until a kept answer is given: answers are kept after they were given."""
        return until(lambda: _hit(self.ask(value, **options)), "the answer is kept")

    def optafly(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return run_optafly(self.environment, *words)

    def _discovered(self) -> Discovery | None:
        assert self.process.poll() is None
        return read_discovery(self.paths)


def _hit(reply: Reply) -> Reply | None:
    assert reply.status == 200, reply.content
    return reply if reply.own["cache"] == "hit" else None


def run_optafly(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "optafly", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=BOUND_S, check=False)


def proxy_environment(home: Path, upstream: str, **more: str) -> dict[str, str]:
    return clean_environment(home) | {
        "ANTHROPIC_API_KEY": KEY,
        "OPTAFLY_PROXY_PORT": "0",
        "OPTAFLY_PROXY_UPSTREAM": upstream,
        **more,
    }


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("proxy") / "home"
    with running_standin() as standin, no_core_left(home):
        environment = proxy_environment(home, standin.url)
        with subprocess.Popen(
            [sys.executable, "-m", "optafly", "core", "run"], env=environment, stderr=subprocess.DEVNULL
        ) as process:
            core = Running(environment, process, standin)
            core.ask(body("Load what decides."))
            for _ in range(3):  # on a machine that does much else
                with contextlib.suppress(AssertionError):
                    until(lambda: core.status.networks, "the networks are loaded")
                    break
            yield core
            process.kill()


__all__ = ["Running", "ask", "body"]
