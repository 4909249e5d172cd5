"""The systems that are compared: judges of two texts, and the real cache around each of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optafly.cache.backend import CacheBackend
from optafly.cache.content import content_difference
from optafly.cache.explain import Explainer, Explanation
from optafly.cache.judge import Judge, Judgement
from optafly.cache.semantic import Lookup, Query, SemanticCache, TextEncoder, query_of
from optafly.core.compose import effective
from optafly.core.parts import Parts
from optafly.errors import OptaFlyError
from optafly.neural.encoder import Encoder
from optafly.paths import resolve_paths
from tests.bench.cache_figures import Scored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THRESHOLDS: Final = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98)
OURS: Final = "ours"
GUARD: Final = "ours, guard only"
MODEL: Final = "claude-sonnet-5-5"


class RememberedEncoder(Encoder):
    """MiniLM that embeds many texts at once, each of them once; or another encoder, for tests."""

    def __init__(self, other: TextEncoder | None = None) -> None:
        super().__init__()
        self._other = other
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def learn(self, texts: Iterable[str], report: Callable[[int, int], None] = lambda done, of: None) -> None:
        """Embed what is not known yet."""
        # Of like lengths together: a batch is as slow as its longest text.
        new = sorted({text for text in texts if text not in self._vectors}, key=len)
        for start in range(0, len(new), 256):
            some = new[start : start + 256]
            vectors = self._other.embed(some) if self._other else super().embed(some)
            self._vectors.update(zip(some, vectors, strict=True))
            report(min(start + 256, len(new)), len(new))

    def pieces(self, text: str) -> int:
        """As `TextEncoder`."""
        return self._other.pieces(text) if self._other else super().pieces(text)

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """As `TextEncoder`."""
        import numpy as np

        self.learn(texts)
        return np.stack([self._vectors[text] for text in texts])

    def cosine(self, a: str, b: str) -> float:
        """The cosine of two texts."""
        one, other = self.embed([a, b])
        return float(one @ other)


class CosineJudge:
    """Takes whatever is near enough for the same, as a plain semantic cache does."""

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        """As `Judge`."""
        return Judgement(True, similarity, "near enough")


class GuardJudge:
    """Takes two texts for the same where no content token differs; the guard without the network."""

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        """As `Judge`."""
        difference = content_difference(a, b)
        return Judgement(difference is None, similarity if difference is None else None, difference or "no difference")


class RememberedJudge:
    """A judge that is asked about two texts once; its answer depends on nothing else."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._known: dict[tuple[str, str], Judgement] = {}

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        """As `Judge`."""
        if (a, b) not in self._known:
            self._known[a, b] = self._judge.same(a, b, similarity)
        return self._known[a, b]


class System(NamedTuple):
    """A system: its judge, the real cache around a store, and what it says of two texts."""

    name: str
    judge: Judge
    cache: Callable[[CacheBackend], SemanticCache]
    explain: Callable[[str, str], Explanation]


def system_of(
    name: str,
    judge: Judge,
    encoder: TextEncoder,
    *,
    threshold: float,
    normalise: Callable[[str], str] = lambda text: text,
    depends_on_context: Callable[[str], str | None] = lambda _: None,
) -> System:
    """A system put together from its parts."""

    def cache(store: CacheBackend) -> SemanticCache:
        return SemanticCache(store, encoder, judge, normalise, threshold=threshold)

    explainer = Explainer(encoder, judge, normalise, depends_on_context, threshold=threshold)
    return System(name, judge, cache, explainer.explain)


def cosine_system(threshold: float, encoder: TextEncoder) -> System:
    """MiniLM's cosine alone; equal means equal to the letter, and nothing is known of contexts."""
    return system_of(f"cosine {threshold:.2f}", CosineJudge(), encoder, threshold=threshold)


def our_systems(encoder: RememberedEncoder, home: Path) -> tuple[list[System], str]:
    """The cache as the core makes it of the default settings, guard alone and whole; why the latter is missing.

    Nothing but the store is exchanged; ``home`` is a folder for what the core keeps.
    """
    made = [_as_shipped(GUARD, GuardJudge(), encoder, home)]
    try:
        judge = RememberedJudge(_parts(home, encoder=encoder).judge)
    except (ImportError, OptaFlyError) as error:
        return made, str(error)
    return [*made, _as_shipped(OURS, judge, encoder, home)], ""


def _as_shipped(name: str, judge: Judge, encoder: RememberedEncoder, home: Path) -> System:
    explainer = _parts(home, encoder=encoder, judge=judge).explainer
    return System(
        name,
        judge,
        lambda store: _parts(home, encoder=encoder, judge=judge, store=store).cache,
        explainer.explain,
    )


def _parts(home: Path, **known: Any) -> Parts:
    """The core's parts, with those that are known in the place of what it would make."""
    parts = Parts(effective({}), resolve_paths({"OPTAFLY_HOME": str(home)}))
    # They are cached properties: what is there already is not made.
    vars(parts).update(known)
    return parts


def query(text: str, *, context: str = "", project: str = "benchmark") -> Query:
    """A request with nothing but this text."""
    body: Mapping[str, Any] = {
        "model": MODEL,
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": text}],
    }
    return query_of(body, project=project, context=context, key_scope="", embedder="")


def answer(text: str) -> dict[str, Any]:
    """A complete answer of the API that says this."""
    return {
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def answer_text(lookup: Lookup) -> str | None:
    """What the answer that was found says."""
    return None if lookup.entry is None else str(lookup.entry.response["content"][0]["text"])


def keep(cache: SemanticCache, request: Query, text: str) -> None:
    """Store an answer that says this; raises RuntimeError where the cache does not keep it."""
    done = cache.store(request, answer(text), took_ms=1.0)
    if not done.ok:
        raise RuntimeError(f"the cache kept nothing: {done.reason}")


def scored(found: Explanation, *, same: bool) -> Scored:
    """How sure a system was of a pair: 1 where the texts count as equal; None where a rule refused it."""
    return Scored(1.0 if found.tier in {"exact", "equal"} else found.p, same)
