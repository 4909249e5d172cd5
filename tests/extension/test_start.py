"""What the extension returns is started as Zed would start it, and answers over standard input and output."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from tests.extension.host import Command, Editor, Json, Zed
from tests.small_model import SMALL_MODEL

INSTALLED = Path(sys.executable).parent / "optafly"
BOUND_S = 60


@pytest.fixture
def command(tmp_path: Path) -> Command:
    # Only what a program needs to start: a failure prints these, and the reader's own may hold keys.
    shell = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    shell |= SMALL_MODEL | {"OPTAFLY_HOME": str(tmp_path / "home"), "OPTAFLY_CORE_IDLE_EXIT_S": "1"}
    return Zed(Editor({"optafly": str(INSTALLED)}, shell), tmp_path).language_server_command()


@pytest.mark.timeout(BOUND_S)
def test_the_server_found_on_the_path_starts_answers_and_ends(command: Command, tmp_path: Path) -> None:
    capabilities: Json = {"workspace": {"configuration": True}}
    opening = {"processId": os.getpid(), "rootUri": tmp_path.as_uri(), "capabilities": capabilities}
    with _started(command, tmp_path) as server:
        try:
            assert server.stdin is not None
            assert server.stdout is not None
            _send(server.stdin, {"id": 1, "method": "initialize", "params": opening})
            answer = _answer(server.stdout, 1)
            assert isinstance(answer["result"]["capabilities"], dict)
            _send(server.stdin, {"id": 2, "method": "shutdown"})
            assert "error" not in _answer(server.stdout, 2)
            _send(server.stdin, {"method": "exit"})
            assert server.wait(BOUND_S) == 0
        finally:
            server.kill()


@pytest.mark.timeout(BOUND_S)
def test_the_context_server_starts_answers_and_ends(command: Command, tmp_path: Path) -> None:
    """Zed finds its program on its own PATH, which here has the one that is installed."""
    found = Zed(Editor({}, {}), tmp_path).context_server_command()
    path = f"{INSTALLED.parent}{os.pathsep}{command.environment.get('PATH', '')}"
    assert shutil.which(found.program, path=path) == str(INSTALLED)
    started = Command(str(INSTALLED), found.arguments, command.environment | found.environment | {"PATH": path})
    with _started(started, tmp_path) as server:
        try:
            assert server.stdin is not None
            assert server.stdout is not None
            client: Json = {"name": "Zed", "version": "1"}
            opening: Json = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": client}
            answer = _line(server, {"id": 1, "method": "initialize", "params": opening})
            assert answer["result"]["serverInfo"]["name"] == "optafly"
            _line(server, {"method": "notifications/initialized"})
            prompts = _line(server, {"id": 2, "method": "prompts/list"})["result"]["prompts"]
            # Zed lists a prompt only where it has one argument at most.
            assert [(item["name"], len(item["arguments"])) for item in prompts] == [("refine", 1), ("ask", 1)]
            server.stdin.close()
            assert server.wait(BOUND_S) == 0
        finally:
            server.kill()


def _line(server: subprocess.Popen[bytes], message: Json) -> Json:
    """The answer to a message, one line each; nothing for one without a number."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    server.stdin.flush()
    answer: Any = json.loads(server.stdout.readline()) if "id" in message else {}
    assert isinstance(answer, dict)
    return answer


def _started(command: Command, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [command.program, *command.arguments],
        cwd=folder,
        env=command.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None,  # what the server complains about belongs in the report of a failure
    )


def _send(stream: IO[bytes], message: Json) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    stream.flush()


def _answer(stream: IO[bytes], number: int) -> Json:
    """The answer to a request; what the server sends of its own before is passed over."""
    while (message := _read(stream)).get("id") != number or "method" in message:
        pass
    return message


def _read(stream: IO[bytes]) -> Json:
    length = None
    while (line := stream.readline()) not in {b"\r\n", b""}:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    assert length is not None, "the server ended without an answer"
    message: Any = json.loads(stream.read(length))
    assert isinstance(message, dict)
    return message
