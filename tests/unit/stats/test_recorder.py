"""Recording: in the background, never waited for, never failing."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from optafly.stats import recorder as module
from optafly.stats.events import Event
from optafly.stats.recorder import DAY_S, THREAD_NAME, Recorder
from optafly.stats.store import EventStore, open_store, read_events
from tests.unit.stats.made import sample

BOUND_S = 60.0
NOW = 1000 * DAY_S


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "stats.sqlite3"


class Made:
    def __init__(self, file: Path) -> None:
        self.days = 365
        self.asked: list[str] = []
        self.recorder = Recorder(file, self._keep_days, clock=lambda: NOW)

    def _keep_days(self) -> int:
        self.asked.append(threading.current_thread().name)
        return self.days


@pytest.fixture
def made(file: Path) -> Iterator[Made]:
    made = Made(file)
    yield made
    assert made.recorder.close(BOUND_S)


def everything(file: Path) -> list[Event]:
    return list(read_events(file, 0.0, 1e12))


def at(days_ago: float) -> Event:
    return sample(int(NOW - days_ago * DAY_S))


def test_nothing_is_begun_before_something_is_noted(made: Made, file: Path) -> None:
    assert made.recorder.flush(0)
    assert made.asked == []
    assert not file.exists()


def test_what_is_noted_is_written_by_a_thread_of_its_own(made: Made, file: Path) -> None:
    for number in range(50):
        made.recorder.note(at(number))
    assert made.recorder.flush(BOUND_S)
    assert everything(file) == [at(number) for number in reversed(range(50))]
    assert made.asked == [THREAD_NAME]


def test_closing_writes_what_was_noted_and_later_notes_are_dropped(made: Made, file: Path) -> None:
    made.recorder.note(at(1))
    assert made.recorder.close(BOUND_S)
    made.recorder.note(at(2))
    assert made.recorder.close(BOUND_S)
    assert everything(file) == [at(1)]


def test_notes_of_many_threads_all_arrive(made: Made, file: Path) -> None:
    def note() -> None:
        for _ in range(100):
            made.recorder.note(at(1))

    threads = [threading.Thread(target=note) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND_S)
    assert made.recorder.flush(BOUND_S)
    assert len(everything(file)) == 800


def test_old_events_are_removed(made: Made, file: Path) -> None:
    with open_store(file) as store:
        store.add([at(400), at(366), at(364), at(1)])
    made.recorder.note(at(0))
    assert made.recorder.close(BOUND_S)
    assert everything(file) == [at(364), at(1), at(0)]


def test_with_no_days_nothing_is_kept(made: Made, file: Path) -> None:
    with open_store(file) as store:
        store.add([at(5), at(-5)])
    made.days = 0
    made.recorder.note(at(0))
    assert made.recorder.close(BOUND_S)
    assert everything(file) == []


def test_with_no_days_no_file_is_made(made: Made, file: Path) -> None:
    made.days = 0
    made.recorder.note(at(0))
    assert made.recorder.close(BOUND_S)
    assert not file.exists()


def test_what_could_not_be_written_is_written_later_and_said_once(
    made: Made, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_store(file) as store:
        store.add([at(9)])
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with caplog.at_level(logging.WARNING):
        made.recorder.note(at(2))
        assert made.recorder.flush(BOUND_S)
        made.recorder.note(at(1))
        assert made.recorder.flush(BOUND_S)
    assert everything(file) == [at(9)]
    assert [record.message for record in caplog.records] == [
        "statistics are not written: another process keeps it locked"
    ]
    lock.execute("ROLLBACK")
    lock.close()
    assert made.recorder.flush(BOUND_S)
    assert everything(file) == [at(9), at(2), at(1)]


def test_a_full_disk_loses_nothing_and_puts_nothing_aside(
    made: Made, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def without_room(path: Path) -> EventStore:
        store = open_store(path)
        # No more than it has: what SQLite then says is what it says of a full disk.
        store._connection.execute("PRAGMA max_page_count = 1")
        return store

    many = [at(9 - number / 1000) for number in range(1000)]
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(module, "open_store", without_room)
        for event in many:
            made.recorder.note(event)
        assert made.recorder.flush(BOUND_S)
        assert everything(file) == []
    assert [record.message for record in caplog.records] == ["statistics are not written: the disk is full"]
    assert made.recorder.flush(BOUND_S)
    assert everything(file) == many
    assert [path.name for path in file.parent.iterdir() if "damaged" in path.name] == []


def test_a_folder_that_cannot_be_had_fails_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    recorder = Recorder(tmp_path / "file" / "stats.sqlite3", lambda: 365)
    with caplog.at_level(logging.WARNING):
        recorder.note(sample(1))
        assert recorder.close(BOUND_S)
    assert "statistics are not written" in caplog.text


def test_settings_that_fail_end_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    answers = iter(["no", "365"])

    def keep_days() -> int:
        return int(next(answers))

    recorder = Recorder(file, keep_days, clock=lambda: NOW)
    recorder.note(at(2))
    assert recorder.flush(BOUND_S)
    assert "recording failed (ValueError)" in caplog.text
    recorder.note(at(1))
    assert recorder.close(BOUND_S)
    assert everything(file) == [at(2), at(1)]


def test_a_file_that_vanishes_is_made_anew(made: Made, file: Path) -> None:
    made.recorder.note(at(2))
    assert made.recorder.flush(BOUND_S)
    for item in file.parent.iterdir():
        item.unlink()
    made.recorder.note(at(1))
    assert made.recorder.close(BOUND_S)
    assert everything(file) == [at(1)]


def test_memory_is_bounded_while_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    stuck, go_on = threading.Event(), threading.Event()

    def keep_days() -> int:
        stuck.set()
        assert go_on.wait(BOUND_S)
        return 365

    recorder = Recorder(file, keep_days, clock=lambda: NOW)
    recorder.note(at(0))
    monkeypatch.setattr(module, "BATCH_S", 0.0)
    assert stuck.wait(BOUND_S)
    for _ in range(1000):
        recorder.note(at(0))
    go_on.set()
    assert recorder.close(BOUND_S)
    assert 1 <= len(everything(file)) <= 11
