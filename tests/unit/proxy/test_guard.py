"""Who is let in, and what is said to who is not."""

import socket

import pytest

from optafly.proxy.app import LARGEST_BODY_BYTES
from tests.standin import Standin
from tests.unit.proxy.parts import BOUND_S
from tests.unit.proxy.played import TOKEN, Played, ask, begun, body, read_until


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": "", "authorization": f"Bearer {TOKEN}"}, {"x-api-key": "", "authorization": f"bearer  {TOKEN} "},
     {"x-api-key": "", "x-optafly-token": TOKEN}, {"x-api-key": "another", "x-optafly-token": TOKEN},
     {"host": "localhost:{port}"}],
)  # fmt: skip
def test_the_token_lets_in(proxy: Played, headers: dict[str, str]) -> None:
    sent = {name: value.format(port=proxy.port) for name, value in headers.items()}
    assert ask(proxy.url, body(), headers=sent).status == 200
    assert proxy.let_in == 1


@pytest.mark.parametrize(
    "headers",
    [{"x-api-key": ""}, {"x-api-key": "x"}, {"x-api-key": TOKEN + "x"}, {"x-api-key": TOKEN[:-1]},
     {"x-api-key": "\xff"}, {"x-api-key": "sk-ant-api03-own-key"}, {"x-api-key": "", "authorization": "Bearer"},
     {"x-api-key": "", "authorization": f"Basic {TOKEN}"}, {"x-api-key": "", "cookie": f"x-api-key={TOKEN}"},
     {"x-api-key": "", "x-optafly-token": "x"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/models", "/"])
def test_without_the_token_nobody_gets_in(proxy: Played, standin: Standin, headers: dict[str, str], path: str) -> None:
    found = ask(proxy.url, body(), headers=headers, path=path)

    assert found.error == (401, "authentication_error")
    assert "optafly proxy token" in found.json["error"]["message"]
    assert TOKEN not in found.content.decode()
    assert (proxy.let_in, standin.requests) == (0, [])
    # Whoever is refused at the door writes nothing, however often they knock.
    assert proxy.noted.outcomes == []


@pytest.mark.parametrize(
    "host",
    ["evil.example:{port}", "evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "0.0.0.0:{port}", "[::1]:{port}",
     "127.0.0.1.evil.example:{port}", "127.0.0.1:{port}.evil.example", "api.anthropic.com"],
)  # fmt: skip
def test_another_host_is_refused(proxy: Played, host: str) -> None:
    found = ask(proxy.url, body(), headers={"host": host.format(port=proxy.port)})
    assert found.error == (403, "permission_error")
    assert proxy.let_in == 0


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("host", ["", "Host:\r\n", "Host: \r\n", "Host: x\r\nHost: 127.0.0.1:{port}\r\n"])
def test_no_host_or_two_are_refused(proxy: Played, standin: Standin, version: str, host: str) -> None:
    lines = f"GET /v1/models HTTP/{version}\r\n{host.format(port=proxy.port)}x-api-key: {TOKEN}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=BOUND_S) as connection:
        connection.sendall(lines.encode())
        assert connection.recv(1000).split(b" ")[1] in {b"400", b"403"}
    assert standin.requests == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:{port}"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_a_page_in_a_browser_is_refused(proxy: Played, origin: str, method: str) -> None:
    found = ask(proxy.url, body(), method=method, headers={"origin": origin.format(port=proxy.port)})
    assert found.error == (403, "permission_error")
    assert not [name for name, _ in found.headers if name.startswith("access-control")]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_only_json_is_taken(proxy: Played, standin: Standin, kind: str) -> None:
    assert ask(proxy.url, body(), headers={"content-type": kind}).error == (415, "invalid_request_error")
    assert standin.requests == []
    assert ask(proxy.url, body(), headers={"content-type": "Application/JSON; charset=utf-8"}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/messages", 405), ("PUT", "/v1/messages", 405), ("POST", "/v1/models", 405),
     ("HEAD", "/v1/models", 405),
     ("GET", "/v1/messages/count_tokens", 405), ("POST", "/v1/complete", 404), ("POST", "/v1/messages/", 404),
     ("POST", "/v1/messages/batches", 404), ("GET", "/v1/models/claude-opus-5-5", 404), ("GET", "/", 404),
     ("POST", "//v1/messages", 404), ("POST", "/v1/../v1/messages", 404), ("GET", "/v1/status", 404),
     ("POST", "/v1/messages%00", 404)],
)  # fmt: skip
def test_no_other_route_leads_anywhere(proxy: Played, standin: Standin, method: str, path: str, status: int) -> None:
    found = ask(proxy.url, body(), method=method, path=path)
    if method == "HEAD":
        assert (found.status, found.content) == (status, b"")
    else:
        assert found.error == (status, "not_found_error" if status == 404 else "invalid_request_error")
    assert found["allow"] == ("" if status == 404 else "GET" if path == "/v1/models" else "POST")
    assert standin.requests == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(proxy: Played, standin: Standin, chunked: bool) -> None:
    data = b" " * (LARGEST_BODY_BYTES + 1)
    head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:{proxy.port}\r\nx-api-key: {TOKEN}\r\n"
    head += "content-type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=BOUND_S) as connection:
        if chunked:
            connection.sendall(f"{head}transfer-encoding: chunked\r\n\r\n{len(data):x}\r\n".encode())
            connection.sendall(data + b"\r\n0\r\n\r\n")
        else:
            connection.sendall(f"{head}content-length: {len(data)}\r\n\r\n".encode())
            connection.sendall(data)
        answer = read_until(connection, b"never")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"type":"request_too_large"' in answer
    assert proxy.noted.wait(1).reason == "too_large"
    assert standin.requests == []


@pytest.mark.parametrize("length", [LARGEST_BODY_BYTES + 1, 64 * 2**20, 10**18])
@pytest.mark.parametrize("more", ["", "expect: 100-continue\r\n"])
def test_a_body_that_is_announced_too_large_is_refused_unread(
    proxy: Played, standin: Standin, length: int, more: str
) -> None:
    head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:{proxy.port}\r\nx-api-key: {TOKEN}\r\n{more}"
    head += f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=BOUND_S) as connection:
        connection.sendall(head.encode())
        answer = read_until(connection, b'"request_id":null}')
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert b'"type":"request_too_large"' in answer
    assert proxy.noted.wait(1).reason == "too_large"
    assert standin.requests == []


def test_the_largest_body_is_passed_on(proxy: Played, standin: Standin) -> None:
    raw = b'{"a":"' + b" " * (LARGEST_BODY_BYTES - 8) + b'"}'
    assert len(raw) == LARGEST_BODY_BYTES
    ask(proxy.url, raw=raw)
    assert standin.requests[0].body == raw


def test_a_client_that_goes_away_in_its_request_asks_for_nothing(proxy: Played, standin: Standin) -> None:
    with begun(proxy.url, body(), **{"transfer-encoding": "chunked", "x-ignored": "1"}) as client:
        client.shutdown(socket.SHUT_RDWR)
    assert ask(proxy.url, body("Who are you?")).status == 200
    assert len(standin.requests) == 1


@pytest.mark.parametrize("name", ["x-new\r\nx-injected", "x new"])
def test_headers_cannot_be_put_in_by_a_request(proxy: Played, standin: Standin, name: str) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=BOUND_S) as connection:
        head = f"GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1:{proxy.port}\r\nx-api-key: {TOKEN}\r\n{name}: 1\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(1000).split(b" ")[1] in {b"400", b"403"}
    assert standin.requests == []


def test_who_is_refused_at_the_door_leaves_nothing_behind(proxy: Played) -> None:
    for headers in ({"x-api-key": "wrong"}, {"origin": "https://example.com"}):
        assert ask(proxy.url, body(), headers=headers).status in {401, 403}
    ask(proxy.url, body())
    # The only one that is counted.
    assert proxy.noted.wait(1).reason == ""
