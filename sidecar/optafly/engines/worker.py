"""One thread that owns a loaded model: a queue feeds it, newer requests supersede older ones, idle time unloads it."""

import contextlib
import gc
import queue
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from typing import Final, Protocol

import msgspec

from optafly.engines.memory import trim_heap
from optafly.errors import Cancelled, EngineFailed, OptaFlyError, Superseded, TimedOut
from optafly.refine.engine import CancelToken, EngineInfo, ModelReply, ModelRequest, Spoken

_TRIMS: Final = 4
_TRIM_EVERY_S: Final = 0.5


class Chunk(msgspec.Struct, frozen=True):
    """A part of a reply, with the token counts once they are known; ``logprob`` where it is one token."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    logprob: float | None = None


class LoadedModel(Protocol):
    """A model in memory; used by one thread only."""

    device: str

    def stream(self, request: ModelRequest) -> Generator[Chunk]:
        """Write the reply piece by piece; closing the generator stops the writing."""
        ...


class Recycling(msgspec.Struct, frozen=True):
    """When a model that keeps every prompt's cache is loaded anew, to give the memory back.

    After ``soft`` requests it happens in a pause of ``pause_s``; after ``hard`` at once, before the next request.
    """

    soft: int
    hard: int
    pause_s: float


class _Job(msgspec.Struct):
    request: ModelRequest | None  # None: only warm up
    warm_system: str
    cancel: CancelToken
    future: Future[ModelReply]
    superseded: bool = False


class ModelWorker:
    """An `Engine` over any loader: lazy, one worker thread, cancellable, unloaded after an idle time."""

    def __init__(
        self,
        load: Callable[[], LoadedModel],
        model_name: str,
        *,
        idle_unload_s: float,
        recycling: Recycling,
        decides: bool = False,
    ) -> None:
        """``load`` is called in the worker when the model is first needed, so that a missing file costs nothing.

        ``decides`` when the model was trained to choose intent and place.
        """
        self._load = load
        self._idle_s = idle_unload_s
        self._recycling = recycling
        self._info = EngineInfo(model_name, "", decides)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._live: dict[str, _Job] = {}
        self._thread: threading.Thread | None = None
        self._model: LoadedModel | None = None
        self._served = 0
        self._trims_left = 0
        self._last_system = ""
        self._reload_after_trims = False
        self._closed = False
        self.unloaded = threading.Event()

    @property
    def info(self) -> EngineInfo:
        """Which model, on which device; the device is settled when the model is loaded."""
        return self._info

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._model is not None

    def warm(self, system: str) -> None:
        """Load in the background and read the system prompt once; failures show with the first request."""
        self._enqueue(_Job(None, system, CancelToken(), Future()))

    def submit(self, request: ModelRequest, cancel: CancelToken) -> Future[ModelReply]:
        """Queue a request; an unfinished older one of the same document is superseded."""
        future: Future[ModelReply] = Future()
        job = _Job(request, request.system, cancel, future)
        with self._lock:
            older = self._live.get(request.document)
            self._live[request.document] = job
        if older is not None:
            older.superseded = True
            older.cancel.cancel()
        cancel.on_cancel(lambda: _fail(future, _reason(job)))
        self._enqueue(job)
        return future

    def close(self, *, wait: bool = True) -> None:
        """Cancel what is queued, end the worker and free the model."""
        with self._lock:
            self._closed = True
            thread, live = self._thread, list(self._live.values())
        for job in live:
            job.cancel.cancel()
        if thread is not None:
            self._jobs.put(None)
            if wait:
                thread.join()

    def _enqueue(self, job: _Job) -> None:
        with self._lock:
            if self._closed:
                _fail(job.future, EngineFailed("the engine is closed"))
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="optafly-model", daemon=True)
                self._thread.start()
        self._jobs.put(job)

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
            self._run(job)
            # Nothing may keep the last job, and with it the model, alive while waiting.
            del job

    def _patience(self) -> float | None:
        """How long to wait for the next job before tidying up; None for as long as it takes."""
        if self._model is None:
            return _TRIM_EVERY_S if self._trims_left else None
        if self._served >= self._recycling.soft:
            return min(self._idle_s, self._recycling.pause_s)
        return self._idle_s

    def _tidy(self) -> None:
        if self._model is not None:
            self._reload_after_trims = self._served >= self._recycling.soft and self._recycling.pause_s < self._idle_s
            self._unload()
            return
        self._trims_left -= 1
        trim_heap()
        if self._trims_left:
            return
        if self._reload_after_trims:
            self.warm(self._last_system)
        else:
            self.unloaded.set()
        self._reload_after_trims = False

    def _run(self, job: _Job) -> None:
        try:
            if job.cancel.cancelled:
                raise _reason(job)
            reply = self._generate(job)
        except OptaFlyError as error:
            _fail(job.future, error)
        except BaseException as error:  # a panic in native code is no Exception, and must not end the worker
            # What state the model is in is unknown: the next request gets a fresh one.
            self._unload()
            _fail(job.future, EngineFailed(f"{self._info.model} failed: {first_line(error)}"))
        else:
            with contextlib.suppress(InvalidStateError):
                job.future.set_result(reply)
        finally:
            if job.request is not None:
                with self._lock:
                    if self._live.get(job.request.document) is job:
                        del self._live[job.request.document]

    def _generate(self, job: _Job) -> ModelReply:
        if self._served >= self._recycling.hard:
            self._unload()
        fresh = self._model is None
        model = self._model or self._load()
        if fresh:
            self._model, self._served = model, 0
            self._info = msgspec.structs.replace(self._info, device=model.device)
            self.unloaded.clear()
            # Loading leaves as much garbage behind as the model has weights.
            trim_heap()
        self._last_system = job.warm_system
        if job.request is None:
            if fresh:
                # The first call after loading is slow and reads the system prompt; here nobody waits for it.
                first = ModelRequest(job.warm_system, "request:", None, None, 1, 0.0, "")
                for _ in model.stream(first):
                    pass
            return ModelReply("", 0, 0)
        self._served += 1
        return _collect(model.stream(job.request), job, job.request)

    def _unload(self) -> None:
        if self._model is None:
            return
        self._model = None
        self._served = 0
        gc.collect()
        # Native code may free the weights in a thread of its own, some time after the model is gone.
        self._trims_left = _TRIMS


def _collect(chunks: Generator[Chunk], job: _Job, request: ModelRequest) -> ModelReply:
    deadline = time.monotonic() + request.time_limit_s
    pieces: list[str] = []
    tokens: list[Spoken] = []
    prompt_tokens = completion_tokens = 0
    # Closed, not just left: the error raised here keeps this frame, and with it the stream, alive.
    with contextlib.closing(chunks):
        for chunk in chunks:
            if job.cancel.cancelled:
                raise _reason(job)
            if time.monotonic() > deadline:
                raise TimedOut(f"the model took longer than {request.time_limit_s:g} s")
            pieces.append(chunk.text)
            if chunk.logprob is not None:
                tokens.append(Spoken(chunk.text, chunk.logprob))
            prompt_tokens = chunk.prompt_tokens or prompt_tokens
            completion_tokens = chunk.completion_tokens or completion_tokens
    return ModelReply("".join(pieces), prompt_tokens, completion_tokens, tuple(tokens))


def _reason(job: _Job) -> Cancelled:
    return Superseded("a newer request took its place") if job.superseded else Cancelled("cancelled")


def _fail(future: Future[ModelReply], error: BaseException) -> None:
    # Whoever settles the future first wins: the worker, or the one who cancelled.
    with contextlib.suppress(InvalidStateError):
        future.set_exception(error)


def first_line(error: BaseException) -> str:
    """The first line of an error's text, bounded; native errors carry whole backtraces."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
