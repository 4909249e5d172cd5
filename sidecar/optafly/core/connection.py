"""Calls to a core from a thread that may wait; the standard library's client, which needs no time to import."""

import contextlib
import http.client
from collections.abc import Generator, Iterator
from typing import Final

from optafly.core.failures import error_in
from optafly.core.sse import KEEP_ALIVE_S, Event, EventParser
from optafly.core.wire import Discovery, encode
from optafly.errors import CoreUnavailable

HOST: Final = "127.0.0.1"
# A core that is only busy still sends its keep-alive comments.
SILENCE_S: Final = 4 * KEEP_ALIVE_S
LOST: Final = "the connection to the core broke; try again, or look at it with: optafly core status"


def headers(discovery: Discovery) -> dict[str, str]:
    """What every call carries."""
    return {"Authorization": f"Bearer {discovery.token}"}


class Connection:
    """Calls to one core.

    They raise the error that the core names, and `CoreUnavailable` where it does not answer. Proxies of the environment
    are never asked.
    """

    def __init__(self, discovery: Discovery, *, timeout_s: float = SILENCE_S) -> None:
        self._discovery = discovery
        self._timeout_s = timeout_s

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
        connection = http.client.HTTPConnection(HOST, self._discovery.port, timeout=self._timeout_s)
        data = None if body is None else encode(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, path, data, headers(self._discovery) | kind)
            answer = connection.getresponse()
            if answer.status >= http.client.BAD_REQUEST:
                raise error_in(answer.read(), answer.status)
            yield answer
        except (OSError, http.client.HTTPException):
            raise CoreUnavailable(LOST) from None
        finally:
            connection.close()
