"""The refinement: reads the draft, gathers, words, lets the model word, checks, assembles."""

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path

import msgspec

from optafly.context.gather import Context, ContextSettings, Editor, Gatherer, check_request
from optafly.context.private import PrivateFiles
from optafly.context.search import SymbolSearch
from optafly.context.secrets import SecretScanner
from optafly.context.targets import Clues, Finder
from optafly.context.tokens import estimate_tokens
from optafly.context.workspace import Workspace
from optafly.errors import Cancelled, ModelError, Superseded
from optafly.protocol import (
    ContextSummary,
    EngineSummary,
    RefinedPrompt,
    RefineRequest,
    Timings,
    TokenCounts,
)
from optafly.refine import gates
from optafly.refine.assemble import assemble
from optafly.refine.changes import list_changes
from optafly.refine.draft import Draft, is_clear, read_draft
from optafly.refine.engine import CancelToken, Engine
from optafly.refine.kept import KeptResults
from optafly.refine.prompt import SYSTEM, build_request, read_reply
from optafly.refine.quality import measure
from optafly.refine.task import Wording, fault, join, place, telling_names, word

GRAMMAR_KIND = "lark"


class RefinerSettings(msgspec.Struct, frozen=True):
    """What a refinement may do; ``refinement_threshold`` is compared with the gain (0 to 1)."""

    enabled: bool = True
    refinement_threshold: float = 0.7
    time_limit_s: float = 20.0
    private_files: tuple[str, ...] = ()
    context: ContextSettings = ContextSettings()


Progress = Callable[[str], None]


