"""Who may use the proxy: who knows its token, and no page in a browser."""

import logging
import traceback
from collections.abc import Callable
from typing import Final

from optafly.proxy.asgi import App, Message, Receive, Scope, Send
from optafly.proxy.errors import Refused, send_refusal
from optafly.proxy.headers import shows_token

_log = logging.getLogger(__name__)

_ADVICE: Final = (
    "give its token as x-api-key, as Authorization: Bearer TOKEN or, beside a key of your own, as x-optafly-token; "
    "to see it run: optafly proxy token"
)

SHOWN: Final = "optafly.shown"
"""Name in the scope of the token that let a request in: by the time it is answered there may be another."""


class Guard:
    """ASGI middleware, as that of the core: Host, Origin and token, each in the answer's own form.

    ``token`` gives the one there is now, since people may make another while this runs.
    ``let_in`` is told of each request that has shown the token, ``refused`` of each that has not been let in.
    """

    def __init__(
        self,
        app: App,
        *,
        token: Callable[[], bytes],
        port: int,
        let_in: Callable[[Scope], None] = lambda _: None,
        refused: Callable[[Scope, Refused], None] = lambda *_: None,
    ) -> None:
        self._app = app
        self._token = token
        self._hosts = frozenset({b"127.0.0.1:%d" % port, b"localhost:%d" % port})
        self._let_in = let_in
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            self._refused(scope, refusal)
            await send_refusal(send, refusal, close=True)
            return
        self._let_in(scope)
        answering = False

        async def note_answer(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self._app(scope, receive, note_answer)
        except Exception as error:
            # Not left to the server, whose log would quote it; a broken off answer is closed by it.
            _log_unexpected(error)
            if not answering:
                failed = Refused(500, "the proxy failed; the log of the core says where", "internal")
                await send_refusal(send, failed, close=True)

    def _refusal(self, scope: Scope) -> Refused | None:
        headers = scope["headers"]
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            said = "the Host header must be the proxy's own address on the loopback interface"
            return Refused(403, said, "not_allowed")
        if any(name == b"origin" for name, _ in headers):
            return Refused(403, "requests of web pages are refused", "not_allowed")
        token = self._token()
        if not shows_token(headers, token):
            return Refused(401, _ADVICE, "not_allowed")
        kinds = [value.partition(b";")[0].strip().lower() for name, value in headers if name == b"content-type"]
        if scope["method"] == "POST" and kinds != [b"application/json"]:
            return Refused(415, "the body must be JSON: content-type: application/json", "not_readable")
        scope[SHOWN] = token
        return None


def _log_unexpected(error: BaseException) -> None:
    """Note where it happened; its text may hold anything, a prompt included."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(places[-8:])))
