"""Joins the parts of the language server and hands them the client's messages."""

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from lsprotocol import types

from optafly.core.client import CoreClient
from optafly.core.wire import ApprovalRequest, Handover
from optafly.errors import OptaFlyError
from optafly.lsp.capabilities import read_client
from optafly.lsp.convert import from_lsp_change
from optafly.lsp.documents import TextDocument
from optafly.lsp.early import initialize_result
from optafly.lsp.editor import Editor
from optafly.lsp.flow import Flow
from optafly.lsp.handlers import Handlers
from optafly.lsp.link import CoreLink
from optafly.lsp.logs import start_log
from optafly.lsp.model_offer import offer_model
from optafly.lsp.protocol import Protocol, Server
from optafly.lsp.requests import state_of
from optafly.lsp.settings import SECTION, EditorSettings
from optafly.lsp.stdio import Writer, start_reading
from optafly.lsp.store import ReviewStore
from optafly.lsp.ui import Ui
from optafly.lsp.uris import key_of, path_of
from optafly.paths import Paths, resolve_paths

PUBLISH_AFTER_S: Final = 0.5
CONFIGURATION_S: Final = 2.0
CLOSE_S: Final = 1.0
END_S: Final = 0.5
"""How long leaving the core may take, and then all that is still under way."""

log = logging.getLogger(__name__)


def run(stdin: BinaryIO, stdout: BinaryIO, first: bytes, answered: int | str | None) -> int:
    """Serve until the client says `exit` or goes away; ``answered`` is the request that has its answer already."""
    paths = resolve_paths()
    start_log(paths)
    return asyncio.run(_serve(paths, os.environ, stdin, stdout, first, answered))


async def _serve(
    paths: Paths,
    environ: Mapping[str, str],
    stdin: BinaryIO,
    stdout: BinaryIO,
    first: bytes,
    answered: int | str | None,
) -> int:
    loop = asyncio.get_running_loop()
    application = Application(paths, environ)
    gone = application.stopped.set
    writer = Writer(stdout, lambda: loop.call_soon_threadsafe(gone))
    application.protocol.set_writer(writer)
    application.protocol.answered_early = answered
    application.protocol.receive(first)
    start_reading(stdin, lambda body: loop.call_soon_threadsafe(application.receive, body))
    try:
        await application.stopped.wait()
    finally:
        # A core that does not answer must not keep this process.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(application.close(), CLOSE_S)
        await asyncio.to_thread(writer.close)
        _end_soon(application.status)
    return application.status


def _end_soon(status: int) -> None:
    """End this process shortly, even where a thread still waits for a disk; all is said and written by now."""
    limit = threading.Timer(END_S, os._exit, (status,))
    limit.daemon = True
    limit.start()


