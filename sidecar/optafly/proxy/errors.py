"""What the proxy itself says when it cannot or may not answer, in the form of the Messages API."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.proxy.asgi import Send
from optafly.proxy.outcome import Reason

_TYPES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        405: "invalid_request_error",
        413: "request_too_large",
        415: "invalid_request_error",
        504: "timeout_error",
    }
)


class Refused(Exception):
    """A request that is answered here, with an error; ``reason`` is for statistics."""

    def __init__(self, status: int, message: str, reason: Reason, *, allow: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason: Reason = reason
        self.allow = allow


def error_body(status: int, message: str) -> bytes:
    """The body of an error; it names no request of Anthropic's, which has never seen it."""
    error = {"type": _TYPES.get(status, "api_error"), "message": f"OptaFly: {message}"}
    return msgspec.json.encode({"type": "error", "error": error, "request_id": None})


async def send_refusal(send: Send, refused: Refused, *, close: bool = False, end: bool = True) -> None:
    """Answer with an error; ``close`` where the rest of the request was not read.

    The connection is closed at the ``end``: without it the answer is whole, and `end_refusal` is to follow.
    """
    body = error_body(refused.status, refused.message)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if refused.allow:
        headers.append((b"allow", refused.allow.encode("ascii")))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": not end})


async def end_refusal(send: Send) -> None:
    """End an error that was sent without its end."""
    await send({"type": "http.response.body", "body": b""})
