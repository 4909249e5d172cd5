"""How the file of entries is opened: its lock, its format, and what its errors mean."""

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from optafly.private_files import journals, make_private_file

FILE_FORMAT: Final = 1
MIGRATIONS: Final[Mapping[int, Sequence[str]]] = {}
"""For each older format the statements that make it the next one; a file of a format without any is put aside."""
_APPLICATION: Final = 0x0F7AF1
_SCHEMA: Final = (
    # Two tables: a use changes a small row and leaves the answer where it lies.
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, equal TEXT, scope TEXT, created REAL"
    " NOT NULL, expires REAL NOT NULL, used INTEGER NOT NULL, hits INTEGER NOT NULL, size INTEGER NOT NULL)",
    "CREATE TABLE bodies (number INTEGER PRIMARY KEY, body BLOB NOT NULL, vector BLOB)",
    "CREATE INDEX by_equal ON entries (equal) WHERE equal IS NOT NULL",
    "CREATE INDEX by_scope ON entries (scope) WHERE scope IS NOT NULL",
    "CREATE INDEX by_use ON entries (used)",
    "CREATE INDEX by_end ON entries (expires)",
    "CREATE INDEX by_beginning ON entries (created)",
    f"PRAGMA application_id = {_APPLICATION}",
)
_DAMAGE: Final = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH}
)
_DAMAGE_READING: Final = frozenset({sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})
_IN_USE: Final = "the cache is in use by another process"
_FULL: Final = "the disk is full"
_NOT_WRITABLE: Final = "the cache folder cannot be written"
_SQLITE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: "the cache file cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
}
_SYSTEM: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _NOT_WRITABLE,
    errno.EACCES: _NOT_WRITABLE,
    errno.EPERM: _NOT_WRITABLE,
    errno.ELOOP: "the cache file is a link, which is not followed",
}


class Damaged(Exception):
    """The file is not what it should be, as the message says; another one in its place would do."""


class Unavailable(Exception):
    """The file cannot be used now; the message is the reason."""


class Trouble(msgspec.Struct, frozen=True):
    """What an error means: the reason for people, and whether the file itself is at fault."""

    reason: str
    damage: bool = False


def describe(error: sqlite3.Error | OSError) -> Trouble:
    """What an error of SQLite or of the system means for the cache."""
    if isinstance(error, OSError):
        return Trouble(_SYSTEM.get(error.errno, f"the cache folder cannot be used ({type(error).__name__})"))
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return Trouble(f"the cache file cannot be used ({type(error).__name__})")
    if code in _DAMAGE_READING or code & 0xFF in _DAMAGE:
        return Trouble("the cache file is damaged", damage=True)
    return Trouble(_SQLITE.get(code & 0xFF, f"the cache file cannot be used ({error.sqlite_errorname})"))


def fault(error: sqlite3.Error) -> Damaged | Unavailable:
    """What is raised in place of an error while the file is opened."""
    trouble = describe(error)
    return Damaged(trouble.reason) if trouble.damage else Unavailable(trouble.reason)


def open_database(
    path: Path, wait_s: float, version: int, migrations: Mapping[int, Sequence[str]]
) -> tuple[sqlite3.Connection, bool]:
    """The open and locked database, and whether it can be written; raises `Damaged` and `Unavailable`.

    It stays locked until it is closed, so that a second process is turned away, after ``wait_s``, instead of keeping
    its own idea of what is there. In a folder that cannot be written an existing file is opened for reading.
    """
    writable = _is_writable(path)
    connection = _connect(path, wait_s, writable=writable)
    try:
        found = _check_format(connection, version)
        if writable:
            _take(connection)
            _bring_up(connection, found, version, migrations)
        elif found != version:
            raise Unavailable(_NOT_WRITABLE)
    except sqlite3.Error as error:
        close_database(connection)
        raise fault(error) from None
    except (Damaged, Unavailable):
        close_database(connection)
        raise
    return connection, writable


def close_database(connection: sqlite3.Connection) -> None:
    """Close it; the journal is emptied into it where that is possible."""
    # Closing finishes the journal, which fails on a full disk; the next opening does it then.
    try:
        connection.close()
    except sqlite3.Error:
        return


@contextmanager
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


def _is_writable(path: Path) -> bool:
    try:
        make_private_file(path)
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and path.is_file():
            return False
        raise Unavailable(describe(error).reason) from None
    return os.access(path.parent, os.W_OK | os.X_OK)


def _connect(path: Path, wait_s: float, *, writable: bool) -> sqlite3.Connection:
    if not writable and any(item.exists() and item.stat().st_size for item in journals(path)):
        raise Unavailable("the cache was not closed properly, and its folder cannot be written")
    place = path.absolute().as_uri() + ("?mode=rw" if writable else "?mode=ro&immutable=1")
    try:
        connection = sqlite3.connect(place, uri=True, isolation_level=None, timeout=wait_s)
    except sqlite3.Error as error:
        raise Unavailable(describe(error).reason) from None
    for setting in (
        "locking_mode = EXCLUSIVE",
        "secure_delete = ON",  # what is deleted is overwritten
        "temp_store = MEMORY",  # and nothing of it is written elsewhere
        "trusted_schema = OFF",
        "cell_size_check = ON",
    ):
        connection.execute(f"PRAGMA {setting}")
    return connection


def _check_format(connection: sqlite3.Connection, version: int) -> int:
    """The file's format, 0 for a new one. Nothing is written before this is known."""
    found, application, objects = (
        int(connection.execute(statement).fetchone()[0])
        for statement in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    )
    if application != _APPLICATION and (objects or found or application):
        raise Damaged("the file in the place of the cache is none")
    if found > version:
        raise Unavailable("the cache was made by a newer OptaFly; update this one")
    return found


def _take(connection: sqlite3.Connection) -> None:
    # A write-ahead log: a commit needs no waiting for the disk, and a crash loses nothing that was committed.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    with transaction(connection):
        pass


def _bring_up(
    connection: sqlite3.Connection, found: int, version: int, migrations: Mapping[int, Sequence[str]]
) -> None:
    while found < version:
        step = _SCHEMA if found == 0 else migrations.get(found)
        if step is None:
            raise Damaged("the cache file is of an older format")
        target = version if found == 0 else found + 1
        with transaction(connection):
            for statement in (*step, f"PRAGMA user_version = {target}"):
                connection.execute(statement)
        found = target
