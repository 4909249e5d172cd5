"""Calls to a core from a thread that may wait; the standard library's client, which needs no time to import."""

import contextlib
import http.client
from collections.abc import Generator, Iterator
from typing import Final

from optafly.core.failures import error_in
from optafly.core.proof import LARGEST_BYTES, PROVE_PATH, Challenge
from optafly.core.sse import KEEP_ALIVE_S
from optafly.core.wire import Discovery, encode
from optafly.errors import CoreUnavailable
from optafly.sse import Event, EventParser

HOST: Final = "127.0.0.1"
# A core that is only busy still sends its keep-alive comments.
SILENCE_S: Final = 4 * KEEP_ALIVE_S
LOST: Final = "the connection to the core broke; try again, or look at it with: optafly core status"


UNPROVEN: Final = "what listens on the core's port does not prove that it is the core; try again"
JSON: Final = {"Content-Type": "application/json"}


def headers(discovery: Discovery) -> dict[str, str]:
    """What every call carries."""
    return {"Authorization": f"Bearer {discovery.token}"}


class Connection:
    """Calls to one core.

    They raise the error that the core names, and `CoreUnavailable` where it does not answer. Each is made over a
    connection whose other end has proved that it is that core, before the token or a word of the call is sent. Proxies
    of the environment are never asked.
    """

    def __init__(self, discovery: Discovery, *, timeout_s: float = SILENCE_S) -> None:
        self._discovery = discovery
        self._timeout_s = timeout_s

    def prove(self) -> None:
        """Have the core prove that it is there and is the one of the discovery file."""
        with self._proven():
            pass

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """The body of the answer."""
        with self._answer(method, path, body) as answer:
            return answer.read()

    def events(self, path: str, body: object) -> Generator[Event]:
        """The events of the answer as they come; closing the iterator ends the work."""
        parser = EventParser()
        with self._answer("POST", path, body) as answer:
            while chunk := answer.read1():
                yield from parser.feed(chunk)

    @contextlib.contextmanager
    def _answer(self, method: str, path: str, body: object) -> Iterator[http.client.HTTPResponse]:
        data = None if body is None else encode(body)
        kind = {} if body is None else JSON
        with self._proven() as connection:
            connection.request(method, path, data, headers(self._discovery) | kind)
            answer = connection.getresponse()
            if answer.status >= http.client.BAD_REQUEST:
                raise error_in(answer.read(), answer.status)
            yield answer

    @contextlib.contextmanager
    def _proven(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection(HOST, self._discovery.port, timeout=self._timeout_s)
        try:
            connection.connect()
            # Where it breaks there is no other one: that would go to whoever listens then.
            connection.auto_open = 0
            challenge = Challenge(self._discovery)
            connection.request("POST", PROVE_PATH, challenge.body, JSON)
            if not challenge.is_met_by(connection.getresponse().read(LARGEST_BYTES)):
                raise CoreUnavailable(UNPROVEN)
            yield connection
        except (OSError, http.client.HTTPException):
            raise CoreUnavailable(LOST) from None
        finally:
            connection.close()
