"""Which refinements are counted: each that a person asked for, once, with the time that they waited for it."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from optafly.core.recording import Recording
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import CancelToken
from optafly.refine.kept import MAX_RESULTS
from optafly.stats.events import Ready, Refined, refined_event

EARLY_S: Final = 5.0
"""How long before what it is about the word may come that a refinement is wanted."""


class Work(msgspec.Struct, eq=False):
    """One refinement under way; ``ahead`` as long as nobody has asked for it, ``kept`` once it was found in memory."""

    front_end: str
    cancel: CancelToken
    request: int
    """Stands for the request, whose texts are not to be held on to."""
    answers: int
    ahead: bool
    asked_at: float | None = None
    """When somebody asked for what was begun ahead."""
    kept: bool = False


class Counting:
    """Records refinements; for one thread. ``clock`` gives seconds from any beginning."""

    def __init__(self, recording: Recording, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._recording = recording
        self._clock = clock
        self.going_on: set[Work] = set()
        self._ahead: OrderedDict[int, tuple[str, Refined]] = OrderedDict()
        """What was worked out and not asked for yet, as long as it may be kept."""
        self._early: dict[str, float] = {}
        """Front-ends whose word that they want it came before what they want, as it has a connection of its own; when.

        It may also have come after: then it is about nothing that is begun later.
        """

    def begin(self, front_end: str, request: RefineRequest, *, ahead: bool) -> Work:
        """A refinement begins."""
        work = Work(front_end, CancelToken(), hash(request), len(request.answers), ahead)
        early = self._early.pop(front_end, None)
        if ahead and early is not None and self._clock() - early <= EARLY_S:
            work.ahead, work.asked_at = False, self._clock()
        self.going_on.add(work)
        return work

    def wanted(self, front_end: str) -> None:
        """Somebody asked for what this front-end had begun ahead."""
        for work in self.going_on:
            if work.front_end == front_end and work.ahead:
                work.ahead, work.asked_at = False, self._clock()
                return
        for request, (owner, event) in reversed(self._ahead.items()):
            if owner == front_end:
                # It was done before the word of it came: nobody waited.
                self._recording.noted(msgspec.structs.replace(event, ready="ahead", took_ms=0.0))
                del self._ahead[request]
                return
        now = self._clock()
        self._early = {name: at for name, at in self._early.items() if now - at <= EARLY_S} | {front_end: now}

    def done(self, work: Work, result: RefinedPrompt | None) -> None:
        """A refinement is over; there is no ``result`` where it failed or was cancelled."""
        self.going_on.discard(work)
        if result is None:
            return
        if not work.ahead:
            self._asked_for(work, result)
        elif not work.kept:
            self._ahead[work.request] = (work.front_end, self._event(work, result))
            self._ahead.move_to_end(work.request)
            while len(self._ahead) > MAX_RESULTS:
                self._ahead.popitem(last=False)

    def _asked_for(self, work: Work, result: RefinedPrompt) -> None:
        before = self._ahead.pop(work.request, None)
        if work.asked_at is not None:
            waited_ms = (self._clock() - work.asked_at) * 1000
            self._recording.noted(self._event(work, result, "ahead", waited_ms))
        elif work.kept:
            self._recording.noted(self._event(work, result, "ahead" if before is not None else "again"))
        else:
            self._recording.noted(self._event(work, result))

    def _event(self, work: Work, result: RefinedPrompt, ready: Ready = "", waited_ms: float | None = None) -> Refined:
        return refined_event(result, at=time.time(), answers=work.answers, ready=ready, waited_ms=waited_ms)
