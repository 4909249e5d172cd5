"""Who gets in at the proxy's port of a running core, and what a request cannot bring about beside itself."""

from collections.abc import Iterator

import pytest

from tests.e2e.proxy.conftest import Running
from tests.e2e.proxy.strange import connected, head, read_reply
from tests.standin import Answer
from tests.unit.proxy.played import Reply, body

ROUTES = [("POST", "/v1/messages"), ("POST", "/v1/messages/count_tokens"), ("GET", "/v1/models")]
EVIL = "evil.example"


@pytest.fixture
def unasked(running: Running) -> Iterator[None]:
    """Nothing reaches Anthropic meanwhile, and nothing is counted."""
    before = running.standin.counts.requests
    yield
    assert running.standin.counts.requests == before


def said(running: Running, data: bytes) -> Reply:
    with connected(running, data) as connection:
        return read_reply(connection)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "host",
    [EVIL, f"{EVIL}:{{port}}", "127.0.0.1", "localhost", "127.0.0.1:1", "0.0.0.0:{port}", "[::1]:{port}",
     "api.anthropic.com",
     # What a page sends whose name was made to lead here.
     f"127.0.0.1.{EVIL}:{{port}}", f"localhost.{EVIL}:{{port}}", f"127.0.0.1:{{port}}.{EVIL}",
     f"127.0.0.1:{{port}}@{EVIL}", f"{EVIL}@127.0.0.1:{{port}}", "localhost.:{port}", "127.1:{port}",
     "2130706433:{port}"],
)  # fmt: skip
@pytest.mark.usefixtures("unasked")
def test_a_foreign_host_is_refused_with_the_token(running: Running, method: str, path: str, host: str) -> None:
    found = running.ask(body(), method=method, path=path, headers={"host": host.format(port=running.port)})
    assert found.error == (403, "permission_error")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("host", ["", "Host:\r\n", "Host: \r\n", f"Host: 127.0.0.1:{{port}}\r\nHost: {EVIL}\r\n"])
@pytest.mark.usefixtures("unasked")
def test_an_empty_host_none_or_two_are_refused(running: Running, version: str, host: str) -> None:
    found = said(running, head(running, first=f"GET /v1/models HTTP/{version}", host=host))
    assert found.status in {400, 403}


@pytest.mark.usefixtures("unasked")
def test_the_host_counts_whatever_the_address_of_the_request_says(running: Running) -> None:
    address = f"GET http://127.0.0.1:{running.port}/v1/models HTTP/1.1"
    assert said(running, head(running, first=address, host=f"Host: {EVIL}\r\n")).status == 403
    assert said(running, head(running, first=f"GET http://{EVIL}/v1/models HTTP/1.1")).status in {400, 403, 404}


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("OPTIONS", "/v1/messages")])
@pytest.mark.parametrize("origin", [f"https://{EVIL}", "null", "http://127.0.0.1:{port}", "http://localhost:{port}"])
@pytest.mark.usefixtures("unasked")
def test_a_page_in_a_browser_is_refused_with_the_token(running: Running, method: str, path: str, origin: str) -> None:
    headers = {
        "origin": origin.format(port=running.port),
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-api-key",
        "access-control-request-private-network": "true",
    }
    found = running.ask(body(), method=method, path=path, headers=headers)
    assert found.error == (403, "permission_error")
    assert not [name for name, _ in found.headers if name.startswith("access-control")]


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/v1/status"), ("GET", "/dashboard/"), ("GET", "/")])
@pytest.mark.parametrize(
    "headers",
    [{}, {"x-api-key": "x"}, {"x-api-key": "{token}x"}, {"x-api-key": " "}, {"x-api-key": "\xff"},
     {"x-api-key": "{core}"}, {"authorization": "Bearer {core}"}, {"authorization": "Basic {token}"},
     {"authorization": "Bearer"}, {"cookie": "x-api-key={token}"}, {"x-optafly-token": "x"},
     {"x-optafly-token": "{core}"}],
)  # fmt: skip
@pytest.mark.usefixtures("unasked")
def test_without_the_proxy_s_token_nobody_gets_in(
    running: Running, method: str, path: str, headers: dict[str, str]
) -> None:
    shown = {name: text.format(token=running.token, core=running.core.token) for name, text in headers.items()}
    found = running.ask(body(), method=method, path=path, headers={"x-api-key": ""} | shown)
    assert found.error == (401, "authentication_error")
    text = found.content.decode() + str(found.headers)
    assert running.token not in text
    assert running.core.token not in text


