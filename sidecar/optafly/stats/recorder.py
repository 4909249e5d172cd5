"""Recording: events queue to one thread that owns the file; whoever records never waits and never fails."""

import logging
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from optafly.stats.events import Event
from optafly.stats.opening import Damaged, Unavailable
from optafly.stats.store import EventStore, open_store

THREAD_NAME: Final = "optafly-stats"
MOST_WAITING: Final = 10_000
"""Events that are kept in memory while the file cannot be written; the oldest are dropped."""
BATCH_S: Final = 0.5
"""How long after an event others are waited for, to be written with it."""
RETRY_S: Final = 30.0
PRUNE_EVERY_S: Final = 6 * 3600.0
DAY_S: Final = 86_400.0

_log = logging.getLogger(__name__)


class _Flush(msgspec.Struct, eq=False):
    written: threading.Event
    last: bool = False


class Recorder:
    """Writes events in the background, from any thread.

    ``keep_days`` is asked in that thread, now and then: older events are removed, and with 0 nothing is recorded.
    """

    def __init__(self, path: Path, keep_days: Callable[[], int], *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._keep_days = keep_days
        self._clock = clock
        self._queue: queue.SimpleQueue[Event | _Flush] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        # Of the thread:
        self._waiting: deque[Event] = deque(maxlen=MOST_WAITING)
        self._store: EventStore | None = None
        self._pruned: float | None = None
        self._days = 0
        self._trouble = ""

    def note(self, event: Event) -> None:
        """Have an event written soon; once closed, it is dropped."""
        if self._queue.qsize() < MOST_WAITING:
            self._put(event)

    def flush(self, wait_s: float) -> bool:
        """Wait until what was noted is written, or cannot be; whether that was in time."""
        return self._end(_Flush(threading.Event()), wait_s)

    def close(self, wait_s: float = 1.0) -> bool:
        """Write what was noted and end; whether that was in time."""
        done = self._end(_Flush(threading.Event(), last=True), wait_s)
        with self._lock:
            self._closed = True
        return done

    def _end(self, flush: _Flush, wait_s: float) -> bool:
        if self._thread is None or self._closed:
            return True
        self._put(flush)
        return flush.written.wait(wait_s)

    def _put(self, item: Event | _Flush) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = isinstance(item, _Flush) and item.last
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=THREAD_NAME, daemon=True)
                self._thread.start()
        self._queue.put(item)

    def _work(self) -> None:
        while True:
            flush = self._gather()
            try:
                self._write()
            except Exception as error:  # whatever it is, it must not end the thread
                self._fail(f"recording failed ({type(error).__name__})")
            if flush is not None:
                last = flush.last
                if last:
                    self._close_store()
                flush.written.set()
                if last:
                    return

    def _gather(self) -> _Flush | None:
        """Wait for an event and those that come soon after it; returns at once where somebody waits."""
        patience: float | None = RETRY_S if self._waiting else None
        until = None
        while True:
            try:
                item = self._queue.get(timeout=patience)
            except queue.Empty:
                return None
            if isinstance(item, _Flush):
                return item
            self._waiting.append(item)
            until = until or time.monotonic() + BATCH_S
            patience = max(0.0, until - time.monotonic())

    def _write(self) -> None:
        if not self._waiting:
            return
        try:
            if not self._keeps():
                self._waiting.clear()
                self._remove_all()
                return
            self._add()
        except Unavailable as error:
            self._close_store()
            self._fail(str(error))
            return
        self._waiting.clear()
        self._trouble = ""
        self._prune()

    def _keeps(self) -> bool:
        if self._is_due():
            self._days = self._keep_days()
        return self._days > 0

    def _add(self) -> None:
        if self._store is not None and not self._store.is_current:
            self._close_store()
        if self._store is None:
            self._store = open_store(self._path)
        try:
            self._store.add(self._waiting)
        except Damaged:
            store, self._store = self._store, None
            store.put_aside()
            self._store = open_store(self._path)
            try:
                self._store.add(self._waiting)
            except Damaged:
                raise Unavailable("it is damaged") from None

    def _remove_all(self) -> None:
        """Remove what was recorded before that was switched off."""
        if self._is_due() and self._path.exists():
            self._store = self._store or open_store(self._path)
            self._days = 0
            self._prune()

    def _prune(self) -> None:
        """Remove what is too old, now and then."""
        if not self._is_due() or self._store is None:
            return
        try:
            # With none at all also what has a time to come, of a clock that was wrong.
            self._store.remove_before(self._clock() - self._days * DAY_S if self._days else math.inf)
        except (Damaged, Unavailable) as error:
            self._fail(f"old events could not be removed: {error}")
        self._pruned = time.monotonic()

    def _is_due(self) -> bool:
        return self._pruned is None or time.monotonic() - self._pruned >= PRUNE_EVERY_S

    def _fail(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("statistics are not written: %s", trouble)

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()
