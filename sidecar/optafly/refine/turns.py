"""Several threads at one refiner: whose turn it is, and whose request is still the newest."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from optafly.errors import Cancelled
from optafly.refine.engine import CancelToken

_LOOK_AGAIN_S: Final = 0.02  # a lock cannot be woken: whoever waits looks this often whether it is still wanted


class Turns:
    """Lets one thread at a time work, and knows the newest request of each document."""

    def __init__(self) -> None:
        self._working = threading.Lock()
        self._counting = threading.Lock()
        self._newest: dict[str, object] = {}

    @contextmanager
    def turn(self, cancel: CancelToken) -> Iterator[None]:
        """Wait until nobody else works, and keep others waiting inside; raises `Cancelled` once ``cancel`` is set."""
        while not self._working.acquire(timeout=_LOOK_AGAIN_S):
            if cancel.cancelled:
                raise Cancelled("cancelled")
        try:
            yield
        finally:
            self._working.release()

    @contextmanager
    def newest(self, document: str) -> Iterator[Callable[[], bool]]:
        """Be the newest request of a document; what is given tells whether that is still so."""
        mine = object()
        with self._counting:
            self._newest[document] = mine
        try:
            yield lambda: self._newest.get(document) is mine
        finally:
            with self._counting:
                if self._newest.get(document) is mine:
                    del self._newest[document]
