"""How long a lookup takes among many entries, and how long one routing decision."""

from collections.abc import Callable, Iterable
from typing import Final

from optafly.errors import OptaFlyError
from tests.bench import cache_lookup as lookup
from tests.bench import cache_texts as texts
from tests.bench.cache_figures import met
from tests.bench.cache_routing import routing_rows
from tests.bench.cache_sections import Results
from tests.bench.rows import Row
from tests.bench.tokens import LONG

LEAST_ENTRIES: Final = 500
_TIMES: Final = ("runs", "p50 ms", "p95 ms", "target ms", "met")


def results(say: Callable[[str], None], sample: int | None = None) -> Results:
    """Lookups, their steps, routing, its parts: a table each; what cannot be had is left out and says so."""
    entries = max(sample, LEAST_ENTRIES) if sample else lookup.ENTRIES
    before = texts.SPEED.format(entries=f"{entries:,}", long=f"{LONG:,}")
    whole: list[Row] = []
    steps: list[Row] = []
    try:
        whole, steps = lookup.lookup_rows(entries, lookup.our_networks(), say, threshold=lookup.default_threshold())
    except (ImportError, OptaFlyError) as error:
        before += f" Lookups are left out: {error}."
    routed, parts, why = routing_rows(say, sample)
    if why:
        before += f" Routing is left out: {why}."
    named = (("lookup", whole), ("of a semantic lookup", steps), ("routing", routed), ("of a decision", parts))
    tables = tuple([[name, *_TIMES], *rows] for name, rows in named if rows)
    return Results(before, tables, verdict([*whole, *routed]))


def verdict(rows: Iterable[Row]) -> str:
    """Every target, what was measured, and whether it is met."""
    limited = [(name, p50, target, word == "yes") for name, _, p50, _, target, word in rows if word != "–"]
    said = [f"{name} {p50} ms, {target} ({met(reached)})" for name, p50, target, reached in limited]
    return f"Targets, p50: {'; '.join(said)}." if said else "Targets: not measured."
