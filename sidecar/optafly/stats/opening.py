"""How the file of events is opened: private, in its format, by several processes at once, another one in the place of
a damaged one.
"""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from optafly.private_files import make_private_file, make_private_folder, put_aside

FILE_FORMAT: Final = 1
MIGRATIONS: Final[Mapping[int, Sequence[str]]] = {}
"""For each older format the statements that make it the next one."""
_APPLICATION: Final = 0x0F7A57
_SCHEMA: Final = (
    "CREATE TABLE events (number INTEGER PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX by_time ON events (at)",
    f"PRAGMA application_id = {_APPLICATION}",
)
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_DAMAGE_READING: Final = frozenset({sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})
_REASONS: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked",
    sqlite3.SQLITE_LOCKED: "another process keeps it locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it cannot be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
}

_log = logging.getLogger(__name__)


class Damaged(Exception):
    """The file is not what it should be; another one in its place would do."""


class Unavailable(Exception):
    """The file cannot be used now; the message is the reason."""


def open_events(
    path: Path, wait_s: float, version: int = FILE_FORMAT, migrations: Mapping[int, Sequence[str]] = MIGRATIONS
) -> sqlite3.Connection:
    """The open file, made where it is missing, in its newest format; raises `Damaged` and `Unavailable`."""
    try:
        make_private_folder(path.parent)
        make_private_file(path)
    except OSError as error:
        raise Unavailable(f"it cannot be opened ({error.strerror})") from None
    with faults():
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=wait_s
        )
    try:
        with faults():
            _settle(connection)
            _bring_up(connection, _format(connection, version), version, migrations)
    except BaseException:
        close(connection)
        raise
    return connection


def replace_damaged(path: Path, opened: os.stat_result | None) -> None:
    """Put the damaged file aside, unless another process has done so since it was ``opened``; raises `Unavailable`."""
    try:
        if opened is not None and not is_same(path, opened):
            return
        aside = put_aside(path)
    except OSError as error:
        raise Unavailable(f"it is damaged and cannot be put aside ({error.strerror})") from None
    _log.warning("the file of statistics was damaged and is put aside as %s", aside.name)


def is_same(path: Path, opened: os.stat_result) -> bool:
    """Whether the file in that place is still the one that was opened."""
    try:
        return os.path.samestat(path.stat(), opened)
    except OSError:
        return False


@contextlib.contextmanager
def faults() -> Iterator[None]:
    """Raise `Damaged` or `Unavailable` in place of errors of SQLite."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and (code in _DAMAGE_READING or code & 0xFF in _DAMAGE):
            raise Damaged from None
        reason = _REASONS.get(-1 if code is None else code & 0xFF, f"it cannot be used ({type(error).__name__})")
        raise Unavailable(reason) from None


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is done inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def close(connection: sqlite3.Connection) -> None:
    """Close it; a journal that cannot be finished now is by the next opening."""
    with contextlib.suppress(sqlite3.Error):
        connection.close()


def _settle(connection: sqlite3.Connection) -> None:
    for setting in ("secure_delete = ON", "temp_store = MEMORY", "trusted_schema = OFF", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        # A write-ahead log: readers and a writer do not wait for each other. Two processes that begin at once may both
        # want to switch it on; who cannot works without.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _format(connection: sqlite3.Connection, version: int) -> int:
    """The file's format, 0 for a new one. Nothing is written before this is known."""
    found, application, objects = (
        int(connection.execute(statement).fetchone()[0])
        for statement in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    )
    if application != _APPLICATION and (objects or found or application):
        raise Damaged
    if found > version:
        raise Unavailable("it was made by a newer OptaFly; update this one")
    return found


def _bring_up(
    connection: sqlite3.Connection, found: int, version: int, migrations: Mapping[int, Sequence[str]]
) -> None:
    while found < version:
        with transaction(connection):
            # Read again: another process may have done it meanwhile.
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if found >= version:
                return
            step = _SCHEMA if found == 0 else migrations.get(found)
            if step is None:
                raise Damaged
            found = version if found == 0 else found + 1
            for statement in (*step, f"PRAGMA user_version = {found}"):
                connection.execute(statement)
