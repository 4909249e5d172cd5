"""The systems that are compared: what each makes of a staged scene."""

import time
from collections.abc import Callable
from concurrent.futures import Future

import msgspec
from scenes import Staged

from optafly.context.places import NOWHERE, Located
from optafly.context.secrets import SecretScanner
from optafly.protocol import RefinedPrompt
from optafly.refine.choice import Choice, read_choice
from optafly.refine.decide import CALIBRATED, Decision, Rules, Trust, decide
from optafly.refine.engine import CancelToken, Engine, EngineInfo, ModelReply, ModelRequest
from optafly.refine.refiner import Refiner, RefinerSettings
from optafly.refine.slots import SYSTEM

# A prompt enhancer as editor assistants have one: one instruction, free text back. The words are ours.
ENHANCE = """You improve prompts for a coding assistant. Say the user's prompt again so that it is clearer and more \
complete, and answer with the improved prompt alone."""
ENHANCED_TOKENS = 120
BEHIND = 5  # tokens that ChatML puts behind the user's words: the turn's end, a line end, the head of the next turn


class Made(msgspec.Struct, frozen=True):
    """What a system made of a scene: its text and what it took the request to mean, None where it does not say."""

    text: str
    unchanged: bool
    intent: str | None
    located: Located | None
    asked: bool
    checks: str | None
    milliseconds: float
    tokens_in: int = 0
    """Of the prompt, without what is the same in every one."""
    tokens_out: int = 0
    choice: Choice | None = None
    result: RefinedPrompt | None = None


System = Callable[[Staged], Made]


class Recorded(Engine):
    """An engine that keeps its last reply; ``decides`` is said of it whatever it was trained for."""

    def __init__(self, engine: Engine, *, decides: bool) -> None:
        self._engine = engine
        self._decides = decides
        self.last: Future[ModelReply] | None = None

    @property
    def info(self) -> EngineInfo:
        """As of the engine, but for whether it decides."""
        return msgspec.structs.replace(self._engine.info, decides=self._decides)

    def warm(self, system: str) -> None:
        """As of the engine."""
        self._engine.warm(system)

    def submit(self, request: ModelRequest, cancel: CancelToken) -> Future[ModelReply]:
        """As of the engine; the reply is kept."""
        self.last = self._engine.submit(request, cancel)
        return self.last

    def close(self, *, wait: bool = True) -> None:
        """As of the engine."""
        self._engine.close(wait=wait)


def raw(staged: Staged) -> Made:
    """The draft as typed."""
    return Made(staged.request.prompt, True, None, None, False, None, 0.0)


def raw_with_context(staged: Staged) -> Made:
    """What was gathered, before the draft as typed."""
    started = time.perf_counter()
    pieces = "\n".join(piece.render() for piece in staged.context.pieces)
    text = f"<context>\n{pieces}\n</context>\n{staged.request.prompt}" if pieces else staged.request.prompt
    return Made(text, not pieces, None, None, False, None, _since(started))


def enhancer(engine: Engine) -> System:
    """The template of a prompt enhancer on a model without training."""
    engine.submit(ModelRequest(ENHANCE, "", None, None, 1, 120.0, "warm"), CancelToken()).result()

    def run(staged: Staged) -> Made:
        started = time.perf_counter()
        request = ModelRequest(ENHANCE, staged.request.prompt, None, None, ENHANCED_TOKENS, 120.0, staged.name)
        reply = engine.submit(request, CancelToken()).result()
        text = reply.text.strip()
        same = text == staged.request.prompt.strip()
        used = reply.prompt_tokens, reply.completion_tokens
        return Made(text, same, None, None, False, None, _since(started), *used)

    return run


def refined(engine: Engine | None, *, trust: Trust = CALIBRATED) -> System:
    """The refinement; with an engine, what that decides counts where it is as sure as ``trust`` wants it."""
    recorded = Recorded(engine, decides=True) if engine is not None else None
    known = _known_tokens(recorded) if recorded is not None else 0
    refiner = Refiner(RefinerSettings(trust=trust, time_limit_s=120.0), recorded, SecretScanner())

    def run(staged: Staged) -> Made:
        if recorded is not None:
            recorded.last = None
        result = refiner.refine(staged.request)
        reply = recorded.last.result() if recorded is not None and recorded.last is not None else None
        choice = read_choice(reply.tokens, staged.slots) if reply is not None else None
        rules = staged.context.located
        found = Rules(staged.draft.intent, rules)
        decision = decide(choice, staged.slots, found, trust) if choice is not None else Decision()
        unchanged = result.outcome == "unchanged"
        return Made(
            result.refined,
            unchanged,
            None if unchanged else decision.intent or staged.draft.intent,
            NOWHERE if unchanged else decision.located if decision.located is not None else rules,
            bool(result.questions),
            _checks(result.refined),
            result.timings_ms.total,
            reply.prompt_tokens - known if reply is not None else 0,
            reply.completion_tokens if reply is not None else 0,
            choice,
            result,
        )

    return run


def _known_tokens(engine: Engine) -> int:
    """How many tokens of every prompt are the same, which the engine keeps: those before the user's words."""
    empty = ModelRequest(SYSTEM, "", None, None, 1, 120.0, "known")
    return engine.submit(empty, CancelToken()).result().prompt_tokens - BEHIND


def _checks(text: str) -> str:
    """The letters of the checks that a refined prompt names."""
    return named_checks(text.rpartition("<done_when>")[2].partition("</done_when>")[0]) if "<done_when>" in text else ""


def named_checks(part: str) -> str:
    """The letters of the checks that the sentences of a done-when section name."""
    gone = "no longer occurs" in part or " is gone" in part
    types = any(name in part for name in ("mypy", "tsc", "typecheck", "pyright"))
    tests = any(name in part for name in ("pytest", "unittest", " test", "vitest", "mocha", "node --test"))
    return "d" * gone + "t" * tests + "c" * (types and "passes" in part)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
