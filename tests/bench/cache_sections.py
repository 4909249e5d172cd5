"""The parts of the comparison that are about pairs of texts: GPTCache's, Quora's, and the project's own."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from optafly.cache.chroma_store import ChromaStore
from tests.bench import cache_gptcache as gptcache
from tests.bench import cache_texts as texts
from tests.bench.cache_data import Labelled
from tests.bench.cache_figures import (
    HeldOut,
    Judged,
    Scored,
    Served,
    Tally,
    at_hit_rate,
    by_kind,
    held_out,
    met,
    percent,
    tally,
)
from tests.bench.cache_systems import (
    GUARD,
    OURS,
    THRESHOLDS,
    RememberedEncoder,
    System,
    keep,
    query,
    scored,
)

MOST_WRONG: Final = 0.01
LEAST_HIT: Final = 0.60
MOST_FALSE: Final = 0.005
LEAST_PARAPHRASES: Final = 0.45
RATES: Final = (0.01, 0.025, 0.05, 0.10, 0.20, 0.30, 0.40)
_SHOWN_KINDS: Final = 5

Say = Callable[[str], None]
Table = list[list[str]]


class Results(NamedTuple):
    """A part of the document: the text above its tables, the tables with their header first, the text below."""

    before: str
    tables: tuple[Table, ...]
    after: str


# GPTCache's pairs


def nearest_above(pairs: Sequence[tuple[str, str]], encoder: RememberedEncoder, threshold: float) -> list[Served]:
    """What MiniLM's cosine alone would give: the nearest stored text, where it is near enough."""
    similar = encoder.embed([b for _, b in pairs]) @ encoder.embed([a for a, _ in pairs]).T
    best, values = similar.argmax(axis=1).tolist(), similar.max(axis=1).tolist()
    return [
        Served(a, pairs[place][0] if value >= threshold else None)
        for (a, _), place, value in zip(pairs, best, values, strict=True)
    ]


def ask_stored(pairs: Sequence[tuple[str, str]], system: System) -> list[Served]:
    """What the real cache on its real store gives, with every first text stored."""
    with tempfile.TemporaryDirectory(prefix="optafly-cache-") as folder:
        store = ChromaStore(Path(folder) / "cache")
        try:
            cache = system.cache(store)
            for a, _ in pairs:
                keep(cache, query(a), "stored")
            found = [cache.lookup(query(b)) for _, b in pairs]
        finally:
            store.close()
    return [
        Served(a, None if lookup.entry is None else lookup.entry.prompt)
        for (a, _), lookup in zip(pairs, found, strict=True)
    ]


def mock_counts(
    pairs: Sequence[tuple[str, str]],
    systems: Sequence[System],
    encoder: RememberedEncoder,
    other: gptcache.Result | None,
    say: Say,
) -> dict[str, Tally]:
    """Right, wrong and miss of every system, by name."""
    encoder.learn(text for pair in pairs for text in pair)
    counts = {f"cosine {at:.2f}": tally(nearest_above(pairs, encoder, at)) for at in THRESHOLDS}
    for threshold, answers in (other.store if other else {}).items():
        given = [None if place is None else pairs[place][0] for place in answers.given]
        served = [Served(a, text) for (a, _), text in zip(pairs, given, strict=True)]
        counts[f"GPTCache {gptcache.VERSION}, {threshold:.2f}"] = tally(served)
    for system in systems:
        say(f"{len(pairs)} pairs of GPTCache: {system.name}")
        counts[system.name] = tally(ask_stored(pairs, system))
    return counts


def mock_results(counts: dict[str, Tally], absent: str) -> Results:
    """The part about GPTCache's pairs; ``absent`` says why GPTCache itself is not among them."""
    asked = next(iter(counts.values())).asked
    table = [["system", "hits right", "hits wrong", "miss", "hit", "wrong, of all hits", "95 % bound"]]
    for name, count in counts.items():
        table.append([
            name, str(count.right), str(count.wrong), str(count.miss), percent(count.hit_rate),
            percent(count.wrong_share, 2), percent(count.wrong_bound, 2),
        ])  # fmt: skip
    published = "; ".join(f"{at}: {'/'.join(map(str, row))}" for at, row in gptcache.PUBLISHED.items())
    mapping = ", ".join(f"{at} is a cosine of {gptcache.equal_cosine(at):.2f}" for at in gptcache.THRESHOLDS)
    before = texts.MOCK.format(asked=asked, mapping=mapping, published=published)
    target = texts.MOCK_TARGET.format(wrong=percent(MOST_WRONG, 0), hit=percent(LEAST_HIT, 0))
    ours = counts.get(OURS)
    verdict = (
        f"{target}: {percent(ours.wrong_share, 2)} wrong ({met(ours.wrong_share < MOST_WRONG)}) with "
        f"{percent(ours.hit_rate)} hit ({met(ours.hit_rate >= LEAST_HIT)})."
        if ours
        else f"{target}: not measured."
    )
    return Results(before + (f" GPTCache itself is left out: {absent}." if absent else ""), (table,), verdict)


# Quora's pairs


