"""Costs side by side: a row for each family of sessions."""

from collections.abc import Sequence

import msgspec

from optafly.routing.prices import model_facts
from tests.bench.cache_figures import percent
from tests.bench.caching.best import Search
from tests.bench.caching.rules import Rules, read_request
from tests.bench.caching.sessions import Family, Session
from tests.bench.caching.strategies import automatic, cost, ours, without
from tests.bench.rows import Row

HEAD = [
    "sessions", "requests", "no anchors, $", "automatic, $", "ours, $", "best possible, $", "ours / automatic",
    "of what can be saved",
]  # fmt: skip


class Costs(msgspec.Struct, frozen=True):
    """What the input of a family costs in each way, in USD, and the dearest session of ours against automatic."""

    family: str
    requests: int
    without: float
    automatic: float
    ours: float
    best: float
    worst: float

    @property
    def saved(self) -> float | None:
        """The share of the possible saving that ours reaches; None where nothing can be saved."""
        possible = self.without - self.best
        return (self.without - self.ours) / possible if possible > 1e-12 else None


def costs(family: Family, rules: Rules) -> Costs:
    """Replay a family. Best possible is by search over the same texts, all requests known beforehand."""
    made = [_session(session, rules) for session in family.sessions]
    none, automatically, anchored, best = (sum(column) for column in zip(*made, strict=True))
    worst = max(item[2] / item[1] for item in made)
    requests = sum(len(session.requests) for session in family.sessions)
    return Costs(family.name, requests, none, automatically, anchored, best, worst)


def rows(table: Sequence[Costs]) -> list[Row]:
    """The table, its head first, the sum of all families last."""
    return [HEAD, *(row(made) for made in (*table, total(table)))]


def total(table: Sequence[Costs]) -> Costs:
    """All families together."""
    columns = zip(*((made.without, made.automatic, made.ours, made.best) for made in table), strict=True)
    none, automatically, anchored, best = (sum(column) for column in columns)
    requests, worst = sum(made.requests for made in table), max(made.worst for made in table)
    return Costs("**all**", requests, none, automatically, anchored, best, worst)


def verdict(table: Sequence[Costs]) -> str:
    """What ours costs over all families beside the other ways, and where it is dearer than automatic caching."""
    every = total(table)
    saved = f", {percent(every.saved)} of what can be saved" if every.saved is not None else ""
    dearer = notes(table)
    return (
        f"Over all, anchors of this project cost {percent(every.ours / every.without)} of no anchors and "
        f"{percent(every.ours / every.automatic)} of automatic caching{saved}. "
        f"Dearer than automatic caching: {'; '.join(dearer) if dearer else 'no family'}."
    )


def _session(session: Session, rules: Rules) -> tuple[float, float, float, float]:
    facts = model_facts(session.model)
    price = facts.price()
    assert price is not None
    requests = [read_request(body, facts, rules)[0] for body in ours(session)]
    best = Search(requests, [sent.at for sent in session.requests], facts, rules).best()
    tokens = [cost(session, strategy, rules) for strategy in (without, automatic, ours)]
    none, automatically, anchored, least = (count * price.input / 1e6 for count in (*tokens, best))
    return none, automatically, anchored, least


def row(made: Costs) -> Row:
    """One line of the table."""
    saved = "–" if made.saved is None else percent(made.saved, 0)
    money = [f"{value:.4f}" for value in (made.without, made.automatic, made.ours, made.best)]
    return [made.family, str(made.requests), *money, percent(made.ours / made.automatic, 0), saved]


def notes(table: Sequence[Costs]) -> list[str]:
    """Where ours costs more than automatic caching, in words."""
    return [
        f"{made.family}: {percent(made.ours / made.automatic - 1)} more (the worst session {percent(made.worst - 1)})"
        for made in table
        if made.ours > made.automatic * 1.0005
    ]
