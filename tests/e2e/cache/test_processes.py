"""Processes that are killed, that meet, that may not write, and that run out of space."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from optafly.cache.backend import ByKey, Nearest
from optafly.cache.chroma_store import ChromaStore
from tests.e2e.cache.conftest import Start
from tests.unit.cache.made import NOW, Clock, answer, record, vector

# root may write everywhere, unless it gives that up.
AS_A_USER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
MOUNT = "mount -t tmpfs -o size=24m optafly-test {place} && exec {command}"


def opened(folder: Path) -> ChromaStore:
    return ChromaStore(folder, clock=Clock(), wait_s=0.05)


def is_whole(store: ChromaStore, numbers: list[int]) -> bool:
    """Whether each of these entries is found, by its id and by similarity, with the answer it was stored with."""
    for number in numbers:
        kept = record(f"question {number}")
        exact = store.lookup(ByKey("exact", kept.entry.id)).matches
        near = store.lookup(Nearest("s1", vector(f"question {number}"), 0.99)).matches
        if [match.entry.response for match in (*exact, *near)] != [kept.entry.response] * 2:
            return False
    return True


@pytest.mark.parametrize("after", [25, 130, 199])
def test_a_process_that_is_killed_while_it_writes_loses_nothing_it_had_stored(
    start: Start, tmp_path: Path, after: int
) -> None:
    folder = tmp_path / "cache"
    child = start("write", folder, 200, umask=0)
    said = [child.line() for _ in range(after)] + child.kill()
    stored = [line["number"] for line in said if line.get("ok")]
    assert len(stored) >= after
    # What lies deeper is made by Chroma, and closed to others as soon as it returns.
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in [folder, *folder.iterdir()]}
    assert modes == {(True, 0o700), (False, 0o600)}
    with closing(opened(folder)) as store:
        assert (store.off, store.notes) == ("", ())
        assert len(stored) <= store.stats().entries <= len(stored) + 1
        assert len(store.entries(limit=500)) == store.stats().entries
        assert is_whole(store, stored)
        assert store.store(record("question 999")).ok
        assert is_whole(store, [999])


def test_chroma_in_a_process_is_private_and_alone(start: Start, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "cache", tmp_path / "workspace"
    elsewhere.mkdir()
    redirect = {
        "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
        "CHROMA_SERVER_HOST": "127.0.0.1",
        "CHROMA_SERVER_HTTP_PORT": "9",
        "CHROMA_OTEL_COLLECTION_ENDPOINT": "http://127.0.0.1:9",
        "ANONYMIZED_TELEMETRY": "true",
    }
    (elsewhere / ".env").write_text("".join(f"{name}={value}\n" for name, value in redirect.items()))
    child = start("write", folder, 70, cwd=elsewhere, environ=redirect, umask=0)
    said = [child.line() for _ in range(71)]
    assert said[-1] == {"stats": "Chroma", "notes": [], "sockets": 0}
    everything = [folder, *folder.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_file()} == {0o600}
    assert [path.name for path in elsewhere.iterdir()] == [".env"]


def test_a_second_process_works_without_the_cache_and_says_so(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with closing(opened(folder)) as store:
        store.store(record("question 1"))
    first = start("hold", folder)
    assert first.line()["off"] == ""
    second = opened(folder)
    assert second.off == "the cache is in use by another process"
    assert second.lookup(ByKey("exact", record("question 1").entry.id)).reason == second.off
    assert [second.store(record("x")).reason, second.forget("x").reason, second.clear().reason] == [second.off] * 3
    assert (second.stats().off, second.entries(), second.get("x"), second.maintain()) == (second.off, (), None, False)
    second.close()
    first.kill()
    with closing(opened(folder)) as third:
        assert third.off == ""
        assert is_whole(third, [1])


def test_a_database_that_another_program_holds_is_left_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with closing(opened(folder)) as store:
        store.store(record("question 1"))
    with closing(sqlite3.connect(folder / "entries.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert opened(folder).off == "the cache is in use by another process"
    with closing(opened(folder)) as store:
        assert is_whole(store, [1])
    assert [path.name for path in folder.iterdir()] == ["entries.sqlite3"]


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere")
@pytest.mark.parametrize("count", [3, 70])
def test_a_folder_that_cannot_be_written_is_read(start: Start, tmp_path: Path, count: int) -> None:
    folder = tmp_path / "cache"
    with closing(opened(folder)) as store:
        for number in range(count):
            store.store(record(f"question {number}"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    folder.chmod(0o500)
    child = start("look", folder, "question 1", prefix=AS_A_USER)
    said = child.line()
    assert child.end() == 0
    folder.chmod(0o700)
    assert (said["off"], said["exact"], said["near"]) == ("", True, True)
    assert said["stored"] == said["forgotten"] == "the cache folder cannot be written"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere")
@pytest.mark.parametrize("harm", ["nothing there", "killed before", "no access", "unreadable"])
def test_a_folder_that_can_neither_be_written_nor_read_turns_the_cache_off(
    start: Start, tmp_path: Path, harm: str
) -> None:
    parent = tmp_path / "home"
    folder = parent / "cache"
    parent.mkdir()
    if harm != "nothing there":
        with closing(opened(folder)) as store:
            store.store(record("question 1"))
            if harm == "killed before":
                # As it is when a process dies: with what is not in the database itself yet.
                shutil.copytree(folder, parent / "copy")
        if harm == "killed before":
            shutil.rmtree(folder)
            (parent / "copy").rename(folder)
    place, mode = {
        "nothing there": (parent, 0o500),
        "killed before": (folder, 0o500),
        "no access": (folder, 0o000),
        "unreadable": (folder / "entries.sqlite3", 0o000),
    }[harm]
    place.chmod(mode)
    child = start("look", folder, "question 1", prefix=AS_A_USER)
    said = child.line()
    place.chmod(0o700)
    assert child.end() == 0
    assert "cannot be" in said["off"]
    assert said["stored"] == said["off"] == said["reason"]


def may_mount() -> bool:
    """Whether a small disk can be had without being root, or as root in a container."""
    command = ["unshare", "-rm", "sh", "-c", MOUNT.format(place="/mnt", command="true")]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


@pytest.mark.parametrize("how", ["disk", "file size"])
def test_on_a_full_disk_lookups_go_on_and_storing_does_again_when_there_is_room(
    start: Start, tmp_path: Path, how: str
) -> None:
    folder, prefix = tmp_path / "cache", ()
    if how == "disk":
        if not may_mount():
            pytest.skip("no small disk can be mounted here; the limit of the file size stands for it")
        place = tmp_path / "disk"
        place.mkdir()
        folder = place / "cache"
        prefix = ("unshare", "-rm", "sh", "-c", MOUNT.format(place=place, command='"$@"'), "sh")  # type: ignore[assignment]
    child = start("fill", folder, how, prefix=prefix)
    said = child.line()
    assert child.end() == 0
    assert said["before"] == "Chroma"
    assert said["refused"] == ("the disk is full" if how == "disk" else "the disk cannot be read or written")
    assert (said["exact"], said["near"], said["off"]) == (True, True, "")
    assert said["again"] == ""
    assert said["last"] == {"exact": True, "near": True, "reason": ""}


def test_a_clock_that_goes_back_lengthens_no_life(tmp_path: Path) -> None:
    folder, clock = tmp_path / "cache", Clock()
    probe = ByKey("exact", record("question 1").entry.id)
    store = ChromaStore(folder, clock=clock)
    assert store.store(record("question 1", ttl=100)).ok
    store.close()
    clock.now = NOW - 10**8
    store = ChromaStore(folder, clock=clock)
    assert store.lookup(probe).matches == ()
    assert not store.maintain()
    store.close()
    for clock.now in (NOW + 1, -5.0, float("inf")):
        with closing(ChromaStore(folder, clock=clock)) as store:
            assert (store.off, store.lookup(probe).matches) == ("", ())
            assert store.store(record("question 2", response=answer("x"), created=clock.now)).ok
