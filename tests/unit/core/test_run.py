"""The core's socket."""

import socket

from optafly.core.serving import listen


def test_small_answers_are_sent_at_once() -> None:
    # asyncio switches the delay off only where the protocol is named.
    with listen(0, "core.port") as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert listener.getsockname()[0] == "127.0.0.1"
