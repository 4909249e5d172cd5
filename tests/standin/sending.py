"""Replies on a connection: heads, whole bodies, streams, and all the ways to break off."""

import zlib
from email.utils import formatdate
from typing import Final, Protocol

import msgspec

from tests.standin.connection import Connection, Headers
from tests.standin.messages import error_body
from tests.standin.recorded import Recorded
from tests.standin.replies import Answer, Break, Encoding, Failure, JsonObject, Raw

_WINDOW_BITS: Final = {"gzip": 31, "deflate": 15}


class Pace(Protocol):
    """Comes before each piece of an answer: a gate of a test, or the pace of a benchmark."""

    async def passed(self) -> None: ...


class Sender:
    """Sends one reply and records what was sent."""

    def __init__(self, connection: Connection, recorded: Recorded, compress: bool) -> None:
        self._connection, self._recorded, self._compress = connection, recorded, compress

    async def json(self, status: int, value: JsonObject, more: Headers | None = None) -> None:
        """A whole body of JSON."""
        await self._whole(status, msgspec.json.encode(value), more or [])

    async def failure(self, failure: Failure) -> None:
        """An error before 200."""
        more = list(failure.headers)
        if failure.retry_after is not None:
            more.append(("retry-after", failure.retry_after))
        if failure.body is None:
            body = error_body(failure, self._recorded.request_id)
            await self.json(failure.status, body, [*more, ("x-should-retry", _should_retry(failure))])
        else:
            await self._whole(failure.status, failure.body, [("content-type", "text/html"), *more])

    async def raw(self, raw: Raw) -> None:
        """Bytes of a test, then the end of the connection."""
        for piece in raw.pieces:
            if raw.gate is not None:
                await raw.gate.passed()
            self._recorded.note_sent(piece)
            await self._connection.raw(piece)
        self._recorded.finish("broken")
        self._connection.close()

    async def answer(self, answer: Answer, message: JsonObject, events: list[bytes] | None, pace: Pace | None) -> None:
        """A message: as a stream where there are events, else whole."""
        pace = answer.gate or pace
        if answer.head_gate is not None:
            await answer.head_gate.passed()
        if events is None:
            pieces = [msgspec.json.encode(message)]
            headers = [("content-type", "application/json")]
        else:
            pieces = events
            headers = [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache")]
        broken, encoding = answer.breaks, self._encoding(answer)
        whole, half = _broken(pieces, broken, streamed=events is not None)
        *whole, half = _encoded([*whole, half], encoding, finish=broken is None)
        whole = _cut(whole, answer.cut)
        headers += self._headers(list(answer.headers))
        if encoding is not None:
            headers.append(("content-encoding", encoding))
        if answer.then_close:
            headers.append(("connection", "close"))
        headers.append(_framing(whole, broken, streamed=events is not None))
        self._recorded.status = answer.status
        await self._connection.head(answer.status, headers)
        in_order = broken is None or broken.how == "end"
        for left in range(len(whole) - 1, -1, -1):
            if pace is not None:
                await pace.passed()
            await self._send(whole[-1 - left], last=in_order and left == 0)
        if broken is None or broken.how == "end":
            await self._connection.end()
            self._recorded.finish("answered")
        else:
            await self._break(broken, half)

    async def _send(self, piece: bytes, *, last: bool) -> None:
        self._recorded.note_sent(piece)
        if last:
            # Before it goes out: who has read the whole answer may leave.
            self._recorded.finish("answered")
        await self._connection.send(piece)

    async def _break(self, broken: Break, half: bytes) -> None:
        if broken.how == "event":
            await self._send(half, last=False)
        elif broken.how == "chunk":
            await self._connection.raw(b"%x\r\n%s" % (2 * len(half), half))
        self._recorded.finish("broken")
        if broken.how == "reset":
            self._connection.reset()
        else:
            self._connection.close()

    async def _whole(self, status: int, body: bytes, more: Headers) -> None:
        self._recorded.status = status
        typed = any(name == "content-type" for name, _ in more)
        headers = [*([] if typed else [("content-type", "application/json")]), *self._headers(more)]
        await self._connection.head(status, [*headers, ("content-length", str(len(body)))])
        await self._send(body, last=True)
        await self._connection.end()

    def _headers(self, more: Headers) -> Headers:
        return [
            ("date", formatdate(usegmt=True)),
            ("request-id", self._recorded.request_id),
            ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
            ("anthropic-ratelimit-requests-limit", "4000"),
            ("anthropic-ratelimit-requests-remaining", "3999"),
            ("server", "standin"),
            *more,
        ]

    def _encoding(self, answer: Answer) -> Encoding | None:
        accepted = {name.split(";")[0].strip() for name in self._recorded.headers.get("accept-encoding", "").split(",")}
        wanted = answer.encoding or ("gzip" if self._compress else None)
        return wanted if wanted in accepted else None


def _should_retry(failure: Failure) -> str:
    spend_cap = failure.status == 429 and failure.retry_after is None
    return "true" if (failure.status in {409, 429} and not spend_cap) or failure.status >= 500 else "false"


def _broken(pieces: list[bytes], broken: Break | None, *, streamed: bool) -> tuple[list[bytes], bytes]:
    """The pieces that come whole, and half of the next one."""
    if broken is None or broken.how == "length":
        return pieces, b""
    after = min(broken.after, len(pieces) - 1) if streamed else 0
    half = pieces[after][: max(1, len(pieces[after]) // 2)]
    if not streamed and broken.how not in {"event", "chunk"}:
        return [half], b""
    return pieces[:after], half


def _framing(whole: list[bytes], broken: Break | None, *, streamed: bool) -> tuple[str, str]:
    size = sum(map(len, whole))
    if broken is not None and broken.how == "length":
        return "content-length", str(size + 100)
    if streamed or broken is not None:
        return "transfer-encoding", "chunked"
    return "content-length", str(size)


def _encoded(pieces: list[bytes], encoding: Encoding | None, *, finish: bool) -> list[bytes]:
    """Each piece compressed so that it can be read when it has come; the last is empty in a whole answer."""
    if encoding is None:
        return pieces
    packer = zlib.compressobj(wbits=_WINDOW_BITS[encoding])
    packed = [packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces[:-1]]
    if not finish:
        return [*packed, packer.compress(pieces[-1]) + packer.flush(zlib.Z_SYNC_FLUSH)]
    return [*packed[:-1], packed[-1] + packer.flush(zlib.Z_FINISH), b""]


def _cut(pieces: list[bytes], size: int) -> list[bytes]:
    if size < 1:
        return pieces
    whole = b"".join(pieces)
    return [whole[start : start + size] for start in range(0, len(whole), size)]
