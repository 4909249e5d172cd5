"""Who connects without the token, and keeps nobody else out by it."""

import asyncio
import contextlib
import resource
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from optafly.core.client import CoreClient
from optafly.core.discovery import read_discovery
from optafly.core.strangers import MOST_STRANGERS, PATIENCE_S
from optafly.core.wire import Discovery
from optafly.paths import Paths
from tests.e2e.core.conftest import BOUND_S, StartCore, found, status_of, until

HALF = b"GET /v1/status HTTP/1.1\r\nHost:"


@pytest.fixture
def sockets() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


def connect(sockets: contextlib.ExitStack, core: Discovery, said: bytes) -> socket.socket:
    connection = sockets.enter_context(socket.create_connection(("127.0.0.1", core.port), timeout=BOUND_S))
    if said:
        with contextlib.suppress(OSError):  # closed before it could be said
            connection.sendall(said)
    return connection


def is_open(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    return not readable


def hear(connection: socket.socket, word: bytes) -> None:
    """Read until it has been said."""
    heard = b""
    while word not in heard:
        part = connection.recv(10_000)
        assert part, heard
        heard += part


def request(core: Discovery, token: str, path: str = "/v1/status", body: bytes = b"", method: str = "GET") -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{core.port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    return f"{head}Authorization: Bearer {token}\r\n\r\n".encode() + body if token else f"{head}\r\n".encode() + body


@pytest.mark.parametrize("said", [b"", HALF], ids=["nothing", "half a head"])
async def test_many_strangers_keep_no_front_end_out(
    start_core: StartCore, paths: Paths, environment: dict[str, str], sockets: contextlib.ExitStack, said: bytes
) -> None:
    process = start_core()
    core = found(paths)
    strangers = [connect(sockets, core, said) for _ in range(3 * MOST_STRANGERS)]
    clients = [CoreClient(paths, environment) for _ in range(20)]
    await asyncio.gather(*(client.attach("lsp") for client in clients))
    strangers += [connect(sockets, core, said) for _ in range(MOST_STRANGERS)]
    assert (await clients[0].status()).front_ends == ("lsp",) * 20
    # Each has a moment to show the token before it costs others their place.
    until(lambda: sum(map(is_open, strangers)) <= MOST_STRANGERS, "the oldest are left")
    assert psutil.Process(process.pid).num_fds() < MOST_STRANGERS + 100
    for client in clients:
        await client.close()


def test_who_does_not_show_the_token_in_time_is_left_and_who_did_is_not(
    start_core: StartCore, paths: Paths, sockets: contextlib.ExitStack
) -> None:
    start_core()
    core = found(paths)
    nonce = b'{"nonce": "' + b"0" * 64 + b'"}'
    began = time.monotonic()
    strangers = [
        connect(sockets, core, b""),
        connect(sockets, core, HALF),
        connect(sockets, core, request(core, "", "/v1/prove", nonce, "POST")[:-10]),
        connect(sockets, core, request(core, "", "/v1/prove", nonce, "POST")),
    ]
    attach = b'{"name": "lsp", "pid": 1}'
    stream = connect(sockets, core, request(core, core.token, "/v1/front-ends", attach, "POST"))
    kept = connect(sockets, core, request(core, core.token))
    hear(strangers[3], b'"proof"')
    hear(kept, b'"counts"')
    for stranger in strangers:
        with contextlib.suppress(ConnectionResetError):
            assert stranger.recv(10_000) == b""
    assert PATIENCE_S - 1 < time.monotonic() - began < 2 * PATIENCE_S + 2
    kept.sendall(request(core, core.token))
    hear(kept, b'"counts"')
    hear(stream, b"attached")
    assert status_of(core).front_ends == ("lsp",)


def test_it_may_have_many_connections(environment: dict[str, str], paths: Paths) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    with subprocess.Popen(
        [sys.executable, "-m", "optafly", "core", "run"],
        env=environment,
        stderr=subprocess.DEVNULL,
        # None of the test's own threads can hold anything that this needs.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard)),  # noqa: PLW1509
    ) as process:
        until(lambda: read_discovery(paths), "the core listens")
        assert psutil.Process(process.pid).rlimit(psutil.RLIMIT_NOFILE) == (wanted, hard)
        process.kill()
