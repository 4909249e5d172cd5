"""The core's socket."""

import socket

from optafly.core.run import _listen


def test_small_answers_are_sent_at_once() -> None:
    # asyncio switches the delay off only where the protocol is named.
    with _listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert listener.getsockname()[0] == "127.0.0.1"
