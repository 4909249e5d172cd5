"""What every store of answers does; the real one with real files, and Chroma where there are many entries."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optafly.cache.backend import ByKey, Limits, Nearest, Record
from optafly.cache.chroma_store import ChromaStore
from optafly.cache.memory import MemoryStore
from tests.unit.cache.made import NOW, Clock, answer, record, vector

Store = ChromaStore | MemoryStore
LIMITS = Limits(entries=20, megabytes=0.2, entry_megabytes=0.05)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["files", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    made: Store = (
        ChromaStore(tmp_path / "cache", LIMITS, clock=clock)
        if request.param == "files"
        else MemoryStore(LIMITS, clock=clock)
    )
    yield made
    made.close()


def found(store: Store, prompt: str, *, within: str = "s1", at_least: float = 0.5) -> list[str]:
    """The prompts of similar entries, the most similar first."""
    return [match.entry.prompt for match in store.lookup(Nearest(within, vector(prompt), at_least)).matches]


def test_an_entry_is_found_by_its_id_by_its_equal_key_and_by_similarity(store: Store) -> None:
    kept = record("sort a list of words")
    assert store.store(kept).ok
    assert kept.equal is not None
    for probe in (ByKey("exact", kept.entry.id), ByKey("equal", kept.equal), ByKey("scope", "s1")):
        assert [msgspec.structs.replace(match.entry, hits=0) for match in store.lookup(probe).matches] == [kept.entry]
    near = store.lookup(Nearest("s1", vector("sort a list of names"), 0.5))
    assert [match.entry.prompt for match in near.matches] == ["sort a list of words"]
    expected = float(vector("sort a list of names") @ vector("sort a list of words"))
    assert near.matches[0].similarity == pytest.approx(expected, abs=1e-6)


def test_what_is_not_there_is_not_found(store: Store) -> None:
    for probe in (ByKey("exact", "0" * 32), ByKey("equal", "0"), ByKey("scope", "s1"), Nearest("s1", vector("x"), 0)):
        assert store.lookup(probe).matches == ()
    assert store.get("0" * 32) is None
    assert store.forget("0" * 32).reason == "nothing is stored under that id"


def test_another_scope_is_never_searched(store: Store) -> None:
    for number in range(8):
        store.store(record("sort a list", within=f"s{number}"))
    store.store(record("sort a tree", within="s3"))
    assert found(store, "sort a list", within="s5") == ["sort a list"]
    assert found(store, "sort a list", within="s3", at_least=0.1) == ["sort a list", "sort a tree"]
    assert found(store, "sort a list", within="s9", at_least=-1) == []


def test_the_most_similar_comes_first_and_nothing_below_the_threshold(store: Store) -> None:
    for prompt in ("sort a list of words", "sort a list", "paint the shed green"):
        store.store(record(prompt))
    assert found(store, "sort a list") == ["sort a list", "sort a list of words"]
    assert found(store, "sort a list", at_least=0.99) == ["sort a list"]
    assert len(store.lookup(Nearest("s1", vector("sort a list"), -1, most=2)).matches) == 2


def test_without_a_vector_an_entry_is_found_by_its_id_only(store: Store) -> None:
    kept = record("sort a list")
    made = kept.entry
    store.store(kept)
    store.store(Record(made))
    assert store.lookup(ByKey("exact", made.id)).matches
    assert found(store, "sort a list") == []
    assert store.lookup(ByKey("scope", "s1")).matches == ()
    assert store.stats().entries == 1


def test_storing_again_replaces(store: Store) -> None:
    store.store(record("sort a list"))
    again = record("sort a list", response=answer("another answer"))
    store.store(again)
    assert store.stats().entries == 1
    assert found(store, "sort a list") == ["sort a list"]
    kept = store.get(again.entry.id)
    assert kept is not None
    assert kept.response == answer("another answer")


def test_of_equal_ones_the_newest_is_given(store: Store) -> None:
    for number in range(3):
        made = record(f"sort a list {number}")
        store.store(msgspec.structs.replace(made, equal="same"))
    assert store.lookup(ByKey("equal", "same")).matches[0].entry.prompt == "sort a list 2"


def test_uses_are_counted_and_looking_is_none(store: Store) -> None:
    kept = record("sort a list")
    store.store(kept)
    found(store, "sort a list")
    store.lookup(ByKey("scope", "s1"))
    store.get(kept.entry.id)
    assert store.stats().hits == 0
    for _ in range(3):
        store.lookup(ByKey("exact", kept.entry.id))
    stored = store.get(kept.entry.id)
    assert stored is not None
    assert (store.stats().hits, stored.hits) == (3, 3)


@pytest.mark.parametrize("tier", ["exact", "equal", "scope", "near"])
def test_nothing_is_given_after_its_time(store: Store, clock: Clock, tier: Any) -> None:
    kept = record("sort a list", ttl=100)
    store.store(kept)
    key = {"exact": kept.entry.id, "equal": kept.equal, "scope": "s1", "near": ""}[tier]
    probe = Nearest("s1", kept.vector, 0.5) if tier == "near" else ByKey(tier, str(key))  # type: ignore[arg-type]
    for offset, given in ((0, 1), (99.9, 1), (100, 0), (1e9, 0), (50, 1)):
        clock.now = NOW + offset
        assert len(store.lookup(probe).matches) == given


@pytest.mark.parametrize("tier", ["exact", "near"])
def test_an_entry_from_the_future_is_not_given_and_goes(store: Store, clock: Clock, tier: Any) -> None:
    kept = record("sort a list", ttl=100)
    store.store(kept)
    clock.now = NOW - 5000
    assert kept.vector is not None
    probe = ByKey("exact", kept.entry.id) if tier == "exact" else Nearest("s1", kept.vector, 0.5)
    assert store.lookup(probe).matches == ()
    store.store(record("something else", created=clock.now))
    clock.now = NOW + 1
    assert store.lookup(probe).matches == ()
    assert store.stats().entries == 1


def test_what_was_not_used_for_longest_makes_room(store: Store) -> None:
    kept = [record(f"question {number}") for number in range(20)]
    for each in kept:
        store.store(each)
    store.lookup(ByKey("exact", kept[0].entry.id))
    for number in range(20, 30):
        store.store(record(f"question {number}"))
    prompts = {each.prompt for each in store.entries()}
    assert len(prompts) <= 20
    assert {"question 0", "question 29"} <= prompts
    assert "question 1" not in prompts
    assert set(found(store, "question 1", at_least=-1)) <= prompts


def test_what_is_expired_makes_room_first(store: Store, clock: Clock) -> None:
    for number in range(19):
        store.store(record(f"question {number}", ttl=1000))
    store.store(record("short-lived", ttl=10))
    clock.now = NOW + 500
    store.store(record("question 19", created=clock.now))
    assert {each.prompt for each in store.entries()} == {f"question {number}" for number in range(20)}


def test_megabytes_are_limited(store: Store) -> None:
    for number in range(12):
        store.store(record(f"question {number}", response=answer("x" * 25_000)))
    assert 4 <= store.stats().entries <= 8
    assert store.stats().bytes <= 200_000
    refused = store.store(record("too long", response=answer("x" * 60_000)))
    assert (refused.ok, refused.reason) == (False, "the answer is larger than the cache keeps")


def test_forgetting_and_clearing(store: Store) -> None:
    one, other = record("sort a list"), record("sort a tree")
    store.store(one)
    store.store(other)
    assert store.forget(one.entry.id).ok
    assert store.lookup(ByKey("exact", one.entry.id)).matches == ()
    assert found(store, "sort a list", at_least=0.1) == ["sort a tree"]
    while store.maintain():
        pass
    assert found(store, "sort a list", at_least=0.1) == ["sort a tree"]
    assert store.clear().ok
    assert (store.entries(), store.stats().entries) == ((), 0)
    assert store.store(one).ok
    assert found(store, "sort a list") == ["sort a list"]


def test_entries_are_listed_by_their_last_use(store: Store) -> None:
    kept = [record(f"question {number}") for number in range(4)]
    for each in kept:
        store.store(each)
    store.lookup(ByKey("exact", kept[1].entry.id))
    assert [each.prompt[-1] for each in store.entries()] == ["1", "3", "2", "0"]
    assert [each.prompt[-1] for each in store.entries(limit=2, offset=1)] == ["3", "2"]
    assert store.ids(kept[2].entry.id[:12]) == (kept[2].entry.id,)
    assert len(store.ids("")) == 4


def test_what_is_stored_is_a_copy(store: Store) -> None:
    kept = record("sort a list", response=answer("first"))
    store.store(kept)
    kept.entry.response["content"] = []
    given = store.get(kept.entry.id)
    assert given is not None
    given.response["content"] = []
    again = store.get(kept.entry.id)
    assert again is not None
    assert again.response == answer("first")
