"""The file of events: private, whole or not at all, several processes at once, another one for a damaged one."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from optafly.errors import OptaFlyError
from optafly.paths import resolve_paths
from optafly.stats.events import LONGEST_NAME, Event, decode_event, encode_event
from optafly.stats.figures import figures
from optafly.stats.opening import FILE_FORMAT, Damaged, Unavailable
from optafly.stats.store import EventStore, open_store, read_events, stats_file
from tests.unit.stats.made import answer, events, refinement, sample

BOUND_S = 60


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return stats_file(resolve_paths({"OPTAFLY_HOME": str(tmp_path / "home")}))


def add(file: Path, *made: Event) -> None:
    with open_store(file) as store:
        store.add(made)


def everything(file: Path) -> list[Event]:
    return list(read_events(file, 0.0, 1e12))


@given(events)
def test_events_come_back_as_they_were(made: list[Event]) -> None:
    for event in made:
        found = decode_event(encode_event(event))
        assert type(found) is type(event)
        assert found is not None
        assert found.at == event.at
        assert encode_event(found) == encode_event(event)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b"[]", b'{"type":"later","at":1}', b'{"type":"sampled","at":"x"}', b"\xff", b"[" * 5000],
)
def test_what_is_no_event_is_passed_over(data: bytes) -> None:
    assert decode_event(data) is None


def test_a_later_field_does_not_matter() -> None:
    assert decode_event(b'{"type":"sampled","at":1.0,"memory_mb":2.0,"later":[1]}') is not None


def test_a_model_of_any_length_is_cut() -> None:
    found = decode_event(encode_event(answer(model="claude\x1b[2J\n" + "x" * 10_000)))
    assert found is not None
    assert found.model.startswith("claude?[2J?xx")  # type: ignore[union-attr]
    assert len(found.model) == LONGEST_NAME  # type: ignore[union-attr]


def test_a_stretch_of_time_is_read_in_order(file: Path) -> None:
    add(file, sample(3), sample(1))
    add(file, sample(2), sample(4))
    assert list(read_events(file, 2.0, 4.0)) == [sample(2), sample(3)]


def test_without_a_file_there_is_nothing_and_none_is_made(file: Path) -> None:
    assert everything(file) == []
    assert not file.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_only_its_owner_can_read_it(file: Path) -> None:
    before = os.umask(0)
    try:
        with open_store(file) as store:
            store.add([sample(1)])
            modes = {stat.S_IMODE(item.stat().st_mode) for item in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_two_write_at_once(file: Path) -> None:
    with open_store(file) as one, open_store(file) as other:
        for number in range(20):
            one.add([sample(number)])
            other.add([sample(100 + number)])
        assert len(everything(file)) == 40


def test_a_batch_is_written_whole_or_not_at_all(file: Path) -> None:
    with open_store(file) as store:
        store.add([sample(1)])
        bad = sample(2), None
        with pytest.raises(AttributeError):
            store.add(bad)  # type: ignore[arg-type]
    assert everything(file) == [sample(1)]


KILLED = """
import sys
from pathlib import Path
from optafly.stats.store import open_store
from tests.unit.stats.made import refinement
store = open_store(Path(sys.argv[1]))
number = 0
while True:
    store.add([refinement(float(number), questions=2)] * 10)
    number += 1
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_writer_that_is_killed_leaves_no_half_batch(file: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(file)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(5):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait(BOUND_S)
    found = everything(file)
    assert len(found) >= 50
    assert len(found) % 10 == 0
    assert found[0] == refinement(0.0, questions=2)
    add(file, sample(1))
    assert len(everything(file)) == len(found) + 1


def garbage(file: Path) -> None:
    file.write_bytes(b"garbage" * 1000)


def another_database(file: Path) -> None:
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE other (x)")
    connection.close()


def zeroed_middle(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\x55" * 8192)


def no_table(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("DROP TABLE events")
    connection.close()


@pytest.mark.parametrize("damage", [garbage, another_database, zeroed_middle, no_table])
def test_a_damaged_file_is_put_aside_and_another_begun(file: Path, damage: object) -> None:
    from optafly.stats.recorder import Recorder

    add(file, *(sample(number) for number in range(200)))
    damage(file)  # type: ignore[operator]
    with pytest.raises(OptaFlyError, match="damaged"):
        everything(file)
    recorder = Recorder(file, lambda: 365, clock=lambda: 100.0)
    recorder.note(sample(7))
    assert recorder.close(BOUND_S)
    assert everything(file) == [sample(7)]
    assert [item.name for item in file.parent.iterdir() if ".damaged-" in item.name and item.name.endswith("Z")]


def test_a_file_that_another_process_put_aside_is_left(file: Path) -> None:
    add(file, sample(1))
    with open_store(file) as store:
        file.rename(file.with_name("moved"))
        add(file, sample(2))
        assert not store.is_current
        store.put_aside()
    assert everything(file) == [sample(2)]


def test_a_newer_format_is_left_alone(file: Path) -> None:
    add(file, sample(1))
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {FILE_FORMAT + 1}")
    connection.close()
    with pytest.raises(Unavailable, match="newer"):
        open_store(file)
    with pytest.raises(OptaFlyError, match="newer OptaFly"):
        everything(file)


def test_an_older_format_is_brought_up(file: Path) -> None:
    add(file, sample(1))
    steps = {FILE_FORMAT: ("ALTER TABLE events ADD COLUMN more TEXT",)}
    with EventStore(file, version=FILE_FORMAT + 1, migrations=steps) as store:
        assert list(store.events(0.0, 10.0)) == [sample(1)]
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA user_version").fetchone() == (FILE_FORMAT + 1,)
    assert connection.execute("SELECT more FROM events").fetchall() == [(None,)]
    connection.close()
    with pytest.raises(Damaged):
        EventStore(file, version=FILE_FORMAT + 2, migrations={})


OLD_SCHEMA = (
    "CREATE TABLE events (number INTEGER PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX by_time ON events (at)",
    "PRAGMA application_id = 1014359",
    "PRAGMA user_version = 1",
)
OLD_EVENTS = (
    b'{"type":"refined","at":1.0,"outcome":"refined","quality_before":30,"quality_after":80,"gain":0.7,"took_ms":40.0}',
    b'{"type":"decided","at":2.0,"decision":"accepted"}',
    b'{"type":"answered","at":3.0,"path":"miss","model":"m","latency_ms":5.0,"usage":{"input":1000000},"refined":true,'
    b'"rates":{"input":2.0,"output":10.0,"cache_read":0.1,"cache_write":2.5,"cache_write_1h":4.0}}',
    b'{"type":"answered","at":4.0,"path":"failed","model":"m","latency_ms":5.0,"status":0,"reason":"client_gone",'
    b'"usage":{"input":1000000},"rates":{"input":2.0,"output":10.0,"cache_read":0.1,"cache_write":2.5,'
    b'"cache_write_1h":4.0}}',
    b'{"type":"answered","at":5.0,"path":"failed","model":"m","latency_ms":5.0,"reason":"broke_off"}',
    b'{"type":"answered","at":6.0,"path":"failed","model":"m","latency_ms":5.0,"status":0,"reason":"upstream_error"}',
    b'{"type":"sampled","at":7.0,"memory_mb":300.5}',
)


def test_a_file_of_before_is_read_and_goes_on(file: Path) -> None:
    file.parent.mkdir(parents=True)
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in OLD_SCHEMA:
        connection.execute(statement)
    rows = [(float(number + 1), body) for number, body in enumerate(OLD_EVENTS)]
    connection.executemany("INSERT INTO events (at, body) VALUES (?, ?)", rows)
    connection.close()
    add(file, answer("stopped", at=8.0, reason="cancelled"))
    report = figures(read_events(file, 0.0, 10.0), 0.0, 10.0)
    assert report.events == 8
    assert (report.refinements.count, report.refinements.ahead, report.approvals.approved.count) == (1, 0, 1)
    assert report.requests["stopped"] == 2  # a client that went away was among what failed
    assert report.reasons["failed"] == {"broke_off": 1, "api_unknown": 1}
    savings = report.savings
    assert savings.spent.usd == pytest.approx(4.0)
    assert (savings.ended_early, savings.uncounted) == (1, 1)
    assert (report.hit_rate.refined.of, report.memory.largest_mb) == (1, 300.5)


def test_a_locked_file_is_said(file: Path) -> None:
    add(file, sample(1))
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"), EventStore(file, wait_s=0.05) as store:
        store.add([sample(2)])
    assert everything(file) == [sample(1)]  # readers do not wait
    connection.execute("ROLLBACK")
    connection.close()


def test_a_link_is_not_followed(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir(parents=True)
    target = tmp_path / "target"
    file.symlink_to(target)
    with pytest.raises(Unavailable):
        open_store(file)
    assert not target.exists()
