"""The refinement: reads the draft, gathers, words, lets the model word, checks, assembles."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from optafly.context.editor import ContextSettings, Editor, check_request
from optafly.context.gather import Context, Gatherer
from optafly.context.memory import WorkspaceMemory
from optafly.context.places import NOWHERE, Located
from optafly.context.private import PrivateFiles
from optafly.context.project import Project
from optafly.context.search import SymbolSearch
from optafly.context.secret_values import MARKER
from optafly.context.secrets import SecretScanner
from optafly.context.targets import Finder
from optafly.context.tokens import estimate_tokens
from optafly.context.workspace import Workspace
from optafly.errors import Cancelled, Superseded
from optafly.protocol import (
    ContextSummary,
    EngineSummary,
    RefinedPrompt,
    RefineRequest,
    Timings,
    TokenCounts,
)
from optafly.refine import gates
from optafly.refine.ask import NOT_ASKED, Said, ask
from optafly.refine.assemble import assemble
from optafly.refine.changes import list_changes, redaction, with_texts
from optafly.refine.clear import is_clear, needs_names
from optafly.refine.draft import Draft, read_draft
from optafly.refine.engine import CancelToken, Engine
from optafly.refine.kept import KeptResults, Look
from optafly.refine.prompt import SYSTEM
from optafly.refine.quality import measure
from optafly.refine.sealed import sealed
from optafly.refine.task import Wording, with_sentence, word
from optafly.refine.turns import Turns

SWITCHED_OFF = "refinement is switched off (prompt_management_agent.enabled)"

Progress = Callable[[str], None]


class RefinerSettings(msgspec.Struct, frozen=True):
    """What a refinement may do; ``refinement_threshold`` is compared with the gain (0 to 1)."""

    enabled: bool = True
    refinement_threshold: float = 0.7
    time_limit_s: float = 20.0
    private_files: tuple[str, ...] = ()
    context: ContextSettings = ContextSettings()


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
                run = _Run(self._settings, self._engine, self._scanner, workspace, request, cancel, started)
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
            said = run.ask(self._engine, found, document)
            with self._turns.turn(cancel):
                return self._keep(request, seen, run.with_model(found, said))

    def _keep(self, request: RefineRequest, seen: Look | None, result: RefinedPrompt) -> RefinedPrompt:
        if seen is not None and result.outcome != "fallback":
            self._kept.keep(request, seen, result)
        return result


class _Found(msgspec.Struct, frozen=True):
    """What the model can be asked from."""

    draft: Draft
    context: Context
    wording: Wording


class _Run:
    """One refinement."""

    def __init__(
        self,
        settings: RefinerSettings,
        engine: Engine | None,
        scanner: SecretScanner,
        workspace: Workspace,
        request: RefineRequest,
        cancel: CancelToken,
        started: float,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._scanner = scanner
        self._workspace = workspace
        self._request = request
        self._cancel = cancel
        self._started = started
        self._context_ms = 0.0
        self._model_ms = 0.0
        self.used_workspace = False

    def prepare(self) -> tuple[RefinedPrompt, _Found | None]:
        """The result without the model, and what the model needs to better it; None where it has nothing to better."""
        editor = check_request(self._request, self._workspace, self._settings.context)
        draft = read_draft(self._request.prompt)
        self._raise_if_cancelled()
        if not self._settings.enabled:
            return self._unchanged(draft, self._little(draft, editor, NOWHERE), (SWITCHED_OFF,)), None
        clear = self._where_if_clear(draft, editor)
        if clear is not None:
            return self._unchanged(draft, self._little(draft, editor, clear), ()), None
        self._raise_if_cancelled()
        context = self._gather(draft, editor)
        self._raise_if_cancelled()
        wording = word(draft, context)
        result = self._result(draft, context, wording, NOT_ASKED)
        if result.quality.gain < self._settings.refinement_threshold and not result.questions:
            return self._unchanged(draft, context, ()), None
        return result, _Found(draft, context, wording)

    def ask(self, engine: Engine, found: _Found, document: str) -> Said:
        """What the model says; touches nothing that other requests share."""
        began = time.perf_counter()
        said = ask(
            engine,
            found.draft,
            found.context,
            document=document,
            time_limit_s=self._settings.time_limit_s,
            cancel=self._cancel,
        )
        self._model_ms = (time.perf_counter() - began) * 1000
        return said

    def with_model(self, found: _Found, said: Said) -> RefinedPrompt:
        """The result with the model's sentence, where it gave one that passes."""
        draft, context, wording = found.draft, found.context, found.wording
        if said.sentence:
            wording = msgspec.structs.replace(wording, task=with_sentence(said.sentence, draft, context))
        return self._result(draft, context, wording, said)

    def _raise_if_cancelled(self) -> None:
        if self._cancel.cancelled:
            raise Cancelled("cancelled")

    def _where_if_clear(self, draft: Draft, editor: Editor) -> Located | None:
        """Where a draft that is clear as it is points, `NOWHERE` for a question of general knowledge; else None."""
        selected = editor.selection is not None
        if not needs_names(draft, selected=selected):
            clear = is_clear(draft, named_paths=0, named_symbols=0, tied=False, selected=selected)
            return NOWHERE if clear else None
        self.used_workspace = True
        search = SymbolSearch(self._workspace)
        finder = Finder(
            self._workspace, search, draft.clues, editor.document, None, (), lambda: (), hidden=editor.hidden
        )
        paths, symbols = len(finder.named_paths()), sum(map(bool, finder.named().values()))
        located = finder.locate() if paths or symbols else NOWHERE
        tied = located.tied and not draft.mentions.paths
        clear = is_clear(draft, named_paths=paths, named_symbols=symbols, tied=tied, selected=selected)
        self._context_ms = self._elapsed()
        return located if clear else None

    def _gather(self, draft: Draft, editor: Editor) -> Context:
        self.used_workspace = True
        gatherer = Gatherer(self._workspace, editor, draft.clues, self._settings.context, self._scanner)
        context = gatherer.gather(draft.text, draft.body, self._request.answers)
        self._context_ms = self._elapsed()
        return context

    def _little(self, draft: Draft, editor: Editor, located: Located) -> Context:
        """The context of a draft for which nothing is gathered."""
        text, body = self._scanner.redact_all([draft.text, draft.body])
        return Context(
            located=located,
            pieces=(),
            diagnostics=(),
            project=Project((), (), ()),
            draft=text.text,
            redacted_body=body.text,
            redactions=text.count,
            notes=editor.notes,
            files=(),
            tokens=0,
        )

    def _result(self, draft: Draft, context: Context, wording: Wording, said: Said) -> RefinedPrompt:
        used = bool(said.sentence)
        refined = assemble(context.pieces, wording)
        tokens = estimate_tokens(refined)
        notes = (f"refined without the model: {said.reason}",) if said.failed else ()
        result = RefinedPrompt(
            original=self._request.prompt,
            refined=refined,
            outcome="fallback" if said.failed else "refined",
            changes=list_changes(self._request.prompt, context, wording, by_model=used),
            quality=measure(draft, context, wording, tokens, self._settings.context.max_context_tokens),
            questions=wording.questions,
            gates=gates.check(refined, draft, context, wording, said.dropped),
            context=ContextSummary(context.files, context.tokens, context.redactions),
            engine=self._engine_summary(said),
            tokens=TokenCounts(estimate_tokens(self._request.prompt), tokens),
            timings_ms=self._timings(),
            notes=(*context.notes, *self._workspace.notes, *notes),
        )
        return with_texts(sealed(result, self._scanner))

    def _unchanged(self, draft: Draft, context: Context, notes: Sequence[str]) -> RefinedPrompt:
        """The original; without its secrets, which is a change, where it holds some."""
        text, clean = self._request.prompt, context.draft
        count = max(1, len(MARKER.findall(clean)) - len(MARKER.findall(text))) if clean != text else 0
        tokens = estimate_tokens(clean)
        return RefinedPrompt(
            original=text,
            refined=clean,
            outcome="unchanged" if clean == text else "refined",
            changes=(redaction(count),) if clean != text else (),
            quality=measure(draft, context, None, tokens, self._settings.context.max_context_tokens),
            questions=(),
            gates=gates.untouched(),
            context=ContextSummary((), 0, count),
            engine=self._engine_summary(NOT_ASKED),
            tokens=TokenCounts(estimate_tokens(text), tokens),
            timings_ms=self._timings(),
            notes=(*context.notes, *self._workspace.notes, *notes),
        )

    def _engine_summary(self, said: Said) -> EngineSummary:
        if self._engine is None:
            return EngineSummary("", used=False, device="", prompt_tokens=0, completion_tokens=0)
        info = self._engine.info
        return EngineSummary(
            info.model, bool(said.sentence), info.device, said.prompt_tokens, said.completion_tokens, said.reason
        )

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def _timings(self) -> Timings:
        total = self._elapsed()
        rest = max(0.0, total - self._context_ms - self._model_ms)
        return Timings(round(self._context_ms, 3), round(self._model_ms, 3), round(rest, 3), round(total, 3))
