"""``python -m tests.bench.cache_lookup``: what a lookup takes with 10,000 entries, step by step, and storing.

`lookup_rows` gives the same to other reports.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Never

from optafly.cache.backend import Nearest
from optafly.cache.chroma_store import ChromaStore
from optafly.cache.content_features import features
from optafly.cache.guard import difference
from optafly.cache.judge import Judge
from optafly.cache.normalise import normalise
from optafly.cache.semantic import Lookup, Query, SemanticCache, TextEncoder
from optafly.cache.verifier import PairJudge
from optafly.core.compose import effective
from optafly.neural.encoder import Encoder
from optafly.neural.pairs import load_pair_model, probability
from tests.bench.cache_fill import AlwaysSays, Known, TimedChroma, answer, fill, question, small_scope
from tests.bench.cache_products import product_times
from tests.bench.cache_requests import far_apart, has_all_forms, polite, prompts, reworded
from tests.bench.machine import machine
from tests.bench.rows import Row, row
from tests.eval.run import markdown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENTRIES: Final = 10_000
HEAD: Final = ["what", "runs", "p50 ms", "p95 ms", "target ms", "met"]
CANDIDATES: Final = 5
EXACT_MS: Final = 2
LOOKUP_MS: Final = 10
_WARM: Final = 5
_ASKED: Final = 100
_ASKED_OF_MANY: Final = 40
_BASES: Final = 100

Say = Callable[[str], None]


class Networks(NamedTuple):
    """What a lookup asks besides the store: the encoder, the judge, and the judge's networks without its guard."""

    encoder: TextEncoder
    judge: Judge
    verify: Callable[[str, str], object]


class Texts(NamedTuple):
    """Requests of 60 words, none a candidate for another.

    ``once`` are stored as they are, ``often`` in five other wordings, ``others`` are asked only; around ``bases`` lie
    all other entries.
    """

    once: list[str]
    often: list[str]
    others: list[str]
    bases: list[str]


class Store(NamedTuple):
    """A filled store, its Chroma, the vectors that most entries lie around, and how long storing took each time."""

    store: ChromaStore
    chroma: TimedChroma
    bases: "NDArray[np.float32]"
    filled: int
    times: list[float]


class Steps(NamedTuple):
    """Milliseconds of a lookup's steps; ``store`` includes ``chroma``, guard and verifier are of all candidates."""

    embedding: float
    chroma: float
    store: float
    guard: float
    verifier: float


def our_networks() -> Networks:
    """Those of the core, newly loaded; raises `OptaFlyError` where they cannot be had."""
    encoder, model = Encoder(), load_pair_model()
    return Networks(encoder, PairJudge(encoder, model), lambda a, b: probability(model, encoder, a, b, features(a, b)))


def default_threshold() -> float:
    """The least cosine of a candidate."""
    return float(effective({}).get("semantic_cache.similarity_threshold"))


def lookup_rows(entries: int, networks: Networks, say: Say, *, threshold: float) -> tuple[list[Row], list[Row]]:
    """Rows of whole lookups and of storing, and rows of the steps of a lookup."""
    say("requests are chosen")
    known = Known(networks.encoder)
    texts = texts_for(known, entries, threshold)
    with tempfile.TemporaryDirectory(prefix="optafly-bench-") as folder:
        opened: list[TimedChroma] = []

        def connect(path: Path) -> TimedChroma:
            opened.append(TimedChroma(path))
            return opened[-1]

        store = ChromaStore(Path(folder) / "cache", connect=connect)
        try:
            say(f"{entries:,} entries are stored")
            bases, times = _store_all(store, texts, known, entries, say)
            made = Store(store, opened[-1], bases, len(times), times)
            whole = _whole_rows(made, texts, networks, threshold, say)
            say("the steps of a lookup")
            return whole, _step_rows(made, texts, networks, threshold)
        finally:
            store.close()


