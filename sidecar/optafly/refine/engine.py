"""The engine as the refinement sees it: a request for constrained text, a reply, a way to stop."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal, Protocol

import msgspec

GrammarKind = Literal["lark", "regex", "json_schema"]


class ModelRequest(msgspec.Struct, frozen=True):
    """Text to generate.

    ``system`` is the same for every request, so that the model keeps it; ``document`` names what a newer request of the
    same document supersedes. Without a grammar the text is free.
    """

    system: str
    user: str
    grammar: str | None
    grammar_kind: GrammarKind | None
    max_tokens: int
    time_limit_s: float
    document: str


class Spoken(msgspec.Struct, frozen=True):
    """A token of a reply as text, with the logarithm of how likely it was."""

    text: str
    logprob: float


class ModelReply(msgspec.Struct, frozen=True):
    """What the model wrote, with token counts; ``tokens`` are its pieces where the engine tells how likely each was."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    tokens: tuple[Spoken, ...] = ()


class EngineInfo(msgspec.Struct, frozen=True):
    """The model's name and the device it runs on; ``decides`` when it was trained to choose intent and place."""

    model: str
    device: str
    decides: bool = False


class CancelToken:
    """Asks running work to stop; may be set from any thread, more than once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether someone asked."""
        return self._cancelled

    def cancel(self) -> None:
        """Ask the work to stop."""
        with self._lock:
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call back once when someone asks, at once when someone already did."""
        with self._lock:
            if not self._cancelled:
                self._callbacks.append(callback)
                return
        callback()


class Engine(Protocol):
    """Generates text locally; safe to call from any thread."""

    @property
    def info(self) -> EngineInfo:
        """Which model, on which device."""
        ...

    def warm(self, system: str) -> None:
        """Begin to load in the background; returns at once."""
        ...

    def submit(self, request: ModelRequest, cancel: CancelToken) -> Future[ModelReply]:
        """Queue a request; the future raises `Cancelled`, `Superseded`, `TimedOut` or a `ModelError`."""
        ...

    def close(self, *, wait: bool = True) -> None:
        """Stop the work and free the model; without ``wait``, return while the worker still winds down."""
        ...
