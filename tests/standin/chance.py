"""Failures by chance, the same for the same seed: what a soak test puts up with."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from tests.standin.replies import Answer, Break, Failure, Raw, Reply

_KINDS: Final[tuple[tuple[str, Callable[[Answer], Reply]], ...]] = (
    ("429", lambda answer: Failure(429, retry_after="1")),
    ("429 without retry-after", lambda answer: Failure(429)),
    ("500", lambda answer: Failure(500)),
    ("529", lambda answer: Failure(529)),
    ("error event", lambda answer: msgspec.structs.replace(answer, error_after=(4, Failure(529)))),
    ("broken in an event", lambda answer: msgspec.structs.replace(answer, breaks=Break("event", 4))),
    ("broken in a chunk", lambda answer: msgspec.structs.replace(answer, breaks=Break("chunk", 4))),
    ("hung up", lambda answer: Raw()),
)


class Chance:
    """Turns a share of the answers into failures of all kinds; ``seen`` counts them."""

    def __init__(self, fail_rate: float, seed: int = 0) -> None:
        self._fail_rate = fail_rate
        self._random = random.Random(seed)
        self.seen: Counter[str] = Counter()

    def reply(self, answer: Answer) -> Reply | None:
        """A failure in place of this answer, or None where it is to be given."""
        if self._random.random() >= self._fail_rate:
            return None
        name, make = self._random.choice(_KINDS)
        self.seen[name] += 1
        return make(answer)
