"""An editor, played: pytest-lsp's client around the real server, with documents, undo and a person who answers."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, LanguageClient, register_lsp_features

from tests.e2e.lsp.words import Question, Text, capabilities, converter, offset, position

__all__ = ["BOUND_S", "COMMAND", "PlayedEditor", "Question", "Text", "capabilities"]

BOUND_S = 30.0
COMMAND = (sys.executable, "-m", "optafly", "lsp")


class PlayedEditor:
    """One editor window with its own server process."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[str, Text] = {}
        self.refuse_edits = False
        self.folders: tuple[Path, ...] = ()
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
        without: Sequence[str] = (),
    ) -> "PlayedEditor":
        """Start a server and initialize it.

        ``client`` changes `capabilities`, ``settings`` answers for a section, requests ``without`` an answer are
        methods that this editor does not know.
        """
        speaker = LanguageClient(converter_factory=converter)
        editor = cls(speaker)
        editor.folders = tuple(folders)
        features = {**DEFAULT_CLIENT_FEATURES, **editor._features()}
        register_lsp_features(speaker, {method: do for method, do in features.items() if method not in without})
        speaker.set_configuration({"optafly": settings} if settings is not None else {})
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
        """Shut the server down as an editor does; one that ended already is left alone."""
        if self.process.returncode is None:
            await asyncio.wait_for(self.client.shutdown_session(), BOUND_S)
        await self.client.stop()  # type: ignore[no-untyped-call]

    async def ended(self) -> int:
        """The server's exit status, once it has ended."""
        return await asyncio.wait_for(self.process.wait(), BOUND_S)

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server's process."""
        found = self.client._server
        assert found is not None
        return found

    # Documents

    def open(self, path: Path, language: str, text: str | None = None) -> Text:
        """Open a file, with another text than it has where one is given (unsaved)."""
        held = self.texts[path.as_uri()] = Text(path.as_uri(), _read(path) if text is None else text, language)
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(held.uri, language, held.version, held.text))
        )
        return held

    def make(self, name: str, language: str, text: str) -> Text:
        """Write a file into the first folder and open it."""
        path = self.folders[0] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return self.open(path, language)

    def open_uri(self, uri: str) -> Text:
        """Open one of the server's own documents, unless it is open."""
        return self.texts.get(uri) or self.open(Path(uri.removeprefix("file://")), "markdown")

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

    def rename(self, held: Text, path: Path, *, tell: bool = True) -> Text:
        """Rename the file of an open document, as Zed does: closed and opened by its new name."""
        old = path_of(held)
        old.rename(path)
        self.close(held)
        renamed = self.open(path, held.language, held.text)
        if tell:
            self.renamed(old, path)
        return renamed

    def renamed(self, old: Path, new: Path) -> None:
        """Say that a file or a folder goes by another name now."""
        self.client.workspace_did_rename_files(
            types.RenameFilesParams([types.FileRename(old_uri=old.as_uri(), new_uri=new.as_uri())])
        )

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

    async def act(self, held: Text, at: int, title: str = "Refine prompt") -> None:
        """Choose the action of that title at a place."""
        (action,) = [item for item in await self.actions(held, at) if item.title == title]
        await self.choose(action)

    async def lenses_once(self, held: Text) -> list[types.CodeLens]:
        """Code lenses, once there are any."""
        async with asyncio.timeout(BOUND_S):
            while not (found := await self.lenses(held)):
                pass
        return found

    def stop_work(self, token: Any) -> None:
        """Press the button that stops what is shown under a token."""
        self.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=token))

    async def question(self) -> Question:
        """The next message with buttons."""
        return await asyncio.wait_for(self._questions.get(), BOUND_S)

    async def until(self, met: Callable[[], Any]) -> None:
        """Wait until something the server does has made this true."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: bool(met())), BOUND_S)

    @property
    def unasked(self) -> bool:
        """Whether no question is left that a test did not look at."""
        return self._questions.empty()

    async def said(self, part: str) -> str:
        """The first message that holds this, once it is there."""
        await self.until(lambda: any(part in message for message in self.messages))
        return next(message for message in self.messages if part in message)

    async def nothing_waits(self) -> None:
        """Wait until no refined prompt waits for a decision."""
        async with asyncio.timeout(BOUND_S):
            while "waiting 0" not in await self._stats():
                pass

    async def _stats(self) -> str:
        self.client.messages.clear()
        await self.command("optafly.stats")
        stats = await self.said("core running")
        self.client.messages.clear()
        return stats

    @property
    def progress(self) -> list[tuple[Any, Any]]:
        """Progress that was shown, as tokens and values."""
        reports = self.client.progress_reports
        return [(token, item.value) for token, items in reports.items() for item in items]

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
            held = self.open_uri(uri)
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


def path_of(held: Text) -> Path:
    """The file of a document."""
    return Path(held.uri.removeprefix("file://"))


def _read(path: Path) -> str:
    return path.read_bytes().decode()
