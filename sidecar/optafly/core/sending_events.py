"""What is recorded of a prompt that was sent: answered, failed or stopped, and what it used until then."""

import time
from typing import Final

from optafly.cache.semantic import Lookup
from optafly.core.recording import rates_of
from optafly.errors import KeyMissing, NotSetUp, OptaFlyError, SendFailed
from optafly.routing.decision import RoutingDecision
from optafly.routing.usage import Usage
from optafly.sending.order import Answer, Used
from optafly.sending.unsent import Unsent
from optafly.stats import events

_OK: Final = 200


def answered_event(answer: Answer, refined: bool | None) -> events.Answered:
    """An answer, of the cache or of the API."""
    cache = answer.cache
    hit = cache.hit
    usage = answer.usage if not hit else (cache.spared or Usage())
    path: events.Path = f"hit-{cache.outcome}" if hit else cache.outcome  # type: ignore[assignment]
    return events.Answered(
        at=time.time(),
        path="not-looked-up" if cache.unasked else path,
        model=answer.model,
        latency_ms=answer.took_s * 1000,
        first_byte_ms=answer.first_text_s * 1000 if answer.first_text_s is not None else None,
        saved_ms=cache.saved_s * 1000,
        usage=None if hit else _usage(answer.usage),
        spared=_usage(cache.spared) if hit and cache.spared is not None else None,
        tokens_saved=_left_out(answer.decision) if not hit else None,
        reason=cache.unasked,
        refined=refined,
        rates=rates_of(answer.model, usage.prompt),
    )


def left_to_agent_event(model: str, found: Lookup, refined: bool) -> events.Answered:
    """No answer was kept, and an agent gives one that nobody here sees; ``model`` is the one whose was looked for."""
    path: events.Path = "not-looked-up" if found.unasked else "miss"
    return events.Answered(time.time(), path, model, 0.0, reason=found.unasked, refined=refined)


def failed_event(kept: Unsent, used: Used, error: OptaFlyError, *, took_s: float) -> events.Answered:
    """No whole answer, for this reason."""
    reason, status = _kind(error), error.status if isinstance(error, SendFailed) else 0
    # What the API refuses costs nothing, nor does what never reached it.
    free = reason == "unreachable" or (reason == "upstream_error" and status != _OK)
    return _ended(kept, used, "failed", reason, took_s=took_s, status=status, sent=used.sent and not free)


def stopped_event(kept: Unsent, used: Used, reason: str, *, took_s: float) -> events.Answered:
    """Stopped by whoever had asked, or by the end of the process."""
    return _ended(kept, used, "stopped", reason, took_s=took_s, status=0, sent=used.sent)


def _ended(
    kept: Unsent, used: Used, path: events.Path, reason: str, *, took_s: float, status: int, sent: bool
) -> events.Answered:
    model, usage = kept.order.model, used.usage
    return events.Answered(
        at=time.time(),
        path=path,
        model=model,
        latency_ms=took_s * 1000,
        usage=_usage(usage) if usage is not None else None,
        tokens_saved=_left_out(used.decision) if usage is not None else None,
        status=status,
        reason=reason,
        refined=kept.refined,
        rates=rates_of(model, usage.prompt) if usage is not None else None,
        sent=sent,
    )


def _kind(error: OptaFlyError) -> str:
    if isinstance(error, SendFailed):
        return error.kind
    if isinstance(error, KeyMissing):
        return "no_key"
    return "not_set_up" if isinstance(error, NotSetUp) else "internal"


def _left_out(decision: RoutingDecision | None) -> int | None:
    """Tokens that were left out of a prompt; None where nothing may be."""
    optimised = decision.token_optimization if decision is not None else None
    return max(0, optimised.before - optimised.after) if optimised is not None else None


def _usage(usage: Usage) -> events.Usage:
    return events.Usage(usage.input, usage.output, usage.cache_read, usage.cache_write, usage.cache_write_1h)
