"""The refinement: reads the draft, gathers, words, lets the model word, checks, assembles."""

import time
from collections.abc import Callable
from pathlib import Path

from optafly.context.memory import WorkspaceMemory
from optafly.context.private import PrivateFiles
from optafly.context.secrets import SecretScanner
from optafly.context.workspace import Workspace
from optafly.errors import Superseded
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import CancelToken, Engine
from optafly.refine.kept import KeptResults, Look
from optafly.refine.run import SWITCHED_OFF, RefinerSettings, Run
from optafly.refine.slots import SYSTEM
from optafly.refine.turns import Turns

__all__ = ["SWITCHED_OFF", "Progress", "Refiner", "RefinerSettings"]

Progress = Callable[[str], None]


class Refiner:
    """Refines requests; keeps recent results. One per process; safe to use from several threads at once.

    Threads take turns at everything but the model: while one waits for its answer, others gather and word theirs.
    """

    def __init__(self, settings: RefinerSettings, engine: Engine | None, scanner: SecretScanner) -> None:
        self._settings = settings
        self._engine = engine
        self._scanner = scanner
        self._private = PrivateFiles(settings.private_files)
        self._kept = KeptResults()
        self._memory = WorkspaceMemory()
        self._turns = Turns()

    def warm(self) -> None:
        """Begin to load the model in the background, if there is one."""
        if self._engine is not None:
            self._engine.warm(SYSTEM)

    def refine(
        self,
        request: RefineRequest,
        *,
        owner: str = "",
        cancel: CancelToken | None = None,
        progress: Progress | None = None,
        on_draft: Callable[[RefinedPrompt], None] | None = None,
        on_kept: Callable[[], None] | None = None,
    ) -> RefinedPrompt:
        """Refine one request.

        ``owner`` names who asks, one front-end: a newer request supersedes older ones of the same owner and document.
        ``on_draft`` receives the deterministic refinement as soon as it is ready, before the model is asked, and
        ``on_kept`` is called where the result of the same request is still there and given again. Raises
        `InputError` for input that cannot be meant, `Cancelled` when ``cancel`` was set, and `Superseded` when a newer
        request took the place of this one.
        """
        started = time.perf_counter()
        cancel = cancel or CancelToken()
        document = f"{owner}\0{request.workspace}\0{request.file or ''}"
        with self._turns.newest(document) as is_newest:
            with self._turns.turn(cancel):
                workspace = Workspace(Path(request.workspace), self._private, self._memory, request.buffers)
                if (kept := self._kept.find(request, workspace)) is not None:
                    if on_kept is not None:
                        on_kept()
                    return kept
                run = Run(self._settings, self._engine, self._scanner, workspace, request, cancel, started)
                result, found = run.prepare()
                # Looked at before the model works: what changes meanwhile makes the result old. What was not found out
                # in time may be the next time.
                lasting = run.used_workspace and not workspace.notes
                seen = self._kept.look(request, workspace, result.context.files) if lasting else None
                if found is None or self._engine is None:
                    return self._keep(request, seen, result)
            if on_draft is not None:
                on_draft(result)
            if progress is not None:
                progress("waiting for the local model")
            if not is_newest():
                raise Superseded("a newer request took its place")
            with self._turns.turn(cancel):
                slots = run.slots(found)
                if seen is not None:
                    # It may be another place that the result is about in the end.
                    could_be = (item.target.path for item in slots.places)
                    seen = self._kept.look(request, workspace, {*result.context.files, *could_be})
            said = run.ask(self._engine, found, slots, document)
            with self._turns.turn(cancel):
                return self._keep(request, seen, run.with_model(self._engine, found, slots, said))

    def _keep(self, request: RefineRequest, seen: Look | None, result: RefinedPrompt) -> RefinedPrompt:
        if seen is not None and result.outcome != "fallback":
            self._kept.keep(request, seen, result)
        return result
