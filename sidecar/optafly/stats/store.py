"""The file that events are kept in: one SQLite database, written and read by several processes."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from optafly.errors import OptaFlyError
from optafly.paths import Paths
from optafly.stats.events import Event, decode_event, encode_event
from optafly.stats.opening import (
    FILE_FORMAT,
    MIGRATIONS,
    Damaged,
    Unavailable,
    close,
    faults,
    is_same,
    open_events,
    replace_damaged,
    transaction,
)

FILE_NAME: Final = "stats.sqlite3"
_PAGE: Final = 1000


def stats_file(paths: Paths) -> Path:
    """Where events are kept."""
    return paths.data_dir / FILE_NAME


class EventStore:
    """The open file. One thread owns it; opening and every method raise `Damaged` and `Unavailable`."""

    def __init__(
        self,
        path: Path,
        *,
        wait_s: float = 1.0,
        version: int = FILE_FORMAT,
        migrations: Mapping[int, Sequence[str]] = MIGRATIONS,
    ) -> None:
        self._path = path
        self._connection = open_events(path, wait_s, version, migrations)
        self._opened = path.stat()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_current(self) -> bool:
        """Whether it is still in its place; another process may have put it aside."""
        return is_same(self._path, self._opened)

    def add(self, events: Iterable[Event]) -> None:
        """Write events, all of them or none."""
        rows = [(event.at, encode_event(event)) for event in events]
        with faults(), transaction(self._connection):
            self._connection.executemany("INSERT INTO events (at, body) VALUES (?, ?)", rows)

    def events(self, since: float, until: float) -> Iterator[Event]:
        """The events of a stretch of time (its end is not in it), oldest first; what cannot be read is passed over."""
        with faults():
            found = self._connection.execute(
                "SELECT body FROM events WHERE at >= ? AND at < ? ORDER BY at, number", (since, until)
            )
            while rows := found.fetchmany(_PAGE):
                for (body,) in rows:
                    event = decode_event(body)
                    if event is not None:
                        yield event

    def remove_before(self, at: float) -> int:
        """Remove older events; returns how many."""
        with faults(), transaction(self._connection):
            return self._connection.execute("DELETE FROM events WHERE at < ?", (at,)).rowcount

    def put_aside(self) -> None:
        """Close it and put it aside as damaged."""
        self.close()
        replace_damaged(self._path, self._opened)

    def close(self) -> None:
        """Let go of the file."""
        close(self._connection)


def open_store(path: Path, *, wait_s: float = 1.0) -> EventStore:
    """The file for writing, another one in its place where it is damaged; raises `Unavailable`."""
    opened = _stat(path)
    try:
        return EventStore(path, wait_s=wait_s)
    except Damaged:
        replace_damaged(path, opened)
    try:
        return EventStore(path, wait_s=wait_s)
    except Damaged:
        raise Unavailable("it is damaged") from None


def read_events(path: Path, since: float, until: float) -> Iterator[Event]:
    """The events that are kept, none where there is no file; raises `OptaFlyError` where it cannot be read."""
    if not os.path.lexists(path):
        return
    try:
        with EventStore(path) as store:
            yield from store.events(since, until)
    except Damaged:
        raise OptaFlyError(
            f"the statistics are damaged ({FILE_NAME} in the data folder); with the next work the file is put aside"
        ) from None
    except Unavailable as error:
        raise OptaFlyError(f"the statistics cannot be read: {error} ({FILE_NAME} in the data folder)") from None


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
