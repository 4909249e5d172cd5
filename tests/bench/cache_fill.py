"""A store with many entries for timing, and what measures single steps of a lookup."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from optafly.cache.backend import Record
from optafly.cache.chroma_collection import ChromaCollection
from optafly.cache.chroma_store import ChromaStore
from optafly.cache.entries import Entry
from optafly.cache.judge import Judge, Judgement
from optafly.cache.scope import digest
from optafly.cache.semantic import Query, TextEncoder, query_of
from tests.bench.cache_systems import MODEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IN_A_SCOPE: Final = 10
"""Entries in each of the small scopes."""
_AROUND: Final[Mapping[str, Any]] = {"project": "shop", "key_scope": "default", "embedder": "bench"}
_NOISE: Final = 0.03
"""Of each of 384 numbers: a cosine of about 0.86."""


class Known:
    """An encoder that was given its texts: what is left is the store's own time."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    def learn(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """The vectors of these texts; what is new is embedded together, like lengths beside each other."""
        import numpy as np

        new = sorted({text for text in texts if text not in self._known}, key=len)
        if new:
            self._known |= dict(zip(new, self._encoder.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def pieces(self, text: str) -> int:
        """As `TextEncoder`."""
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """As `TextEncoder`, for one text."""
        return self._known[texts[0]][None, :]


class AlwaysSays:
    """Asks a judge, which takes its time, and says the same whatever it answers; raises where a rule refused."""

    def __init__(self, judge: Judge, *, same: bool) -> None:
        self._judge, self._same = judge, same

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        """As `Judge`."""
        judged = self._judge.same(a, b, similarity)
        if judged.p is None:
            raise RuntimeError(f"the network was not asked: {judged.reason}")
        return Judgement(self._same, judged.p, "as the row says")


class TimedChroma(ChromaCollection):
    """Chroma, and how long its last search took."""

    took_ms = 0.0

    def nearest(self, scope: str, vector: "NDArray[np.float32]", at_least: float, most: int) -> list[tuple[str, float]]:
        """As `ChromaCollection`."""
        began = time.perf_counter()
        found = super().nearest(scope, vector, at_least, most)
        self.took_ms = (time.perf_counter() - began) * 1000
        return found


def question(asked: str, context: str) -> Query:
    """A request with this text in one of the scopes."""
    body = {"model": MODEL, "max_tokens": 4096, "messages": [{"role": "user", "content": asked}]}
    return query_of(body, context=context, **_AROUND)


def answer(asked: str) -> dict[str, Any]:
    """About 2 KB, as a short answer with code is."""
    content = [{"type": "text", "text": (asked + "\n") * 5}]
    return {"type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn", "usage": {}}


def small_scope(number: int) -> str:
    """The context of the entry with this number, where that is even."""
    return f"file {number // (2 * IN_A_SCOPE)}"


def fill(
    store: ChromaStore, count: int, texts: Sequence[str], vectors: "NDArray[np.float32]", say: Callable[[str], None]
) -> list[float]:
    """Store entries around these vectors in turn, every second one in the scope "none", the others in small scopes.

    Milliseconds of each; raises RuntimeError where one is not kept.
    """
    import numpy as np

    numbers, chance = np.random.default_rng(7), random.Random(5)
    times = []
    for number in range(count):
        text = f"{number} {chance.choice(texts)}"
        asked = question(text, "none" if number % 2 else small_scope(number))
        made = vectors[number % len(vectors)] + numbers.normal(scale=_NOISE, size=vectors.shape[1])
        vector = (made / np.linalg.norm(made)).astype(np.float32)
        now = time.time()
        entry = Entry(asked.id, asked.scope, text, answer(text), {}, MODEL, now, now + 1e6, 900.0)
        record = Record(entry, digest("fill", str(number)), asked.similar_scope, vector)
        began = time.perf_counter()
        done = store.store(record)
        times.append((time.perf_counter() - began) * 1000)
        if not done.ok:
            raise RuntimeError(f"the cache kept nothing: {done.reason}")
        if number and number % 2_500 == 0:
            say(f"{number:,} of {count:,} entries stored")
    return times
