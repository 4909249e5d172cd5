"""What is to be sent, and what comes of it."""

from typing import Literal

import msgspec

from optafly.cache.policy import Unasked
from optafly.routing.decision import RoutingDecision
from optafly.routing.usage import Usage

Outcome = Literal["exact", "equal", "semantic", "miss", "bypass"]


class Said(msgspec.Struct, frozen=True):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


class Order(msgspec.Struct, frozen=True):
    """A text to be answered: the newest turn of a conversation whose earlier ones are ``before``.

    ``workspace`` is an absolute path, or empty; ``conversation`` names the conversation, empty where there is only this
    turn. Without ``use_cache`` no kept answer is looked for, and the new one is not kept.
    """

    text: str
    model: str
    max_tokens: int
    workspace: str = ""
    before: tuple[Said, ...] = ()
    conversation: str = ""
    use_cache: bool = True


class Cost(msgspec.Struct, frozen=True):
    """USD by the prices of a day (``as_of``); None, with the reason in ``note``, where no price is known."""

    usd: float | None
    as_of: str
    note: str = ""


class CacheUse(msgspec.Struct, frozen=True):
    """What the cache had to do with an answer, and why.

    ``saved_s`` is how much longer the answer took when it was made (less than 0 where it was quicker), ``spared`` what
    it cost then. ``kept`` says whether a new answer is kept, and ``not_kept`` why not. ``unasked`` is the kind of
    reason for which the cache was not asked.
    """

    outcome: Outcome
    reason: str
    entry: str = ""
    similarity: float | None = None
    saved_s: float = 0.0
    spared: Usage | None = None
    spared_cost: Cost | None = None
    kept: bool = False
    not_kept: str = ""
    unasked: Unasked = ""

    @property
    def hit(self) -> bool:
        """Whether the cache gave the answer."""
        return self.outcome not in {"miss", "bypass"}


class Piece(msgspec.Struct, frozen=True):
    """A piece of the answer, as it came."""

    text: str


class Waiting(msgspec.Struct, frozen=True):
    """What takes a while, in words."""

    text: str


class Retry(msgspec.Struct, frozen=True):
    """The API is asked once more, and why."""

    text: str


class Decided(msgspec.Struct, frozen=True):
    """What was decided before anything was sent."""

    decision: RoutingDecision


class Answer(msgspec.Struct, frozen=True):
    """A whole answer. ``usage`` and ``cost`` are of this request: nothing where the cache gave it.

    ``decision`` is None where the same request was answered before, so that nothing had to be decided.
    ``stopped`` is the API's stop reason, ``complete`` whether the answer came to its end.
    """

    text: str
    model: str
    stopped: str
    usage: Usage
    cost: Cost
    cache: CacheUse
    took_s: float
    first_text_s: float | None
    decision: RoutingDecision | None = None
    request_id: str = ""

    @property
    def complete(self) -> bool:
        """Whether Claude ended it, and not a limit."""
        return self.stopped in {"end_turn", "stop_sequence"}


class Used(msgspec.Struct):
    """What an order has used so far: whether it was sent, and what the API has said of it since.

    ``usage`` is None where it has said nothing; ``decision`` is what was decided before it was sent.
    """

    sent: bool = False
    usage: Usage | None = None
    decision: RoutingDecision | None = None


class Complete(msgspec.Struct, frozen=True):
    """All of the answer is there; what may follow is only that it is kept, and the `Answer` that says so."""

    answer: Answer


Event = Waiting | Decided | Piece | Retry | Complete | Answer
