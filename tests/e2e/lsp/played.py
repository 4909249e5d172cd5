"""An editor, played: pytest-lsp's client around the real server, with documents, undo and a person who answers."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, LanguageClient, register_lsp_features

BOUND_S = 30.0
COMMAND = (sys.executable, "-m", "optafly", "lsp")


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

    def __init__(self, uri: str, text: str) -> None:
        self.uri = uri
        self.text = text
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


class PlayedEditor:
    """One editor window with its own server process."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[str, Text] = {}
        self.refuse_edits = False
        self.before_edit: Callable[[], Awaitable[None]] | None = None
        self.edits: list[types.ApplyWorkspaceEditParams] = []
        self._questions: asyncio.Queue[Question] = asyncio.Queue()
        self._changed = asyncio.Condition()

    @classmethod
    async def start(
        cls,
        home: Path,
        folders: Sequence[Path],
        *,
        environ: Mapping[str, str] | None = None,
        client: Mapping[str, Any] | None = None,
        options: Any = None,
        settings: Any = None,
        name: str = "Zed",
    ) -> "PlayedEditor":
        """Start a server and initialize it; ``client`` changes `capabilities`, ``settings`` answers for a section."""
        speaker = LanguageClient(converter_factory=converter)
        editor = cls(speaker)
        register_lsp_features(speaker, {**DEFAULT_CLIENT_FEATURES, **editor._features()})
        if settings is not None:
            speaker.set_configuration({"optafly": settings})
        kept = {key: value for key, value in os.environ.items() if not key.startswith("OPTAFLY_")}
        await speaker.start_io(*COMMAND, env={**kept, "OPTAFLY_HOME": str(home), **(environ or {})})
        await asyncio.wait_for(
            speaker.initialize_session(
                types.InitializeParams(
                    capabilities=capabilities(**(client or {})),
                    client_info=types.ClientInfo(name=name),
                    workspace_folders=[types.WorkspaceFolder(uri=item.as_uri(), name=item.name) for item in folders],
                    initialization_options=options,
                )
            ),
            BOUND_S,
        )
        return editor

    async def stop(self) -> None:
        """Shut the server down as an editor does."""
        await asyncio.wait_for(self.client.shutdown_session(), BOUND_S)
        await self.client.stop()  # type: ignore[no-untyped-call]

    # Documents

    def open(self, path: Path, language: str, text: str | None = None) -> Text:
        """Open a file, with another text than it has where one is given (unsaved)."""
        held = self.texts[path.as_uri()] = Text(path.as_uri(), path.read_bytes().decode() if text is None else text)
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(held.uri, language, held.version, held.text))
        )
        return held

    def close(self, held: Text) -> None:
        del self.texts[held.uri]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(held.uri)))

    def change(self, held: Text, start: int, end: int, new: str) -> None:
        """Type something in the place of a stretch (offsets)."""
        stretch = types.Range(position(held.text, start), position(held.text, end))
        held.undo.append(held.text)
        held.text = held.text[:start] + new + held.text[end:]
        held.version += 1
        self._tell(held, types.TextDocumentContentChangePartial(range=stretch, text=new))

    def undo(self, held: Text) -> None:
        """Take the last change back."""
        held.text = held.undo.pop()
        held.version += 1
        self._tell(held, types.TextDocumentContentChangeWholeDocument(text=held.text))

    def save(self, held: Text, path: Path) -> None:
        path.write_text(held.text, "utf-8", newline="")
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(held.uri)))

    # What a person does

    async def actions(
        self,
        held: Text,
        start: int,
        end: int | None = None,
        *,
        diagnostics: Sequence[types.Diagnostic] = (),
        only: Sequence[str] | None = None,
    ) -> list[Any]:
        """Code actions at a cursor or a selection (offsets)."""
        params = types.CodeActionParams(
            text_document=types.TextDocumentIdentifier(held.uri),
            range=types.Range(position(held.text, start), position(held.text, start if end is None else end)),
            context=types.CodeActionContext(diagnostics=list(diagnostics), only=list(only) if only else None),
        )
        found = await asyncio.wait_for(self.client.text_document_code_action_async(params), BOUND_S)
        return list(found or ())

    async def choose(self, action: Any) -> None:
        """Choose a code action: it is resolved, its edit made, its command executed."""
        if isinstance(action, types.Command):
            await self.command(action.command, *(action.arguments or ()))
            return
        if action.command is None and action.edit is None:
            action = await asyncio.wait_for(self.client.code_action_resolve_async(action), BOUND_S)
        if action.edit is not None:
            self._make(action.edit)
        if action.command is not None:
            await self.command(action.command.command, *(action.command.arguments or ()))

    async def command(self, name: str, *arguments: Any) -> Any:
        params = types.ExecuteCommandParams(command=name, arguments=list(arguments))
        return await asyncio.wait_for(self.client.workspace_execute_command_async(params), BOUND_S)

    async def lenses(self, held: Text) -> list[types.CodeLens]:
        params = types.CodeLensParams(types.TextDocumentIdentifier(held.uri))
        found = await asyncio.wait_for(self.client.text_document_code_lens_async(params), BOUND_S)
        return list(found or ())

    async def question(self) -> Question:
        """The next message with buttons."""
        return await asyncio.wait_for(self._questions.get(), BOUND_S)

    async def until(self, met: Callable[[], Any]) -> None:
        """Wait until something the server does has made this true."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: bool(met())), BOUND_S)

    @property
    def messages(self) -> list[str]:
        """What the server said."""
        return [item.message for item in self.client.messages]

    @property
    def shown(self) -> list[str]:
        """URIs of the documents that the server had opened."""
        return [item.uri for item in self.client.shown_documents]

    # What the server asks for

    def _features(self) -> dict[str, Callable[..., Any]]:
        async def question(_client: LanguageClient, params: types.ShowMessageRequestParams) -> Any:
            asked = Question(params)
            await self._questions.put(asked)
            return await asked.wait()

        async def apply_edit(
            _client: LanguageClient, params: types.ApplyWorkspaceEditParams
        ) -> types.ApplyWorkspaceEditResult:
            if self.before_edit is not None:
                once, self.before_edit = self.before_edit, None
                await once()
            applied = not self.refuse_edits and self._make(params.edit)
            self.edits.append(params)
            await self._notice()
            return types.ApplyWorkspaceEditResult(applied=applied)

        async def show_document(client: LanguageClient, params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            client.shown_documents.append(params)
            await self._notice()
            return types.ShowDocumentResult(success=True)

        async def show_message(client: LanguageClient, params: types.ShowMessageParams) -> None:
            client.messages.append(params)
            await self._notice()

        async def progress(client: LanguageClient, params: types.ProgressParams) -> None:
            client.progress_reports.setdefault(params.token, []).append(params)
            await self._notice()

        def refresh(_client: LanguageClient, _params: Any) -> None:
            return None

        return {
            types.WINDOW_SHOW_MESSAGE_REQUEST: question,
            types.WORKSPACE_APPLY_EDIT: apply_edit,
            types.WINDOW_SHOW_DOCUMENT: show_document,
            types.WINDOW_SHOW_MESSAGE: show_message,
            types.PROGRESS: progress,
            types.WORKSPACE_CODE_LENS_REFRESH: refresh,
        }

    async def _notice(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _make(self, edit: types.WorkspaceEdit) -> bool:
        """Make an edit as one step that can be undone; an edit of another version is refused."""
        wanted: list[tuple[str, int | None, list[Any]]] = [
            (uri, None, list(edits)) for uri, edits in (edit.changes or {}).items()
        ]
        for item in edit.document_changes or ():
            assert isinstance(item, types.TextDocumentEdit)
            wanted.append((item.text_document.uri, item.text_document.version, list(item.edits)))
        for uri, version, edits in wanted:
            held = self.texts[uri]
            if version is not None and version != held.version:
                return False
            (only,) = edits
            start, end = offset(held.text, only.range.start), offset(held.text, only.range.end)
            self.change(held, start, end, only.new_text)
        return True

    def _tell(self, held: Text, change: Any) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version=held.version, uri=held.uri), [change]
            )
        )


def position(text: str, at: int) -> types.Position:
    """An offset as LSP counts it; written apart from the server's own way of doing so."""
    before = text[:at].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rpartition("\n")[2]
    return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def offset(text: str, where: types.Position) -> int:
    """The offset of a position."""
    return next(at for at in range(len(text) + 1) if position(text, at) == where)
