"""Who asked for what, what came back, and whether it was theirs."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from tests.soak.received import Received
from tests.soak.upstream import BROKEN, ERROR_EVENT, HUNG_UP, WELL, Call
from tests.soak.words import Mark

Route = Literal["messages", "count_tokens", "models"]
Violation = Literal["lost", "crossed", "cut unseen", "error without a cause"]

VIOLATIONS: Final[tuple[Violation, ...]] = ("lost", "crossed", "cut unseen", "error without a cause")
_BAD_GATEWAY: Final = 502
_FIGURE: Final = re.compile(r"[0-9][0-9.]*")


class Asked(msgspec.Struct, frozen=True):
    """A request: ``body`` is the digest of its body and ``key`` of its key; answers may be given again in ``place``
    alone, and only for the same ``meaning``.
    """

    number: int
    kind: str
    route: Route
    body: str
    key: str
    place: str
    meaning: str
    never_kept: bool = False
    bypass: bool = False


class Try(msgspec.Struct, frozen=True):
    """One try of a request, from when to when (monotonic seconds), and what came of it; ``last``: none followed."""

    name: str
    asked: Asked
    began: float
    ended: float
    received: Received
    last: bool = True
    by_sdk: bool = False


class Outage(msgspec.Struct, frozen=True):
    """From when the core was killed until it answered again."""

    began: float
    ended: float


class Problem(msgspec.Struct, frozen=True):
    """Something that must not be; it names no text."""

    violation: Violation
    name: str
    kind: str
    why: str


class Ledger:
    """Keeps every request and every try; `problems` is asked for when all is over."""

    def __init__(self) -> None:
        self.asked: dict[int, Asked] = {}
        self.tries: list[Try] = []

    def ask(self, asked: Asked) -> None:
        """Note a request before it is sent."""
        self.asked[asked.number] = asked

    def note(self, done: Try) -> None:
        """Note a try once it is over."""
        self.tries.append(done)

    def outcomes(self) -> Counter[str]:
        """How many requests ended how."""
        return Counter(outcome_of(done) for done in self.tries if done.last)

    def reasons(self) -> Counter[str]:
        """Why no kept answer was given, of all that asked for one; figures in the reasons are left out."""
        said = (done.received.said for done in self.tries)
        return Counter(_FIGURE.sub("N", headers["reason"]) for headers in said if headers.get("cache") == "miss")

    def problems(self, calls: Iterable[Call], outages: Sequence[Outage], *, interrupted: bool = False) -> list[Problem]:
        """All that must not be: what was lost, crossed, cut without a sign, and errors that nobody caused.

        What was under way when the soak was ``interrupted`` is not lost.
        """
        failed: dict[str, set[str]] = {}
        for call in calls:
            failed.setdefault(call.name, set()).add(call.failed)
        found = [problem for done in self.tries if (problem := self._problem(done, failed, outages)) is not None]
        if interrupted:
            return found
        ended = {done.asked.number for done in self.tries if done.last}
        return found + [
            Problem("lost", str(number), asked.kind, "it neither got an answer nor an error")
            for number, asked in self.asked.items()
            if number not in ended
        ]

    def _problem(self, done: Try, failed: Mapping[str, set[str]], outages: Sequence[Outage]) -> Problem | None:
        def problem(violation: Violation, why: str) -> Problem:
            return Problem(violation, done.name, done.asked.kind, why)

        received = done.received
        if received.end == "wrong":
            return problem("cut unseen", received.problem)
        if received.end == "no answer in time":
            return problem("lost", "no answer in time")
        if received.end == "whole":
            why = self._not_theirs(done) if done.asked.route == "messages" else ""
            return problem("crossed", why) if why else None
        if received.end == "left" or is_explained(done, failed.get(done.name, set()), outages):
            return None
        return problem("error without a cause", f"{received.end} {received.status or ''}".strip())

    def _not_theirs(self, done: Try) -> str:
        """Why an answer does not belong to this request; empty where it does."""
        mark, asked = done.received.mark, done.asked
        if mark is None:
            return "it is not the whole of one answer"
        if done.received.said.get("cache") != "hit":
            return "" if mark == Mark(done.name, asked.body, asked.key) else "it was made for another request"
        if asked.never_kept or asked.bypass:
            return "it was kept, and never may be"
        origin = self.asked.get(number_of(mark.name))
        if origin is None or mark != Mark(mark.name, origin.body, origin.key):
            return "it was made for a request that nobody sent"
        if origin.never_kept:
            return "what it was made for is never kept"
        if origin.place != asked.place:
            return f"it was made in another place ({origin.kind})"
        if origin.meaning != asked.meaning:
            return f"it was made for another question ({done.received.said.get('tier')})"
        exact = done.received.said.get("tier") == "exact"
        return "it is not the same request" if exact and origin.body != asked.body else ""


def name_of(number: int, attempt: int) -> str:
    """What a try of a request is called on its way."""
    return f"{number}.{attempt}"


def number_of(name: str) -> int:
    """The request of a try, -1 where it is none of ours."""
    number = name.partition(".")[0]
    return int(number) if number.isdecimal() else -1


def is_explained(done: Try, failed: set[str], outages: Sequence[Outage]) -> bool:
    """Whether the upstream, or the core's death, is the cause of an error; ``failed`` is how its calls ended."""
    end, status = done.received.end, done.received.status
    dead = any(done.began < outage.ended and done.ended > outage.began for outage in outages)
    if dead and end in {"broken off", "no connection"}:
        return True
    match end:
        case "status":
            return str(status) in failed or (status == _BAD_GATEWAY and HUNG_UP in failed)
        case "error event":
            return ERROR_EVENT in failed
        case "broken off":
            return BROKEN in failed
        case "no connection":
            # The SDK says so as well where an answer without a stream broke off each time it tried.
            return done.by_sdk and BROKEN in failed and WELL not in failed
    return False


def outcome_of(done: Try) -> str:
    """What became of a request, for people."""
    received = done.received
    if received.end == "whole":
        if done.asked.route != "messages":
            return f"answered, {done.asked.route}"
        cache = received.said.get("cache", "without a header")
        return f"answered, {cache}" + (f" ({received.said.get('tier')})" if cache == "hit" else "")
    if received.end == "status":
        return f"error passed on, {received.status}"
    return {
        "error event": "error passed on, in the stream",
        "broken off": "seen to break off",
        "no connection": "told that there was no connection",
        "left": "left by the client",
    }.get(received.end, received.end)
