"""Large requests hold up nobody else's."""

import threading
from typing import Any

import msgspec
import pytest

from tests.standin import Standin
from tests.unit.proxy.parts import BOUND_S
from tests.unit.proxy.played import Played, Reply, ask, body

# What is done to all of a body before it goes on.
STEPS = [
    "optafly.proxy.request._fields",
    "optafly.proxy.request.conversation_key",
    "optafly.proxy.decide.query_of",
    "optafly.proxy.decide.body_to_send",
]


class Held:
    """A function whose first call waits for `go_on`."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(BOUND_S)
        return self._function(*arguments, **options)


@pytest.mark.parametrize("step", STEPS)
def test_a_small_request_is_answered_while_a_large_one_is_read(
    proxy: Played, standin: Standin, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    raw = msgspec.json.encode(body("x" * 30_000_000))
    module, _, name = step.rpartition(".")
    held = Held(getattr(__import__(module, fromlist=[name]), name))
    monkeypatch.setattr(step, held)
    found: list[Reply] = []
    large = threading.Thread(target=lambda: found.append(ask(proxy.url, raw=raw)))
    large.start()
    assert held.reached.wait(BOUND_S)
    try:
        assert ask(proxy.url, body("Who are you?")).status == 200
        assert found == []
    finally:
        held.go_on.set()
        large.join(BOUND_S)
    assert found[0].status == 200
    (sent,) = [request for request in standin.requests if len(request.body) > 30_000_000]
    assert sent.json["messages"][0]["content"][0]["text"] == "x" * 30_000_000
    assert sent.headers["content-length"] == str(len(sent.body))
    assert "transfer-encoding" not in sent.headers
