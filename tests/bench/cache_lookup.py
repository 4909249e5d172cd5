"""``python -m tests.bench.cache_lookup``: what the cache's tiers take with 10,000 entries, and what storing takes.

The judge is not part of it: it takes what is similar enough. `cache_rows` gives the rows to other reports.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optafly.cache.backend import Record
from optafly.cache.chroma_store import ChromaStore
from optafly.cache.entries import Entry
from optafly.cache.judge import Judgement
from optafly.cache.scope import digest
from optafly.cache.semantic import Lookup, Query, SemanticCache, TextEncoder, query_of
from optafly.neural.encoder import Encoder
from tests.bench.machine import machine
from tests.bench.rows import Row, row
from tests.eval.run import markdown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORDS: Final = (
    "the parser drops a trailing comma when we read settings from disk and then the editor shows no warning at all so "
    "please find where the tokens are joined and keep the order of keys while tests for nested lists still pass on "
    "every platform with retries cached results timeouts locale dates unicode paths branches commits queues workers "
    "migrations indexes transactions schemas endpoints sessions tokens headers streams buffers threads locks events"
).split()
_LENGTH: Final = 60
_ASKED: Final = 100
_THRESHOLD: Final = 0.85
_AROUND: Final[Mapping[str, Any]] = {"project": "shop", "key_scope": "default", "embedder": "bench"}


class Known:
    """An encoder that knows its texts already: what is left is the store's own time."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    def learn(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        vectors = self._encoder.embed(texts)
        self._known |= dict(zip(texts, vectors, strict=True))
        return vectors

    def pieces(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        return self._known[texts[0]][None, :]


class TakesAll:
    """A judge that takes whatever is similar enough."""

    def same(self, a: str, b: str, similarity: float) -> Judgement:
        return Judgement(True, None, "similar")


def text(chance: random.Random) -> str:
    """A request of 60 words."""
    return " ".join(chance.choices(WORDS, k=_LENGTH))


def reworded(asked: str, chance: random.Random) -> str:
    """The same with two of its words replaced."""
    words = asked.split()
    for place in chance.sample(range(_LENGTH), 2):
        words[place] = chance.choice(WORDS)
    return " ".join(words)


def question(asked: str, context: str) -> Query:
    body = {"model": "claude-sonnet-5-5", "max_tokens": 4096, "messages": [{"role": "user", "content": asked}]}
    return query_of(body, context=context, **_AROUND)


def answer(asked: str) -> dict[str, Any]:
    """About 2 KB, as a short answer with code is."""
    content = [{"type": "text", "text": (asked + "\n") * 5}]
    return {"type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn", "usage": {}}


def fill(store: ChromaStore, count: int, encoder: Known, chance: random.Random) -> list[float]:
    """Store entries, half of them in one scope, the others in scopes of ten; milliseconds of each."""
    import numpy as np

    numbers = np.random.default_rng(7)
    bases = encoder.learn([text(chance) for _ in range(200)])
    times = []
    for number in range(count):
        asked = question(f"{number} {text(chance)}", "none" if number % 2 else f"file {number // 20}")
        made = bases[number % len(bases)] + numbers.normal(scale=0.03, size=bases.shape[1])
        vector = (made / np.linalg.norm(made)).astype(np.float32)
        now = time.time()
        entry = Entry(asked.id, asked.scope, asked.turn.text, answer(asked.turn.text), {}, "m", now, now + 1e6, 900.0)
        record = Record(entry, digest("fill", str(number)), asked.similar_scope, vector)
        began = time.perf_counter()
        store.store(record)
        times.append((time.perf_counter() - began) * 1000)
    return times


def times_of(
    lookup: Callable[[Query], Lookup], queries: Sequence[Query], expected: str, *, warm: int = 5
) -> list[float]:
    """Milliseconds of each lookup; raises where one does not end as expected, for then it is another thing's time."""
    for query in queries[:warm]:
        lookup(query)
    times = []
    for query in queries:
        began = time.perf_counter()
        found = lookup(query)
        times.append((time.perf_counter() - began) * 1000)
        if found.outcome != expected:
            raise RuntimeError(f"expected {expected}, got {found.outcome}: {found.reason}")
    return times


def cache_rows(entries: int = 10_000, encoder: TextEncoder | None = None) -> list[Row]:
    """Rows for exact, equal and semantic hits, misses and storing; ``encoder`` is MiniLM unless told."""
    chance = random.Random(5)
    real = encoder or Encoder()
    known = Known(real)
    asked = [text(chance) for _ in range(_ASKED)]
    again = [reworded(one, chance) for one in asked]
    others = [" ".join(chance.choices(WORDS[::3], k=_LENGTH // 2)) + f" {number}" for number in range(_ASKED)]
    known.learn([*asked, *again, *others])
    with tempfile.TemporaryDirectory(prefix="optafly-bench-") as folder:
        store = ChromaStore(Path(folder) / "cache")
        try:
            filled = fill(store, entries - _ASKED, known, chance)
            first = SemanticCache(store, known, TakesAll(), str.lower, threshold=_THRESHOLD)
            for one in asked:
                first.store(question(one, "none"), answer(one), took_ms=900.0)
            while store.maintain():
                pass
            if store.stats().index != "Chroma":
                raise RuntimeError(f"Chroma is not in use: {store.notes}")
            rows = []
            strict = SemanticCache(store, known, TakesAll(), str.lower, threshold=0.999)
            with_embedding = SemanticCache(store, real, TakesAll(), str.lower, threshold=_THRESHOLD)
            for name, lookup, texts, outcome, context, target in (
                ("exact hit", with_embedding.lookup, asked, "exact", "none", 2),
                ("equal hit", with_embedding.lookup, [one.upper() for one in asked], "equal", "none", None),
                ("miss, nothing in its scope", with_embedding.lookup, again, "miss", "unseen", None),
                ("semantic hit, without embedding", first.lookup, again, "semantic", "none", None),
                ("miss, without embedding", strict.lookup, others, "miss", "none", None),
                ("semantic hit, embedding included", with_embedding.lookup, again, "semantic", "none", 10),
            ):
                queries = [question(one, context) for one in texts]
                times = times_of(lookup, queries, outcome)
                rows.append(row(f"cache, {name}", times, f"< {target}" if target else "–", target))
            last = sorted(filled[-64 * 20 :])
            rows.append(row("cache, store", last[:-20], "–", None))
            rows.append(row("cache, store, the one in 64 that writes to Chroma", last[-20:], "–", None))
            return rows
        finally:
            store.close()


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000, help="entries in the cache")
    options = parser.parse_args(argv)
    head = ["what", "runs", "p50 ms", "p95 ms", "target ms", "met"]
    print(f"{machine()}. Entries: {options.entries:,}.\n")
    print(markdown([head, *cache_rows(options.entries)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
