"""Everything the server asks of the client; a client that cannot do something gets the next best thing."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from optafly.lsp.capabilities import Client
from optafly.lsp.convert import to_lsp_range
from optafly.lsp.uris import uri_of
from optafly.markdown import visible
from optafly.programs import find_program
from optafly.protocol import Range

# Work that is over sooner is not announced.
PROGRESS_AFTER_S: Final = 0.3
_EMACS_READ_S: Final = 0.05
_OPEN_TIME_LIMIT_S: Final = 10.0

log = logging.getLogger(__name__)


class Working:
    """A piece of work that is shown while it lasts."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        self.cancel = cancel
        self.text = ""
        self.percentage: int | None = None
        self.changed = asyncio.Event()

    def report(self, text: str, percentage: int | None = None) -> None:
        """Say what is being done now."""
        self.text, self.percentage = text, percentage
        self.changed.set()


class Ui:
    """The person's editor, as far as this server may use it."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self.client = Client()
        self._working: dict[str, Working] = {}

    def info(self, message: str) -> None:
        """Say something."""
        self._show(message, types.MessageType.Info)

    def warn(self, message: str) -> None:
        """Say that something is not as it should be."""
        self._show(message, types.MessageType.Warning)

    def error(self, message: str) -> None:
        """Say that something failed."""
        self._show(message, types.MessageType.Error)

    async def breathe(self) -> None:
        """Wait until the answer to a command has been read, before a request follows it.

        Emacs' jsonrpc (1.0.14) leaves a request that comes in the same read lying until something else comes; eglot 1.9
        does not say who it is.
        """
        if self.client.name.lower().startswith(("emacs", "eglot")) or not self.client.name:
            await asyncio.sleep(_EMACS_READ_S)

    async def ask(self, message: str, answers: Sequence[str]) -> str | None:
        """Ask with buttons; None when the question was closed, or the client cannot ask."""
        params = types.ShowMessageRequestParams(
            type=types.MessageType.Info,
            message=message,
            actions=[types.MessageActionItem(title=title) for title in answers],
        )
        try:
            chosen = await self._server.window_show_message_request_async(params)
        except JsonRpcException as error:
            # What is asked about can still be read; what can be chosen is among the code actions and lenses.
            log.info("the client cannot ask: %s", error.code)
            self.info(message)
            return None
        return chosen.title if chosen is not None else None

    async def apply_edit(self, uri: str, version: int | None, stretch: Range, text: str, label: str) -> bool:
        """Replace a stretch of a document as one edit; whether the client did."""
        if not self.client.applies_edits:
            return False
        edit = types.TextEdit(to_lsp_range(stretch), text)
        if self.client.document_changes:
            document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
            workspace_edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [edit])])
        else:
            workspace_edit = types.WorkspaceEdit(changes={uri: [edit]})
        try:
            answer = await self._server.workspace_apply_edit_async(
                types.ApplyWorkspaceEditParams(edit=workspace_edit, label=label)
            )
        except JsonRpcException as error:
            log.info("the client refused an edit: %s", error.code)
            return False
        return answer.applied

    async def show_document(self, path: Path, what: str) -> None:
        """Open a file; where that cannot be done say where ``what`` is."""
        if not (await self._shown_by_client(path) or await self._shown_by_zed(path)):
            self.info(f"{what} is in {path}")

    def refresh_lenses(self) -> None:
        """Have the code lenses asked for anew."""
        if self.client.refreshes_lenses:
            # Nothing waits for the answer, which is empty.
            self._server.protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH)

    async def configuration(self, section: str) -> Any:
        """The person's settings; None where the client does not give any."""
        params = types.ConfigurationParams(items=[types.ConfigurationItem(section=section)])
        try:
            answers = await self._server.workspace_configuration_async(params)
        except JsonRpcException as error:
            log.info("the client gives no configuration: %s", error.code)
            return None
        return answers[0] if answers else None

    @contextlib.asynccontextmanager
    async def working(self, title: str, cancel: Callable[[], None], token: Any = None) -> AsyncIterator[Working]:
        """Show that work goes on, if it goes on for a while; ``cancel`` is called when the person stops it."""
        working = Working(cancel)
        shown = asyncio.create_task(self._show_work(title, working, token))
        try:
            yield working
        finally:
            shown.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await shown

    def cancelled(self, token: str | int) -> None:
        """The person stopped the work that is shown under a token."""
        if (working := self._working.get(str(token))) is not None:
            working.cancel()

    async def _show_work(self, title: str, working: Working, token: Any) -> None:
        if token is None:
            await asyncio.sleep(PROGRESS_AFTER_S)
            if (token := await self._new_token()) is None:
                return
        self._working[str(token)] = working
        begin = types.WorkDoneProgressBegin(title=title, cancellable=True, message=working.text or None)
        self._progress(token, begin)
        try:
            while True:
                await working.changed.wait()
                working.changed.clear()
                report = types.WorkDoneProgressReport(
                    cancellable=True, message=working.text, percentage=working.percentage
                )
                self._progress(token, report)
        finally:
            del self._working[str(token)]
            self._progress(token, types.WorkDoneProgressEnd())

    async def _new_token(self) -> str | None:
        if not self.client.progress:
            return None
        token = f"optafly-{uuid.uuid4()}"
        try:
            await self._server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token=token))
        except JsonRpcException:
            return None
        return token

    def _progress(self, token: Any, value: Any) -> None:
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(token=token, value=value))

    def _show(self, message: str, kind: types.MessageType) -> None:
        # Errors are worded to follow "error: " in a terminal, and may name files of any name.
        message = visible(message)
        self._server.window_show_message(types.ShowMessageParams(type=kind, message=message[:1].upper() + message[1:]))

    async def _shown_by_client(self, path: Path) -> bool:
        if not self.client.shows_documents:
            return False
        try:
            answer = await self._server.window_show_document_async(
                types.ShowDocumentParams(uri=uri_of(path), take_focus=True)
            )
        except JsonRpcException:
            return False
        return answer.success

    async def _shown_by_zed(self, path: Path) -> bool:
        """By Zed's own command, for versions of it that do not show documents yet."""
        command = find_program("zed") if self.client.name.lower().startswith("zed") else None
        if command is None:
            return False
        silent = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                command, str(path), stdin=silent, stdout=silent, stderr=silent
            )
        except OSError:
            return False
        try:
            return await asyncio.wait_for(process.wait(), _OPEN_TIME_LIMIT_S) == 0
        except TimeoutError:
            process.kill()
            await process.wait()
            return False
