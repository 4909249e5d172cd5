"""Messages that are not as they should be: the server survives them, or ends cleanly."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from optafly.lsp.early import initialize_result
from tests.e2e.lsp.raw import RawServer, frame

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
NOT_INITIALIZED = -32002
PARSE_ERROR = -32700
PING = frame({"jsonrpc": "2.0", "id": 7, "method": "nothing/known", "params": {}})
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(home: Path) -> AsyncIterator[RawServer]:
    """A server that was told nothing yet."""
    server = await RawServer.start(home)
    yield server
    assert await server.stop() == ""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(home: Path) -> AsyncIterator[RawServer]:
    """A server that is initialized, for all tests here that it should survive."""
    server = await RawServer.start(home)
    await server.initialize()
    yield server
    assert await server.stop() == ""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(frame(b"{"), id="no JSON"),
        pytest.param(frame(b"\xff\xfe\x00"), id="no UTF-8"),
        pytest.param(frame(b""), id="empty"),
        pytest.param(frame(b"[]"), id="a list"),
        pytest.param(frame(b"5"), id="a number"),
        pytest.param(frame(DEEP), id="nested too deeply"),
        pytest.param(frame({"jsonrpc": "1.0", "id": 1, "method": "shutdown"}), id="another version"),
        pytest.param(frame({"jsonrpc": "2.0"}), id="no method"),
        pytest.param(frame({"jsonrpc": "2.0", "id": 3}), id="neither request nor answer"),
        pytest.param(frame({"jsonrpc": "2.0", "id": [1], "result": 1}), id="an answer without an identity"),
        pytest.param(frame({"jsonrpc": "2.0", "id": "unknown", "result": 1}), id="an answer nobody waits for"),
        pytest.param(frame({"jsonrpc": "2.0", "id": 5, "error": 5}), id="an error of a wrong form"),
        pytest.param(frame({"jsonrpc": "2.0", "method": 5, "params": {}}), id="a method that is a number"),
        pytest.param(frame({"jsonrpc": "2.0", "method": "no/such", "params": []}), id="an unknown notification"),
        pytest.param(frame({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {}}), id="a cancel of nothing"),
        pytest.param(
            frame({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": 5}), id="parameters of a wrong form"
        ),
        pytest.param(
            frame(
                {
                    "jsonrpc": "2.0",
                    "method": "textDocument/didChange",
                    "params": {
                        "textDocument": {"uri": "file:///nowhere", "version": 1},
                        "contentChanges": [{"text": "x", "range": {"start": {"line": -1}}}],
                    },
                }
            ),
            id="a position of a wrong form",
        ),
        pytest.param(
            frame({"jsonrpc": "2.0", "method": "window/workDoneProgress/cancel", "params": {"token": "none"}}),
            id="progress that is not there",
        ),
        pytest.param(b"X-Other: yes\r\nContent-Type: text\r\ncontent-length:" + frame(b"{}")[15:], id="more headers"),
        pytest.param(b"x" * 100_000 + b"\r\n", id="a header that is far too long"),
        pytest.param(b"\x00\x01garbage\r\n\r\n\n\n", id="garbage"),
        pytest.param(b"Content-Length: many\r\n\r\n{}", id="a length that is no number"),
        pytest.param(b"Content-Length: -5\r\n\r\n{}", id="a negative length"),
        pytest.param(
            b"Content-Length: 10\r\n\r\n" + b'{"jsonrpc":"2.0","method":"too/short"}', id="too short a length"
        ),
        pytest.param(b"x" * 5000, id="a long line without an end"),
    ],
)
async def test_a_message_with_a_fault_is_survived(running: RawServer, data: bytes) -> None:
    running.write(data)
    assert await running.lives()


async def test_too_long_a_length_costs_the_messages_it_swallows(running: RawServer) -> None:
    running.write(b"Content-Length: %d\r\n\r\n{}" % (len(PING) + 12))
    running.write(PING)
    running.write(PING)
    assert await running.lives()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "no/such", "params": {}}, METHOD_NOT_FOUND),
        ({"method": "textDocument/hover", "params": {}}, None),
        ({"method": "textDocument/codeAction", "params": {"range": 1}}, None),
        ({"method": "textDocument/codeAction", "params": None}, None),
        (
            {
                "method": "textDocument/codeAction",
                "params": {"range": 1, "textDocument": {"uri": "x"}, "context": {"diagnostics": 5}},
            },
            None,
        ),
        ({"method": "workspace/executeCommand", "params": {"arguments": 5}}, None),
        ({"method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}, INVALID_REQUEST),
    ],
)
async def test_every_request_gets_an_answer(running: RawServer, message: dict[str, Any], code: int | None) -> None:
    running.write(frame({"jsonrpc": "2.0", "id": "odd", **message}))
    error = (await running.answer("odd"))["error"]
    assert code is None or error["code"] == code
    assert "Traceback" not in str(error)


async def test_initialize_is_answered_with_what_the_server_can_do(fresh: RawServer) -> None:
    answer = await fresh.initialize()
    assert answer["result"] == initialize_result()
    assert await fresh.lives()


async def test_nothing_is_answered_before_initialize(fresh: RawServer) -> None:
    answer = await fresh.ask("textDocument/codeAction", {})
    assert answer["error"]["code"] == NOT_INITIALIZED
    fresh.send("textDocument/didOpen", {})
    fresh.write(frame(b"{nonsense"))
    assert (await fresh.answer(None))["error"]["code"] == PARSE_ERROR
    assert "result" in await fresh.initialize()
    assert await fresh.lives()


async def test_capabilities_of_a_later_version_are_no_hindrance(fresh: RawServer) -> None:
    kinds = {"completionItem": {"tagSupport": {"valueSet": [1, 999]}}, "completionItemKind": {"valueSet": [1, 999]}}
    action = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "new"]}}}
    await fresh.initialize(
        capabilities={"textDocument": {"completion": kinds, "codeAction": action}, "workspace": 5},
        clientInfo={"name": 5},
        trace="loud",
    )
    assert await fresh.lives()


@pytest.mark.parametrize("params", [5, None, {}, {"capabilities": None}, {"workspaceFolders": [5], "capabilities": {}}])
async def test_initialize_of_a_wrong_form_still_gives_a_server(fresh: RawServer, params: Any) -> None:
    assert "result" in await fresh.ask("initialize", params)
    fresh.send("initialized", {})
    assert await fresh.lives()


async def test_a_diagnostic_of_a_later_version_does_not_hide_the_actions(running: RawServer) -> None:
    text = {"uri": "file:///tmp/later.md", "languageId": "markdown", "version": 1, "text": "fix this bug in it\n"}
    running.send("textDocument/didOpen", {"textDocument": text})
    here = {"start": {"line": 0, "character": 1}, "end": {"line": 0, "character": 3}}
    later = {"range": here, "message": "m", "severity": 9, "tags": [7], "code": 1.5}
    context = {"diagnostics": [later, {"range": here, "message": "n"}], "triggerKind": 9, "only": None}
    answer = await running.ask(
        "textDocument/codeAction", {"textDocument": text, "range": here, "context": context}, "later"
    )
    assert "Refine prompt" in [action["title"] for action in answer["result"]]


async def test_exit_without_shutdown_is_a_failure(fresh: RawServer) -> None:
    await fresh.initialize()
    fresh.send("exit")
    assert await fresh.ended() == 1


async def test_shutdown_then_exit_is_success_and_nothing_is_answered_between(fresh: RawServer) -> None:
    await fresh.initialize()
    assert (await fresh.ask("shutdown"))["result"] is None
    assert (await fresh.ask("textDocument/codeLens", {"textDocument": {"uri": "x"}}))["error"]["code"] == (
        INVALID_REQUEST
    )
    fresh.send("exit")
    assert await fresh.ended() == 0


async def test_exit_is_the_one_thing_that_may_come_first(fresh: RawServer) -> None:
    fresh.send("exit")
    assert await fresh.ended() == 1


@pytest.mark.parametrize("last", [b"", b"Content-Le", b'Content-Length: 50\r\n\r\n{"jsonrpc":'])
async def test_the_end_of_the_input_ends_the_server(fresh: RawServer, last: bytes) -> None:
    fresh.write(last)
    fresh.close()
    assert await fresh.ended() == 1


async def test_the_end_of_the_input_in_mid_message_ends_it_later_too(fresh: RawServer) -> None:
    await fresh.initialize()
    fresh.write(b'Content-Length: 50\r\n\r\n{"jsonrpc":')
    fresh.close()
    assert await fresh.ended() == 1
