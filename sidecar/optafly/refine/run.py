"""One refinement: what is read, gathered, worded, decided and assembled for one request."""

import time
from collections.abc import Sequence

import msgspec

from optafly.context.editor import ContextSettings, Editor, check_request
from optafly.context.gather import Context, Gatherer
from optafly.context.places import NOWHERE, Located
from optafly.context.project import Project
from optafly.context.search import SymbolSearch
from optafly.context.secret_values import MARKER
from optafly.context.secrets import SecretScanner
from optafly.context.targets import Finder
from optafly.context.tokens import estimate_tokens
from optafly.context.workspace import Workspace
from optafly.errors import Cancelled
from optafly.protocol import (
    ContextSummary,
    EngineSummary,
    RefinedPrompt,
    RefineRequest,
    Timings,
    TokenCounts,
)
from optafly.refine import gates
from optafly.refine.ask import NOT_ASKED, Said, consult, judged
from optafly.refine.assemble import assemble
from optafly.refine.changes import list_changes, redaction, with_texts
from optafly.refine.clear import is_clear, needs_names
from optafly.refine.decide import CALIBRATED, WORDS_ALONE, Decision, Rules, Trust, decide, same_places
from optafly.refine.draft import Draft, read_draft
from optafly.refine.engine import CancelToken, Engine
from optafly.refine.quality import measure
from optafly.refine.sealed import sealed
from optafly.refine.slots import Slots, read_slots
from optafly.refine.task import with_sentence, word
from optafly.refine.wording import Wording

SWITCHED_OFF = "refinement is switched off (prompt_management_agent.enabled)"


class RefinerSettings(msgspec.Struct, frozen=True):
    """What a refinement may do; ``refinement_threshold`` is compared with the gain (0 to 1), ``trust`` is how sure a
    model that was taught to decide has to be."""

    enabled: bool = True
    refinement_threshold: float = 0.7
    time_limit_s: float = 20.0
    private_files: tuple[str, ...] = ()
    context: ContextSettings = ContextSettings()
    trust: Trust = CALIBRATED


class Found(msgspec.Struct, frozen=True):
    """What the model can be asked from."""

    editor: Editor
    gatherer: Gatherer
    draft: Draft
    context: Context
    wording: Wording


class Run:
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

    def prepare(self) -> tuple[RefinedPrompt, Found | None]:
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
        gatherer, context = self._gather(draft, editor)
        self._raise_if_cancelled()
        wording = word(draft, context)
        result = self._result(draft, context, wording, NOT_ASKED)
        if result.quality.gain < self._settings.refinement_threshold and not result.questions:
            return self._unchanged(draft, context, ()), None
        return result, Found(editor, gatherer, draft, context, wording)

    def slots(self, found: Found) -> Slots:
        """What the model is shown."""
        return read_slots(found.draft, found.context, found.gatherer.choices(found.context.located))

    def ask(self, engine: Engine, found: Found, slots: Slots, document: str) -> Said:
        """What the model says; touches nothing that other requests share."""
        began = time.perf_counter()
        limit, cancel = self._settings.time_limit_s, self._cancel
        said = consult(engine, found.draft, slots, document=document, time_limit_s=limit, cancel=cancel)
        self._model_ms = (time.perf_counter() - began) * 1000
        return said

    def with_model(self, engine: Engine, found: Found, slots: Slots, said: Said) -> RefinedPrompt:
        """The result with what the model decided and the sentence that it gave, where that passes."""
        draft, context, wording = found.draft, found.context, found.wording
        if said.choice is not None:
            trust = self._settings.trust if engine.info.decides else WORDS_ALONE
            decision = decide(said.choice, slots, Rules(draft.intent, context.located), trust)
            if decision.clear:
                return self._unchanged(draft, self._little(draft, found.editor, context.located), (), said)
            draft, context = self._decided(found, decision)
            wording = word(draft, context, decision.checks)
            if decision.sentence:
                said = judged(said, decision.sentence, draft, context)
        if said.sentence:
            wording = msgspec.structs.replace(wording, task=with_sentence(said.sentence, draft, context))
        return self._result(draft, context, wording, said)

    def _decided(self, found: Found, decision: Decision) -> tuple[Draft, Context]:
        """The draft with the intent that was decided on, and the context of the place."""
        draft, context = found.draft, found.context
        if decision.intent is not None:
            draft = msgspec.structs.replace(draft, intent=decision.intent)
        if decision.located is not None and not same_places(decision.located, context.located):
            context = found.gatherer.gather(draft.text, draft.body, located=decision.located)
        return draft, context

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

    def _gather(self, draft: Draft, editor: Editor) -> tuple[Gatherer, Context]:
        self.used_workspace = True
        gatherer = Gatherer(self._workspace, editor, draft.clues, self._settings.context, self._scanner)
        context = gatherer.gather(draft.text, draft.body, self._request.answers)
        self._context_ms = self._elapsed()
        return gatherer, context

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
        refined = assemble(context.pieces, wording)
        tokens = estimate_tokens(refined)
        notes = (f"refined without the model: {said.reason}",) if said.failed else ()
        result = RefinedPrompt(
            original=self._request.prompt,
            refined=refined,
            outcome="fallback" if said.failed else "refined",
            changes=list_changes(self._request.prompt, context, wording, by_model=bool(said.sentence)),
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

    def _unchanged(self, draft: Draft, context: Context, notes: Sequence[str], said: Said = NOT_ASKED) -> RefinedPrompt:
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
            engine=self._engine_summary(said),
            tokens=TokenCounts(estimate_tokens(text), tokens),
            timings_ms=self._timings(),
            notes=(*context.notes, *self._workspace.notes, *notes),
        )

    def _engine_summary(self, said: Said) -> EngineSummary:
        if self._engine is None:
            return EngineSummary("", used=False, device="", prompt_tokens=0, completion_tokens=0)
        info = self._engine.info
        return EngineSummary(
            info.model,
            bool(said.sentence or (said.choice and info.decides)),
            info.device,
            said.prompt_tokens,
            said.completion_tokens,
            said.reason,
        )

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def _timings(self) -> Timings:
        total = self._elapsed()
        rest = max(0.0, total - self._context_ms - self._model_ms)
        return Timings(round(self._context_ms, 3), round(self._model_ms, 3), round(rest, 3), round(total, 3))
