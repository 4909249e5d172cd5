"""MCP over standard input and output: one message a line; reading and writing have a thread each."""

import asyncio
import concurrent.futures
import contextlib
import json
import queue
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, BinaryIO, Final

import anyio
import mcp_types as types
import msgspec
from mcp.server import Server
from mcp.shared.jsonrpc_dispatcher import cancelled_request_id_from_params
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

LARGEST_MESSAGE: Final = 16 * 2**20
TOO_LARGE: Final = f"the message is larger than {LARGEST_MESSAGE // 2**20} MB"
_FLUSH_S: Final = 2.0
_LAST_S: Final = 1.0
"""How long what is still being answered may take once the client has closed its end."""


class Refusal(msgspec.Struct, frozen=True):
    """The error that answers a line which is no message; ``request`` is its id where it has a usable one."""

    code: int
    said: str
    request: str | int | None = None

    @property
    def as_message(self) -> types.JSONRPCError:
        """As it is written."""
        error = types.ErrorData(code=self.code, message=self.said)
        return types.JSONRPCError(jsonrpc="2.0", id=self.request, error=error)


async def serve_lines(server: "Server[Any]", source: BinaryIO, sink: BinaryIO) -> None:
    """Serve one client until it closes its end; both streams are closed.

    What is no message is answered with an error of JSON-RPC, as the SDK's own transport does not.
    """
    async with _streams(source, sink) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


@contextlib.asynccontextmanager
async def _streams(source: BinaryIO, sink: BinaryIO) -> AsyncIterator[tuple[Any, Any]]:
    read, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, written = anyio.create_memory_object_stream[SessionMessage](0)
    writer = _Writer(sink)
    loop = asyncio.get_running_loop()
    unanswered: set[types.RequestId | None] = set()
    answered = asyncio.Event()

    async def end() -> None:
        # Whoever asks and closes the pipe at once wants the answer; the server drops what it has not begun.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_S):
                while unanswered:
                    answered.clear()
                    await answered.wait()
        await read.aclose()

    async def take(line: bytes | None) -> None:
        if line is None:
            await end()
            return
        message = message_of(line)
        if isinstance(message, Refusal):
            writer.write(_line(message.as_message))
        else:
            if isinstance(message, types.JSONRPCRequest):
                unanswered.add(message.id)
            elif isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
                # It is not answered any more.
                unanswered.discard(cancelled_request_id_from_params(message.params))
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await read.send(SessionMessage(message))

    def receive(line: bytes | None) -> None:
        # One at a time: what comes faster than it is taken waits in the pipe.
        asyncio.run_coroutine_threadsafe(take(line), loop).result()

    async def pass_on() -> None:
        async for message in written:
            writer.write(_line(message.message))
            if isinstance(message.message, types.JSONRPCResponse | types.JSONRPCError):
                unanswered.discard(message.message.id)
                answered.set()

    passing = asyncio.create_task(pass_on(), name="optafly-mcp-write")
    threading.Thread(target=_read, args=(source, receive), name="optafly-mcp-read", daemon=True).start()
    try:
        yield incoming, outgoing
    finally:
        await outgoing.aclose()
        await asyncio.wait({passing}, timeout=_FLUSH_S)
        passing.cancel()
        for stream in (read, incoming, written):
            stream.close()
        await asyncio.to_thread(writer.close)


def message_of(line: bytes) -> types.JSONRPCMessage | Refusal:
    """The message of a line, or how a line that is none is answered."""
    if len(line) > LARGEST_MESSAGE:
        return Refusal(types.INVALID_REQUEST, TOO_LARGE)
    try:
        return types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError:
        pass
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return Refusal(types.PARSE_ERROR, "the line is not JSON")
    if isinstance(found, list):
        return Refusal(types.INVALID_REQUEST, "batches are not taken; send one message a line")
    name = found.get("id") if isinstance(found, dict) else None
    known = name if isinstance(name, str | int) and not isinstance(name, bool) else None
    return Refusal(types.INVALID_REQUEST, "this is no message of JSON-RPC 2.0", known)


def _read(source: BinaryIO, receive: Callable[[bytes | None], None]) -> None:
    # RuntimeError and CancelledError: the loop has ended.
    with source, contextlib.suppress(RuntimeError, concurrent.futures.CancelledError):
        while (line := _read_line(source)) is not None:
            if line.strip():
                receive(line)
        receive(None)


def _read_line(source: BinaryIO) -> bytes | None:
    """The next line; of one that is too large its beginning, and None at the end."""
    try:
        line = source.readline(LARGEST_MESSAGE + 1)
        while line and not line.endswith(b"\n") and len(line) > LARGEST_MESSAGE:
            rest = source.readline(LARGEST_MESSAGE)
            if not rest or rest.endswith(b"\n"):
                break
    except (OSError, ValueError):  # closed under our hands
        return None
    return line or None


class _Writer:
    """Writes from a thread of its own: a client that does not read must not stop the server."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="optafly-mcp-write", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        self._waiting.put(line)

    def close(self) -> None:
        """Write what waits and end, within a bound."""
        self._waiting.put(None)
        self._thread.join(_FLUSH_S)

    def _write(self) -> None:
        # OSError and ValueError: nobody reads any longer, also when it is closed.
        with contextlib.suppress(OSError, ValueError), self._sink:
            while (line := self._waiting.get()) is not None:
                self._sink.write(line)
                self._sink.flush()


def _line(message: types.JSONRPCMessage) -> bytes:
    return message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
