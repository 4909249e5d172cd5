"""An editor, played: pytest-lsp's client around the real server, and a person who chooses, answers and waits."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, LanguageClient, register_lsp_features

from tests.e2e.lsp.window import Window, path_of
from tests.e2e.lsp.words import Question, Text, capabilities, converter, position
from tests.small_model import SMALL_MODEL

__all__ = ["BOUND_S", "COMMAND", "PlayedEditor", "Question", "Text", "capabilities", "path_of"]

BOUND_S = 30.0
COMMAND = (sys.executable, "-m", "optafly", "lsp")


class PlayedEditor(Window):
    """One editor window with its own server process."""

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
        prepare: "Callable[[PlayedEditor], object] | None" = None,
        no_folders: bool = False,
        uri_of: "Callable[[Path], str]" = Path.as_uri,
    ) -> "PlayedEditor":
        """Start a server and initialize it.

        ``client`` changes `capabilities`, ``settings`` answers for a section, requests ``without`` an answer are
        methods that this editor does not know, ``prepare`` may do more before anything is sent.
        """
        speaker = LanguageClient(converter_factory=converter)
        editor = cls(speaker)
        editor.uri_of = uri_of
        editor.folders = tuple(folders)
        features = {**DEFAULT_CLIENT_FEATURES, **editor._features()}
        register_lsp_features(speaker, {method: do for method, do in features.items() if method not in without})
        if prepare is not None:
            prepare(editor)
        speaker.set_configuration({"optafly": settings} if settings is not None else {})
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPTAFLY_", "ANTHROPIC_"))}
        await speaker.start_io(*COMMAND, env={**kept, **SMALL_MODEL, "OPTAFLY_HOME": str(home), **(environ or {})})
        await asyncio.wait_for(
            speaker.initialize_session(
                types.InitializeParams(
                    capabilities=capabilities(**(client or {})),
                    client_info=types.ClientInfo(name=name),
                    workspace_folders=[
                        types.WorkspaceFolder(uri=uri_of(item), name=item.name)
                        for item in (() if no_folders else folders)
                    ],
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

    async def answer_or_clear(self, title: str) -> None:
        """Answer the question about a request that may be clear as it is; then nothing is sent."""
        question = await self.question()
        question.answer(title if title in question.buttons else "Don't Send")
        await self.nothing_waits()

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
