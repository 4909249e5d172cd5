"""The work of the core: refinements in threads, cancelled when nobody waits for them any more."""

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec

from optafly.config import Config, load_config
from optafly.core.compose import effective
from optafly.core.counting import Counting, Work
from optafly.core.decisions import LOADING as LOADING_NETWORKS
from optafly.core.decisions import Decisions
from optafly.core.failures import failure_of
from optafly.core.models import model_state, pull
from optafly.core.recording import Recording
from optafly.core.refiners import Lease, Refiners
from optafly.core.sharing import shareable
from optafly.core.wire import Counts, Decision, EditorState, ModelState, Progress, RefineCall
from optafly.errors import Cancelled, NotFound
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt

# Most of them only wait for the one model; the deterministic refinements of others go on beside them.
THREADS: Final = 64
SHARING_S: Final = 10.0
"""How long looking through what an editor shows may take."""
_SHARING_THREADS: Final = 2
LOADING: Final = "loading the local model"

Told = tuple[str, object]
"""The name of an event, and what it holds."""

_log = logging.getLogger(__name__)


class Service:
    """Does what front-ends ask for; to be used on one event loop."""

    def __init__(self, paths: Paths, recording: Recording) -> None:
        self._paths = paths
        self._recording = recording
        self._refiners = Refiners(paths)
        self.decisions = Decisions(paths)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="optafly-refine")
        # Of their own: a disk that does not answer must not take the place of refinements.
        self._sharing = ThreadPoolExecutor(_SHARING_THREADS, thread_name_prefix="optafly-share")
        self._private_files: set[str] = set()
        """The patterns of all settings that came from editors."""
        self._counting = Counting(recording)
        self._pulls: set[threading.Event] = set()
        self._calls = 0
        self.counts = Counts()

    @property
    def working(self) -> int:
        """How many refinements, downloads and decisions are under way."""
        return len(self._counting.going_on) + len(self._pulls) + self.decisions.working

    @property
    def model(self) -> str:
        """The models in memory, or an empty text."""
        return self._refiners.model

    def refine(self, call: RefineCall) -> AsyncGenerator[Told]:
        """Drafts and progress, then the result or what went wrong; closing the generator cancels the work.

        Raises `InputError` for settings that cannot be.
        """
        return self._refine(call, self._effective(call.settings))

    async def _refine(self, call: RefineCall, config: Config) -> AsyncGenerator[Told]:
        lease = self._refiners.lease(config, model=call.model)
        self._calls += 1
        # Whoever is not attached is somebody else each time: those do not supersede each other.
        owner = call.front_end or f"call {self._calls}"
        # What an agent asks for, no person has asked for either.
        work = self._counting.begin(owner, call.request, ahead=call.ahead or call.by_agent)
        told: asyncio.Queue[Told | None] = asyncio.Queue()
        tell = _teller(told)
        running = self._pool.submit(
            lease.refiner.refine,
            call.request,
            cancel=work.cancel,
            progress=lambda text: tell("progress", Progress(_loading(lease) or text)),
            on_draft=lambda draft: tell("draft", draft),
            on_kept=lambda: setattr(work, "kept", True),
            owner=owner,
        )
        loop = asyncio.get_running_loop()
        running.add_done_callback(lambda done: _post(loop, self._done, work, lease, done, told))
        if config.get("router.enabled"):
            self.decisions.begin_estimate(call.request.prompt)
        try:
            while (event := await told.get()) is not None:
                yield event
            name, value = _outcome(running)
            if isinstance(value, RefinedPrompt) and (call.estimate or config.get("router.enabled")):
                if call.estimate and not self.decisions.loaded:
                    yield "progress", Progress(LOADING_NETWORKS)
                value = await self.decisions.estimated(value, wait=call.estimate)
            yield name, value
        finally:
            work.cancel.cancel()
            running.cancel()

    def expect(self, wanted: Callable[[], bool]) -> None:
        """Load what decides in a while, if ``wanted`` then."""
        self.decisions.expect(wanted, lambda: bool(self._counting.going_on))

    def warm(self, settings: Mapping[str, Any]) -> None:
        """Begin to load the model of these settings."""
        lease = self._refiners.lease(self._effective(settings), model=True)
        lease.refiner.warm()
        self._refiners.release(lease)

    async def share(self, state: EditorState) -> EditorState:
        """What of an editor's state others may see; raises `NotFound` where that cannot be told in time."""
        noted = frozenset(self._private_files)

        def share() -> EditorState:
            config = load_config(self._paths.config_file, os.environ)
            return shareable(state, noted | set(config.get("private_files")))

        try:
            async with asyncio.timeout(SHARING_S):
                return await asyncio.get_running_loop().run_in_executor(self._sharing, share)
        except TimeoutError:
            raise NotFound("what the editor shows cannot be looked through in time; try again") from None

    def count(self, decision: Decision, *, by_setting: bool = False) -> None:
        """Note what a person decided, or a setting in their place."""
        if by_setting:
            self._recording.decided("by_setting")
            return
        self._recording.decided(decision)
        if decision != "expired":
            self._count(decision)

    def cancel(self, front_end: str) -> None:
        """Nobody waits any longer for what this front-end asked for."""
        for work in [work for work in self._counting.going_on if work.front_end == front_end]:
            work.cancel.cancel()

    def wanted(self, front_end: str) -> None:
        """Somebody asked for the refinement that this front-end had begun ahead."""
        self._counting.wanted(front_end)

    def model_state(self, name: str) -> ModelState:
        """A registered model's state; raises `ModelUnknown`."""
        return model_state(name, self._paths)

    async def pull(self, name: str) -> AsyncGenerator[Told]:
        """Progress of a download, then the model's state or what went wrong; closing the generator stops it."""
        told: asyncio.Queue[Told | None] = asyncio.Queue()
        tell = _teller(told)
        stop = threading.Event()
        loop = asyncio.get_running_loop()
        future: Future[ModelState] = Future()

        def fetch() -> None:
            try:
                future.set_result(pull(name, self._paths, stop, lambda step: tell("progress", step)))
            except BaseException as error:  # handed on to whoever waits
                future.set_exception(error)
            _post(loop, finish)

        def finish() -> None:
            self._pulls.discard(stop)
            told.put_nowait(None)

        # A thread of its own: a download takes minutes, and must not take a refinement's place.
        self._pulls.add(stop)
        threading.Thread(target=fetch, name="optafly-pull", daemon=True).start()
        try:
            while (event := await told.get()) is not None:
                yield event
            error = future.exception()
            yield ("result", future.result()) if error is None else ("error", failure_of(error))
        finally:
            stop.set()

    def close(self) -> None:
        """Cancel everything, and let go of the models without waiting for what they are busy with.

        What keeps answers goes on (`decisions`): some are still being given.
        """
        for work in list(self._counting.going_on):
            work.cancel.cancel()
        for stop in list(self._pulls):
            stop.set()
        self._refiners.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._sharing.shutdown(wait=False, cancel_futures=True)

    def _effective(self, settings: Mapping[str, Any]) -> Config:
        config = effective(settings)
        self._private_files |= set(config.get("private_files"))
        return config

    def _done(
        self, work: Work, lease: Lease, running: "Future[RefinedPrompt]", told: "asyncio.Queue[Told | None]"
    ) -> None:
        self._refiners.release(lease)
        self._note(work, running)
        told.put_nowait(None)

    def _note(self, work: Work, running: "Future[RefinedPrompt]") -> None:
        """Count how it ended, whether or not anybody still listens."""
        error = CancelledError() if running.cancelled() else running.exception()
        if error is not None:
            self._counting.done(work, None)
            if not work.ahead:
                self._count("cancelled" if isinstance(error, Cancelled | CancelledError) else "failed")
            _log.info("refinement ended: %s", type(error).__name__)
            return
        result = running.result()
        self._counting.done(work, result)
        self._count("ahead" if work.ahead else "unchanged" if result.outcome == "unchanged" else "refined")
        model = Path(result.engine.model).name or "none"
        _log.info("refinement done: %s, model %s, %.0f ms", result.outcome, model, result.timings_ms.total)

    def _count(self, what: str) -> None:
        self.counts = msgspec.structs.replace(self.counts, **{what: getattr(self.counts, what) + 1})


def _outcome(running: "Future[RefinedPrompt]") -> Told:
    if running.cancelled():
        return "error", failure_of(Cancelled("cancelled"))
    error = running.exception()
    return ("result", running.result()) if error is None else ("error", failure_of(error))


def _teller(told: "asyncio.Queue[Told | None]") -> Callable[[str, object], None]:
    """Puts events of another thread into a queue of this loop."""
    loop = asyncio.get_running_loop()
    return lambda name, value: _post(loop, told.put_nowait, (name, value))


def _post(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *arguments: object) -> None:
    # The loop is closed when the core ends before a thread does.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(callback, *arguments)


def _loading(lease: Lease) -> str:
    return LOADING if lease.engine is not None and not lease.engine.loaded else ""
