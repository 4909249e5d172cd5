"""The answer to `initialize` that is made before anything heavy is imported."""

import json
from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from optafly.lsp.early import COMMANDS, QUICK_FIX, REWRITE, early_answer, initialize_result


def message(**changes: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}} | changes).encode()


@pytest.mark.parametrize("identity", [0, 7, "seven", ""])
def test_initialize_is_answered_under_its_identity(identity: int | str) -> None:
    answered = early_answer(message(id=identity))
    assert answered is not None
    assert answered[0] == identity
    assert json.loads(answered[1]) == {"jsonrpc": "2.0", "id": identity, "result": initialize_result()}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff", b"5", b"[]", message(method="shutdown"), message(jsonrpc="1.0"), message(id=None),
        message(id=1.5), b'{"params":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)  # fmt: skip
def test_nothing_else_is(body: bytes) -> None:
    assert early_answer(body) is None


def test_it_is_what_the_library_would_say_of_the_same_capabilities() -> None:
    converter = default_converter()  # type: ignore[no-untyped-call]
    result = converter.structure(initialize_result(), types.InitializeResult)
    assert converter.unstructure(result) == initialize_result()
    can = result.capabilities
    assert can.position_encoding == types.PositionEncodingKind.Utf16
    assert can.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert can.code_action_provider.resolve_provider
    assert list(can.code_action_provider.code_action_kinds) == [QUICK_FIX, REWRITE]
    assert tuple(can.execute_command_provider.commands) == COMMANDS
