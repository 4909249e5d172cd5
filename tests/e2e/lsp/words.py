"""What a played editor is made of: its capabilities, documents, positions, and the questions it is asked."""

import asyncio
import re
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter


def converter() -> Any:
    """pygls' converter, less a mistake of lsprotocol 2025.0.0: there every action that has a command is a Command."""
    made = default_converter()  # type: ignore[no-untyped-call]

    def structure(value: Any, _: Any) -> Any:
        kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
        return made.structure(value, kind)

    made.register_structure_hook(types.Command | types.CodeAction, structure)
    return made


class Question:
    """A message with buttons that the server shows."""

    def __init__(self, params: types.ShowMessageRequestParams) -> None:
        self.message = params.message
        self.buttons = [item.title for item in params.actions or ()]
        self._answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def answer(self, title: str | None) -> None:
        """Press a button; None closes the message."""
        assert title is None or title in self.buttons, f"{title!r} is not among {self.buttons}"
        self._answer.set_result(title)

    async def wait(self) -> types.MessageActionItem | None:
        title = await self._answer
        return None if title is None else types.MessageActionItem(title=title)


class Text:
    """An open document as an editor has it."""

    def __init__(self, uri: str, text: str, language: str = "") -> None:
        self.uri = uri
        self.text = text
        self.language = language
        self.version = 1
        self.undo: list[str] = []


def capabilities(**changes: Any) -> types.ClientCapabilities:
    """What Zed announces, as far as this server is concerned; ``changes`` by the names of the flags below."""
    flags = {
        "literals": True, "resolve": True, "document_changes": True, "apply_edit": True, "show_document": True,
        "progress": True, "configuration": True, "lenses": True,
    } | changes  # fmt: skip
    action: dict[str, Any] = {}
    if flags["literals"]:
        action["codeActionLiteralSupport"] = {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}}
    if flags["resolve"]:
        action |= {"dataSupport": True, "resolveSupport": {"properties": ["edit", "command"]}}
    plain = {
        "general": {"positionEncodings": ["utf-16"]},
        "workspace": {
            "applyEdit": flags["apply_edit"],
            "workspaceEdit": {"documentChanges": flags["document_changes"]},
            "configuration": flags["configuration"],
            "codeLens": {"refreshSupport": flags["lenses"]},
            "workspaceFolders": True,
        },
        "textDocument": {"codeAction": action},
        "window": {"workDoneProgress": flags["progress"]},
    }
    if flags["show_document"]:
        plain["window"]["showDocument"] = {"support": True}
    structured: types.ClientCapabilities = converter().structure(plain, types.ClientCapabilities)
    return structured


def problem(text: str, start: int, end: int, message: str = "wrong", **more: Any) -> types.Diagnostic:
    """A diagnostic between two offsets, as any server may have found it."""
    return types.Diagnostic(
        range=types.Range(position(text, start), position(text, end)),
        message=message,
        severity=types.DiagnosticSeverity.Error,
        **more,
    )


def position(text: str, at: int) -> types.Position:
    """An offset as LSP counts it; written apart from the server's own way of doing so."""
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rpartition("\n")[2]
    return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def offset(text: str, where: types.Position) -> int:
    """The offset of a position."""
    ends = [found.end() for found in re.finditer(r"\r\n|\n|\r", text)]
    at = [0, *ends][where.line]
    units = text[at:].encode("utf-16-le")[: 2 * where.character]
    return at + len(units.decode("utf-16-le"))
