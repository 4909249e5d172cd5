"""The local model over mistral.rs: one worker thread owns the runner (the only module that imports mistralrs)."""

import contextlib
import ctypes
import gc
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from typing import TYPE_CHECKING, Any, Final

import msgspec
import psutil

from optafly.engines.device import DeviceChoice, choose_device, choose_quantisation, installed_build
from optafly.engines.models import LocalModel
from optafly.errors import Cancelled, EngineFailed, OptaFlyError, Superseded, TimedOut
from optafly.refine.engine import CancelToken, EngineInfo, ModelReply, ModelRequest

if TYPE_CHECKING:
    from mistralrs import Runner

DEFAULT_IDLE_S: Final = 300.0
# Two are enough: the fixed system prompt is part of every kept sequence, and each costs memory.
_PREFIX_CACHE_SEQUENCES: Final = 2


class _Job(msgspec.Struct):
    request: ModelRequest | None
    warm_system: str
    cancel: CancelToken
    future: "Future[ModelReply]"
    superseded: bool = False


class MistralEngine:
    """An `Engine` that loads lazily, keeps the model warm, and unloads it after an idle time."""

    def __init__(
        self,
        find_model: Callable[[], LocalModel],
        model_name: str,
        *,
        device: str = "auto",
        idle_unload_s: float = DEFAULT_IDLE_S,
    ) -> None:
        """``find_model`` is called in the worker when the model is first needed, so that a missing file costs nothing."""
        self._find_model = find_model
        self._device_setting = device
        self._idle_s = idle_unload_s
        self._info = EngineInfo(model_name, device)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._live: dict[str, _Job] = {}
        self._thread: threading.Thread | None = None
        self._runner: Runner | None = None
        self._closed = False
        self.unloaded = threading.Event()

    @property
    def info(self) -> EngineInfo:
        """Which model, on which device; the device is settled when the model is loaded."""
        return self._info

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._runner is not None

    def warm(self, system: str) -> None:
        """Load in the background and read the system prompt once; failures show with the first request."""
        self._enqueue(_Job(None, system, CancelToken(), Future()))

    def submit(self, request: ModelRequest, cancel: CancelToken) -> "Future[ModelReply]":
        """Queue a request; an unfinished older one of the same document is superseded."""
        future: Future[ModelReply] = Future()
        job = _Job(request, "", cancel, future)
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
                job = self._jobs.get(timeout=self._idle_s if self._runner is not None else None)
            except queue.Empty:
                self._unload()
                continue
            if job is None:
                self._unload()
                return
            self._run(job)
            # Nothing may keep the last reply's iterator, and with it the runner, alive while waiting.
            del job

    def _run(self, job: _Job) -> None:
        try:
            if job.cancel.cancelled:
                raise _reason(job)
            reply = self._generate(job)
        except OptaFlyError as error:
            _fail(job.future, error)
        except BaseException as error:  # noqa: BLE001  a panic in mistral.rs is no Exception, and must not end the worker
            # What state the runner is in is unknown: the next request gets a fresh one.
            self._unload()
            _fail(job.future, EngineFailed(f"mistral.rs failed: {_first_line(error)}"))
        else:
            with contextlib.suppress(InvalidStateError):
                job.future.set_result(reply)
        finally:
            if job.request is not None:
                with self._lock:
                    if self._live.get(job.request.document) is job:
                        del self._live[job.request.document]

    def _generate(self, job: _Job) -> ModelReply:
        fresh = self._runner is None
        runner = self._runner if self._runner is not None else self._load()
        self._runner = runner
        request = job.request
        if request is None:
            if fresh:
                # The first call after loading is slow and reads the system prompt; here nobody waits for it.
                for _ in _stream(runner, job.warm_system, "request:", None, None, 1):
                    pass
            return ModelReply("", 0, 0)
        return _collect(runner, job, request)

    def _load(self) -> "Runner":
        model = self._find_model()
        choice = choose_device(self._device_setting, installed_build())
        runner = _load_runner(model, choice)
        self._info = EngineInfo(self._info.model, choice.name)
        self.unloaded.clear()
        return runner

    def _unload(self) -> None:
        if self._runner is None:
            return
        self._runner = None
        gc.collect()
        _trim_heap()
        self.unloaded.set()


def _load_runner(model: LocalModel, choice: DeviceChoice) -> "Runner":
    # mistral.rs logs to standard output, which belongs to the caller's text, and asks the hub when a name is not local.
    os.environ["RUST_LOG"] = "off"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.update(choice.environment)
    try:
        import mistralrs  # noqa: PLC0415
    except ImportError as error:
        raise EngineFailed(f"mistralrs cannot be imported ({_first_line(error)}); reinstall optafly") from None
    size = (model.folder / model.filename).stat().st_size
    free = psutil.virtual_memory().available
    try:
        return mistralrs.Runner(
            which=mistralrs.Which.GGUF(quantized_model_id=str(model.folder), quantized_filename=model.filename),
            in_situ_quant=choose_quantisation(choice.name, model.filename, size, free),
            prefix_cache_n=_PREFIX_CACHE_SEQUENCES,
            max_seqs=1,
            token_source="none",  # noqa: S106  means: use no token
            # The CPU's random numbers cannot be seeded ("cannot seed the CPU rng"); temperature 0 needs none.
            seed=None if choice.name == "cpu" else 0,
        )
    except ValueError as error:
        raise EngineFailed(f"mistral.rs cannot load {model.filename}: {_first_line(error)}") from None


def _stream(
    runner: "Runner", system: str, user: str, grammar: str | None, grammar_kind: str | None, max_tokens: int
) -> Iterator[Any]:
    import mistralrs  # noqa: PLC0415

    request = mistralrs.ChatCompletionRequest(
        model="default",
        messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
        max_tokens=max_tokens,
        temperature=0.0,
        grammar=grammar,
        grammar_type=grammar_kind,
        stream=True,
        enable_thinking=False,
    )
    chunks: Iterator[Any] = iter(runner.send_chat_completion_request(request))
    return chunks


def _collect(runner: "Runner", job: _Job, request: ModelRequest) -> ModelReply:
    deadline = time.monotonic() + request.time_limit_s
    pieces: list[str] = []
    prompt_tokens = completion_tokens = 0
    chunks = _stream(runner, request.system, request.user, request.grammar, request.grammar_kind, request.max_tokens)
    # Leaving the loop drops the stream, which is how mistral.rs is told to stop.
    for chunk in chunks:
        if job.cancel.cancelled:
            raise _reason(job)
        if time.monotonic() > deadline:
            raise TimedOut(f"the model took longer than {request.time_limit_s:g} s")
        for choice in chunk.choices:
            pieces.append(choice.delta.content or "")
        if chunk.usage is not None:
            prompt_tokens, completion_tokens = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
    return ModelReply("".join(pieces), prompt_tokens, completion_tokens)


def _reason(job: _Job) -> Cancelled:
    return Superseded("a newer request took its place") if job.superseded else Cancelled("cancelled")


def _fail(future: "Future[ModelReply]", error: BaseException) -> None:
    # Whoever settles the future first wins: the worker, or the one who cancelled.
    with contextlib.suppress(InvalidStateError):
        future.set_exception(error)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _trim_heap() -> None:
    """Give freed memory back to the system: glibc keeps it otherwise (measured: 285 MB without, 214 MB with)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)
