"""An answer's facts in words, for whoever shows them."""

from optafly.routing.decision import RoutingDecision
from optafly.routing.usage import Usage
from optafly.sending.order import Answer, Cost


def saved_by_cache(answer: Answer) -> str:
    """What the cache saved; empty where it gave no answer."""
    if not answer.cache.hit:
        return ""
    cost = answer.cache.spared_cost
    money = f" and {_usd(cost.usd)}" if cost is not None and cost.usd else ""
    return f"Cache saved {max(0.0, answer.cache.saved_s):.1f} s{money}"


def facts_of(answer: Answer) -> list[tuple[str, str]]:
    """Model, tokens, cost, cache, and what was decided with the reasons."""
    cache = answer.cache
    how = f"{cache.outcome} hit" if cache.hit else cache.outcome
    alike = f", similarity {cache.similarity:.2f}" if cache.similarity is not None else ""
    facts = [
        ("model", answer.model),
        ("tokens", _tokens(answer.usage) if not cache.hit else "none: nothing was sent"),
        ("cost", _money(answer.cost)),
        ("cache", f"{how}{alike}: {cache.reason}"),
    ]
    if cache.outcome == "miss":
        facts.append(("kept", "yes" if cache.kept else f"no: {cache.not_kept}"))
    if answer.decision is not None:
        rows = _decision(answer.decision, sent=not cache.hit)
        # Past the cache there is no question of similar requests.
        facts += rows[1:] if cache.outcome == "bypass" else rows
    return facts


def _decision(decision: RoutingDecision, *, sent: bool) -> list[tuple[str, str]]:
    reasons, optimised, key = decision.reasons, decision.token_optimization, decision.api_key
    likely = f" (p {decision.p:.2f})" if decision.p is not None else ""
    rows = [("similar", f"{'looked for' if decision.use_cache else 'not looked for'}{likely}: {reasons.use_cache}")]
    if sent:
        cut = f"{optimised.before} -> {optimised.after}: " if optimised is not None else ""
        rows.append(("anchors", f"{len(decision.cache_anchors)}: {reasons.cache_anchors}"))
        rows.append(("shorter", f"{cut}{reasons.token_optimization}"))
    return [*rows, ("key", f"{key.name} ({key.source}): {reasons.api_key}")]


def _tokens(usage: Usage) -> str:
    parts = []
    if usage.cache_read:
        parts.append(f"{usage.cache_read} read from Anthropic's prompt cache")
    if written := usage.cache_write + usage.cache_write_1h:
        parts.append(f"{written} written to it")
    of_them = f" ({', '.join(parts)})" if parts else ""
    return f"{usage.prompt} in{of_them}, {usage.output} out"


def _money(cost: Cost) -> str:
    if cost.usd is None:
        return f"unknown: {cost.note}"
    return f"{_usd(cost.usd)} (prices of {cost.as_of})"


def _usd(amount: float) -> str:
    """US dollars, with as many places as a small amount needs."""
    if amount >= 1 or amount == 0:
        return f"${amount:.2f}"
    return f"${amount:.4f}" if amount >= 0.001 else f"${amount:.6f}"
