"""A proxy on a port of its own, in a thread, and a client that sees its bytes."""

import asyncio
import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import uvicorn

from optafly.proxy.app import Proxy
from optafly.proxy.upstream import Upstream
from optafly.routing.key_scope import read_salt
from optafly.routing.keys import KeySelector
from tests.unit.proxy.parts import BOUND_S, Answers, Decisions, Noted, selector

TOKEN = "optafly-" + "ab" * 32
MODEL = "claude-opus-5-5"
VERSION = {"anthropic-version": "2023-06-01"}
Headers = list[tuple[str, str]]


class Played:
    """A running proxy and what it was given; ``port`` is where it listens."""

    def __init__(self, folder: Path, upstream: str, keys: KeySelector | None = None, limit_s: float = 5.0) -> None:
        self.keys = keys or selector(folder)
        self.decisions = Decisions(self.keys)
        self.answers = Answers()
        self.noted = Noted()
        self.let_in = 0
        # With the protocol named, asyncio sends small answers at once.
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._upstream_url = upstream
        self._folder = folder
        self._limit_s = limit_s
        self.loop: asyncio.AbstractEventLoop
        self.proxy: Proxy

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        self.loop = asyncio.get_running_loop()
        self.proxy = Proxy(
            Upstream(self._upstream_url),
            self.decisions,
            self.answers,
            self.keys,
            self.noted,
            token=TOKEN.encode,
            port=self.port,
            salt=lambda: read_salt(self._folder / "key-scope.salt"),
            embedder="words/1",
            let_in=self._count,
            limit_s=self._limit_s,
        )
        config = uvicorn.Config(
            self.proxy.app, lifespan="off", ws="none", http="h11", log_config=None, access_log=False,
            server_header=False, date_header=False,
        )  # fmt: skip
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = SimpleNamespace(startup=_nothing, should_exit=False, state={})
        await server.startup([self.listener])
        ready.set()
        await stop.wait()
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        async with asyncio.timeout(BOUND_S):
            await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
            await self.proxy.close()

    def in_loop(self, work: Any) -> Any:
        """Call something in the proxy's loop and return what it gives."""

        async def call() -> Any:
            return work()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(BOUND_S)

    def event(self) -> asyncio.Event:
        """An event of the proxy's loop."""
        made: asyncio.Event = self.in_loop(asyncio.Event)
        return made

    def _count(self, _: object) -> None:
        self.let_in += 1


@contextlib.contextmanager
def played(folder: Path, upstream: str, **options: Any) -> Iterator[Played]:
    """A proxy that runs as long as the block does."""
    proxy = Played(folder, upstream, **options)
    ready = threading.Event()
    stops: list[asyncio.Event] = []

    async def run() -> None:
        stops.append(asyncio.Event())
        await proxy.serve(ready, stops[0])

    problems: list[BaseException] = []

    def main() -> None:
        try:
            asyncio.run(run())
        except BaseException as problem:
            problems.append(problem)
            ready.set()

    thread = threading.Thread(target=main, name="played proxy", daemon=True)
    thread.start()
    try:
        assert ready.wait(BOUND_S)
        assert not problems, problems
        yield proxy
    finally:
        with contextlib.suppress(RuntimeError):
            proxy.loop.call_soon_threadsafe(stops[0].set)
        thread.join(BOUND_S)
        proxy.answers.close()
        assert not problems, problems


async def _nothing() -> None:
    pass


def body(prompt: Any = "Why is the sky blue?", **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": prompt}], **more}


class Reply:
    """A whole answer as a client sees it; ``broken`` where its end did not come."""

    def __init__(self, status: int, headers: Headers, content: bytes, *, broken: bool = False) -> None:
        self.status, self.headers, self.content, self.broken = status, headers, content, broken

    def __getitem__(self, name: str) -> str:
        return dict(self.headers).get(name, "")

    @property
    def own(self) -> dict[str, str]:
        """The proxy's own headers, without their beginning."""
        return {name.removeprefix("x-optafly-"): value for name, value in self.headers if name.startswith("x-optafly-")}

    @property
    def passed_on(self) -> Headers:
        """All other headers but those of the connection."""
        dropped = ("x-optafly-", "connection", "transfer-encoding", "keep-alive")
        return [(name, value) for name, value in self.headers if not name.startswith(dropped)]

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.content)

    @property
    def error(self) -> tuple[int, str]:
        assert self.json.keys() == {"type", "error", "request_id"}
        assert (self.json["type"], self.json["request_id"]) == ("error", None)
        return self.status, self.json["error"]["type"]

    @property
    def events(self) -> list[tuple[str, Any]]:
        found = []
        for part in self.content.decode().split("\n\n")[:-1]:
            name, data = part.split("\n")
            found.append((name.removeprefix("event: "), msgspec.json.decode(data.removeprefix("data: "))))
        return found

    @property
    def text(self) -> str:
        if not self["content-type"].startswith("text/event-stream"):
            return "".join(block.get("text", "") for block in self.json["content"])
        return "".join(data["delta"].get("text", "") for name, data in self.events if name == "content_block_delta")


def ask(
    url: str,
    value: object = None,
    *,
    path: str = "/v1/messages",
    method: str = "POST",
    headers: dict[str, str] | None = None,
    raw: bytes | None = None,
) -> Reply:
    """One request on a connection of its own, with the proxy's token; a header given as an empty text is left out."""
    sent = {"x-api-key": TOKEN, "content-type": "application/json", **VERSION} | (headers or {})
    data = raw if raw is not None else b"" if value is None else msgspec.json.encode(value)
    host, _, port = url.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=BOUND_S)
    try:
        connection.putrequest(method, path, skip_host="host" in sent, skip_accept_encoding=True)
        for name, text in sent.items():
            if text:
                connection.putheader(name, text.encode("latin-1"))
        if data:
            connection.putheader("content-length", str(len(data)))
        connection.endheaders()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before it was all read
            connection.send(data)
        response = connection.getresponse()
        found = [(name.lower(), text) for name, text in response.getheaders()]
        try:
            return Reply(response.status, found, response.read())
        except (http.client.IncompleteRead, ConnectionResetError) as error:
            part = error.partial if isinstance(error, http.client.IncompleteRead) else b""
            return Reply(response.status, found, part, broken=True)
    finally:
        connection.close()


@contextlib.contextmanager
def begun(url: str, value: object, **headers: str) -> Iterator[socket.socket]:
    """A socket on which a request was sent with the proxy's token."""
    data = msgspec.json.encode(value)
    host, _, port = url.removeprefix("http://").partition(":")
    fields = {"host": f"{host}:{port}", "x-api-key": TOKEN, "content-type": "application/json", **VERSION}
    lines = [f"{name}: {text}" for name, text in {**fields, **headers, "content-length": str(len(data))}.items()]
    with socket.create_connection((host, int(port)), timeout=BOUND_S) as connection:
        connection.sendall("\r\n".join(["POST /v1/messages HTTP/1.1", *lines, "", ""]).encode() + data)
        yield connection


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """What comes up to these bytes, or up to the end of the connection."""
    found = bytearray()
    while end not in found[-65536 - len(end) :]:
        piece = connection.recv(65536)
        if not piece:
            break
        found += piece
    return bytes(found)
