"""curl before the proxy, beside curl before the API itself."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.e2e.core.conftest import until
from tests.e2e.proxy.conftest import BOUND_S, KEY, Running, body
from tests.standin import Answer, Failure, Gate, text, thinking, tool_use
from tests.unit.proxy.played import Reply

# What is different in two answers of the API as well.
OF_ONE_ANSWER = ("date", "request-id")
BYPASS = ("x-optafly-bypass: 1",)
ALL_KINDS = Answer((thinking("Rayleigh…"), text("It scatters: 日本 🙂"), tool_use("look", {"at": "the sky"})),
                   stop_reason="tool_use", id="msg_01same", pings=(1, 3), usage_steps=3)  # fmt: skip


class Curl:
    """Runs curl without the configuration and environment of whoever runs the tests."""

    def __init__(self, running: Running, folder: Path) -> None:
        self._running = running
        self._folder = folder
        self.said = ""

    def command(
        self, value: object, *options: str, headers: tuple[str, ...] = (), direct: bool = False,
        key: str | None = None, path: str = "/v1/messages",
    ) -> list[str]:  # fmt: skip
        """The key is the proxy's token, or one of the API; ``value`` goes into a file, None sends no body."""
        given = key if key is not None else KEY if direct else self._running.token
        sent = [f"x-api-key: {given}", "content-type: application/json", "anthropic-version: 2023-06-01", *headers]
        if value is not None:
            (self._folder / "body").write_bytes(json.dumps(value).encode())
            options += ("--data-binary", f"@{self._folder / 'body'}")
        lines = [part for header in sent for part in ("--header", header)]
        url = (self._running.standin.url if direct else self._running.url) + path
        return ["curl", "--disable", "--silent", "--show-error", "--noproxy", "*", *lines, *options, url]

    def ask(self, value: object, *options: str, **more: Any) -> Reply:
        """One answer; what ``--verbose`` says is in ``said``."""
        head = self._folder / "head"
        command = self.command(value, "--dump-header", str(head), *options, **more)
        done = subprocess.run(command, env={}, capture_output=True, timeout=BOUND_S, check=False)
        self.said = done.stderr.decode("utf-8", "replace")
        assert done.returncode == 0, self.said
        # Of several heads (100 Continue) the last.
        last = re.split(rb"\r\n\r\n", head.read_bytes().rstrip(b"\r\n"))[-1]
        first, *lines = last.decode("latin-1").split("\r\n")
        fields = [line.partition(":") for line in lines]
        return Reply(int(first.split()[1]), [(name.lower(), value.strip()) for name, _, value in fields], done.stdout)


def same_headers(reply: Reply) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in reply.passed_on if name not in OF_ONE_ANSWER)


@pytest.fixture
def curl(running: Running, tmp_path: Path) -> Curl:
    return Curl(running, tmp_path)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("encoding", [None, "gzip", "deflate"])
def test_what_passes_is_byte_for_byte_the_same(running: Running, curl: Curl, stream: bool, encoding: Any) -> None:
    value = body("Why is the sky blue?", stream=stream)
    answers = []
    for direct in (True, False):
        running.standin.script(msgspec.structs.replace(ALL_KINDS, encoding=encoding))
        answers.append(curl.ask(value, "--no-buffer", headers=("accept-encoding: gzip, deflate",), direct=direct))
    expected, found = answers
    assert found.content == expected.content == running.standin.requests[-1].sent
    assert (found.status, same_headers(found)) == (expected.status, same_headers(expected))
    assert found["content-encoding"] == (encoding or "")
    assert (found.own["cache"], expected.own) == ("miss", {})


def test_an_error_is_the_same(running: Running, curl: Curl) -> None:
    answers = []
    for direct in (True, False):
        running.standin.script(Failure(529, headers=(("request-id", "req_1"),), body=b'{"type": "error"  }'))
        answers.append(curl.ask(body("Who feeds the walrus?"), direct=direct))
    expected, found = answers
    assert (found.status, found.content, same_headers(found)) == (529, expected.content, same_headers(expected))


