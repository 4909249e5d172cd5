"""Which reply a test has set for a request."""

import threading
from collections import deque
from collections.abc import Callable

from tests.standin.recorded import Recorded
from tests.standin.replies import Failure, Reply

Function = Callable[[Recorded], Reply | None]
Scripted = Reply | Function


class Script:
    """Queued replies for a path, each for one request, and a function for all others; ``problems`` are theirs."""

    def __init__(self) -> None:
        self.problems: list[Exception] = []
        self._queued: dict[str, deque[Scripted]] = {}
        self._standing: dict[str, Function] = {}
        self._lock = threading.Lock()

    def queue(self, path: str, replies: tuple[Scripted, ...]) -> None:
        with self._lock:
            self._queued.setdefault(path, deque()).extend(replies)

    def stand(self, path: str, function: Function | None) -> None:
        with self._lock:
            if function is None:
                self._standing.pop(path, None)
            else:
                self._standing[path] = function

    def reply(self, recorded: Recorded) -> Reply | None:
        """The reply to this request, None where none was set."""
        with self._lock:
            queue = self._queued.get(recorded.path)
            found = queue.popleft() if queue else None
            standing = self._standing.get(recorded.path)
        try:
            reply = found(recorded) if callable(found) else found
            return standing(recorded) if reply is None and standing is not None else reply
        except Exception as problem:
            # Told to the test at its end; the client is not left without an answer.
            self.problems.append(problem)
            return Failure(500, message="a function of the test failed")
