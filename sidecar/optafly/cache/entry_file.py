"""The file that entries are kept in: one SQLite database, held by one process.

Chroma keeps vectors only. What must be right (texts, times, what was forgotten) lives here because Chroma 1.5.9 crashes
the process on some damaged files, copies texts into a log and a full-text index that a deletion leaves behind, and
takes tens of milliseconds for a write.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from optafly.cache.entry_format import FILE_FORMAT, MIGRATIONS, close_database, fault, open_database, transaction

_ROW: Final = "SELECT id, equal, scope, created, expires, hits, body, vector FROM entries JOIN bodies USING (number)"


class Row(msgspec.Struct, frozen=True):
    """What the file holds of one entry; ``body`` as `encode_entry` made it, ``vector`` float32."""

    id: str
    equal: str | None
    scope: str | None
    created: float
    expires: float
    hits: int
    body: bytes
    vector: bytes | None


class Totals(msgspec.Struct, frozen=True):
    """Sums over all entries, dead ones included."""

    entries: int
    bytes: int
    hits: int
    searchable: int
    oldest: float | None
    newest: float | None


class EntryFile:
    """The open file. One thread owns it.

    Opening raises `Damaged` and `Unavailable`, methods raise `sqlite3.Error`, and `describe` says what one means.
    """

    def __init__(
        self,
        path: Path,
        *,
        wait_s: float = 1.0,
        version: int = FILE_FORMAT,
        migrations: Mapping[int, Sequence[str]] = MIGRATIONS,
    ) -> None:
        self._connection, self.writable = open_database(path, wait_s, version, migrations)
        try:
            totals = self.totals()
            self._used = self._number("SELECT coalesce(max(used), 0) FROM entries")
        except sqlite3.Error as error:
            self.close()
            raise fault(error) from None
        self.count, self.bytes = totals.entries, totals.bytes

    def by_id(self, entry_id: str) -> Row | None:
        """The entry of that id."""
        return self._row("WHERE id = ?", entry_id)

    def by_equal(self, key: str) -> Row | None:
        """The newest entry of that equal key."""
        return self._row("WHERE equal = ?", key)

    def by_scope(self, scope: str) -> Row | None:
        """The newest entry that can be searched for in that scope."""
        return self._row("WHERE scope = ?", scope)

    def put(self, row: Row) -> bool:
        """Write an entry, whole or not at all; whether it took the place of one with the same id."""
        size = len(row.body) + len(row.vector or b"")
        with transaction(self._connection):
            replaced = self._delete([row.id])
            self._used += 1
            number = self._connection.execute(
                "INSERT INTO entries (id, equal, scope, created, expires, used, hits, size)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (row.id, row.equal, row.scope, row.created, row.expires, self._used, row.hits, size),
            ).lastrowid
            self._connection.execute("INSERT INTO bodies VALUES (?, ?, ?)", (number, row.body, row.vector))
        self.count += 1 - len(replaced)
        self.bytes += size - sum(replaced)
        return bool(replaced)

    def count_use(self, entry_id: str) -> None:
        """Note that an entry was given again; it is then the last that would be dropped for want of room."""
        if self.writable:
            self._used += 1
            self._connection.execute(
                "UPDATE entries SET used = ?, hits = hits + 1 WHERE id = ?", (self._used, entry_id)
            )

    def delete(self, ids: Sequence[str]) -> int:
        """Remove entries; the bytes they took are overwritten. Returns how many there were."""
        with transaction(self._connection):
            deleted = self._delete(ids)
        self.count -= len(deleted)
        self.bytes -= sum(deleted)
        return len(deleted)

    def empty_journal(self) -> None:
        """Bring everything into the database itself and cut the journal to nothing, so that no old text stays in it."""
        busy = self._number("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise sqlite3.OperationalError("the journal could not be emptied")

    def dead(self, now: float) -> list[str]:
        """Ids of the entries whose time is over, or has not begun."""
        found = self._connection.execute(
            "SELECT id FROM entries WHERE expires <= ? UNION SELECT id FROM entries WHERE created > ?", (now, now)
        )
        return [row[0] for row in found]

    def longest_unused(self) -> Iterator[tuple[str, int]]:
        """Ids and sizes in bytes, the one that was not used for the longest time first."""
        yield from self._connection.execute("SELECT id, size FROM entries ORDER BY used")

    def vectors(self) -> Iterator[tuple[str, str, bytes]]:
        """Id, scope and vector of every entry that can be searched for."""
        yield from self._connection.execute(
            "SELECT id, scope, vector FROM entries JOIN bodies USING (number) WHERE scope NOT NULL AND vector NOT NULL"
        )

    def ids(self, prefix: str = "", limit: int = -1, offset: int = 0) -> list[str]:
        """Ids that begin so, the last used first."""
        found = self._connection.execute(
            "SELECT id FROM entries WHERE substr(id, 1, ?) = ? ORDER BY used DESC LIMIT ? OFFSET ?",
            (len(prefix), prefix, limit, offset),
        )
        return [row[0] for row in found]

    def totals(self) -> Totals:
        """Sums over all entries."""
        found = self._connection.execute(
            "SELECT count(*), coalesce(sum(size), 0), coalesce(sum(hits), 0), count(scope), min(created), max(created)"
            " FROM entries"
        )
        return Totals(*found.fetchone())

    def close(self) -> None:
        """Let go of the file and its lock."""
        close_database(self._connection)

    def _row(self, condition: str, value: str) -> Row | None:
        found = self._connection.execute(f"{_ROW} {condition} ORDER BY number DESC LIMIT 1", (value,)).fetchone()
        return None if found is None else Row(*found)

    def _delete(self, ids: Sequence[str]) -> list[int]:
        """Delete within a transaction; the sizes of what there was."""
        sizes = []
        for entry_id in ids:
            found = self._connection.execute("SELECT number, size FROM entries WHERE id = ?", (entry_id,)).fetchone()
            if found is not None:
                self._connection.execute("DELETE FROM entries WHERE number = ?", found[:1])
                self._connection.execute("DELETE FROM bodies WHERE number = ?", found[:1])
                sizes.append(found[1])
        return sizes

    def _number(self, statement: str, *values: str) -> int:
        return int(self._connection.execute(statement, values).fetchone()[0])
