"""Would one request be served another's answer? Judged on the two texts alone, by the tiers that lookups go through."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from optafly.cache.judge import Judge
from optafly.cache.memory import MemoryStore
from optafly.cache.semantic import Outcome, Query, SemanticCache, TextEncoder, query_of
from optafly.neural.encoder import MOST_PIECES

_ANSWER: Final[dict[str, Any]] = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "text", "text": "an answer"}],
    "stop_reason": "end_turn",
}


class Explanation(msgspec.Struct, frozen=True):
    """Whether the answer would be given, which tier decided (or "miss"), and why.

    ``similarity`` is the cosine and ``p`` the verifier's probability, None where they were not asked for.
    """

    hit: bool
    tier: Outcome
    similarity: float | None
    p: float | None
    reason: str


class Explainer:
    """Looks a request up in a cache that holds nothing but another one. For one thread, as its parts.

    ``depends_on_context`` says why the answer to a text depends on more than the text, None where it does not; here
    there is no conversation and no attached context, so such a request has no answer that could be given again. The
    other parts and ``threshold`` are as in `SemanticCache`.
    """

    def __init__(
        self,
        encoder: TextEncoder,
        judge: Judge,
        normalise: Callable[[str], str],
        depends_on_context: Callable[[str], str | None],
        *,
        threshold: float,
    ) -> None:
        self._encoder, self._judge, self._normalise = encoder, judge, normalise
        self._depends_on_context = depends_on_context
        self._threshold = threshold

    def explain(self, a: str, b: str) -> Explanation:
        """Whether ``b`` would be served the answer to ``a``, in the same project and with the same model."""
        for name, text in (("the stored one", a), ("the new one", b)):
            if not text.strip():
                return _miss(f"{name} is empty")
            why = self._depends_on_context(text)
            if why is not None:
                return _miss(f"{name} depends on its context: {why}")
        # The cache itself, over a store of its own: what is explained is what happens.
        cache = SemanticCache(MemoryStore(), self._encoder, self._judge, self._normalise, threshold=self._threshold)
        try:
            kept = cache.store(_query(a), _ANSWER, took_ms=0.0)
            found = cache.lookup(_query(b))
        except ValueError:
            return _miss("a text that is not Unicode cannot be compared")
        if not kept.ok:
            return _miss(kept.reason)
        reason = found.reason
        if found.outcome == "miss" and self._encoder.pieces(a) > MOST_PIECES:
            reason = f"the stored one is longer than the {MOST_PIECES} word pieces that are compared"
        return Explanation(found.outcome != "miss", found.outcome, found.similarity, found.p, reason)


def _query(text: str) -> Query:
    body = {"messages": [{"role": "user", "content": text}]}
    return query_of(body, project="", context="", key_scope="", embedder="")


def _miss(reason: str) -> Explanation:
    return Explanation(False, "miss", None, None, reason)