@pytest.mark.usefixtures("unasked")
def test_the_token_in_the_address_lets_nobody_in(running: Running) -> None:
    found = running.ask(path=f"/v1/models?x-api-key={running.token}", method="GET", headers={"x-api-key": ""})
    assert found.error == (401, "authentication_error")


@pytest.mark.parametrize(
    "line",
    ["x-new: 1\rx-injected: 1", "x-new: \x001", "x new: 1", "x-new : 1", ": 1", "x-new",
     "x-new:\x0b1\x7f\x1b[31m", "Content-Length: 1\r\nContent-Length: 2", "Content-Length: -1", "Content-Length: 1_0",
     "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity"],
)  # fmt: skip
@pytest.mark.usefixtures("unasked")
def test_what_is_no_header_is_refused(running: Running, line: str) -> None:
    assert said(running, head(running, line)).status in {400, 501}


def test_a_second_request_cannot_be_hidden_in_the_first(running: Running) -> None:
    """With both lengths the chunks count, and Anthropic is sent a length of the proxy's own."""
    hidden = b"POST /v1/messages/batches HTTP/1.1\r\nHost: x\r\n\r\n"
    before = running.standin.counts.requests
    data = head(running, f"Content-Length: {len(hidden) + 5}", "Transfer-Encoding: chunked", "Connection: close")
    with connected(running, data + b"0\r\n\r\n" + hidden) as connection:
        assert read_reply(connection).status >= 400
    for request in running.standin.requests[before:]:
        assert request.path == "/v1/messages"
        assert request.body == b""


@pytest.mark.parametrize(
    "headers",
    [{"x-new": "1%0d%0ax-injected: 1"}, {"x-optafly-project": "a\tb\x85x-injected: 1"},
     {"x-optafly-conversation": "%0d%0ax-injected: 1"}, {"anthropic-beta": "a, %0D%0Ax-injected: 1"}],
)  # fmt: skip
def test_a_header_brings_no_other_along(running: Running, headers: dict[str, str]) -> None:
    found = running.ask(body(f"Who feeds {sorted(headers)}?"), headers=headers)
    assert found.status == 200
    names = {name for name, _ in running.standin.requests[-1].header_list}
    assert not {name for name in names if "injected" in name or name.startswith("x-optafly-")}
    assert not {name for name, _ in found.headers if "injected" in name}


@pytest.mark.parametrize("address", ["?beta=true%0d%0ax-injected:%201", "?a=%00&b=%0a", "?x=%20HTTP/1.1%0d%0a"])
def test_an_address_brings_no_header_along(running: Running, address: str) -> None:
    running.ask(body("Who reads the address?"), path=f"/v1/messages{address}")
    request = running.standin.requests[-1]
    assert request.path == "/v1/messages"
    assert request.query == address[1:]
    assert "x-injected" not in request.headers


@pytest.mark.parametrize(
    "word", ["claude\r\nx-injected: 1", "claude\nx-injected: 1", "\x00", "\N{LINE SEPARATOR}x-injected: 1"]
)
def test_nothing_of_a_body_becomes_a_header(running: Running, word: str) -> None:
    found = running.ask(body(word, model=word, metadata={"user_id": word}))
    assert not {name for name, _ in found.headers if "injected" in name}
    assert "x-injected" not in running.standin.requests[-1].headers


def test_an_answer_cannot_speak_for_the_proxy(running: Running) -> None:
    own = (("x-optafly-cache", "hit"), ("X-OptaFly-Tier", "exact"), ("x-optafly-new", "1"), ("x-other", "kept"))
    running.standin.script(Answer("It scatters.", headers=own))
    found = running.ask(body("Who speaks for a walrus?"))
    assert found.own["cache"] == "miss"
    assert not {"tier", "new"} & found.own.keys()
    assert found["x-other"] == "kept"