class _Said(msgspec.Struct, frozen=True):
    """What became of asking the model."""

    sentence: str = ""
    dropped: dict[str, tuple[str, ...]] = {}
    failed: bool = False
    reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Refiner:
    """Refines requests; keeps recent results. One per process; safe to use from one thread at a time."""

    def __init__(self, settings: RefinerSettings, engine: Engine | None, scanner: SecretScanner) -> None:
        self._settings = settings
        self._engine = engine
        self._scanner = scanner
        self._private = PrivateFiles(settings.private_files)
        self._kept = KeptResults()

    def warm(self) -> None:
        """Begin to load the model in the background, if there is one."""
        if self._engine is not None:
            self._engine.warm(SYSTEM)

    def refine(
        self,
        request: RefineRequest,
        *,
        cancel: CancelToken | None = None,
        progress: Progress | None = None,
        on_draft: Callable[[RefinedPrompt], None] | None = None,
    ) -> RefinedPrompt:
        """Refine one request.

        ``on_draft`` receives the deterministic refinement as soon as it is ready, before the model is asked. Raises
        `InputError` for input that cannot be meant and `Cancelled` when ``cancel`` was set.
        """
        started = time.perf_counter()
        cancel = cancel or CancelToken()
        workspace = Workspace(Path(request.workspace), self._private)
        if (kept := self._kept.find(request, workspace)) is not None:
            return kept
        run = _Run(self._settings, self._engine, self._scanner, workspace, request, cancel, started)
        result = run.refine(progress or (lambda _: None), on_draft)
        if result.outcome != "fallback":
            self._kept.keep(request, workspace, result)
        return result


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

    def refine(self, progress: Progress, on_draft: Callable[[RefinedPrompt], None] | None) -> RefinedPrompt:
        editor = check_request(self._request, self._workspace, self._settings.context)
        draft = read_draft(self._request.prompt)
        context = self._gather(draft, editor)
        self._raise_if_cancelled()
        clear = self._clear(draft, editor)
        if clear or not self._settings.enabled:
            note = () if self._settings.enabled else ("refinement is switched off (prompt_management_agent.enabled)",)
            return self._unchanged(draft, context, note)
        wording = word(draft, context)
        drafted = self._result(draft, context, wording, _Said(), by_model=False)
        worthwhile = drafted.quality.gain >= self._settings.refinement_threshold or bool(drafted.questions)
        if not worthwhile or drafted.refined == self._request.prompt:
            return self._unchanged(draft, context, ())
        if self._engine is None:
            return drafted
        if on_draft is not None:
            on_draft(drafted)
        said = self._ask_model(draft, context, progress)
        if said.sentence:
            wording = msgspec.structs.replace(wording, task=_with_place(said.sentence, draft, context))
        return self._result(draft, context, wording, said, by_model=bool(said.sentence))

    def _raise_if_cancelled(self) -> None:
        if self._cancel.cancelled:
            raise Cancelled("cancelled")

    def _clues(self, draft: Draft) -> Clues:
        return Clues(
            mentions=draft.mentions,
            traces=draft.traces,
            words=draft.content,
            points=draft.points,
            wants_fix=draft.intent in {"fix", "other"},
            about_edits=draft.about_edits,
        )

    def _gather(self, draft: Draft, editor: Editor) -> Context:
        clues = self._clues(draft)
        gatherer = Gatherer(self._workspace, editor, clues, self._settings.context, self._scanner)
        context = gatherer.gather(draft.text, draft.body, self._request.answers)
        self._context_ms = self._elapsed()
        return context

    def _clear(self, draft: Draft, editor: Editor) -> bool:
        finder = Finder(
            self._workspace, SymbolSearch(self._workspace), self._clues(draft), editor.document, None, (), lambda: ()
        )
        named = finder.named()
        ambiguous = any(len(symbols) > 1 for symbols in named.values()) and not draft.mentions.paths
        return is_clear(
            draft,
            named_paths=len(finder.named_paths()),
            named_symbols=sum(bool(symbols) for symbols in named.values()),
            tied=ambiguous,
            selected=editor.selection is not None,
        )

    def _ask_model(self, draft: Draft, context: Context, progress: Progress) -> _Said:
        assert self._engine is not None  # noqa: S101
        began = time.perf_counter()
        limit = self._settings.time_limit_s
        document = f"{self._request.workspace}\0{self._request.file or ''}"
        request = build_request(draft, context, time_limit_s=limit, document=document, grammar_kind=GRAMMAR_KIND)
        progress("waiting for the local model")
        token = CancelToken()
        self._cancel.on_cancel(token.cancel)
        future = self._engine.submit(request, token)
        try:
            reply = future.result(timeout=limit)
        except (FutureTimeoutError, TimeoutError):
            token.cancel()
            return _Said(failed=True, reason=f"the model took longer than {limit:g} s")
        except Superseded:
            raise
        except Cancelled as error:
            self._raise_if_cancelled()
            return _Said(failed=True, reason=str(error))
        except ModelError as error:
            return _Said(failed=True, reason=str(error))
        finally:
            self._model_ms = (time.perf_counter() - began) * 1000
        counts = {"prompt_tokens": reply.prompt_tokens, "completion_tokens": reply.completion_tokens}
        sentence = read_reply(reply.text, GRAMMAR_KIND)
        if not sentence:
            return _Said(
                reason="the model's sentence was cut off", dropped={"is_prompt": (reply.text.strip(),)}, **counts
            )
        judged = gates.judge(sentence, draft, context)
        if any(judged.values()):
            failed = ", ".join(name for name, found in judged.items() if found)
            dropped = {name: (sentence,) if found else () for name, found in judged.items()}
            return _Said(reason=f"the model's sentence did not pass: {failed}", dropped=dropped, **counts)
        return _Said(sentence=sentence, **counts)

    def _result(
        self, draft: Draft, context: Context, wording: Wording, said: _Said, *, by_model: bool
    ) -> RefinedPrompt:
        refined = assemble(context.pieces, wording)
        tokens = estimate_tokens(refined)
        notes = list(context.notes)
        if said.failed:
            notes.append(f"refined without the model: {said.reason}")
        return RefinedPrompt(
            original=self._request.prompt,
            refined=refined,
            outcome="fallback" if said.failed else "refined",
            changes=list_changes(self._request.prompt, context, wording, by_model=by_model),
            quality=measure(draft, context, wording, tokens, self._settings.context.max_context_tokens),
            questions=wording.questions,
            gates=gates.check(refined, draft, context, wording, said.dropped),
            context=ContextSummary(context.files, context.tokens, context.redactions),
            engine=self._engine_summary(said, used=by_model),
            tokens=TokenCounts(estimate_tokens(self._request.prompt), tokens),
            timings_ms=self._timings(),
            notes=tuple(notes),
        )

    def _unchanged(self, draft: Draft, context: Context, notes: Sequence[str]) -> RefinedPrompt:
        text = self._request.prompt
        clean = self._scanner.redact(text)
        tokens = estimate_tokens(clean.text)
        changes = ()
        if clean.count:
            changes = list_changes(
                text, _only_redactions(context, clean.count), _EMPTY_WORDING(clean.text), by_model=False
            )
        return RefinedPrompt(
            original=text,
            refined=clean.text,
            outcome="refined" if clean.count else "unchanged",
            changes=tuple(change for change in changes if change.kind == "redaction"),
            quality=measure(draft, context, None, tokens, self._settings.context.max_context_tokens),
            questions=(),
            gates=gates.untouched(),
            context=ContextSummary((), 0, clean.count),
            engine=self._engine_summary(_Said(), used=False),
            tokens=TokenCounts(estimate_tokens(text), tokens),
            timings_ms=self._timings(),
            notes=(*context.notes, *notes),
        )

    def _engine_summary(self, said: _Said, *, used: bool) -> EngineSummary:
        if self._engine is None:
            return EngineSummary("", used=False, device="", prompt_tokens=0, completion_tokens=0)
        info = self._engine.info
        return EngineSummary(info.model, used, info.device, said.prompt_tokens, said.completion_tokens, said.reason)

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def _timings(self) -> Timings:
        total = self._elapsed()
        rest = max(0.0, total - self._context_ms - self._model_ms)
        return Timings(round(self._context_ms, 3), round(self._model_ms, 3), round(rest, 3), round(total, 3))


def _EMPTY_WORDING(task: str) -> Wording:  # noqa: N802
    return Wording(task, (), (), ())


def _only_redactions(context: Context, count: int) -> Context:
    return msgspec.structs.replace(context, pieces=(), redactions=count)


def _with_place(sentence: str, draft: Draft, context: Context) -> str:
    """The model's sentence with the place put in: behind the name it uses, else as a sentence of its own."""
    targets = context.located.targets
    told = fault(draft, context, targets[0]) if targets else ""
    if told and not any(word in sentence for word in telling_names(draft, context)):
        return join(sentence, place(draft, context, short=False), short=False)
    if len(targets) == 1 and targets[0].symbol is not None and targets[0].origin != "edits":
        name = targets[0].symbol.name
        found = re.search(rf"(?<![\w.`]){re.escape(name)}(?![\w`])", sentence)
        if found is not None:
            return sentence[: found.start()] + targets[0].label + sentence[found.end() :]
    return join(sentence, place(draft, context, short=False), short=False)
