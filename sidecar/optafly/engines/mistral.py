"""The local model over mistral.rs: one worker thread owns the runner (the only module that imports mistralrs)."""

import contextlib
import ctypes
import gc
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from types import ModuleType
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
_TRIMS: Final = 4
_TRIM_EVERY_S: Final = 0.5


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
        self._trims_left = 0
        self._system_role = True
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
                job = self._jobs.get(timeout=self._patience())
            except queue.Empty:
                if self._runner is not None:
                    self._unload()
                else:
                    self._trim()
                continue
            if job is None:
                self._unload()
                return
            self._run(job)
            # Nothing may keep the last reply's iterator, and with it the runner, alive while waiting.
            del job

    def _patience(self) -> float | None:
        """How long to wait for the next job before tidying up; None for as long as it takes."""
        if self._runner is not None:
            return self._idle_s
        return _TRIM_EVERY_S if self._trims_left else None

    def _run(self, job: _Job) -> None:
        try:
            if job.cancel.cancelled:
                raise _reason(job)
            reply = self._generate(job)
        except OptaFlyError as error:
            _fail(job.future, error)
        except BaseException as error:
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
                first = ModelRequest(job.warm_system, "request:", None, None, 1, 0.0, "")
                for _ in _stream(runner, first, system_role=self._system_role):
                    pass
            return ModelReply("", 0, 0)
        return _collect(_stream(runner, request, system_role=self._system_role), job, request)

    def _load(self) -> "Runner":
        model = self._find_model()
        self._system_role = model.entry is None or model.entry.system_role
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
        # mistral.rs frees the weights in a thread of its own, some time after the runner is gone.
        self._trims_left = _TRIMS

    def _trim(self) -> None:
        self._trims_left -= 1
        _trim_heap()
        if not self._trims_left:
            self.unloaded.set()


def thread_count(cores: int) -> int:
    """Threads for the model: one core is left to everybody else, and more than eight gain nothing for small models.

    The threads of mistral.rs wait for each other at every layer. With as many threads as cores, one busy neighbour made a
    request take 9.2 s instead of 0.34 s; with one thread on two cores it takes 0.52 s alone and 0.72 s beside it.
    """
    return max(1, min(8, cores - 1))


def _load_runner(model: LocalModel, choice: DeviceChoice) -> "Runner":
    # mistral.rs logs to standard output, which belongs to the caller's text, and asks the hub when a name is not local.
    os.environ["RUST_LOG"] = "off"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.update(choice.environment)
    os.environ["RAYON_NUM_THREADS"] = str(thread_count(os.cpu_count() or 1))
    try:
        import mistralrs  # noqa: PLC0415
    except ImportError as error:
        raise EngineFailed(f"mistralrs cannot be imported ({_first_line(error)}); reinstall optafly") from None
    measured = model.entry.in_situ_quant if model.entry is not None else None
    free = psutil.virtual_memory().available
    quantisation = None
    if model.entry is None or measured is not None:
        quantisation = choose_quantisation(choice.name, measured, model.filename, model.path.stat().st_size, free)
    with contextlib.ExitStack() as stack:
        described_in = _description(model, stack)
        return _start(mistralrs, model, choice, quantisation, described_in)


def _description(model: LocalModel, stack: contextlib.ExitStack) -> str | None:
    """A folder with the ``config.json`` that some files cannot be loaded without; it is read while loading only."""
    if model.entry is None or model.entry.config_json is None:
        return None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="optafly-model-"))
    (Path(folder) / "config.json").write_text(model.entry.config_json, "utf-8")
    return folder


def _start(
    mistralrs: ModuleType, model: LocalModel, choice: DeviceChoice, quantisation: str | None, described_in: str | None
) -> "Runner":
    which = mistralrs.Which.GGUF(
        quantized_model_id=str(model.folder), quantized_filename=model.filename, tok_model_id=described_in
    )
    try:
        runner: Runner = mistralrs.Runner(
            which=which,
            in_situ_quant=quantisation,
            prefix_cache_n=_PREFIX_CACHE_SEQUENCES,
            max_seqs=1,
            token_source="none",  # noqa: S106  means: use no token
            # The CPU's random numbers cannot be seeded ("cannot seed the CPU rng"); temperature 0 needs none.
            seed=None if choice.name == "cpu" else 0,
        )
    except ValueError as error:
        raise EngineFailed(f"mistral.rs cannot load {model.filename}: {_first_line(error)}") from None
    return runner


def _stream(runner: "Runner", request: ModelRequest, *, system_role: bool) -> Iterator[Any]:
    import mistralrs  # noqa: PLC0415

    messages = [{"role": "system", "content": request.system}, {"role": "user", "content": request.user}]
    if not system_role:
        # Some chat templates drop a system message or refuse it.
        messages = [{"role": "user", "content": f"{request.system}\n{request.user}"}]
    chunks: Any = runner.send_chat_completion_request(
        mistralrs.ChatCompletionRequest(
            model="default",
            messages=messages,
            max_tokens=request.max_tokens,
            temperature=0.0,
            grammar=request.grammar,
            grammar_type=request.grammar_kind,
            stream=True,
            enable_thinking=False,
        )
    )
    return iter(chunks)


def _collect(chunks: Iterator[Any], job: _Job, request: ModelRequest) -> ModelReply:
    deadline = time.monotonic() + request.time_limit_s
    pieces: list[str] = []
    prompt_tokens = completion_tokens = 0
    # Leaving the loop drops the stream, which is how mistral.rs is told to stop.
    for chunk in chunks:
        if job.cancel.cancelled:
            raise _reason(job)
        if time.monotonic() > deadline:
            raise TimedOut(f"the model took longer than {request.time_limit_s:g} s")
        pieces += [choice.delta.content or "" for choice in chunk.choices]
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
