"""What the networks say of texts."""

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from optafly.cache.explain import Explanation
from optafly.core.parts import Parts
from optafly.core.wire_decide import Reused
from optafly.errors import OptaFlyError
from optafly.protocol import CacheHitProbability, RefinedPrompt
from optafly.routing.decision import Strategy

# As `optafly.refine.assemble` writes it.
_TASK: Final = re.compile(r"<task>\n?(.*?)\n?</task>", re.DOTALL)


def reuse(parts: Parts, texts: Sequence[str], strategy: Strategy) -> tuple[Reused, ...]:
    """Whether each text stands for itself, and its answer serves again."""
    found = parts.classifier.use_cache_of(texts, with_context=False, strategy=strategy)
    return tuple(Reused(item.use_cache, item.p, item.reason) for item in found)


def explain(parts: Parts, pairs: Sequence[tuple[str, str]]) -> tuple[Explanation, ...]:
    """Whether the second text of each pair would be served the answer to the first."""
    return tuple(parts.explainer.explain(a, b) for a, b in pairs)


def read(parts: Parts, draft: str) -> None:
    """Read a draft whose estimate will be asked for; the encoder keeps what it has read."""
    parts.classifier.use_cache(draft, with_context=False, strategy="auto")


def estimate(parts: Parts, draft: str, refined: str) -> CacheHitProbability:
    """How likely a hit is for a draft alone, and for its refinement with its context."""
    before = parts.classifier.use_cache(draft, with_context=False, strategy="auto").p
    with_context = "<context>" in refined
    task = _TASK.search(refined)
    after = parts.classifier.use_cache(task[1] if task else refined, with_context=with_context, strategy="auto").p
    return CacheHitProbability(before, after)


def estimated(result: RefinedPrompt, get: Callable[[], CacheHitProbability]) -> RefinedPrompt:
    """A result with its estimate, or with a note of why there is none."""
    try:
        return msgspec.structs.replace(result, cache_hit_probability=get())
    except OptaFlyError as error:
        return without_estimate(result, error)


def without_estimate(result: RefinedPrompt, error: OptaFlyError) -> RefinedPrompt:
    """A result with a note of why the estimate that was asked for is not there."""
    note = f"the chance of a cache hit cannot be estimated: {error}"
    return msgspec.structs.replace(result, notes=(*result.notes, note))