@pytest.mark.parametrize("stream", [False, True])
def test_hit_and_bypass(running: Running, curl: Curl, stream: bool) -> None:
    value = body(f"How long is a walrus? {stream}", stream=stream)
    first = curl.ask(value, "--compressed")
    found = until(lambda: reply if (reply := curl.ask(value, "--compressed")).own["cache"] == "hit" else None, "a hit")
    assert (found.text, found.own["tier"], found["content-type"]) == (first.text, "exact", first["content-type"])
    came = len(running.standin.requests)
    assert curl.ask(value, headers=BYPASS).own["cache"] == "bypass"
    assert len(running.standin.requests) == came + 1


@pytest.mark.parametrize(
    ("headers", "key", "status"),
    [((), "", 401), ((), "optafly-0", 401), (("host: evil.example",), None, 403), (("host:",), None, 403),
     (("host;",), None, 403), (("origin: http://evil.example",), None, 403)],
)  # fmt: skip
def test_who_is_refused(running: Running, curl: Curl, headers: tuple[str, ...], key: str | None, status: int) -> None:
    came = len(running.standin.requests)
    found = curl.ask(body("Who are you?"), headers=headers, key=key)
    assert found.status == status
    assert "x-optafly-cache" not in dict(found.headers)
    assert len(running.standin.requests) == came


def test_a_big_body_is_waited_for(running: Running, curl: Curl) -> None:
    value = body("Why? " * 500_000)
    found = curl.ask(value, "--verbose", headers=("expect: 100-continue", *BYPASS))
    assert found.status == 200
    assert "HTTP/1.1 100 Continue" in curl.said
    recorded = running.standin.requests[-1]
    assert recorded.body == json.dumps(value).encode()
    assert "expect" not in recorded.headers


def test_a_stranger_with_a_big_body_need_not_send_it(running: Running, curl: Curl) -> None:
    found = curl.ask(body("Why? " * 500_000), "--verbose", headers=("expect: 100-continue",), key="optafly-0")
    assert found.status == 401
    assert "100 Continue" not in curl.said


@pytest.mark.parametrize("stream", [False, True])
def test_http_1_0(running: Running, curl: Curl, stream: bool) -> None:
    found = curl.ask(body("What is a narwhal, in short?", stream=stream), "--http1.0", headers=BYPASS)
    assert (found.status, found.content) == (200, running.standin.requests[-1].sent)
    assert "transfer-encoding" not in dict(found.headers)


@pytest.mark.parametrize("options", [("--head",), ("--request", "OPTIONS"), ("--request", "DELETE")])
@pytest.mark.parametrize(("path", "allowed"), [("/v1/messages", "POST"), ("/v1/models", "GET")])
def test_other_methods(running: Running, curl: Curl, options: tuple[str, ...], path: str, allowed: str) -> None:
    came = len(running.standin.requests)
    found = curl.ask(None, *options, path=path)
    assert (found.status, found["allow"]) == (405, allowed)
    if options != ("--head",):
        assert found.error == (405, "invalid_request_error")
    assert not [name for name, _ in found.headers if name.startswith("access-control-")]
    assert len(running.standin.requests) == came


def test_the_other_routes(running: Running, curl: Curl) -> None:
    for path, value in (("/v1/models?limit=2", None), ("/v1/messages/count_tokens", body("How many?"))):
        expected, found = (curl.ask(value, path=path, direct=direct) for direct in (True, False))
        assert (found.status, found.content) == (200, expected.content)
        assert same_headers(found) == same_headers(expected)


@pytest.mark.parametrize("stream", [False, True])
def test_a_curl_that_is_killed_ends_the_call_and_nothing_is_kept(running: Running, curl: Curl, stream: bool) -> None:
    value = body(f"Why is the sea blue? {stream}", stream=stream)
    gate = Gate()
    answer = Answer("It scatters.")
    held = msgspec.structs.replace(answer, gate=gate) if stream else msgspec.structs.replace(answer, head_gate=gate)
    running.standin.script(held)
    came = len(running.standin.requests)
    with subprocess.Popen(curl.command(value, "--no-buffer"), env={}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        if stream:
            gate.release()
            assert process.stdout.readline() == b"event: message_start\n"
        gate.wait_reached(2 if stream else 1, BOUND_S)
        process.kill()
    assert running.standin.requests[came].wait_over(BOUND_S) == "client_gone"
    assert curl.ask(value).own["cache"] == "miss"
