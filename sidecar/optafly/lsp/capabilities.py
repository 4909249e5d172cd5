"""What the client can do, read from what it announced; what it did not announce it is not asked to do."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Client(msgspec.Struct, frozen=True):
    """The client's abilities that the server makes use of."""

    action_literals: bool = False
    resolves_command: bool = False
    document_changes: bool = False
    applies_edits: bool = False
    shows_documents: bool = False
    progress: bool = False
    configuration: bool = False
    refreshes_lenses: bool = False
    name: str = ""


def read_client(params: Any) -> Client:
    """Read the parameters of `initialize`, as plain data; whatever has another form than it should counts as absent."""
    action = _at(params, "capabilities.textDocument.codeAction")
    properties = _at(action, "resolveSupport.properties")
    return Client(
        action_literals=isinstance(_at(action, "codeActionLiteralSupport"), dict),
        resolves_command=(
            isinstance(properties, list) and "command" in properties and _at(action, "dataSupport") is True
        ),
        document_changes=_at(params, "capabilities.workspace.workspaceEdit.documentChanges") is True,
        applies_edits=_at(params, "capabilities.workspace.applyEdit") is True,
        shows_documents=_at(params, "capabilities.window.showDocument.support") is True,
        progress=_at(params, "capabilities.window.workDoneProgress") is True,
        configuration=_at(params, "capabilities.workspace.configuration") is True,
        refreshes_lenses=_at(params, "capabilities.workspace.codeLens.refreshSupport") is True,
        name=str(_at(params, "clientInfo.name") or ""),
    )


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
