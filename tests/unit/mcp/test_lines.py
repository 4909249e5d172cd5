"""MCP over pipes: whatever comes in, every request is answered once and the server lives."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.mcp.lines import LARGEST_MESSAGE, Refusal, message_of, serve_lines
from optafly.mcp.server import build_server
from tests.unit.mcp.played import PlayedEngine

BOUND_S = 30.0
Json = dict[str, Any]
OPENING: Json = {
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "played", "version": "1"}},
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = {
    "jsonrpc": st.just("2.0") | SCALARS,
    "id": SCALARS,
    "method": st.sampled_from(["prompts/get", "tools/call", "ping", "initialize", "completion/complete"]) | SCALARS,
    "params": ANY_JSON,
    "result": ANY_JSON,
    "error": ANY_JSON,
}


class Client:
    """The other end of the pipes."""

    def __init__(self, write: int, read: int) -> None:
        self._write = os.fdopen(write, "wb")
        self._read = os.fdopen(read, "rb")

    async def send(self, line: bytes) -> None:
        # From a thread: a pipe holds less than a huge line.
        await asyncio.wait_for(asyncio.to_thread(self._put, line), BOUND_S)

    async def message(self) -> Json:
        line = await asyncio.wait_for(asyncio.to_thread(self._read.readline), BOUND_S)
        found: Json = json.loads(line)
        return found

    async def ask(self, value: Json) -> Json:
        await self.send(json.dumps({"jsonrpc": "2.0", **value}).encode() + b"\n")
        return await self.message()

    def leave(self) -> None:
        self._write.close()

    def close(self) -> None:
        self._write.close()
        self._read.close()

    def _put(self, line: bytes) -> None:
        self._write.write(line)
        self._write.flush()


@asynccontextmanager
async def connected(engine: PlayedEngine) -> AsyncIterator[Client]:
    to_server, from_client = os.pipe()
    to_client, from_server = os.pipe()
    client = Client(from_client, to_client)
    server = build_server(engine, ("/home/me/shop",))
    serving = asyncio.create_task(serve_lines(server, os.fdopen(to_server, "rb"), os.fdopen(from_server, "wb")))
    try:
        yield client
        client.leave()
        await asyncio.wait_for(serving, BOUND_S)
    finally:
        serving.cancel()
        await asyncio.wait({serving})
        client.close()


async def is_well(client: Client) -> None:
    answer = await client.ask({"id": "well", "method": "ping"})
    assert answer == {"jsonrpc": "2.0", "id": "well", "result": {}}


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        (b"{", types.PARSE_ERROR, None),
        (b"hello", types.PARSE_ERROR, None),
        (b"\xff\xfe", types.PARSE_ERROR, None),
        (b"[" * 100_000, types.PARSE_ERROR, None),
        (b'{"a":' * 100_000, types.PARSE_ERROR, None),
        (b"[]", types.INVALID_REQUEST, None),
        (b"7", types.INVALID_REQUEST, None),
        (b"null", types.INVALID_REQUEST, None),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', types.INVALID_REQUEST, None),
        (b'{"jsonrpc":"1.0","id":7,"method":"ping"}', types.INVALID_REQUEST, 7),
        (b'{"jsonrpc":"2.0","id":"a","method":7}', types.INVALID_REQUEST, "a"),
        (b'{"jsonrpc":"2.0","id":true,"method":7}', types.INVALID_REQUEST, None),
        (b'{"jsonrpc":"2.0","id":{},"params":[]}', types.INVALID_REQUEST, None),
    ],
)
async def test_what_is_no_message_is_answered_with_an_error(
    engine: PlayedEngine, line: bytes, code: int, request_id: object
) -> None:
    async with connected(engine) as client:
        await client.send(line + b"\n")
        answer = await client.message()
        assert (answer["error"]["code"], answer["id"]) == (code, request_id)
        await client.ask(OPENING)
        await is_well(client)


@pytest.mark.parametrize("size", [LARGEST_MESSAGE + 1, 3 * LARGEST_MESSAGE + 5])
async def test_a_line_without_end_is_passed_over(engine: PlayedEngine, size: int) -> None:
    async with connected(engine) as client:
        await client.send(b"x" * size + b"\n")
        assert "larger than 16 MB" in (await client.message())["error"]["message"]
        await client.ask(OPENING)
        await is_well(client)


async def test_a_long_request_is_answered(engine: PlayedEngine) -> None:
    async with connected(engine) as client:
        await client.ask(OPENING)
        params = {"name": "refine", "arguments": {"request": "x" * 5_000_000}}
        answer = await client.ask({"id": 1, "method": "prompts/get", "params": params})
        assert "characters" in answer["error"]["message"]
        await is_well(client)


async def test_what_comes_before_the_beginning_is_refused(engine: PlayedEngine) -> None:
    async with connected(engine) as client:
        await client.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}\n')
        answer = await client.ask({"id": 1, "method": "prompts/get", "params": {"name": "refine"}})
        assert answer["error"]["code"] == types.INVALID_PARAMS
        await client.ask(OPENING)
        await client.ask(OPENING)
        await client.send(
            b'{"jsonrpc":"2.0","id":44,"result":{}}\n{"jsonrpc":"2.0","id":4,"error":{"code":1,"message":""}}\n'
        )
        await is_well(client)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("prompts/get", {"name": 7}),
        ("prompts/get", {"name": "refine", "arguments": {"request": 7}}),
        ("prompts/get", {"name": "refine", "arguments": ["fix"]}),
        ("prompts/get", {"name": "refine", "arguments": {"other": "x"}}),
        ("prompts/get", None),
        ("tools/call", {"name": "nothing", "arguments": {}}),
        ("tools/call", {"name": "refine_prompt", "arguments": 3}),
        ("resources/read", {"uri": "file:///etc/passwd"}),
        ("resources/read", {"uri": 7}),
        ("completion/complete", {"ref": {"type": "ref/prompt"}, "argument": {}}),
    ],
)
async def test_wrong_parameters_are_said(engine: PlayedEngine, method: str, params: object) -> None:
    async with connected(engine) as client:
        await client.ask(OPENING)
        answer = await client.ask({"id": 1, "method": method, **({"params": params} if params is not None else {})})
        assert answer["error"]["code"] == types.INVALID_PARAMS
        assert not engine.asked
        await is_well(client)


async def test_there_is_no_other_method(engine: PlayedEngine) -> None:
    async with connected(engine) as client:
        await client.ask(OPENING)
        answer = await client.ask({"id": 1, "method": "files/delete", "params": {}})
        assert answer["error"]["code"] == types.METHOD_NOT_FOUND


async def test_a_request_that_is_cancelled_stops_the_work(engine: PlayedEngine) -> None:
    engine.stuck = True
    async with connected(engine) as client:
        await client.ask(OPENING)
        params = {"name": "refine", "arguments": {"request": "fix this"}}
        request = {"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": params}
        await client.send(json.dumps(request).encode() + b"\n")
        await asyncio.wait_for(engine.begun.wait(), BOUND_S)
        await client.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}\n')
        await asyncio.wait_for(engine.cancelled.wait(), BOUND_S)
        await is_well(client)


async def test_a_client_that_asks_and_leaves_is_answered(engine: PlayedEngine) -> None:
    async def steps(workspace: str) -> None:
        for _ in range(2000):  # more than it takes to see that the client has left
            await asyncio.sleep(0)

    engine.shown = steps  # type: ignore[method-assign]
    async with connected(engine) as client:
        await client.ask(OPENING)
        asked = [
            {"jsonrpc": "2.0", "id": number, "method": "prompts/get", "params": {"name": "refine"}} for number in (1, 2)
        ]
        await client.send(b"".join(json.dumps(item).encode() + b"\n" for item in asked))
        client.leave()
        answers = [await client.message() for _ in asked]
    assert {answer["id"] for answer in answers if "result" in answer} == {1, 2}


async def test_a_client_that_leaves_stops_the_work(engine: PlayedEngine) -> None:
    engine.stuck = True
    async with connected(engine) as client:
        await client.ask(OPENING)
        params = {"name": "refine", "arguments": {"request": "fix this"}}
        request = {"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": params}
        await client.send(json.dumps(request).encode() + b"\n")
        await asyncio.wait_for(engine.begun.wait(), BOUND_S)
    assert engine.cancelled.is_set()


async def test_a_client_that_does_not_read_keeps_nothing_from_ending(engine: PlayedEngine) -> None:
    engine.refined = "<task>" + "x" * 1_000_000 + "</task>"
    async with connected(engine) as client:
        await client.ask(OPENING)
        params = {"name": "refine", "arguments": {"request": "fix this"}}
        request = {"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": params}
        await client.send(json.dumps(request).encode() + b"\n")
        await asyncio.wait_for(engine.begun.wait(), BOUND_S)
    assert engine.asked


@given(st.fixed_dictionaries({}, optional=FIELDS) | ANY_JSON)
def test_any_json_is_a_message_or_refused(value: Any) -> None:
    found = message_of(json.dumps(value).encode())
    if isinstance(found, Refusal):
        written = json.loads(found.as_message.model_dump_json(by_alias=True, exclude_unset=True))
        assert written["error"]["code"] in {types.PARSE_ERROR, types.INVALID_REQUEST}
        assert "id" in written


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(line: bytes) -> None:
    message_of(line)


def requests() -> st.SearchStrategy[list[Json]]:
    params = st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from(["refine", "ask", "refine_prompt", "prompt_stats"]) | SCALARS,
            "arguments": st.dictionaries(st.sampled_from(["request", "workspace", "days"]), SCALARS, max_size=2)
            | SCALARS,
            "uri": SCALARS,
            "ref": ANY_JSON,
            "argument": ANY_JSON,
            "_meta": ANY_JSON,
        },
    )
    methods = st.sampled_from(
        ["prompts/get", "tools/call", "resources/read", "completion/complete", "prompts/list", "initialize", "ping"]
    )
    return st.lists(st.fixed_dictionaries({"method": methods}, optional={"params": params | ANY_JSON}), max_size=8)


@given(requests())
def test_any_requests_in_any_order_are_answered_once_each(asked: list[Json]) -> None:
    in_a_loop(lambda: _answered_once_each(asked))


async def _answered_once_each(asked: list[Json]) -> None:
    async with connected(PlayedEngine()) as client:
        for number, request in enumerate(asked):
            answer = await client.ask({"id": number, **request})
            # One whose parameters are no object cannot be known by the library's own types, but its id is.
            assert answer["id"] == number
            assert ("result" in answer) != ("error" in answer)
        await client.ask({"id": "last", "method": "ping"})


def in_a_loop(work: Callable[[], Any]) -> None:
    """Run it in a loop of its own: hypothesis tries many in one test."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
