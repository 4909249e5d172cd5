"""The proxy as an ASGI application: its routes, its guard, and what it owns."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from optafly.proxy.asgi import App, BodyTooLarge, ClientGone, Receive, Scope, Send, read_body, read_past, unless_gone
from optafly.proxy.aside import Aside
from optafly.proxy.credentials import KeyRing
from optafly.proxy.decide import DECIDE_S, Decider
from optafly.proxy.errors import Refused, end_refusal, send_refusal
from optafly.proxy.guard import SHOWN, Guard
from optafly.proxy.keeper import Keeper
from optafly.proxy.messages import MESSAGES_PATH, Messages
from optafly.proxy.outcome import Outcome
from optafly.proxy.ports import Counts, Decides, Keys, Remembers
from optafly.proxy.request import MessagesRequest
from optafly.proxy.upstream import Upstream

LARGEST_BODY_BYTES: Final = 32 * 2**20
"""As Anthropic's own limit."""
ROUTES: Final[Mapping[str, str]] = MappingProxyType(
    {MESSAGES_PATH: "POST", "/v1/messages/count_tokens": "POST", "/v1/models": "GET"}
)

_KEEP_S: Final = 2.0


class Proxy:
    """A running proxy: `app` is what a server serves, `close` ends what it began."""

    def __init__(
        self,
        upstream: Upstream,
        decides: Decides,
        remembers: Remembers,
        keys: Keys,
        counts: Counts,
        *,
        token: Callable[[], bytes],
        port: int,
        salt: Callable[[], bytes],
        embedder: str,
        let_in: Callable[[Scope], None] = lambda _: None,
        limit_s: float = DECIDE_S,
    ) -> None:
        """``token`` gives the one there is now, ``port`` is where it is reached, ``salt`` that of key scopes.

        ``embedder`` names the encoder's version.
        ``let_in`` is told of each request that has shown the token; routing and lookup are given ``limit_s`` together.
        """
        self._upstream = upstream
        self._keyring = KeyRing(keys, salt)
        self._keeper = Keeper(remembers)
        self._counts = counts
        self._aside = Aside()
        decider = Decider(decides, remembers, embedder, self._aside, limit_s, upstream=upstream.other)
        self._messages = Messages(upstream, self._keyring, decider, decides, self._keeper, counts)
        self.app: App = Guard(self._serve, token=token, port=port, let_in=let_in, refused=self._note_refusal)

    async def close(self) -> None:
        """Keep what was answered and is still to be kept, not for long, and close all connections to Anthropic."""
        await self._keeper.close(_KEEP_S)
        self._keyring.close()
        self._aside.close()
        await self._upstream.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request that was let in."""
        path, method = scope["path"], scope["method"]
        try:
            _check_route(path, method)
            body = await read_body(receive, scope["headers"], LARGEST_BODY_BYTES)
            request = await self._aside.do(
                len(body), lambda: MessagesRequest(scope["headers"], scope["query_string"], body, scope[SHOWN])
            )
            if path == MESSAGES_PATH:
                await unless_gone(self._messages.answer(request, send), receive)
            else:
                await unless_gone(self._messages.pass_on(method, path, request, send), receive)
        except ClientGone:
            return
        except BodyTooLarge as found:
            await self._refuse_large(scope, receive, send, more=found.more)
        except Refused as refused:
            await self._refuse(scope, send, refused)

    async def _refuse(self, scope: Scope, send: Send, refused: Refused) -> None:
        self._note_refusal(scope, refused)
        await send_refusal(send, refused, close=True)

    async def _refuse_large(self, scope: Scope, receive: Receive, send: Send, *, more: bool) -> None:
        said = f"the request is larger than {LARGEST_BODY_BYTES // 2**20} MB, which is Anthropic's limit"
        refused = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said, "too_large")
        self._note_refusal(scope, refused)
        # Said at once, to who listens while sending; to all others once they have sent.
        await send_refusal(send, refused, close=True, end=False)
        if more:
            await read_past(receive)
        await end_refusal(send)

    def _note_refusal(self, scope: Scope, refused: Refused) -> None:
        # Strangers are not counted: whoever is refused at the door shall write nothing, however often they knock.
        if scope["path"] == MESSAGES_PATH and refused.reason != "not_allowed":
            self._counts.note(Outcome(time.time(), "refused", "", refused.status, 0.0, reason=refused.reason))


def _check_route(path: str, method: str) -> None:
    allowed = ROUTES.get(path)
    if allowed is None:
        known = ", ".join(f"{name} {route}" for route, name in ROUTES.items())
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no such route; those there are: {known}", "not_readable")
    if method != allowed:
        said = f"this route takes {allowed}"
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, said, "not_readable", allow=allowed)
