"""A command whose core is gone."""

import socket
from typing import Any

from optafly.core.asking import RemoteSends, Told
from optafly.core.wire import PROTOCOL_VERSION, Discovery
from optafly.core.wire_send import SendCall
from optafly.routing.usage import Usage
from optafly.sending.costs import nothing
from optafly.sending.order import Answer, CacheUse

ANSWER = Answer("Yes.", "claude-sonnet-5-5", "end_turn", Usage(), nothing(), CacheUse("miss", "x"), 1.0, 0.5)


class Here:
    """Sends in this process."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, call: SendCall, told: Told) -> Answer:
        self.sent.append(call.text)
        return ANSWER


def test_what_a_core_that_is_gone_did_not_take_is_sent_from_here() -> None:
    told: list[Any] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gone = Discovery(
            port=taken.getsockname()[1], token="t" * 43, pid=1, version="1", protocol=PROTOCOL_VERSION, started=0.0
        )
        here = Here()
        found = RemoteSends(gone, here).send(SendCall("Is it?"), lambda *event: told.append(event))
    assert (found, here.sent, told) == (ANSWER, ["Is it?"], [])
