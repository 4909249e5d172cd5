"""A refiner that lets a running core do the work, and does it here where that core goes away."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

import msgspec

from optafly.core.connection import Connection
from optafly.core.failures import error_of
from optafly.core.launcher import find_core
from optafly.core.wire import Discovery, Failure, Progress, RefineCall, decode
from optafly.errors import CoreUnavailable
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import CancelToken
from optafly.sse import Event

T = TypeVar("T")

# A core that takes longer is too busy to be of use to a single command.
_ANSWER_S: Final = 1.0


class RefinesRequests(Protocol):
    """What `optafly.refine.refiner.Refiner` and `RemoteRefiner` have in common."""

    def refine(
        self,
        request: RefineRequest,
        *,
        cancel: CancelToken | None = None,
        progress: Callable[[str], None] | None = None,
        on_draft: Callable[[RefinedPrompt], None] | None = None,
    ) -> RefinedPrompt:
        """Refine one request."""
        ...


def find_refiner(
    paths: Paths,
    settings: Mapping[str, Any],
    *,
    model: bool,
    otherwise: Callable[[], RefinesRequests],
    estimate: bool = False,
) -> "RemoteRefiner | None":
    """A refiner at the running core of this version; None where there is none."""
    found = find_core(paths, answer_s=_ANSWER_S)
    if found is None:
        return None
    return RemoteRefiner(found, settings, model=model, otherwise=otherwise, estimate=estimate)


class RemoteRefiner:
    """Refines at a running core; ``otherwise`` makes what goes on where that breaks off."""

    def __init__(
        self,
        core: Discovery,
        settings: Mapping[str, Any],
        *,
        model: bool,
        otherwise: Callable[[], RefinesRequests],
        estimate: bool = False,
    ) -> None:
        self._connection = Connection(core)
        self._settings = dict(settings)
        self._model = model
        self._otherwise = otherwise
        self._estimate = estimate
        self._here: RefinesRequests | None = None

    def refine(
        self,
        request: RefineRequest,
        *,
        cancel: CancelToken | None = None,
        progress: Callable[[str], None] | None = None,
        on_draft: Callable[[RefinedPrompt], None] | None = None,
    ) -> RefinedPrompt:
        """As `Refiner.refine`; when it is interrupted, closing the connection cancels the core's work."""
        if self._here is None:
            try:
                return self._remotely(request, progress or _ignore, on_draft or _ignore)
            except CoreUnavailable:
                self._here = self._otherwise()
        return self._here.refine(request, cancel=cancel, progress=progress, on_draft=on_draft)

    def _remotely(
        self, request: RefineRequest, progress: Callable[[str], None], on_draft: Callable[[RefinedPrompt], None]
    ) -> RefinedPrompt:
        call = RefineCall(request, self._settings, model=self._model, estimate=self._estimate)
        with contextlib.closing(self._connection.events("/v1/refine", call)) as events:
            for event in events:
                match event.name:
                    case "result":
                        return _read(event, RefinedPrompt)
                    case "error":
                        raise error_of(_read(event, Failure))
                    case "draft":
                        on_draft(_read(event, RefinedPrompt))
                    case "progress":
                        progress(_read(event, Progress).text)
        raise CoreUnavailable("the core ended before it answered")


def _read(event: Event, kind: type[T]) -> T:
    try:
        return decode(event.data, kind)
    except msgspec.DecodeError:
        raise CoreUnavailable("the core speaks in another way") from None


def _ignore(_: object) -> None:
    pass
