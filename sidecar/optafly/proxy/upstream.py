"""Calls to Anthropic: sent once, to one place, and given back as they come (where httpx is imported)."""

import contextlib
from collections.abc import AsyncIterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from optafly.proxy.address import DEFAULT_URL, LOOPBACK, checked_url
from optafly.proxy.asgi import Headers
from optafly.proxy.outcome import Reason
from optafly.routing.key_secret import Secret

# An answer without a stream is silent until it is complete: Anthropic's own clients wait ten minutes for it.
_TIMEOUT: Final = httpx.Timeout(connect=10.0, read=660.0, write=60.0, pool=None)
_REDIRECTS: Final = 300
_ERRORS: Final = 400
# More at once than any client opens; a connection that was idle for longer may have been closed at the other end.
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=30.0)

_PIECE_BYTES: Final = 256 * 1024
"""What is encrypted and sent at once: others have their turn in between."""


class Unreachable(Exception):
    """No answer began; ``status`` is the one that says so, ``reason`` whether the request was sent before that."""

    def __init__(self, status: int, message: str, reason: Reason = "unreachable") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class BrokeOff(Exception):
    """An answer ended before it was complete."""


class Answer:
    """The head of an answer, and its body as it comes."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers: Headers = list(response.headers.raw)
        self._response = response

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the body, not decoded; raises `BrokeOff`."""
        try:
            async for chunk in self._response.aiter_raw():
                yield chunk
        except httpx.TransportError as error:
            raise BrokeOff(type(error).__name__) from None


class Upstream:
    """One place that speaks the Messages API. Redirects are not followed, cookies not kept, nothing is repeated."""

    def __init__(self, url: str = DEFAULT_URL, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Raises `InputError` for an address that a key must not be sent to, see `checked_url`."""
        self._base = httpx.URL(checked_url(url))
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=_TIMEOUT,
            limits=_LIMITS,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            # A proxy of this machine's environment is for what leaves it.
            trust_env=self._base.host not in LOOPBACK,
        )

    @property
    def other(self) -> str:
        """The address, empty for Anthropic's own."""
        url = str(self._base).rstrip("/")
        return "" if url == DEFAULT_URL else url

    @contextlib.asynccontextmanager
    async def open(
        self, method: str, path: str, query: bytes, headers: Headers, body: bytes, key: Secret | None
    ) -> AsyncIterator[Answer]:
        """Send a request, with this key where the headers have none, and give its answer; leaving it closes the call.

        Raises `Unreachable`, and `KeyMissing` where the key was dropped meanwhile.
        """
        target = self._base.raw_path.rstrip(b"/") + path.encode("ascii") + (b"?" + query if query else b"")
        try:
            url = self._base.copy_with(raw_path=target)
        except httpx.InvalidURL:
            raise Unreachable(400, "the query of the address cannot be read") from None
        if key is not None:
            headers = [*headers, (b"x-api-key", key.reveal().encode("ascii"))]
        content: bytes | AsyncIterator[bytes] | None = body if method == "POST" else None
        if len(body) > _PIECE_BYTES and content is not None:
            headers = [*headers, (b"content-length", b"%d" % len(body))]
            content = _pieces(body)
        request = httpx.Request(method, url, headers=headers, content=content)
        try:
            response = await self._client.send(request, stream=True)
        except httpx.TimeoutException as error:
            unsent = isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
            raise Unreachable(504, self._said(error), "unreachable" if unsent else "timed_out") from None
        except httpx.TransportError as error:
            begun = isinstance(error, httpx.ReadError | httpx.RemoteProtocolError)
            raise Unreachable(502, self._said(error), "broke_off" if begun else "unreachable") from None
        try:
            if _REDIRECTS <= response.status_code < _ERRORS:
                # A client would follow it, with its key or the proxy's token, and with the prompt.
                raise Unreachable(
                    502, f"{self._base.host} answered with a redirect, which is not followed or passed on"
                )
            yield Answer(response)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _said(self, error: httpx.TransportError) -> str:
        # What the error itself says may quote headers.
        return f"no answer of {self._base.host} ({type(error).__name__}); check the network and proxy.upstream"


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), _PIECE_BYTES):
        yield body[start : start + _PIECE_BYTES]
