"""The cache's store on disk: entries in one SQLite file, the search for similar ones in Chroma beside it."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from optafly.cache.backend import ByKey, Done, Found, Limits, Match, Nearest, Record, Stats
from optafly.cache.chroma_collection import ChromaCollection
from optafly.cache.entries import Entry, EntryUnreadable, decode_entry, encode_entry
from optafly.cache.entry_file import EntryFile, Row
from optafly.cache.entry_format import Damaged, Trouble, Unavailable, describe
from optafly.cache.vectors import VectorIndex, cosine, has_length_1
from optafly.private_files import databases_aside, make_private_folder, put_aside, remove_database

FILE_NAME: Final = "entries.sqlite3"
_READ_ONLY: Final = "the cache folder cannot be written"
_MEGABYTE: Final = 10**6
# How much of a limit is freed at once when it is reached, so that this is not done for every entry.
_ROOM: Final = 0.05

T = TypeVar("T")


class ChromaStore:
    """`CacheBackend` and `CacheManagement` in a folder of its own (0700, files 0600).

    One thread owns it, from making it to `close`. Making it never fails: where the folder cannot be used, or another
    process has it, ``off`` is the reason, lookups find nothing and nothing is stored. A damaged file is put aside and
    a new one begun, in the middle of the work too; ``notes`` tell what happened. ``clock`` gives seconds since 1970,
    ``wait_s`` is how long another process may take to let go.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.time,
        wait_s: float = 1.0,
        connect: Callable[[Path], ChromaCollection] = ChromaCollection,
    ) -> None:
        self.off = ""
        self._notes: list[str] = []
        self._folder, self._limits, self._clock = folder, limits or Limits(), clock
        self._wait_s, self._connect = wait_s, connect
        self._file: EntryFile | None = None
        self._index: VectorIndex | None = None
        self._open()

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened to the store that people should know, oldest first."""
        reason = self._index.reason if self._index is not None else ""
        return (*self._notes, *((f"similar entries are searched for without Chroma: {reason}",) if reason else ()))

    def lookup(self, probe: ByKey | Nearest) -> Found:
        """As `CacheBackend`."""
        if isinstance(probe, ByKey):
            return self._guard(lambda file: self._by_key(file, probe), lambda reason: Found(reason=reason))
        return self._guard(lambda file: self._nearest(file, probe), lambda reason: Found(reason=reason))

    def store(self, record: Record) -> Done:
        """As `CacheBackend`; what is expired or longest unused makes room."""
        return self._guard(lambda file: self._store(file, record), lambda reason: Done(False, reason))

    def forget(self, entry_id: str) -> Done:
        """As `CacheBackend`; its vector goes too, and Chroma's files are made anew bit by bit (see `maintain`)."""
        return self._guard(lambda file: self._forget(file, entry_id), lambda reason: Done(False, reason))

    def get(self, entry_id: str) -> Entry | None:
        """As `CacheManagement`."""
        return self._guard(lambda file: self._decoded(file, file.by_id(entry_id)), lambda _: None)

    def ids(self, prefix: str) -> tuple[str, ...]:
        """As `CacheManagement`."""
        return self._guard(lambda file: tuple(file.ids(prefix)), lambda _: ())

    def entries(self, limit: int = 100, offset: int = 0) -> tuple[Entry, ...]:
        """As `CacheManagement`."""
        return self._guard(lambda file: self._entries(file, limit, offset), lambda _: ())

    def stats(self) -> Stats:
        """As `CacheManagement`; ``index`` is where similar entries are searched for, ``memory`` for a few."""
        return self._guard(self._stats, lambda reason: Stats(0, 0, 0, None, None, "none", reason, self.notes))

    def clear(self) -> Done:
        """As `CacheManagement`; what was put aside goes as well."""
        return self._guard(self._clear, lambda reason: Done(False, reason))

    def maintain(self) -> bool:
        """As `CacheManagement`."""
        return self._guard(self._maintain, lambda _: False)

    def close(self) -> None:
        """As `CacheManagement`."""
        file, self._file = self._file, None
        index, self._index = self._index, None
        self.off = self.off or "the cache is closed"
        try:
            if index is not None:
                index.close()
        except sqlite3.Error:
            pass  # the index is made anew next time
        finally:
            if file is not None:
                file.close()

    def _open(self) -> None:
        """Open the file and the index over it; a damaged file makes room for a new one, once."""
        for _ in range(2):
            try:
                make_private_folder(self._folder)
                self._file = EntryFile(self._folder / FILE_NAME, wait_s=self._wait_s)
                self._index = VectorIndex(
                    self._folder,
                    self._file.vectors,
                    expected=self._file.totals().searchable,
                    writable=self._file.writable,
                    connect=self._connect,
                )
                return
            except Unavailable as reason:
                self._let_go(str(reason))
                return
            except (Damaged, sqlite3.Error, OSError) as error:
                trouble = Trouble(str(error), damage=True) if isinstance(error, Damaged) else describe(error)
                self._let_go(trouble.reason)
                if not trouble.damage or not self._put_aside(trouble.reason):
                    return

    def _let_go(self, reason: str) -> None:
        """Close everything, for this reason."""
        if self._index is not None:
            self._index.abandon()
        if self._file is not None:
            self._file.close()
        self._file = self._index = None
        self.off = reason

    def _put_aside(self, reason: str) -> bool:
        """Make room for a new file; whether that was possible."""
        try:
            aside = put_aside(self._folder / FILE_NAME)
        except OSError as error:
            self.off = f"{reason}, and {describe(error).reason}"
            return False
        self._notes.append(f"{reason}: it was put aside as {aside.name}, and a new one was begun")
        self.off = ""
        return True

    def _guard(self, work: Callable[[EntryFile], T], refuse: Callable[[str], T]) -> T:
        if self._file is None:
            return refuse(self.off)
        try:
            return work(self._file)
        except (sqlite3.Error, OSError) as error:
            return refuse(self._cope(error))

    def _cope(self, error: sqlite3.Error | OSError) -> str:
        """The reason; a damaged file makes room for a new one."""
        trouble = describe(error)
        if trouble.damage:
            self._let_go(trouble.reason)
            if self._put_aside(trouble.reason):
                self._open()
        return trouble.reason

    def _by_key(self, file: EntryFile, probe: ByKey) -> Found:
        find = {"exact": file.by_id, "equal": file.by_equal, "scope": file.by_scope}[probe.tier]
        row = find(probe.key)
        entry = self._decoded(file, row)
        if row is None:
            return Found()
        if entry is None:
            return Found(reason="the stored answer is damaged")
        if not entry.is_alive(self._clock()):
            return Found(reason="the stored answer is out of date")
        if probe.tier == "scope":
            return Found((Match(entry),))
        try:
            file.count_use(entry.id)
        except sqlite3.Error as error:
            self._cope(error)  # a full disk is no reason to withhold an answer
        return Found((Match(entry),))

    def _nearest(self, file: EntryFile, probe: Nearest) -> Found:
        if self._index is None or not has_length_1(probe.vector):
            return Found(reason="the text's vector is not as it should be")
        now, matches = self._clock(), []
        for entry_id, _ in self._index.nearest(probe.scope, probe.vector, probe.at_least, probe.most):
            row = file.by_id(entry_id)
            entry = self._decoded(file, row)
            # What the index says is checked against the entry itself: its scope, its age, its own vector.
            if row is None or entry is None or row.scope != probe.scope or not entry.is_alive(now):
                continue
            similarity = cosine(row.vector, probe.vector)
            if similarity >= probe.at_least:
                matches.append(Match(entry, similarity))
        matches.sort(key=lambda match: -match.similarity)
        return Found(tuple(matches), "" if matches else "nothing similar enough is stored in this scope")

    def _store(self, file: EntryFile, record: Record) -> Done:
        entry = record.entry
        if not file.writable or self._index is None:
            return Done(False, _READ_ONLY)
        body = encode_entry(entry)
        if len(body) > self._limits.entry_megabytes * _MEGABYTE:
            return Done(False, "the answer is larger than the cache keeps")
        vector = record.vector if record.vector is not None and has_length_1(record.vector) else None
        scope = record.scope if vector is not None else None
        data = vector.tobytes() if vector is not None and scope is not None else None
        row = Row(entry.id, record.equal, scope, entry.created, entry.expires, entry.hits, body, data)
        replaced = file.put(row)
        if vector is not None and scope is not None:
            self._index.add(entry.id, scope, vector)
        elif replaced:
            self._index.remove([entry.id])
        self._make_room(file)
        return Done(True)

    def _make_room(self, file: EntryFile) -> None:
        """Drop what is dead, then, over a limit, what was not used for the longest time."""
        dropped = file.dead(self._clock())
        if dropped:
            file.delete(dropped)
        most, most_bytes = self._limits.entries, self._limits.megabytes * _MEGABYTE
        if file.count > most or file.bytes > most_bytes:
            count, size = file.count - int(most * (1 - _ROOM)), file.bytes - most_bytes * (1 - _ROOM)
            unused = []
            for entry_id, bytes_ in file.longest_unused():
                if count <= 0 and size <= 0:
                    break
                unused.append(entry_id)
                count, size = count - 1, size - bytes_
            file.delete(unused)
            dropped += unused
        if dropped and self._index is not None:
            self._index.remove(dropped)

    def _forget(self, file: EntryFile, entry_id: str) -> Done:
        if not file.writable or self._index is None:
            return Done(False, _READ_ONLY)
        if not file.delete([entry_id]):
            return Done(False, "nothing is stored under that id")
        self._index.renew()
        try:
            file.empty_journal()
            for old in databases_aside(self._folder / FILE_NAME):
                remove_database(old)
        except (sqlite3.Error, OSError) as error:
            return Done(False, f"it is not given any more, but its text may still be on the disk: {self._cope(error)}")
        return Done(True)

    def _entries(self, file: EntryFile, limit: int, offset: int) -> tuple[Entry, ...]:
        found = (self._decoded(file, file.by_id(entry_id)) for entry_id in file.ids("", limit, offset))
        return tuple(entry for entry in found if entry is not None)

    def _stats(self, file: EntryFile) -> Stats:
        sums = file.totals()
        index = "Chroma" if self._index is not None and self._index.in_chroma else "memory"
        return Stats(sums.entries, sums.bytes, sums.hits, sums.oldest, sums.newest, index, self.off, self.notes)

    def _clear(self, file: EntryFile) -> Done:
        if not file.writable or self._index is None:
            return Done(False, _READ_ONLY)
        path = self._folder / FILE_NAME
        self._index.remove_files()
        file.close()
        self._file = self._index = None
        try:
            for database in (path, *databases_aside(path)):
                remove_database(database)
        finally:
            self._notes.clear()
            self._open()
        return Done(not self.off, self.off)

    def _maintain(self, file: EntryFile) -> bool:
        if not file.writable or self._index is None:
            return False
        self._make_room(file)
        if self._index.has_work:
            self._index.work()
        return self._index.has_work

    def _decoded(self, file: EntryFile, row: Row | None) -> Entry | None:
        """The entry in a row; one that cannot be read is removed."""
        if row is None:
            return None
        try:
            return decode_entry(row.body, row.hits)
        except EntryUnreadable:
            if file.writable:
                file.delete([row.id])
            return None