class Application:
    """The language server: its state, and which part handles what."""

    def __init__(self, paths: Paths, environ: Mapping[str, str]) -> None:
        self.server = Server()
        protocol = self.server.protocol
        assert isinstance(protocol, Protocol)  # noqa: S101
        self.protocol = protocol
        self.stopped = asyncio.Event()
        self.status = 1
        self._store = ReviewStore(paths)
        self._ui = Ui(self.server)
        self._settings = EditorSettings(paths, environ, self._ui.warn)
        self._editor = Editor(
            self._store.folder, paths.state_dir / "alone", self._settings.is_private, answers=self._store.answers
        )
        self._link = CoreLink(CoreClient(paths, environ), self._attached)
        self._flow = Flow(self._editor, self._ui, self._link, self._settings, self._store)
        self._handlers = Handlers(self._editor, self._flow, self._ui, self._link, self._settings, self._store)
        self._paths = paths
        self._publishing: asyncio.TimerHandle | None = None
        self._seen_model = ""
        self._begun = False
        self._configured = asyncio.Event()
        self.protocol.replace_handlers(self._by_method())

    def receive(self, body: bytes | None) -> None:
        """Take a message from the client; None when there will be no more."""
        if body is None:
            self.stopped.set()
        elif not self.stopped.is_set():
            self.protocol.receive(body)

    async def close(self) -> None:
        """Stop all work."""
        if self._publishing is not None:
            self._publishing.cancel()
        await self._flow.close()
        await self._link.close()

    def _by_method(self) -> Mapping[str, Callable[..., Any]]:
        handlers = self._handlers
        return {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._initialized,
            types.SHUTDOWN: self._shutdown,
            types.EXIT: lambda *_: self.stopped.set(),
            types.SET_TRACE: lambda _: None,
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: lambda params: self._ui.cancelled(params.token),
            types.TEXT_DOCUMENT_DID_OPEN: self._did_open,
            types.TEXT_DOCUMENT_DID_CHANGE: self._did_change,
            types.TEXT_DOCUMENT_DID_SAVE: lambda params: self._editor.saved(key_of(params.text_document.uri)),
            types.TEXT_DOCUMENT_DID_CLOSE: self._did_close,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._did_change_folders,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._did_change_configuration,
            types.WORKSPACE_DID_RENAME_FILES: self._did_rename,
            types.WORKSPACE_DID_DELETE_FILES: self._did_delete,
            types.TEXT_DOCUMENT_CODE_ACTION: self._code_action,
            types.CODE_ACTION_RESOLVE: handlers.resolve,
            types.TEXT_DOCUMENT_CODE_LENS: lambda params: handlers.code_lenses(params.text_document.uri),
            types.WORKSPACE_EXECUTE_COMMAND: self._execute,
        }

    # Lifecycle

    def _initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        converter = self.protocol._converter
        self._ui.client = read_client(self.protocol.initialize_params)
        self.protocol.client_capabilities = params.capabilities
        self._editor.folders = _folders(params)
        self.protocol.initialized = True
        self._settings.begin(params.initialization_options)
        result: types.InitializeResult = converter.structure(initialize_result(), types.InitializeResult)
        return result

    def _initialized(self, _params: Any) -> None:
        if self._begun:
            return
        self._begun = True
        self._flow.start(self._begin())

    async def _begin(self) -> None:
        await asyncio.to_thread(self._store.tidy)
        self._flow.start(self._pull_configuration())
        # A client that does not answer must not keep the core from being reached.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._configured.wait(), CONFIGURATION_S)
        self._link.start(self._from_elsewhere)

    def _from_elsewhere(self, request: ApprovalRequest | Handover) -> None:
        """What other front-ends ask this person, or have heard from them."""
        if isinstance(request, Handover):
            self._flow.start(self._flow.decided_elsewhere(request))
        else:
            self._flow.start(self._flow.approve(request))

    def _shutdown(self, *_: Any) -> None:
        self.protocol._shutdown = True
        self.status = 0
        self._flow.stop()

    def _attached(self) -> None:
        """The core is there, for the first time or again."""
        self._publish_soon()
        self._see_model()
        if self._settings.config.get("editor.work_ahead"):
            self._flow.start(self._link.warm(self._settings.values))

    # Documents

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        language = getattr(item.language_id, "value", item.language_id)
        document = TextDocument(item.uri, str(language), item.version, item.text)
        uri = key_of(item.uri)
        self._left(uri)  # one that was open already may have been left without a word
        self._editor.open(document)
        self._flow.proposals.opened(uri, document.text)
        self._publish_soon()

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        uri = key_of(params.text_document.uri)
        changes = [from_lsp_change(change) for change in params.content_changes]
        edits = self._editor.change(uri, changes, params.text_document.version)
        self._handlers.offers.move(uri, edits)
        self._flow.proposals.move(uri, edits)
        self._publish_soon()

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        uri = key_of(params.text_document.uri)
        self._left(uri)
        self._editor.close(uri)
        self._handlers.offers.forget(uri)
        self._publish_soon()

    def _left(self, uri: str) -> None:
        """Edits of a document are not heard of any longer."""
        if (held := self._editor.documents.get(uri)) is not None:
            self._flow.proposals.closed(uri, held.document.text)

    def _did_rename(self, params: types.RenameFilesParams) -> None:
        for item in params.files:
            old, new = key_of(item.old_uri), key_of(item.new_uri)
            self._editor.renamed(old, new)
            self._flow.proposals.renamed(old, new, self._editor.text_of)

    def _did_delete(self, params: types.DeleteFilesParams) -> None:
        for item in params.files:
            self._editor.deleted(key_of(item.uri))

    def _did_change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        removed = {path_of(folder.uri) for folder in params.event.removed}
        added = [path for folder in params.event.added if (path := path_of(folder.uri)) is not None]
        kept = [folder for folder in self._editor.folders if folder not in removed]
        self._editor.folders = tuple(dict.fromkeys((*kept, *added)))
        self._publish_soon()

    # Settings

    def _did_change_configuration(self, params: types.DidChangeConfigurationParams) -> None:
        if self._ui.client.configuration:
            self._flow.start(self._pull_configuration())
        else:
            self._settings.change(params.settings)
            self._see_model()

    async def _pull_configuration(self) -> None:
        if self._ui.client.configuration:
            self._settings.change(await self._ui.configuration(SECTION))
            self._see_model()
        self._configured.set()

    def _see_model(self) -> None:
        """Look whether the configured model is there, once for each model that is configured."""
        name = self._settings.config.get("model")
        if self._link.attached and name != self._seen_model:
            self._seen_model = name
            self._flow.start(offer_model(self._link, self._ui, self._settings, self._paths))

    # Requests

    def _code_action(self, params: types.CodeActionParams) -> Any:
        actions = self._handlers.code_actions(params)
        self._publish_soon()
        return actions

    def _execute(self, params: types.ExecuteCommandParams) -> None:
        try:
            self._handlers.execute(params)
        except OptaFlyError as error:
            # Editors hide the errors of commands; a message is seen.
            self._ui.error(str(error))

    def _publish_soon(self) -> None:
        """Tell the core what the editor shows, once it has come to rest."""
        if self._publishing is not None:
            self._publishing.cancel()
        self._publishing = asyncio.get_running_loop().call_later(PUBLISH_AFTER_S, self._publish)

    def _publish(self) -> None:
        self._publishing = None
        self._flow.start(self._publish_now())

    async def _publish_now(self) -> None:
        # The person asked for nothing here: what fails is tried again with the next change.
        with contextlib.suppress(OptaFlyError):
            await self._link.publish(await state_of(self._editor))


def _folders(params: types.InitializeParams) -> tuple[Path, ...]:
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    if not uris and params.root_path:
        return (Path(params.root_path),)
    return tuple(path for uri in uris if (path := path_of(uri)) is not None)
