"""Requests to the proxy's port written by hand."""

import contextlib
import http.client
import socket
from collections.abc import Iterator

from tests.e2e.proxy.conftest import BOUND_S, Running
from tests.unit.proxy.played import Reply


@contextlib.contextmanager
def connected(running: Running, said: bytes = b"") -> Iterator[socket.socket]:
    """A connection on which this has been said."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=BOUND_S) as connection:
        connection.sendall(said)
        yield connection


def head(
    running: Running, *lines: str, first: str = "POST /v1/messages HTTP/1.1", host: str = "Host: 127.0.0.1:{port}\r\n"
) -> bytes:
    """The head of a request with the token; ``host`` replaces its first line."""
    fields = [f"x-api-key: {running.token}", "anthropic-version: 2023-06-01", "Content-Type: application/json", *lines]
    rest = "\r\n".join([*fields, "", ""])
    return f"{first}\r\n{host.format(port=running.port)}{rest}".encode("latin-1")


def read_reply(connection: socket.socket) -> Reply:
    """The whole answer to what was said."""
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        found = [(name.lower(), text) for name, text in response.getheaders()]
        return Reply(response.status, found, response.read())
    finally:
        response.close()
