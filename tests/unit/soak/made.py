"""Requests and tries as the soak's tests make them."""

from typing import Any

import msgspec

from tests.soak.ledger import Asked, Ledger, Try, name_of
from tests.soak.received import Received
from tests.soak.words import Mark

FIRST = Asked(number=1, kind="new question", route="messages", body="b1", key="k1", place="here", meaning="m1")
REPEATED = msgspec.structs.replace(FIRST, number=2, kind="repeat")


def mark(asked: Asked, attempt: int = 0) -> Mark:
    """For what the answer to this request is made."""
    return Mark(name_of(asked.number, attempt), asked.body, asked.key)


def miss(made_for: Mark | None) -> Received:
    return Received("whole", 200, {"cache": "miss", "reason": "none"}, made_for)


def hit(made_for: Mark | None, tier: str = "exact") -> Received:
    return Received("whole", 200, {"cache": "hit", "tier": tier}, made_for)


def tried(asked: Asked, received: Received, **more: Any) -> Try:
    """Its first try, from second 10 to second 11."""
    return msgspec.structs.replace(Try(name_of(asked.number, 0), asked, 10.0, 11.0, received), **more)


def ledger_of(*tries: Try) -> Ledger:
    """A ledger with these tries and their requests."""
    ledger = Ledger()
    for done in tries:
        ledger.ask(done.asked)
        ledger.note(done)
    return ledger
