"""Coding agents as a person starts them, in an environment made from nothing."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec
import pytest

from tests.standin.replies import JsonObject, tool_use

INSTALL = "tests/e2e/agents/install.sh (or: make agents)"
BOUND_S = 60.0
MODEL = "claude-opus-5-5"
GUIDE = Path(__file__).parents[3] / "docs" / "proxy.md"
# Updates, telemetry and whatever else is not needed for an answer.
CLAUDE_CODE_QUIET: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
    }
)
PI_QUIET: Final[Mapping[str, str]] = MappingProxyType(
    {"PI_OFFLINE": "1", "PI_SKIP_VERSION_CHECK": "1", "PI_TELEMETRY": "0"}
)
_PROGRAMS = Path(__file__).parent / "node_modules" / ".bin"


class Place(msgspec.Struct, frozen=True):
    """Where an agent asks: ``token`` lets it in there, ``own`` is a key of its own beside it."""

    url: str
    token: str
    own: str = ""


class Told(msgspec.Struct, frozen=True):
    """What an agent printed."""

    status: int
    words: str
    errors: str


class Outside:
    """All that is not the loopback interface, as agents reach it: a proxy for HTTP where nobody answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)

    @property
    def environment(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        taken = {name: url for upper in names for name in (upper, upper.lower())}
        return taken | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

    def close(self) -> list[bytes]:
        """The first line of whatever was asked for."""
        asked = []
        with self._listener, contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(1.0)  # it was sent before the agent ended
                with connection, contextlib.suppress(OSError):
                    asked.append(connection.recv(1000).partition(b"\r\n")[0])
        return [line for line in asked if line]


class Agent(Protocol):
    """One agent; ``reading`` is the call of its tool that reads a file."""

    name: str

    def command(self, prompt: str) -> list[str]: ...

    def environment(self, place: Place, home: Path) -> dict[str, str]: ...

    def words(self, output: str) -> str: ...

    def reading(self, file: Path) -> JsonObject: ...


class ClaudeCode:
    """Claude Code, with the variables that docs/proxy.md and ``optafly proxy settings`` name."""

    name = "claude-code"

    def command(self, prompt: str) -> list[str]:
        return [program("claude"), "--print", prompt, "--output-format", "json"]

    def environment(self, place: Place, home: Path) -> dict[str, str]:
        if not place.own:
            return {**CLAUDE_CODE_QUIET} | {"ANTHROPIC_BASE_URL": place.url, "ANTHROPIC_AUTH_TOKEN": place.token}
        return {**CLAUDE_CODE_QUIET} | {
            "ANTHROPIC_BASE_URL": place.url,
            "ANTHROPIC_API_KEY": place.own,
            "ANTHROPIC_CUSTOM_HEADERS": f"x-optafly-token: {place.token}",
        }

    def words(self, output: str) -> str:
        return str(json.loads(output)["result"])

    def reading(self, file: Path) -> JsonObject:
        return tool_use("Read", {"file_path": str(file)})


class Pi:
    """pi, with the ``models.json`` that docs/proxy.md shows."""

    name = "pi"

    def command(self, prompt: str) -> list[str]:
        return [program("pi"), "--print", "--no-session", "--model", f"optafly/{MODEL}", prompt]

    def environment(self, place: Place, home: Path) -> dict[str, str]:
        provider = snippet()["providers"]["optafly"] | {"baseUrl": place.url, "apiKey": place.own or place.token}
        if place.own:
            provider["headers"] = {"x-optafly-token": place.token}
        self.write({"providers": {"optafly": provider}}, home)
        return {**PI_QUIET}

    def write(self, models: JsonObject, home: Path) -> None:
        """Its settings; they are read anew by every run."""
        file = home / ".pi" / "agent" / "models.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(models), "utf-8")

    def words(self, output: str) -> str:
        return output.strip()

    def reading(self, file: Path) -> JsonObject:
        return tool_use("read", {"path": str(file)})


class Desk:
    """A person's home and project, in which agents are started."""

    def __init__(self, folder: Path, outside: Outside) -> None:
        self.home = folder / "user"
        self.project = folder / "my zoo"
        self._temporary = folder / "temporary"
        self._outside = outside
        for made in (self.home, self.project, self._temporary):
            made.mkdir(parents=True)

    def ask(self, agent: Agent, place: Place, prompt: str) -> Told:
        """Have the agent ask, and wait until it has ended."""
        return self.run(agent, agent.command(prompt), agent.environment(place, self.home))

    def run(self, agent: Agent, command: list[str], more: dict[str, str]) -> Told:
        try:
            done = subprocess.run(
                command, cwd=self.project, env=self.environment | more, stdin=subprocess.DEVNULL,
                capture_output=True, timeout=BOUND_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            said = b"\n".join(part for part in (late.stdout, late.stderr) if part).decode("utf-8", "replace")
            pytest.fail(f"{agent.name} did not end within {BOUND_S:g} s:\n{said}", pytrace=False)
        output, errors = done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")
        return Told(done.returncode, agent.words(output) if done.returncode == 0 else output, errors)

    @contextlib.contextmanager
    def begun(self, agent: Agent, place: Place, prompt: str) -> Iterator["subprocess.Popen[bytes]"]:
        """The agent while it asks; it is killed in the end."""
        with subprocess.Popen(
            agent.command(prompt), cwd=self.project, env=self.environment | agent.environment(place, self.home),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    @property
    def environment(self) -> dict[str, str]:
        """What they are started with, whatever this process has."""
        folders = [str(_PROGRAMS), str(Path(sys.executable).parent), str(Path(node()).parent), os.defpath]
        return self._outside.environment | {
            "HOME": str(self.home), "TMPDIR": str(self._temporary), "PATH": os.pathsep.join(folders),
            "LC_ALL": "C.UTF-8", "TERM": "dumb",
        }  # fmt: skip


def adapter() -> str:
    """What makes an agent of ACP of Claude Code."""
    path = _PROGRAMS.parent / ".acp" / "node_modules" / ".bin" / "claude-agent-acp"
    if not path.exists():
        pytest.fail(f"claude-agent-acp is not installed; run {INSTALL}", pytrace=False)
    return str(path)


def program(name: str) -> str:
    """An agent's program; without it the tests fail and say how to get it."""
    path = _PROGRAMS / name
    if not path.exists():
        pytest.fail(f"{name} is not installed; run {INSTALL}", pytrace=False)
    return str(path)


def node() -> str:
    """What runs them."""
    path = shutil.which("node")
    if path is None:
        pytest.fail(f"node is not installed; see {INSTALL}", pytrace=False)
    return path


def snippet() -> dict[str, Any]:
    """What the guide shows for pi."""
    (text,) = re.findall(
        r"<!-- run by tests/e2e/agents -->\n```json\n(.*?)\n```\n", GUIDE.read_text("utf-8"), re.DOTALL
    )
    return msgspec.json.decode(text, type=dict[str, Any])
