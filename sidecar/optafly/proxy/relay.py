"""Passes an answer on as it comes, byte for byte."""

from collections.abc import Callable

from optafly.proxy.asgi import Headers, Send
from optafly.proxy.headers import client_headers
from optafly.proxy.upstream import Answer


async def relay(
    answer: Answer,
    send: Send,
    *,
    added: Headers,
    seen: Callable[[bytes], None] = lambda _: None,
    ended: Callable[[], None] = lambda: None,
) -> None:
    """Pass it on with some headers added; raises `BrokeOff`, after which the client's answer is to break off as well.

    ``seen`` is shown each piece after it was passed on. ``ended`` is called when there are no more and before the
    client knows: it may go away the moment it does.
    """
    headers = [*client_headers(answer.headers), *added]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    async for chunk in answer.chunks():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        seen(chunk)
    ended()
    await send({"type": "http.response.body", "body": b""})