def texts_for(known: Known, entries: int, threshold: float) -> Texts:
    """The requests; fewer of them where fewer entries are stored. Raises ValueError where they do not suffice."""
    once, often = min(_ASKED, entries // 10) + _WARM, min(_ASKED_OF_MANY, entries // 25)
    bases = min(_BASES, entries // 5)
    # Some are too near another one, and a third cannot be worded in every way.
    drawn = list(dict.fromkeys(prompts(3 * (2 * once + often + bases) // 2)))
    apart = far_apart(drawn, known.learn(drawn), threshold)
    able = list(islice((text for text in apart if has_all_forms(text, CANDIDATES + 1)), once + often))
    rest = [text for text in apart if text not in set(able)]
    if len(able) < once + often or len(rest) < once + bases:
        raise ValueError(f"too few requests that are far from each other: {len(able)} and {len(rest)}")
    return Texts(able[:once], able[once:], rest[:once], rest[once : once + bases])


def _store_all(
    store: ChromaStore, texts: Texts, known: Known, entries: int, say: Say
) -> "tuple[NDArray[np.float32], list[float]]":
    """The texts by way of the cache, all other entries with vectors near the bases."""
    kept = [*texts.once, *(form for text in texts.often for form in reworded(text, CANDIDATES))]
    known.learn(kept)
    bases = known.learn(texts.bases)
    times = fill(store, entries - len(kept), texts.bases, bases, say)
    cache = SemanticCache(store, known, _Nobody(), normalise)
    for text in kept:
        done = cache.store(question(text, "none"), answer(text), took_ms=900.0)
        if not done.ok:
            raise RuntimeError(f"the cache kept nothing: {done.reason}")
    while store.maintain():
        pass
    found = store.stats()
    if found.index != "Chroma" or found.entries != entries:
        raise RuntimeError(f"{found.entries} entries, searched for in {found.index}: {found.notes}")
    return bases, times


class _Nobody:
    """In the place of the judge where nothing is looked up."""

    def same(self, a: str, b: str, similarity: float) -> Never:
        raise AssertionError


def _whole_rows(made: Store, texts: Texts, networks: Networks, threshold: float, say: Say) -> list[Row]:
    def cache(*, same: bool) -> SemanticCache:
        judge = AlwaysSays(networks.judge, same=same)
        return SemanticCache(made.store, networks.encoder, judge, normalise, threshold=threshold)

    taken, refused = cache(same=True), cache(same=False)
    near = [reworded(text, 1)[0] for text in texts.once]
    rows = []
    for name, asked_of, asked, outcome, context, target in (
        ("exact hit", taken, texts.once, "exact", "none", EXACT_MS),
        ("hit, equal after normalising", taken, [polite(text) for text in texts.once], "equal", "none", None),
        ("miss, nothing in its scope", taken, near, "miss", "unseen", None),
        ("miss, nothing near enough", taken, texts.others, "miss", "none", LOOKUP_MS),
        ("semantic hit, one candidate", taken, near, "semantic", "none", LOOKUP_MS),
        (f"miss, {CANDIDATES} candidates, none taken", refused, texts.often, "miss", "none", None),
    ):
        say(name)
        times = times_of(asked_of.lookup, [question(text, context) for text in asked], outcome)
        rows.append(row(name, times, f"< {target}" if target else "–", target))
    times = sorted(made.times)
    seldom = max(1, len(times) // 64)
    rows.append(row("storing", times[:-seldom], "–", None))
    rows.append(row("storing, the one in 64 that writes to Chroma", times[-seldom:], "–", None))
    return rows


def times_of(lookup: Callable[[Query], Lookup], queries: Sequence[Query], expected: str) -> list[float]:
    """Milliseconds of each lookup but the first few; one that ends otherwise is another thing's time, and left out.

    Chroma's search is approximate and may miss one. Raises RuntimeError where it is one in ten and more.
    """
    times, others = [], []
    for query in queries:
        began = time.perf_counter()
        found = lookup(query)
        took = (time.perf_counter() - began) * 1000
        if found.outcome == expected:
            times.append(took)
        else:
            others.append(f"expected {expected}, got {found.outcome}: {found.reason}")
    if len(others) * 10 >= len(queries):
        raise RuntimeError(others[0])
    return times[min(_WARM, len(times) - 1) :]


def _step_rows(made: Store, texts: Texts, networks: Networks, threshold: float) -> list[Row]:
    """One step of a semantic lookup after the other, for texts that were not asked before."""
    one = _all_steps(made, [reworded(text, 2)[1] for text in texts.once[_WARM:]], networks, threshold, 1)
    asked = [reworded(text, CANDIDATES + 1)[-1] for text in texts.often]
    many = _all_steps(made, asked, networks, threshold, CANDIDATES)
    pieces = round(statistics.median(networks.encoder.pieces(text) for text in texts.once))
    rows = [
        ("embedding", [steps.embedding for steps in one]),
        (f"of it, the matrix products of MiniLM alone ({pieces} word pieces)", product_times(pieces, len(one))),
        ("Chroma", [steps.chroma for steps in one]),
        ("Chroma, where other scopes hold what is as near", _crowded(made, threshold)),
        ("reading and checking one entry that Chroma names", [steps.store - steps.chroma for steps in one]),
        ("guard, one candidate", [steps.guard for steps in one]),
        (f"guard, {CANDIDATES} candidates", [steps.guard for steps in many]),
        ("verifier, one candidate", [steps.verifier for steps in one]),
        (f"verifier, {CANDIDATES} candidates", [steps.verifier for steps in many]),
    ]
    return [row(name, times, "–", None) for name, times in rows]


def _all_steps(made: Store, texts: Sequence[str], networks: Networks, threshold: float, candidates: int) -> list[Steps]:
    """Of lookups with so many candidates; raises RuntimeError where one in ten and more has another number."""
    found = [_steps(made, text, networks, threshold) for text in texts]
    right = [steps for number, steps in found if number == candidates]
    if (len(found) - len(right)) * 10 >= len(found):
        raise RuntimeError(f"{len(right)} of {len(found)} lookups have {candidates} candidates")
    return right


def _steps(made: Store, text: str, networks: Networks, threshold: float) -> tuple[int, Steps]:
    """How many candidates there are, and what each step took."""
    query = question(text, "none")
    began = time.perf_counter()
    vector = networks.encoder.embed([text])[0]
    embedded = time.perf_counter()
    found = made.store.lookup(Nearest(query.similar_scope, vector, threshold, CANDIDATES))
    looked = time.perf_counter()
    guard = verifier = 0.0
    for match in found.matches:
        start = time.perf_counter()
        refused = difference(match.entry.prompt, text)
        middle = time.perf_counter()
        if refused is not None or networks.verify(match.entry.prompt, text) is None:
            raise RuntimeError(f"the network was not asked: {refused or 'too long'}")
        guard, verifier = guard + middle - start, verifier + time.perf_counter() - middle
    whole = (embedded - began, made.chroma.took_ms / 1000, looked - embedded, guard, verifier)
    return len(found.matches), Steps(*(1000 * seconds for seconds in whole))


def _crowded(made: Store, threshold: float) -> list[float]:
    """Searches in small scopes for what every scope has something like."""
    times = []
    for number in range(0, min(made.filled, 1_000), 20):
        scope = question("", small_scope(number)).similar_scope
        found = made.store.lookup(Nearest(scope, made.bases[number % len(made.bases)], threshold, CANDIDATES))
        if found.matches:
            times.append(made.chroma.took_ms)
    if not times:
        raise RuntimeError("nothing was found in any of the small scopes")
    return times


def main(argv: Sequence[str]) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Measure lookups in a full cache.")
    parser.add_argument("--entries", type=int, default=ENTRIES, help="entries in the cache")
    entries = parser.parse_args(argv).entries
    found = lookup_rows(
        entries, our_networks(), lambda text: print(text, file=sys.stderr), threshold=default_threshold()
    )
    print(f"{machine()}. Entries: {entries:,}.")
    for rows in found:
        print(f"\n{markdown([HEAD, *rows])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
