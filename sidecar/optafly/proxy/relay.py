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
    client knows: it may go away the moment it does. Where the length was said, it knows with the last piece.
    """
    headers = [*client_headers(answer.headers), *added]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    left = _length(answer.headers)
    over = False
    async for chunk in answer.chunks():
        left = None if left is None else left - len(chunk)
        if left == 0 and not over:
            over = True
            seen(chunk)
            ended()
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            continue
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        seen(chunk)
    if not over:
        ended()
    await send({"type": "http.response.body", "body": b""})


def _length(headers: Headers) -> int | None:
    """How many bytes the body was said to have; None where the client learns of its end otherwise."""
    said = [value for name, value in headers if name.lower() == b"content-length"]
    chunked = any(name.lower() == b"transfer-encoding" for name, _ in headers)
    return int(said[0]) if len(said) == 1 and not chunked and said[0].isdigit() else None
