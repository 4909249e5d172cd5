"""The file of entries: its format, its lock and its errors."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from optafly.cache.entry_file import EntryFile, Row
from optafly.cache.entry_format import FILE_FORMAT, Damaged, Unavailable, describe

ROW = Row("a" * 32, "equal", "scope", 1.0, 2.0, 0, b"body", b"\0" * 1536)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "entries.sqlite3"


def make(path: Path) -> None:
    with closing(EntryFile(path)) as file:
        file.put(ROW)


def set_number(path: Path, name: str, value: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA {name} = {value}")


def test_what_was_put_is_there_after_opening_again(path: Path) -> None:
    make(path)
    with closing(EntryFile(path)) as file:
        assert file.by_id(ROW.id) == ROW
        assert (file.count, file.bytes) == (1, len(ROW.body) + 1536)
        assert list(file.vectors()) == [(ROW.id, "scope", ROW.vector)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_an_older_format_is_migrated(path: Path) -> None:
    make(path)
    steps = {
        FILE_FORMAT: ("ALTER TABLE entries ADD COLUMN colour TEXT DEFAULT 'blue'",),
        FILE_FORMAT + 1: ("UPDATE entries SET colour = colour || '-green'",),
    }
    for _ in range(2):
        with closing(EntryFile(path, version=FILE_FORMAT + 2, migrations=steps)) as file:
            assert file.by_id(ROW.id) == ROW
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT colour FROM entries").fetchall() == [("blue-green",)]


def test_a_migration_that_fails_leaves_the_older_format(path: Path) -> None:
    make(path)
    steps = {FILE_FORMAT: ("ALTER TABLE entries ADD COLUMN colour TEXT", "INSERT INTO nowhere VALUES (1)")}
    with pytest.raises(Damaged):
        EntryFile(path, version=FILE_FORMAT + 1, migrations=steps)
    with closing(EntryFile(path)) as file:
        assert file.by_id(ROW.id) == ROW


def test_an_older_format_that_nothing_leads_from_is_refused(path: Path) -> None:
    make(path)
    with pytest.raises(Damaged, match="of an older format"):
        EntryFile(path, version=FILE_FORMAT + 1)


def test_a_newer_format_is_left_alone(path: Path) -> None:
    make(path)
    set_number(path, "user_version", FILE_FORMAT + 1)
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="newer OptaFly"):
        EntryFile(path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(Damaged, match="in the place of the cache is none"):
        EntryFile(path)


def test_an_empty_file_is_a_new_one(path: Path) -> None:
    path.touch()
    make(path)


def test_it_can_be_opened_once_only(path: Path) -> None:
    with closing(EntryFile(path)), pytest.raises(Unavailable, match="in use by another process"):
        EntryFile(path, wait_s=0.01)
    make(path)


def test_what_is_done_is_done_whole_or_not_at_all(path: Path) -> None:
    with closing(EntryFile(path)) as file:
        file.put(ROW)
        with pytest.raises(sqlite3.Error):
            file.put(Row(ROW.id, None, None, None, 2.0, 0, b"", None))  # type: ignore[arg-type]
        assert file.by_id(ROW.id) == ROW
        assert (file.count, file.bytes) == (1, len(ROW.body) + 1536)


def test_a_deleted_text_is_in_no_file(path: Path) -> None:
    with closing(EntryFile(path)) as file:
        for number in range(50):
            file.put(Row(f"{number:032}", None, None, 1.0, 2.0, 0, b"a secret plan %d " % number * 400, None))
        assert b"a secret plan 7 " in everything(path)
        assert file.delete([f"{7:032}", "unknown"]) == 1
        file.empty_journal()
        assert b"a secret plan 7 " not in everything(path)
        assert b"a secret plan 8 " in everything(path)


def everything(path: Path) -> bytes:
    return b"".join(item.read_bytes() for item in path.parent.iterdir())


@pytest.mark.parametrize(
    ("error", "reason", "damage"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full", False),
        (sqlite3.SQLITE_BUSY, "in use by another process", False),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "cannot be written", False),
        (sqlite3.SQLITE_IOERR_WRITE, "cannot be read or written", False),
        (sqlite3.SQLITE_IOERR_SHORT_READ, "damaged", True),
        (sqlite3.SQLITE_CORRUPT_VTAB, "damaged", True),
        (sqlite3.SQLITE_NOTADB, "damaged", True),
    ],
)
def test_what_errors_mean(error: int, reason: str, damage: bool) -> None:
    raised = sqlite3.OperationalError("x")
    raised.sqlite_errorcode, raised.sqlite_errorname = error, "SQLITE_X"
    assert (reason in describe(raised).reason, describe(raised).damage) == (True, damage)


def test_a_mistake_of_our_own_is_no_damage() -> None:
    assert not describe(sqlite3.ProgrammingError("closed")).damage
