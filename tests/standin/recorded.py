"""What the stand-in remembers of a request."""

import threading
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from tests.standin.connection import Headers

Outcome = Literal["open", "answered", "broken", "client_gone"]


class Recorded:
    """A request as it came, and what became of it.

    ``outcome``: "open" while it is answered, "answered", "broken" where the answer was to break off or the connection
    to be closed, "client_gone" where the client left first. ``sent`` is the body of the answer without its framing.
    """

    def __init__(self, number: int, method: str, target: str, headers: Headers, body: bytes) -> None:
        self.number = number
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.header_list = headers
        self.body = body
        self.status = 0
        self.request_id = ""
        self.outcome: Outcome = "open"
        self._sent: list[bytes] = []
        self._over = threading.Event()

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers by their names in lower case; of several of one name the last."""
        return dict(self.header_list)

    @property
    def key(self) -> str:
        """The key that came with it, "" where none did."""
        headers = self.headers
        return headers.get("x-api-key", "") or headers.get("authorization", "").removeprefix("Bearer ").strip()

    @property
    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        return msgspec.json.decode(self.body, type=dict[str, Any])

    @property
    def client_gone(self) -> bool:
        return self.outcome == "client_gone"

    @property
    def sent(self) -> bytes:
        return b"".join(self._sent)

    def note_sent(self, data: bytes) -> None:
        self._sent.append(data)

    def finish(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._over.set()

    def wait_over(self, timeout: float = 10.0) -> Outcome:
        """Wait until it is answered or left, and say which; TimeoutError after ``timeout`` seconds."""
        if not self._over.wait(timeout):
            raise TimeoutError(f"request {self.number} is still being answered")
        return self.outcome