def pair_scores(
    rows: Sequence[Labelled], systems: Sequence[System], encoder: RememberedEncoder, say: Say
) -> dict[str, list[Scored]]:
    """How sure each system is of each pair; for ours also what it really does, under ``… as shipped``."""
    encoder.learn(text for row in rows for text in (row.a, row.b))
    scores = {"cosine": [Scored(encoder.cosine(row.a, row.b), row.same) for row in rows]}
    for system in systems:
        say(f"{len(rows)} pairs of questions: {system.name}")
        found = [system.explain(row.a, row.b) for row in rows]
        scores[system.name] = [scored(one, same=row.same) for row, one in zip(rows, found, strict=True)]
        shipped = [Scored(1.0 if one.hit else None, row.same) for row, one in zip(rows, found, strict=True)]
        scores[f"{system.name}, as shipped"] = shipped
    return scores


def qqp_results(scores: dict[str, list[Scored]]) -> Results:
    """Wrong hits at equal hit rates: at round rates, and at those that our systems have as they are."""
    curves = {name: pairs for name, pairs in scores.items() if not name.endswith("as shipped")}
    cosine = scores["cosine"]
    same, different = sum(pair.same for pair in cosine), sum(not pair.same for pair in cosine)
    table = [["duplicates hit", *(f"{name}: wrong, of all hits" for name in curves)]]
    for rate in RATES:
        table.append([percent(rate), *(_wrong_at(pairs, rate) for pairs in curves.values())])
    shipped = [["system as shipped", "duplicates hit", "wrong hits", "wrong, of all hits", "cosine at that rate"]]
    for name, pairs in scores.items():
        if name.endswith("as shipped"):
            right, wrong = (sum(p.score is not None and p.same is flag for p in pairs) for flag in (True, False))
            share = percent(wrong / (right + wrong)) if right + wrong else "–"
            against = _wrong_at(cosine, right / same) if right else "–"
            shown = f"{right} ({percent(right / same)})"
            shipped.append([name.removesuffix(", as shipped"), shown, f"{wrong} of {different}", share, against])
    before = texts.QQP.format(pairs=len(cosine), same=same)
    return Results(before, (table, shipped), "")


def _wrong_at(pairs: Sequence[Scored], rate: float) -> str:
    found = at_hit_rate(pairs, rate)
    return "–" if found is None else f"{percent(found.wrong_share)} ({found.wrong} of {found.right + found.wrong})"


# The project's own held-out pairs


def judge_pairs(
    rows: Sequence[Labelled],
    systems: Sequence[System],
    encoder: RememberedEncoder,
    other: gptcache.Result | None,
    say: Say,
) -> dict[str, list[Judged]]:
    """Whether each system would give the answer of the first text to the second."""
    encoder.learn(text for row in rows for text in (row.a, row.b))
    judged: dict[str, list[Judged]] = {}
    cosines = [encoder.cosine(row.a, row.b) for row in rows]
    for at in THRESHOLDS:
        judged[f"cosine {at:.2f}"] = [
            Judged(row.same, row.kind, value >= at) for row, value in zip(rows, cosines, strict=True)
        ]
    for at in gptcache.THRESHOLDS if other else ():
        name = f"GPTCache {gptcache.VERSION}, {at:.2f}"
        judged[name] = [Judged(row.same, row.kind, score >= at) for row, score in zip(rows, other.pairs, strict=True)]  # type: ignore[union-attr]
    for system in systems:
        say(f"{len(rows)} held-out pairs: {system.name}")
        judged[system.name] = [Judged(row.same, row.kind, system.explain(row.a, row.b).hit) for row in rows]
    return judged


def held_out_results(judged: dict[str, list[Judged]], absent: str) -> Results:
    """Hits and false hits of all systems, then those of ours by kind."""
    counts = {name: held_out(pairs) for name, pairs in judged.items()}
    some = next(iter(counts.values()))
    table = [["system", "paraphrases hit", "", "false hits", "", "95 % bound"]]
    for name, count in counts.items():
        table.append([
            name, str(count.hits), percent(count.hit_rate), str(count.false), percent(count.false_rate, 2),
            percent(count.false_bound, 2),
        ])  # fmt: skip
    before = texts.HELD_OUT.format(pairs=some.same + some.different, same=some.same, different=some.different)
    if absent:
        before += f" GPTCache itself is left out: {absent}."
    ours = counts.get(OURS)
    target = texts.HELD_OUT_TARGET.format(false=percent(MOST_FALSE), hit=percent(LEAST_PARAPHRASES, 0))
    verdict = (
        f"{target}: {percent(ours.false_rate, 2)} ({met(ours.false_rate < MOST_FALSE)}) with {percent(ours.hit_rate)} "
        f"({met(ours.hit_rate >= LEAST_PARAPHRASES)})."
        if ours
        else f"{target}: not measured."
    )
    shown = [name for name in ("cosine 0.90", GUARD, OURS) if name in judged]
    return Results(before, (table, _kinds(judged, shown)), verdict)


def _kinds(judged: dict[str, list[Judged]], names: Sequence[str]) -> Table:
    """A row for each kind: the hits of the same, then the false hits of the different with their bound."""
    found = {name: by_kind(judged[name]) for name in names}
    first = found[names[0]]
    order = sorted(first, key=lambda kind: first[kind].different > 0)
    table = [["kind", "pairs", *names]]
    for kind in order:
        table.append(
            [kind, str(first[kind].same + first[kind].different), *(_cell(found[name][kind]) for name in names)]
        )
    return table


def _cell(count: HeldOut) -> str:
    if count.same:
        return f"{count.hits} hit ({percent(count.hit_rate, 0)})"
    return f"{count.false} false (bound {percent(count.false_bound)})"
