"""Files that are not what they should be: nothing crashes, nothing wrong is given, and the work goes on."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from optafly.cache.backend import ByKey, Nearest
from optafly.cache.chroma_store import ChromaStore
from optafly.private_files import MOST_ASIDE
from tests.unit.cache.made import Clock, answer, record, vector

COUNT, MANY = 70, 1100
FILE = "entries.sqlite3"


def opened(folder: Path) -> ChromaStore:
    return ChromaStore(folder, clock=Clock())


def given(store: ChromaStore, number: int) -> int:
    """In how many ways of two an entry is found; what is found must be what was stored."""
    kept = record(f"question {number}")
    exact = store.lookup(ByKey("exact", kept.entry.id)).matches
    near = [
        match
        for match in store.lookup(Nearest("s1", vector(f"question {number}"), 0.99)).matches
        if match.entry.id == kept.entry.id
    ]
    assert all(match.entry.response == kept.entry.response for match in (*exact, *near))
    return len(exact) + len(near)


def works(store: ChromaStore) -> bool:
    return store.store(record("question 9999")).ok and given(store, 9999) == 2


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder as it is left behind, with Chroma in use."""
    folder = tmp_path_factory.mktemp("filled") / "cache"
    with closing(opened(folder)) as store:
        for number in range(COUNT):
            assert store.store(record(f"question {number}")).ok
        assert store.stats().index == "Chroma"
    return folder


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """One with so many entries that Chroma has written its graph."""
    with closing(opened(tmp_path / "many")) as store:
        for number in range(MANY):
            assert store.store(record(f"question {number}")).ok
    assert list((tmp_path / "many").glob("vectors-*/*/index_metadata.pickle"))
    return tmp_path / "many"


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "cache"))


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_a_little(path: Path) -> None:
    os.truncate(path, max(0, path.stat().st_size - 1000))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def fill_with_garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def fill_with_zeros(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


def scatter(path: Path) -> None:
    """Change bytes here and there, the header of the file left as it is."""
    data, chance = bytearray(path.read_bytes()), random.Random(2)
    for _ in range(300):
        data[chance.randrange(min(200, len(data) // 2), len(data))] ^= 255
    path.write_bytes(data)


HARMS: Mapping[str, Callable[[Path], None]] = {
    harm.__name__: harm for harm in (halve, cut_a_little, empty, fill_with_garbage, fill_with_zeros, scatter)
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("sealed", [True, False], ids=["closed before", "killed before"])
def test_a_damaged_file_of_entries_is_put_aside_and_the_work_goes_on(folder: Path, harm: str, sealed: bool) -> None:
    HARMS[harm](folder / FILE)
    if not sealed:
        (folder / "vectors.seal").unlink()
    with closing(opened(folder)) as store:
        # What can still be read may be given; that it is what was stored, `given` checks.
        for number in range(COUNT):
            given(store, number)
        store.entries(limit=1000)
        store.maintain()
        assert works(store)
        assert store.off == ""
        aside = [path.name for path in folder.glob(f"{FILE}.damaged-*")]
        # An empty file is a new one, and what is missing at the end may be a page that nothing is on.
        assert len(aside) == 1 or (harm in {"empty", "cut_a_little"} and not aside)
        assert [name for name in aside if name in store.notes[0]] == aside
        assert len(store.notes) == len(aside)
    with closing(opened(folder)) as store:
        assert (store.notes, given(store, 9999)) == ((), 2)


def test_damage_in_the_middle_of_the_work_is_one_miss(folder: Path) -> None:
    with closing(opened(folder)) as store:
        assert given(store, 1) == 2
        fill_with_garbage(folder / FILE)
        lookups = [store.lookup(ByKey("exact", record(f"question {number}").entry.id)) for number in range(COUNT)]
        # Pages that SQLite has in memory are still good; the first that it has to read is not.
        assert "the cache file is damaged" in {found.reason for found in lookups}
        assert "put aside" in store.notes[0]
        assert works(store)


def test_a_file_that_is_deleted_in_the_middle_of_the_work_hurts_nobody(folder: Path) -> None:
    with closing(opened(folder)) as store:
        shutil.rmtree(folder)
        for number in range(COUNT, 2 * COUNT):
            store.store(record(f"question {number}"))
            given(store, number)
    with closing(opened(folder)) as store:
        assert works(store)


def test_a_file_of_another_format_or_program_is_put_aside(folder: Path) -> None:
    for statement, said in (("PRAGMA user_version = -1", "older format"), ("PRAGMA application_id = 7", "is none")):
        with closing(sqlite3.connect(folder / FILE)) as connection:
            connection.execute(statement)
        with closing(opened(folder)) as store:
            assert said in store.notes[0]
            assert works(store)


def test_a_file_of_a_newer_format_turns_the_cache_off(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        connection.execute("PRAGMA user_version = 1000")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with closing(opened(folder)) as store:
        assert "newer OptaFly" in store.off
        assert store.lookup(ByKey("exact", record("question 1").entry.id)).reason == store.off
        assert store.clear().reason == store.off
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_files_put_aside_do_not_pile_up(folder: Path) -> None:
    for _ in range(MOST_ASIDE + 2):
        fill_with_garbage(folder / FILE)
        opened(folder).close()
    assert len(list(folder.glob(f"{FILE}.damaged-*"))) == MOST_ASIDE


def test_damaged_files_of_chroma_cost_nothing(many: Path, tmp_path: Path) -> None:
    """Given to Chroma 1.5.9, some of these end the process."""
    files = [path.relative_to(many) for path in many.glob("vectors-*/**/*") if path.is_file()]
    assert len(files) == 6
    for number, (file, harm) in enumerate((file, harm) for file in files for harm in HARMS.values()):
        folder = tmp_path / str(number)
        shutil.copytree(many, folder)
        harm(folder / file)
        with closing(opened(folder)) as store:
            assert given(store, number) == 2
            assert (store.stats().index, store.off, store.notes) == ("memory", "", ())
        assert list(folder.glob("vectors*")) == []
        shutil.rmtree(folder)


def test_an_index_is_used_again_and_made_anew_when_it_is_damaged(many: Path) -> None:
    with closing(opened(many)) as store:
        assert store.stats().index == "Chroma"
        assert [given(store, number) for number in range(0, MANY, 50)] == [2] * len(range(0, MANY, 50))
    fill_with_garbage(next(many.glob("vectors-*/*/data_level0.bin")))
    with closing(opened(many)) as store:
        for _ in range(MANY):
            if not store.maintain():
                break
        assert store.stats().index == "Chroma"
        assert [given(store, number) for number in range(0, MANY, 50)] == [2] * len(range(0, MANY, 50))


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_forgotten_is_in_no_file(folder: Path) -> None:
    secret = record("the launch date is the third of May", response=answer("It is the THIRD of May."))
    assert secret.vector is not None
    with closing(opened(folder)) as store:
        store.store(secret)
        for number in range(100, 200):
            store.store(record(f"question {number}"))
    # A copy in a file that was put aside goes as well.
    (folder / f"{FILE}.damaged-20260101T000000.000000000Z").write_bytes((folder / FILE).read_bytes())
    assert everything(folder).count(b"THIRD of May") >= 2
    with closing(opened(folder)) as store:
        assert given(store, 150) == 2
        assert store.forget(secret.entry.id).ok
        assert store.lookup(Nearest("s1", secret.vector, 0.9)).matches == ()
        traces = (b"THIRD of May", b"launch date", secret.entry.id.encode(), secret.vector.tobytes())
        assert not [trace for trace in traces if trace in everything(folder)]
        while store.maintain():
            pass
        assert store.stats().index == "Chroma"
        # Nor in memory of the process, which Chroma writes to its files before it has set it.
        assert not [trace for trace in traces if trace in everything(folder)]
        assert [given(store, number) for number in (0, 150, 199)] == [2] * 3


def test_what_expires_is_in_no_file_after_the_next_maintenance(tmp_path: Path) -> None:
    folder, clock = tmp_path / "cache", Clock()
    with closing(ChromaStore(folder, clock=clock)) as store:
        store.store(record("the launch date", ttl=10))
        store.store(record("question 1", ttl=1000))
        clock.now += 20
        store.maintain()
        assert [entry.prompt for entry in store.entries()] == ["question 1"]
    assert b"launch date" not in everything(folder)


def test_clearing_leaves_nothing(folder: Path) -> None:
    (folder / f"{FILE}.damaged-20260101T000000.000000000Z").write_bytes((folder / FILE).read_bytes())
    with closing(opened(folder)) as store:
        assert store.clear().ok
        assert b"question" not in everything(folder)
        assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(FILE)) == []
        assert works(store)
