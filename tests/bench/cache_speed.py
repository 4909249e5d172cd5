"""How long a lookup takes among many entries, and how long one routing decision."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from optafly.core.compose import build_keys, effective
from optafly.core.parts import Parts
from optafly.errors import OptaFlyError
from optafly.paths import resolve_paths
from optafly.routing.decision import RoutingRequest
from optafly.routing.router import Router
from tests.bench import cache_texts as texts
from tests.bench.cache_data import SEED, held_out_pairs
from tests.bench.cache_lookup import cache_rows, reworded, text
from tests.bench.cache_sections import Results
from tests.bench.cache_systems import MODEL, RememberedEncoder, System
from tests.bench.rows import Row, row

ENTRIES: Final = 10_000
WORDS: Final = 60
DECISIONS: Final = 200
HEAD: Final = ["what", "runs", "p50 ms", "p95 ms", "target ms", "met"]


def results(
    systems: Sequence[System], encoder: RememberedEncoder, say: Callable[[str], None], *, entries: int
) -> Results:
    """The rows of lookup, of judging and of routing, one table."""
    say(f"lookups among {entries:,} entries")
    rows = cache_rows(entries)
    say("judgements")
    rows += judge_rows(systems, encoder)
    say("routing decisions")
    routed, why = routing_rows()
    missing = f" Routing is left out: {why}." if why else ""
    return Results(texts.SPEED.format(entries=f"{entries:,}") + missing, ([HEAD, *rows, *routed],), "")


def judge_rows(systems: Sequence[System], encoder: RememberedEncoder, count: int = 60) -> list[Row]:
    """What a lookup takes besides: one judgement of two prompts of 60 words, where a rule refuses and where it is sure.

    Two words are exchanged in half of the pairs; the others differ in nothing that counts, so that all parts are asked.
    """
    chance = random.Random(SEED)
    stored = [text(chance) for _ in range(count)]
    pairs = [(a, reworded(a, chance)) for a in stored] + [(a, f"Hello, please {a}, thanks!") for a in stored]
    encoder.learn(one for pair in pairs for one in pair)
    rows: list[Row] = []
    for system in systems:
        refused: list[float] = []
        asked: list[float] = []
        for a, b in pairs:
            similarity = encoder.cosine(a, b)
            began = time.perf_counter()
            judged = system.judge.same(a, b, similarity)
            took = (time.perf_counter() - began) * 1000
            (refused if judged.p is None else asked).append(took)
        for name, times in (("a rule refuses", refused), ("nothing refuses", asked)):
            if len(times) > 5:
                rows.append(row(f"{system.name}, one judgement, {name}", times, "–", None))
    return rows


def routing_rows() -> tuple[list[Row], str]:
    """One decision of the router about a prompt of 60 words that it has not seen, or why there is none."""
    try:
        with a_router() as router:
            times = [_timed(router, prompt) for prompt in prompts(DECISIONS + 10)]
    except OptaFlyError as error:
        return [], str(error)
    return [row(f"routing, one decision, {WORDS} words", times[10:], "< 8", 8)], ""


@contextmanager
def a_router() -> Iterator[Router]:
    """The router with default settings, its networks in this thread."""
    from optafly.core.route import build_router

    with tempfile.TemporaryDirectory(prefix="optafly-route-") as folder:
        paths = resolve_paths({"OPTAFLY_HOME": folder})
        Path(paths.state_dir).mkdir(parents=True)
        config = effective({})
        parts = Parts(config, paths)
        try:
            keys = build_keys(config, paths, {"ANTHROPIC_API_KEY": "sk-ant-only-for-the-benchmark"})
            parts.load()
            yield build_router(config, lambda work: work(parts), keys)
        finally:
            parts.close()


def _timed(router: Router, prompt: str) -> float:
    body = {"model": MODEL, "max_tokens": 1024, "messages": [{"role": "user", "content": prompt}]}
    request = RoutingRequest(body=body, assembled=True)
    began = time.perf_counter()
    router.decide(request)
    return (time.perf_counter() - began) * 1000


def prompts(count: int, words: int = WORDS, seed: int = SEED) -> Sequence[str]:
    """Different prompts of so many words, put together from requests of the project's own pairs."""
    found = sorted({text for pair in held_out_pairs() for text in (pair.a, pair.b)})
    choose = random.Random(seed)
    made = []
    for _ in range(count):
        taken: list[str] = []
        while len(taken) < words:
            taken += choose.choice(found).split()
        made.append(" ".join(taken[:words]))
    return made
