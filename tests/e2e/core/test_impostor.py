"""Another program on the port of a core that is gone: it learns nothing."""

import contextlib
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import filelock
import pytest

from optafly import __version__
from optafly.core.client import CoreClient
from optafly.core.connection import Connection
from optafly.core.discovery import lifetime_lock, make_runtime_dir, write_discovery
from optafly.core.launcher import ensure_core, find_core, running_core, silent_core, stop_core
from optafly.core.link import Link, Lost
from optafly.core.remote import find_refiner
from optafly.core.wire import PROTOCOL_VERSION, Discovery, RefineCall
from optafly.errors import CoreUnavailable
from optafly.paths import Paths
from tests.e2e.core.conftest import BOUND_S, SHOWN_PROMPT, StartCore, ask, found, until

TOKEN = "ab" * 32
Heard = list[tuple[str, str, bytes]]
"""What the impostor was sent: method, path, and headers with the body."""


class Impostor(BaseHTTPRequestHandler):
    """Says whatever a core would say, as far as it can without the token."""

    protocol_version = "HTTP/1.1"
    heard: Heard
    proof: bytes
    keeps = True

    def _hear(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.heard.append((self.command, self.path, bytes(self.headers) + body))
        return body

    def do_POST(self) -> None:
        self._hear()
        self._say(self.proof if self.path == "/v1/prove" else b"{}")

    def do_GET(self) -> None:
        self._hear()
        self._say(json.dumps({"pid": os.getpid(), "version": __version__, "protocol": PROTOCOL_VERSION}).encode())

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def impostor(port: int = 0, proof: bytes = b'{"proof": ""}') -> Iterator[tuple[int, Heard]]:
    heard: Heard = []
    handler = type("Handler", (Impostor,), {"heard": heard, "proof": proof})
    ThreadingHTTPServer.allow_reuse_address = True
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def stale(paths: Paths, port: int) -> Discovery:
    """The file of a core that was killed, its process number in use again."""
    make_runtime_dir(paths)
    discovery = Discovery(port, TOKEN, os.getpid(), __version__, PROTOCOL_VERSION, 0.0)
    write_discovery(paths, discovery)
    return discovery


def learned_nothing(heard: Heard) -> bool:
    return all(
        (method, path) == ("POST", "/v1/prove") and b"authorization" not in said.lower() and TOKEN.encode() not in said
        for method, path, said in heard
    )


def test_nothing_at_all_is_sent_where_no_core_holds_the_lock(paths: Paths, environment: dict[str, str]) -> None:
    with impostor() as (port, heard):
        stale(paths, port)
        assert find_core(paths) is None
        assert running_core(paths) is None
        assert silent_core(paths) is None
        assert find_refiner(paths, {}, model=False, otherwise=pytest.fail) is None
        assert ensure_core(paths, environment).port != port
        assert heard == []


PROOFS = [
    b"",
    b"{}",
    b"[]",
    b'{"proof": "0"}',
    b'{"proof": "\xff"}',
    b'{"proof": "\\ud800"}',
    b"x" * 100_000,
    json.dumps({"proof": hmac.new(b"", b"", hashlib.sha256).hexdigest()}).encode(),
]


@pytest.mark.parametrize("proof", PROOFS)
def test_the_token_is_not_sent_to_who_does_not_prove_that_it_knows_it(paths: Paths, proof: bytes) -> None:
    with impostor(proof=proof) as (port, heard):
        discovery = stale(paths, port)
        with filelock.FileLock(lifetime_lock(paths)):
            assert running_core(paths) is None
            assert silent_core(paths) == discovery
            with pytest.raises(CoreUnavailable):
                Connection(discovery).ask("GET", "/v1/status")
            with pytest.raises(CoreUnavailable):
                next(Connection(discovery).events("/v1/refine", {"prompt": SHOWN_PROMPT}))
        assert len(heard) >= 3
        assert learned_nothing(heard)


@pytest.mark.parametrize("proof", PROOFS)
async def test_a_link_sends_nothing_to_who_does_not_prove_it(paths: Paths, proof: bytes) -> None:
    with impostor(proof=proof) as (port, heard):
        link = Link(stale(paths, port))
        with pytest.raises(Lost):
            await link.ask("GET", "/v1/status")
        with pytest.raises(Lost):
            await anext(link.events("/v1/refine", {"prompt": SHOWN_PROMPT}))
        await link.close()
        assert len(heard) == 2
        assert learned_nothing(heard)


async def test_who_takes_the_port_of_a_core_in_use_gets_nothing(
    paths: Paths, environment: dict[str, str], start_core: StartCore, call: RefineCall
) -> None:
    process = start_core()
    first = found(paths)
    client = CoreClient(paths, environment)
    assert (await client.status()).pid == first.pid
    process.kill()
    process.wait(BOUND_S)
    with impostor(first.port) as (_, heard):
        results = [value async for name, value in client.refine(call) if name == "result"]
        assert len(results) == 1
        assert (await client.status()).pid != first.pid
        assert learned_nothing(heard)
    await client.close()


def test_a_core_that_is_replaced_while_it_is_stopped_is_not_told(paths: Paths) -> None:
    with impostor() as (port, heard):
        stop_core(paths, stale(paths, port))
        assert learned_nothing(heard)


NONCE = "0123456789abcdef" * 4


def test_a_core_proves_itself_without_the_token(start_core: StartCore, paths: Paths) -> None:
    start_core()
    core = found(paths)
    bare = {"Authorization": ""}
    answer = ask(core, "POST", "/v1/prove", {"nonce": NONCE}, headers=bare)
    said = f"optafly core\n{NONCE}\n{core.port}\n{core.pid}".encode()
    assert answer.body == {"proof": hmac.new(core.token.encode(), said, hashlib.sha256).hexdigest()}

    def refused(status: int, body: Any = None, **how: Any) -> None:
        headers = bare | how.pop("headers", {})
        assert ask(core, "POST", "/v1/prove", body, headers=headers, **how).status == status

    refused(403, {"nonce": NONCE}, headers={"Origin": "https://evil.example"})
    refused(403, {"nonce": NONCE}, headers={"Host": "evil.example"})
    refused(415, {"nonce": NONCE}, headers={"Content-Type": "text/plain"})
    refused(413, {"nonce": NONCE * 20})
    wrong: list[object] = [
        {},
        {"nonce": ""},
        {"nonce": NONCE[1:]},
        {"nonce": NONCE + "\n"},
        {"nonce": NONCE, "x": 1},
        [],
    ]
    for body in wrong:
        refused(400, body)
    for method, path in (("GET", "/v1/prove"), ("POST", "/v1/prove/"), ("POST", "//v1/prove"), ("POST", "/v1/Prove")):
        assert ask(core, method, path, {"nonce": NONCE}, headers=bare).status == 401


def test_who_looks_whether_the_lock_is_held_does_not_keep_a_core_from_starting(
    paths: Paths, start_core: StartCore
) -> None:
    stale(paths, 9)
    looking = threading.Event()

    def look() -> None:
        while not looking.is_set():
            running_core(paths)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        assert start_core().poll() is None
    finally:
        looking.set()
        thread.join()


def test_a_core_that_starts_removes_what_one_that_was_killed_left(
    paths: Paths, start_core: StartCore, home: Path
) -> None:
    stale(paths, 9)
    with pytest.raises(AssertionError, match="is taken"), impostor() as (port, _):
        start_core(OPTAFLY_CORE_PORT=str(port))
    until(lambda: not (home / "run" / "core.json").exists(), "the stale file is gone")
