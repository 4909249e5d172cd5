"""Who may talk to the core: who knows its token, and no page in a browser."""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException

from optafly.core.failures import failure_of, log_unexpected
from optafly.core.proof import LARGEST_BYTES as LARGEST_PROVE_BYTES
from optafly.core.proof import PROVE_PATH
from optafly.core.wire import ErrorAnswer, Failure, encode

LARGEST_BODY_BYTES: Final = 64 * 2**20
LARGEST_FORM_BYTES: Final = 4096
PAGES: Final = "/dashboard/"
"""What is below is for browsers: its app decides itself who is let in."""
KNOWN: Final = "optafly.known"
"""Name of an extension of the scope: called without arguments once a request has shown the token."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """ASGI middleware that lets through what comes from a front-end of this user.

    A web page can make a browser send requests to loopback ports: those carry an ``Origin``, or after DNS rebinding
    another ``Host``, and never the token. One question is answered without the token: whether this core knows it. What
    is for browsers (``pages``) gets what is below `PAGES`, also without the token, but with no other Host or Origin.
    """

    def __init__(self, app: App, *, token: str, port: int, pages: App) -> None:
        self._app = app
        self._pages = pages
        self._token = token.encode("ascii")
        self._hosts = frozenset({b"127.0.0.1:%d" % port, b"localhost:%d" % port})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            return
        # Everything else of the rules holds for it as well.
        proves = (scope["method"], scope["path"]) == ("POST", PROVE_PATH)
        pages = scope["path"].startswith(PAGES)
        limit = LARGEST_FORM_BYTES if pages else LARGEST_PROVE_BYTES if proves else LARGEST_BODY_BYTES
        refusal = self._page_refusal(scope["headers"], limit) if pages else None
        if not pages:
            refusal = self._refusal(scope["headers"], limit, known=proves)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        if not proves and not pages:
            scope.get("extensions", {}).get(KNOWN, _nobody)()
        answering = False

        async def note_answer(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await (self._pages if pages else self._app)(scope, _counted(receive, limit), note_answer)
        except Exception as error:
            # Not left to the server, whose log would quote it; a broken off answer is closed by it.
            log_unexpected(error)
            if not answering:
                await _refuse(send, 500, *msgspec.structs.astuple(failure_of(error)))

    def _refusal(self, headers: list[tuple[bytes, bytes]], limit: int, *, known: bool) -> tuple[int, str, str] | None:
        """Status, kind and message where a request is not let through."""
        if (other := self._host_refusal(headers)) is not None:
            return other
        if any(name == b"origin" for name, _ in headers):
            return 403, "Forbidden", "requests of web pages are refused"
        fields = dict(headers)
        if not known and not self._knows_token(fields):
            return 401, "Unauthorized", "give the token of the discovery file: Authorization: Bearer TOKEN"
        length = fields.get(b"content-length", b"0")
        if length == b"0" and b"transfer-encoding" not in fields:
            return None
        if fields.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
            return 415, "InputError", "the body must be JSON: Content-Type: application/json"
        if int(length) > limit:
            return 413, "InputError", _too_large(limit)
        return None

    def _page_refusal(self, headers: list[tuple[bytes, bytes]], limit: int) -> tuple[int, str, str] | None:
        if (other := self._host_refusal(headers)) is not None:
            return other
        own = {b"http://" + host for host in self._hosts}
        if any(name == b"origin" and value not in own for name, value in headers):
            return 403, "Forbidden", "requests of other web pages are refused"
        if int(dict(headers).get(b"content-length", b"0")) > limit:
            return 413, "InputError", _too_large(limit)
        return None

    def _host_refusal(self, headers: list[tuple[bytes, bytes]]) -> tuple[int, str, str] | None:
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) == 1 and hosts[0] in self._hosts:
            return None
        return 403, "Forbidden", "the Host header must be the core's own address on the loopback interface"

    def _knows_token(self, fields: dict[bytes, bytes]) -> bool:
        scheme, _, given = fields.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer":
            given = fields.get(b"x-api-key", b"")
        return hmac.compare_digest(given.strip(), self._token)


def _nobody() -> None:
    """Where the server does not want to know."""


def _counted(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit))
        return message

    return counted


def _too_large(limit: int) -> str:
    if limit < 2**20:
        return f"the body is larger than {limit} bytes"
    return f"the body is larger than {limit // 2**20} MB; send fewer or smaller open files"


async def _refuse(send: Send, status: int, kind: str, message: str) -> None:
    body = encode(ErrorAnswer(Failure(kind, message)))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
