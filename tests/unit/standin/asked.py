"""Requests for the tests of the stand-in, and plain sockets to see its bytes."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tests.standin import Standin

MODEL = "claude-opus-5-5"
KEY = "sk-ant-api03-one"
HEADERS = {"x-api-key": KEY, "anthropic-version": "2023-06-01", "content-type": "application/json"}


def body(prompt: str = "Why is the sky blue?", **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": prompt}], **more}


class Reply:
    """A whole answer as a client sees it."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.status, self.headers, self.content = status, headers, content

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.content)

    @property
    def events(self) -> list[tuple[str, Any]]:
        found = []
        for part in self.content.decode().split("\n\n")[:-1]:
            name, data = part.split("\n")
            found.append((name.removeprefix("event: "), msgspec.json.decode(data.removeprefix("data: "))))
        return found

    @property
    def text(self) -> str:
        return "".join(
            data["delta"].get("text", "") for name, data in self.events if name == "content_block_delta"
        )  # fmt: skip


def ask(
    standin: Standin, value: object = None, path: str = "/v1/messages", method: str = "POST", **headers: str
) -> Reply:
    """One request on a connection of its own; headers by their names with "_" for "-", "" leaves one out."""
    address = urlsplit(standin.url)
    sent = {**HEADERS, **{name.replace("_", "-"): words for name, words in headers.items()}}
    raw = value if isinstance(value, bytes) else b"" if value is None else msgspec.json.encode(value)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request(method, path, raw, {name: words for name, words in sent.items() if words})
        response = connection.getresponse()
        found = {name.lower(): words for name, words in response.getheaders()}
        return Reply(response.status, found, response.read())
    finally:
        connection.close()


@contextmanager
def begun(standin: Standin, value: object) -> Iterator[socket.socket]:
    """A socket on which this request was sent."""
    address = urlsplit(standin.url)
    raw = msgspec.json.encode(value)
    lines = [f"{name}: {words}" for name, words in {**HEADERS, "host": "x", "content-length": str(len(raw))}.items()]
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall("\r\n".join(["POST /v1/messages HTTP/1.1", *lines, "", ""]).encode() + raw)
        yield connection


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """What comes up to these bytes, or up to the end of the connection."""
    found = b""
    while end not in found:
        piece = connection.recv(65536)
        if not piece:
            break
        found += piece
    return found
