"""Who is let in, and what is said to who is not."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from optafly.core.discovery import read_discovery
from optafly.core.security import LARGEST_BODY_BYTES
from optafly.core.wire import Discovery
from optafly.paths import resolve_paths
from tests.e2e.core.conftest import BOUND_S, ask, clean_environment, no_core_left, until


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Discovery]:
    """One core for all of these; none of them changes it."""
    home = tmp_path_factory.mktemp("core") / "home"
    environment = clean_environment(home)
    with no_core_left(home):
        command = [sys.executable, "-m", "optafly", "core", "run"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            yield until(lambda: read_discovery(resolve_paths(environment)), "the core listens")
            process.kill()


def test_the_token_lets_in(core: Discovery) -> None:
    assert ask(core, "GET", "/v1/status").status == 200
    assert ask(core, "GET", "/v1/status", headers={"Authorization": f"bearer {core.token}"}).status == 200
    assert ask(core, "GET", "/v1/status", headers={"Authorization": "", "x-api-key": core.token}).status == 200
    assert ask(core, "GET", "/v1/status", headers={"Host": f"localhost:{core.port}"}).status == 200


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Bearer x", "Basic {token}", "{token}", "Bearer {token}x", "Bearer \xff"]
)
def test_without_the_token_nobody_gets_in(core: Discovery, value: str) -> None:
    answer = ask(core, "GET", "/v1/status", headers={"Authorization": value.format(token=core.token)})
    assert (answer.status, answer.kind) == (401, "Unauthorized")
    assert core.token not in str(answer)


@pytest.mark.parametrize(
    "host",
    ["evil.example:{port}", "evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "0.0.0.0:{port}", "[::1]:{port}",
     "127.0.0.1.evil.example:{port}", "127.0.0.1:{port}.evil.example"],
)  # fmt: skip
def test_another_host_is_refused(core: Discovery, host: str) -> None:
    answer = ask(core, "GET", "/v1/status", headers={"Host": host.format(port=core.port)})
    assert (answer.status, answer.kind) == (403, "Forbidden")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("host", ["", "Host:\r\n", "Host: \r\n"])
def test_no_host_is_refused(core: Discovery, version: str, host: str) -> None:
    head = f"GET /v1/status HTTP/{version}\r\n{host}Authorization: Bearer {core.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", core.port), timeout=BOUND_S) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).split(b" ")[1] in {b"400", b"403"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:{port}"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_a_page_in_a_browser_is_refused(core: Discovery, origin: str, method: str) -> None:
    answer = ask(core, method, "/v1/status", headers={"Origin": origin.format(port=core.port)})
    assert (answer.status, answer.kind) == (403, "Forbidden")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_only_json_is_taken(core: Discovery, kind: str) -> None:
    answer = ask(core, "POST", "/v1/refine", {}, headers={"Content-Type": kind})
    assert (answer.status, answer.kind) == (415, "InputError")


def test_json_with_a_charset_is_json(core: Discovery) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert ask(core, "POST", "/v1/decisions", {"decision": "expired"}, headers=headers).status == 200


def test_too_large_a_body_is_refused_before_it_is_read(core: Discovery) -> None:
    headers = {"Content-Length": str(LARGEST_BODY_BYTES + 1)}
    answer = ask(core, "POST", "/v1/refine", raw=b"{}", headers=headers)
    assert (answer.status, answer.kind) == (413, "InputError")


def test_too_large_a_body_without_a_length_is_refused(core: Discovery) -> None:
    chunk = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    head = (
        f"POST /v1/refine HTTP/1.1\r\nHost: 127.0.0.1:{core.port}\r\nAuthorization: Bearer {core.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", core.port), timeout=BOUND_S) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(LARGEST_BODY_BYTES // 2**20 + 1):
                connection.sendall(chunk)
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/v1/nothing", 404), ("GET", "/v1/refine", 405), ("POST", "/v1/status", 405),
     ("GET", "/v1/models/nothing", 404), ("POST", "/v1/models/nothing/pull", 404)],
)  # fmt: skip
def test_unknown_routes_answer_in_the_words_of_the_protocol(
    core: Discovery, method: str, path: str, status: int
) -> None:
    answer = ask(core, method, path)
    assert answer.status == status
    assert answer.body["error"]["message"]


@pytest.mark.parametrize(
    "raw",
    [b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 100_000, b'{"request": 1}', b'{"request": {}}',
     b'{"request": {"prompt": "x", "workspace": "/"}, "surprise": 1}',
     b'{"request": {"prompt": "x", "workspace": "relative"}}',
     b'{"request": {"prompt": "x", "workspace": "/"}, "settings": {"surprise": 1}}',
     b'{"request": {"prompt": "x", "workspace": "/"}, "settings": {"time_limit_s": -1}}',
     b'{"request": {"prompt": "x", "workspace": "/"}, "settings": {"device": "toaster"}}'],
)  # fmt: skip
def test_what_is_no_call_is_refused_and_named(core: Discovery, raw: bytes) -> None:
    answer = ask(core, "POST", "/v1/refine", raw=raw)
    assert (answer.status, answer.kind) == (400, "InputError")


def test_an_identity_that_is_not_attached_is_refused(core: Discovery) -> None:
    body = {"request": {"prompt": "x", "workspace": "/"}, "front_end": "nobody"}
    assert ask(core, "POST", "/v1/refine", body).kind == "NotFound"
    assert ask(core, "PUT", "/v1/front-ends/nobody/state", {}).kind == "NotFound"
    assert ask(core, "POST", "/v1/approvals/nothing", {"decision": "accepted"}).kind == "NotFound"
    assert ask(core, "GET", "/v1/state?workspace=/").kind == "NotFound"
    assert ask(core, "GET", "/v1/state?workspace=relative").kind == "InputError"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " "},
        {"text": "x", "workspace": "relative"},
        {"text": "x", "settings": {"api_keys.default": "other"}},
    ],
    ids=["nothing", "an empty text", "a relative workspace", "where keys are"],
)
def test_what_cannot_be_sent_is_refused(core: Discovery, body: dict[str, object]) -> None:
    answer = ask(core, "POST", "/v1/send", body)
    assert (answer.status, answer.kind) == (400, "InputError")


def test_it_listens_on_the_loopback_interface_only(core: Discovery) -> None:
    listening = [item.laddr for item in psutil.Process(core.pid).net_connections() if item.status == psutil.CONN_LISTEN]
    # The other one, where its port was free, is the proxy's.
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert core.port in {address.port for address in listening}
    assert len(listening) <= 2


def test_nothing_secret_is_in_the_arguments_or_the_environment_of_the_core(core: Discovery) -> None:
    process = psutil.Process(core.pid)
    assert core.token not in " ".join([*process.cmdline(), *process.environ().values()])
    assert os.getpid() != core.pid
