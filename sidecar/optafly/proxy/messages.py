"""``POST /v1/messages``: a kept answer, or Anthropic's, passed on as it comes and recorded beside it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Final

from optafly.cache.semantic import Lookup
from optafly.errors import KeyMissing
from optafly.proxy.asgi import Headers, Send
from optafly.proxy.credentials import Credentials, KeyRing
from optafly.proxy.decide import Decided, Decider
from optafly.proxy.errors import Refused, send_refusal
from optafly.proxy.headers import asks_bypass, own_credentials, said, upstream_headers
from optafly.proxy.keeper import Keeper
from optafly.proxy.ports import Counts, Decides
from optafly.proxy.recording import Recorded, Recording
from optafly.proxy.relay import relay
from optafly.proxy.replay import as_events, as_json, replayed
from optafly.proxy.request import MessagesRequest
from optafly.proxy.tally import Tally
from optafly.proxy.upstream import Answer, BrokeOff, Unreachable, Upstream
from optafly.routing.usage import Usage, usage_of

MESSAGES_PATH: Final = "/v1/messages"

_MAY_HAVE_USED: Final = frozenset({"timed_out", "broke_off"})
_PIECE_BYTES: Final = 64 * 1024
_BYPASSED: Final = "asked for by x-optafly-bypass"
_STREAM_HEADERS: Final = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache"))

_log = logging.getLogger(__name__)


class Messages:
    """Answers requests; each is told to ``counts`` once."""

    def __init__(
        self,
        upstream: Upstream,
        keyring: KeyRing,
        decider: Decider,
        decides: Decides,
        keeper: Keeper,
        counts: Counts,
    ) -> None:
        self._upstream = upstream
        self._keyring = keyring
        self._decider = decider
        self._decides = decides
        self._keeper = keeper
        self._counts = counts

    async def answer(self, request: MessagesRequest, send: Send) -> None:
        """Answer one request; cancelling it closes the call to Anthropic, and nothing is kept."""
        tally = Tally(request.model)
        send = tally.watch(send)
        try:
            await self._answer(request, send, tally)
        except Refused as refused:
            tally.sent = refused.reason in _MAY_HAVE_USED
            tally.fail(refused.reason, "failed" if tally.sent or refused.reason == "unreachable" else "refused")
            await send_refusal(send, refused)
        except asyncio.CancelledError:
            tally.gone()
            raise
        except Exception:
            tally.fail("internal")
            raise
        finally:
            self._counts.note(tally.outcome())

    async def pass_on(self, method: str, path: str, request: MessagesRequest, send: Send) -> None:
        """Answer a request of another route, with which nothing is done."""
        try:
            credentials = await self._credentials(request)
            async with self._open(method, path, request, credentials, request.body) as answer:
                self._look_at(answer.status, credentials)
                # One that breaks off is incomplete for the client as well.
                with contextlib.suppress(BrokeOff):
                    await relay(answer, send, added=[])
        except Refused as refused:
            await send_refusal(send, refused)

    async def _answer(self, request: MessagesRequest, send: Send, tally: Tally) -> None:
        credentials = await self._credentials(request)
        if asks_bypass(request.headers):
            tally.path = "bypass"
            decided = Decided(Lookup("miss", None, None, None, _BYPASSED), None, request.body)
        else:
            decided = await self._decider.decide(request, credentials.scope)
            again = _again(request, decided.found, tally)
            if again is not None:
                await _give(send, *again)
                return
            if decided.found.unasked:
                tally.unasked(decided.found.unasked)
        await self._ask(request, credentials, decided, send, tally)

    async def _ask(
        self, request: MessagesRequest, credentials: Credentials, decided: Decided, send: Send, tally: Tally
    ) -> None:
        """Anthropic's answer."""
        found = decided.found
        cache = "bypass" if tally.path == "bypass" else "miss"
        added = said(cache=cache, reason=found.reason, similarity=found.similarity)
        tally.sent = True
        async with self._open("POST", MESSAGES_PATH, request, credentials, decided.body) as answer:
            self._look_at(answer.status, credentials)
            if answer.status >= 400:
                tally.sent = False
                tally.fail("upstream_error")
            # Of others nothing is kept, or to be learnt.
            recording = Recording(answer.headers if answer.status == 200 else [])
            try:
                await relay(
                    answer,
                    send,
                    added=added,
                    seen=recording.feed,
                    ended=lambda: self._learn(decided, recording.end(), tally),
                )
            except BrokeOff:
                tally.fail("broke_off")
            finally:
                tally.answered(recording.end())

    def _learn(self, decided: Decided, recorded: Recorded, tally: Tally) -> None:
        """An answer was passed on to its end; nothing that goes wrong here is the client's concern."""
        try:
            if recorded.complete:
                used = usage_of(recorded.usage) or Usage()
                self._decides.answered(decided.seen, used.prompt or None)
            if decided.query is not None:
                self._keeper.keep(decided.query, recorded, tally.elapsed_ms(), decided.allows)
        except Exception as error:
            _log.warning("an answer could not be looked at: %s", type(error).__name__)

    def _look_at(self, status: int, credentials: Credentials) -> None:
        if status == 401:
            self._keyring.refused(credentials)

    async def _credentials(self, request: MessagesRequest) -> Credentials:
        own = own_credentials(request.headers, request.token)
        return await self._keyring.credentials(own, request.workspace, request.conversation)

    @contextlib.asynccontextmanager
    async def _open(
        self, method: str, path: str, request: MessagesRequest, credentials: Credentials, body: bytes
    ) -> AsyncIterator[Answer]:
        """Ask Anthropic; raises `Refused` where no answer begins."""
        headers = upstream_headers(request.headers, credentials.own)
        async with contextlib.AsyncExitStack() as stack:
            call = self._upstream.open(method, path, request.query, headers, body, credentials.secret)
            try:
                answer = await stack.enter_async_context(call)
            except Unreachable as error:
                raise Refused(error.status, str(error), error.reason) from None
            except KeyMissing as error:
                raise Refused(401, f"no API key: {error}", "no_key") from None
            yield answer


def _again(request: MessagesRequest, found: Lookup, tally: Tally) -> tuple[Headers, list[bytes]] | None:
    """The kept answer as headers and body; None where there is none that can be given."""
    entry = found.entry
    if entry is None or found.outcome == "miss":
        return None
    try:
        message = replayed(entry.response)
        body = _pieces(as_events(message)) if request.streams else [as_json(message)]
    except (LookupError, TypeError, AttributeError):
        return None
    saved_ms = tally.hit(found.outcome, entry)
    added = said(
        cache="hit", tier=found.outcome, reason=found.reason, similarity=found.similarity, saved_ms=round(saved_ms)
    )
    plain = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(body[0])))
    return [*(_STREAM_HEADERS if request.streams else plain), *added], body


def _pieces(events: Iterator[bytes]) -> list[bytes]:
    """Events put together, so that a long answer is neither one piece nor thousands."""
    pieces = [bytearray()]
    for event in events:
        if len(pieces[-1]) >= _PIECE_BYTES:
            pieces.append(bytearray())
        pieces[-1] += event
    return [bytes(piece) for piece in pieces]


async def _give(send: Send, headers: Headers, body: list[bytes]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for piece in body:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
