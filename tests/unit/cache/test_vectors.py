"""The index of vectors: over a stand-in for Chroma that fails when it is told to, and over Chroma itself."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from optafly.cache.chroma_collection import ChromaCollection, ChromaFailed
from optafly.cache.vectors import BATCH, SLICE, VectorIndex, cosine, has_length_1
from tests.unit.cache.made import vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MANY = 2 * BATCH


class Kept:
    """What the file of entries would hold."""

    def __init__(self, count: int = 0) -> None:
        self.rows = {f"id{number}": (f"s{number % 4}", vector(f"common {number}")) for number in range(count)}

    def load(self) -> Iterator[tuple[str, str, bytes]]:
        for entry_id, (scope, stored) in self.rows.items():
            yield entry_id, scope, stored.tobytes()

    def nearest(self, scope: str, asked: "NDArray[np.float32]", most: int) -> list[str]:
        inside = {entry_id: float(stored @ asked) for entry_id, (other, stored) in self.rows.items() if other == scope}
        return sorted(inside, key=lambda entry_id: -inside[entry_id])[:most]


class StandIn:
    """Does what `ChromaCollection` does, with a file, until it is told to fail."""

    version = "stand-in"
    failing = False
    opened = 0

    def __init__(self, folder: Path) -> None:
        self.check()
        type(self).opened += 1
        folder.mkdir(exist_ok=True)
        self.file = folder / "data"
        self.file.touch()
        self.rows: dict[str, tuple[str, NDArray[np.float32]]] = ROWS.setdefault(folder.name, {})

    def check(self) -> None:
        if type(self).failing:
            raise ChromaFailed("Chroma failed (InternalError)")

    def count(self) -> int:
        self.check()
        return len(self.rows)

    def write(self, ids: Sequence[str], scopes: Sequence[str], vectors: "NDArray[np.float32]") -> None:
        self.check()
        self.rows |= dict(zip(ids, zip(scopes, vectors, strict=True), strict=True))
        self.file.write_text(str(sorted(self.rows)))

    def delete(self, ids: Sequence[str]) -> None:
        self.check()
        for entry_id in ids:
            self.rows.pop(entry_id, None)

    def nearest(self, scope: str, asked: "NDArray[np.float32]", at_least: float, most: int) -> list[tuple[str, float]]:
        self.check()
        found = [(name, float(row @ asked)) for name, (other, row) in self.rows.items() if other == scope]
        return sorted(found, key=lambda item: -item[1])[:most]

    def close(self) -> None:
        self.check()


ROWS: dict[str, dict[str, tuple[str, "NDArray[np.float32]"]]] = {}
Open = Callable[..., VectorIndex]


@pytest.fixture
def stand_in() -> type[StandIn]:
    class Fresh(StandIn):
        pass

    ROWS.clear()
    return Fresh


@pytest.fixture
def opened(tmp_path: Path, stand_in: type[StandIn]) -> Open:
    def make(kept: Kept, *, writable: bool = True) -> VectorIndex:
        return VectorIndex(
            tmp_path,
            kept.load,
            expected=len(kept.rows),
            writable=writable,
            connect=stand_in,  # type: ignore[arg-type]
        )

    return make


def ids(index: VectorIndex, scope: str = "s1", asked: str = "common 5", most: int = 5) -> list[str]:
    return [entry_id for entry_id, _ in index.nearest(scope, vector(asked), 0.0, most)]


def settle(index: VectorIndex) -> None:
    for _ in range(50):
        if not index.has_work:
            return
        index.work()
    pytest.fail("it never comes to an end")


def test_a_few_vectors_need_no_chroma(opened: Open, stand_in: type[StandIn]) -> None:
    kept = Kept(BATCH - 1)
    index = opened(kept)
    assert ids(index) == kept.nearest("s1", vector("common 5"), 5)
    assert not index.has_work
    index.close()
    assert stand_in.opened == 0


def test_many_are_written_in_slices_and_found_all_the_while(opened: Open) -> None:
    kept = Kept(2 * SLICE)
    index = opened(kept)
    for in_chroma in (False, True, True):
        assert index.in_chroma == in_chroma
        assert ids(index) == kept.nearest("s1", vector("common 5"), 5)
        index.work()
    assert not index.has_work


def test_a_sealed_index_is_used_again(opened: Open, stand_in: type[StandIn]) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    index.add("new", "s1", vector("brand new"))
    kept.rows["new"] = ("s1", vector("brand new"))
    index.close()
    again = opened(kept)
    assert (again.in_chroma, again.has_work, stand_in.opened) == (True, False, 1)
    assert ids(again, asked="brand new", most=1) == ["new"]
    assert stand_in.opened == 2


def test_an_index_that_nobody_needs_is_not_opened_and_stays_sealed(opened: Open, stand_in: type[StandIn]) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    index.close()
    for _ in range(2):
        opened(kept).close()
    assert stand_in.opened == 1
    # What is stored or dropped meanwhile is done when it is closed.
    index = opened(kept)
    index.add("new", "s1", vector("brand new"))
    index.remove(["id1"])
    kept.rows["new"] = ("s1", vector("brand new"))
    del kept.rows["id1"]
    index.close()
    again = opened(kept)
    assert (again.in_chroma, again.has_work, stand_in.opened) == (True, False, 2)
    assert ids(again) == kept.nearest("s1", vector("common 5"), 5)


@pytest.mark.parametrize(
    "harm", ["no close", "changed file", "another file", "no file", "entries more", "seal of garbage"]
)
def test_an_index_that_was_not_closed_in_good_order_is_made_anew(
    opened: Open, stand_in: type[StandIn], tmp_path: Path, harm: str
) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    if harm == "no close":
        index.abandon()
    else:
        index.close()
    data = next(tmp_path.glob("vectors-*/data"))
    if harm == "changed file":
        data.write_bytes(b"X" + data.read_bytes()[1:])
    elif harm == "another file":
        data.with_name("more").touch()
    elif harm == "no file":
        data.unlink()
    elif harm == "entries more":
        kept.rows["new"] = ("s1", vector("common 5"))
    elif harm == "seal of garbage":
        (tmp_path / "vectors.seal").write_bytes(b'{"folder": "..", "chroma": "x"')
    again = opened(kept)
    assert ids(again) == kept.nearest("s1", vector("common 5"), 5)
    assert (again.in_chroma, data.parent.exists(), stand_in.opened) == (False, False, 1)
    settle(again)
    assert again.in_chroma
    assert ids(again) == kept.nearest("s1", vector("common 5"), 5)


def test_another_version_of_chroma_begins_anew(opened: Open, stand_in: type[StandIn]) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    index.close()
    stand_in.version = "newer"
    again = opened(kept)
    assert ids(again) == kept.nearest("s1", vector("common 5"), 5)
    assert not again.in_chroma


def test_a_process_that_ends_after_a_change_leaves_no_seal(opened: Open) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    index.close()
    changed = opened(kept)
    changed.remove(["id1"])
    changed.add("id1", "s1", vector("another text"))
    kept.rows["id1"] = ("s1", vector("another text"))
    del changed
    again = opened(kept)
    assert not again.in_chroma
    assert ids(again, asked="another text", most=1) == ["id1"]


@pytest.mark.parametrize("moment", ["opening", "writing", "searching", "closing"])
def test_when_chroma_fails_all_is_found_without_it(opened: Open, stand_in: type[StandIn], moment: str) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    if moment != "opening":
        settle(index)
    stand_in.failing = True
    if moment == "opening":
        index.work()
    elif moment == "writing":
        for number in range(BATCH):
            kept.rows[f"more{number}"] = ("s1", vector(f"more {number}"))
            index.add(f"more{number}", *kept.rows[f"more{number}"])
    elif moment == "closing":
        index.close()
        stand_in.failing = False
        index = opened(kept)
    assert ids(index) == kept.nearest("s1", vector("common 5"), 5)
    assert index.reason == ("" if moment == "closing" else "Chroma failed (InternalError)")
    assert not index.in_chroma
    index.close()


def test_what_is_removed_is_not_found(opened: Open) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    index.add("waiting", "s1", vector("common 5"))
    gone = ["waiting", *kept.nearest("s1", vector("common 5"), 3)]
    index.remove(gone)
    for entry_id in gone[1:]:
        del kept.rows[entry_id]
    assert ids(index) == kept.nearest("s1", vector("common 5"), 5)
    settle(index)
    assert ids(index) == kept.nearest("s1", vector("common 5"), 5)
    index.add(gone[1], "s1", vector("common 5"))
    assert ids(index, most=1) == [gone[1]]


@pytest.mark.parametrize("in_use", [True, False])
def test_an_index_made_anew_leaves_none_of_the_old_files(opened: Open, tmp_path: Path, in_use: bool) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    if not in_use:
        index.close()
        index = opened(kept)
    assert list(tmp_path.glob("vectors-*"))
    del kept.rows["id5"]
    index.renew()
    assert list(tmp_path.iterdir()) == []
    assert ids(index) == kept.nearest("s1", vector("common 5"), 5)
    settle(index)
    assert index.in_chroma
    assert ids(index) == kept.nearest("s1", vector("common 5"), 5)


def test_a_folder_that_cannot_be_written_is_left_as_it_is(opened: Open, tmp_path: Path) -> None:
    kept = Kept(MANY)
    index = opened(kept)
    settle(index)
    index.close()
    before = sorted(tmp_path.rglob("*"))
    reading = opened(kept, writable=False)
    assert ids(reading) == kept.nearest("s1", vector("common 5"), 5)
    reading.close()
    assert sorted(tmp_path.rglob("*")) == before


def test_vectors_of_another_length_are_passed_over(opened: Open) -> None:
    kept = Kept(3)
    kept.rows["odd"] = ("s1", vector("common 5")[:100])
    assert "odd" not in ids(opened(kept))


def test_chroma_finds_the_nearest_in_a_scope_and_nothing_of_others(tmp_path: Path) -> None:
    """The one test of the collection by itself: against comparing every vector."""
    import numpy as np

    kept = Kept(600)
    # The same text in many scopes crowds out a search that knows no scopes.
    kept.rows |= {f"twin{number}": (f"t{number}", vector("twin")) for number in range(60)}
    kept.rows |= {f"own{number}": ("t7", vector(f"twin of mine {number}")) for number in range(4)}
    folder = tmp_path / "vectors"
    collection = ChromaCollection(folder)
    names = list(kept.rows)
    scopes = [kept.rows[name][0] for name in names]
    collection.write(names, scopes, np.stack([kept.rows[name][1] for name in names]))
    assert collection.count() == len(names)
    # Its graph has not been written yet, and what Chroma wrote in place of it is memory of this process.
    assert set(next(folder.glob("*/data_level0.bin")).read_bytes()) == {0}
    for scope, asked in (("s1", "common 5"), ("s3", "common 11"), ("t7", "twin"), ("t59", "twin")):
        found = collection.nearest(scope, vector(asked), 0.0, 4)[:4]
        expected = kept.nearest(scope, vector(asked), 4)
        assert [name for name, _ in found] == expected
        assert [value for _, value in found] == pytest.approx(
            [float(kept.rows[name][1] @ vector(asked)) for name in expected], abs=1e-5
        )
    assert collection.nearest("nowhere", vector("twin"), 0.0, 4) == []
    collection.delete([*kept.nearest("s1", vector("common 5"), 2), "unknown"])
    left = collection.nearest("s1", vector("common 5"), 0.0, 2)[:2]
    assert [name for name, _ in left] == kept.nearest("s1", vector("common 5"), 4)[2:]
    with pytest.raises(ChromaFailed):
        collection.write(["bad"], ["s1"], np.zeros((1, 3), dtype=np.float32))
    collection.close()
    everything = [folder, *folder.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_file()} == {0o600}


def test_numbers_that_are_no_vector() -> None:
    import numpy as np

    good = vector("x")
    assert has_length_1(good)
    assert cosine(good.tobytes(), good) == pytest.approx(1.0)
    odd: list[Any] = [good * 2, good[:10], np.full(384, np.nan, dtype=np.float32), good.astype(np.float64)]
    for bad in odd:
        assert not has_length_1(bad)
        assert cosine(bad.tobytes(), good) == 0.0
    assert cosine(None, good) == 0.0
