"""One thread that owns the networks and the cache: a queue feeds it, another loads for it, idle time unloads it."""

import contextlib
import gc
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Any, Final, TypeVar

import msgspec

from optafly.core.failures import log_unexpected
from optafly.core.parts import Parts
from optafly.engines.memory import trim_heap
from optafly.errors import Cancelled, OptaFlyError
from optafly.refine.engine import CancelToken

T = TypeVar("T")

THREAD_NAME: Final = "optafly-decide"
LOADER_NAME: Final = "optafly-decide-load"
CLOSED: Final = "the core is stopping"
_PAUSE_S: Final = 1.0
"""How long nobody must have asked for anything before what was put off is done."""


class _Job(msgspec.Struct, eq=False):
    work: Callable[[Parts], Any]
    networks: bool
    future: Future[Any]


class _Loaded(msgspec.Struct, eq=False):
    """Loading is over, and what it failed with."""

    parts: Parts
    failure: BaseException | None = None


class Deciding:
    """Runs work on `Parts` in one thread, in the order in which it was asked for; nothing here waits but `join`.

    The parts are made with the first work, networks loaded with the first that needs them, and all of it let go after
    the parts' ``idle_unload_s`` without any. While networks are loaded, in a thread of its own, what needs them waits
    and everything else is done.
    """

    def __init__(self, build: Callable[[], Parts]) -> None:
        self._build = build
        self._jobs: queue.SimpleQueue[_Job | _Loaded | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._parts: Parts | None = None
        self._live: set[_Job] = set()
        self._waiting: list[_Job] = []
        self._loading = False
        self._put_off = False
        self._used = 0.0
        self._closed = False
        self.unloaded = threading.Event()

    @property
    def loaded(self) -> bool:
        """Whether the networks are in memory."""
        parts = self._parts
        return parts is not None and parts.loaded

    @property
    def working(self) -> int:
        """How much is asked for and not done."""
        return len(self._live)

    def submit(
        self, work: Callable[[Parts], T], *, networks: bool = False, cancel: CancelToken | None = None
    ) -> "Future[T]":
        """Queue some work; with ``networks`` these are loaded before it, which takes seconds the first time.

        The future raises what the work does, what loading does, and `Cancelled`.
        """
        job = _Job(work, networks, Future())
        with self._lock:
            if self._closed:
                job.future.set_exception(Cancelled(CLOSED))
                return job.future
            self._live.add(job)
            job.future.add_done_callback(lambda _: self._forget(job))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=THREAD_NAME, daemon=True)
                self._thread.start()
        if cancel is not None:
            cancel.on_cancel(lambda: _fail(job.future, Cancelled("cancelled")))
        self._jobs.put(job)
        return job.future

    def warm(self) -> None:
        """Begin to load the networks; what goes wrong shows with the first work that needs them."""
        self.submit(lambda _: None, networks=True)

    def close(self) -> None:
        """Cancel what is queued and have the thread end; returns at once."""
        with self._lock:
            closed, self._closed = self._closed, True
            live = [*self._live]
        for job in live:
            _fail(job.future, Cancelled(CLOSED))
        if not closed:
            self._jobs.put(None)

    def join(self, wait_s: float) -> bool:
        """Wait until the thread has written everything and ended; whether it has."""
        if self._thread is not None:
            self._thread.join(wait_s)
        return self._thread is None or not self._thread.is_alive()

    def _forget(self, job: _Job) -> None:
        self._live.discard(job)

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=self._patience())
            except queue.Empty:
                self._tidy()
                continue
            if job is None:
                self._unload()
                return
            if isinstance(job, _Loaded):
                self._go_on(job)
            else:
                self._run(job)
            # Nothing may keep the last job, and with it what it holds, while waiting.
            del job

    def _patience(self) -> float | None:
        """How long to wait for the next job before tidying up; None for as long as it takes."""
        if self._parts is None:
            return None
        if self._loading:
            return _PAUSE_S if self._put_off else None
        idle = max(0.0, self._used + self._parts.idle_unload_s - time.monotonic())
        return min(_PAUSE_S, idle) if self._put_off else idle

    def _tidy(self) -> None:
        """Do some of what was put off, or unload."""
        parts = self._parts
        if parts is None or (not self._loading and time.monotonic() - self._used >= parts.idle_unload_s):
            self._unload()
        else:
            self._put_off = self._guarded(parts.maintain) is True

    def _begin_to_load(self, parts: Parts) -> None:
        if not self._loading:
            self._loading = True
            threading.Thread(target=self._load, args=(parts,), name=LOADER_NAME, daemon=True).start()

    def _load(self, parts: Parts) -> None:
        """In a thread of its own, which has the networks until it is done."""
        try:
            parts.load()
        except BaseException as error:  # as in `_run`
            self._jobs.put(_Loaded(parts, error))
        else:
            self._jobs.put(_Loaded(parts))

    def _go_on(self, loaded: _Loaded) -> None:
        """Do what waited for the networks, or let it fail."""
        # Others took the place of parts that had to be given up: what waits has theirs loaded.
        failure = loaded.failure if loaded.parts is self._parts else None
        self._loading = False
        waiting, self._waiting = self._waiting, []
        self._used = time.monotonic()
        if failure is not None and not isinstance(failure, OptaFlyError):
            failure = self._failed(failure)
        for job in waiting:
            if failure is not None:
                _fail(job.future, failure)
            else:
                self._run(job)

    def _run(self, job: _Job) -> None:
        if job.future.done():
            return
        try:
            if self._parts is None:
                self._parts = self._build()
                self.unloaded.clear()
            if job.networks and not self._parts.loaded:
                self._waiting.append(job)
                self._begin_to_load(self._parts)
                return
            with contextlib.suppress(InvalidStateError):
                job.future.set_result(job.work(self._parts))
        except OptaFlyError as error:
            _fail(job.future, error)
        except BaseException as error:  # a panic in native code is no Exception, and must not end the thread
            _fail(job.future, self._failed(error))
        finally:
            self._used, self._put_off = time.monotonic(), True

    def _failed(self, error: BaseException) -> OptaFlyError:
        log_unexpected(error)
        # What state they are in is unknown: the next request gets fresh ones.
        self._unload()
        return OptaFlyError(f"deciding failed ({type(error).__name__}); the log of the core says where")

    def _unload(self) -> None:
        parts, self._parts = self._parts, None
        if parts is None:
            return
        self._guarded(parts.close)
        del parts
        gc.collect()
        trim_heap()
        self.unloaded.set()

    def _guarded(self, work: Callable[[], T]) -> T | None:
        """Its outcome; None where it failed, which must not end the thread."""
        try:
            return work()
        except BaseException as error:
            log_unexpected(error)
            return None


def _fail(future: "Future[Any]", error: BaseException) -> None:
    # Whoever settles the future first wins: the worker, or the one who cancelled.
    with contextlib.suppress(InvalidStateError):
        future.set_exception(error)
