"""One editor window around the real server process: documents, undo, and what the server asks of an editor."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lsprotocol import types
from pytest_lsp.client import LanguageClient

from tests.e2e.lsp.words import Question, Text, offset, position


class Window:
    """Documents as the editor has them, kept in step with the server by notifications."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[str, Text] = {}
        self.refuse_edits = False
        self.folders: tuple[Path, ...] = ()
        self.uri_of: Callable[[Path], str] = Path.as_uri
        """How this editor spells the URI of a file."""
        self.shows_marks = True
        """Whether a byte order mark is part of the text that this editor shows."""
        self.before_edit: Callable[[], Awaitable[None]] | None = None
        self.edits: list[types.ApplyWorkspaceEditParams] = []
        self._questions: asyncio.Queue[Question] = asyncio.Queue()
        self._changed = asyncio.Condition()

    # Documents

    def open(self, path: Path, language: str, text: str | None = None) -> Text:
        """Open a file, with another text than it has where one is given (unsaved)."""
        uri = self.uri_of(path)
        held = self.texts[uri] = Text(uri, self._read(path) if text is None else text, language)
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
        path = Path(unquote(uri.removeprefix("file://")))
        return self.texts.get(self.uri_of(path)) or self.open(path, "markdown")

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
            types.RenameFilesParams([types.FileRename(old_uri=self.uri_of(old), new_uri=self.uri_of(new))])
        )

    def undo(self, held: Text) -> None:
        """Take the last change back."""
        held.text = held.undo.pop()
        held.version += 1
        self._tell(held, types.TextDocumentContentChangeWholeDocument(text=held.text))

    def save(self, held: Text, path: Path) -> None:
        path.write_text(held.text, "utf-8", newline="")
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(held.uri)))

    # What the server asks for

    def _features(self) -> dict[str, Callable[..., Any]]:
        async def question(_client: LanguageClient, params: types.ShowMessageRequestParams) -> Any:
            asked = Question(params)
            await self._questions.put(asked)
            await self._notice()
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

    def _read(self, path: Path) -> str:
        return path.read_bytes().decode("utf-8" if self.shows_marks else "utf-8-sig")

    def _tell(self, held: Text, change: Any) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version=held.version, uri=held.uri), [change]
            )
        )


def path_of(held: Text) -> Path:
    """The file of a document."""
    return Path(unquote(held.uri.removeprefix("file://")))
