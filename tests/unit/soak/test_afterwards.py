from typing import Any

import pytest

from optafly.cache.entries import Entry
from optafly.cache.scope import scope_of
from optafly.stats.events import Answered
from tests.soak.afterwards import check_entries, check_statistics
from tests.soak.ledger import Outage
from tests.soak.received import Received
from tests.soak.upstream import Call
from tests.soak.words import Mark, answer_words
from tests.unit.soak.made import FIRST, REPEATED, hit, ledger_of, mark, miss, tried

SCOPE = scope_of({"messages": []}, project="", context="", key_scope="", embedder="")
CALLS = [Call("1.0")]


def entry(text: str) -> Entry:
    response: dict[str, Any] = {"content": [{"type": "text", "text": text}]}
    return Entry("id", SCOPE, "asked", response, {}, "model", 1.0, 2.0, 3.0)


KEPT = entry(answer_words(mark(FIRST)))


def test_a_whole_answer_may_be_kept() -> None:
    assert check_entries([KEPT], ledger_of(tried(FIRST, miss(mark(FIRST)))), CALLS) == []


@pytest.mark.parametrize(
    "text", [answer_words(mark(FIRST))[:-5], answer_words(Mark("5.0", "b1", "k1"))], ids=["cut", "of nobody"]
)
def test_an_answer_that_is_not_whole_is_wrong(text: str) -> None:
    assert len(check_entries([entry(text)], ledger_of(tried(FIRST, miss(mark(FIRST)))), CALLS)) == 1


def test_an_answer_of_a_call_that_failed_is_wrong() -> None:
    ledger = ledger_of(tried(FIRST, Received("broken off")))
    assert "failed" in check_entries([KEPT], ledger, [Call("1.0", "broken off")])[0]


def test_an_answer_whose_client_left_is_wrong() -> None:
    assert "left" in check_entries([KEPT], ledger_of(tried(FIRST, Received("left", 200))), CALLS)[0]


def rows(misses: int, hits: int) -> list[Answered]:
    return [Answered(0.0, "miss", "m", 1.0)] * misses + [Answered(0.0, "hit-exact", "m", 1.0)] * hits


@pytest.mark.parametrize(("misses", "hits", "fine"), [(1, 1, True), (2, 1, False), (0, 1, False), (2, 0, False)])
def test_statistics_are_what_clients_saw(misses: int, hits: int, fine: bool) -> None:
    tries = [tried(FIRST, miss(mark(FIRST))), tried(REPEATED, hit(mark(FIRST)))]
    assert all(check.is_fine for check in check_statistics(rows(misses, hits), tries, [], CALLS)) == fine


@pytest.mark.parametrize(("misses", "fine"), [(2, True), (1, True), (0, False)])
def test_what_happened_just_before_a_kill_may_be_missing(misses: int, fine: bool) -> None:
    late = tried(FIRST, miss(mark(FIRST)))
    early = tried(REPEATED, miss(mark(REPEATED)), began=1.0, ended=2.0)
    checks = check_statistics(rows(misses, 0), [late, early], [Outage(11.5, 13.0)], CALLS)
    assert all(check.is_fine for check in checks) == fine
