"""What is recorded of the work, without a word of anybody's text: when, how long, how many, how it ended."""

from typing import Final, Literal

import msgspec

from optafly.protocol import Outcome as Refinement
from optafly.protocol import RefinedPrompt

Path = Literal[
    "hit-exact", "hit-equal", "hit-semantic", "miss", "not-looked-up", "bypass", "refused", "failed", "stopped"
]
"""How a request was answered: from the cache by which tier, by the API after the cache had no answer, was not asked for
one, or was passed by on purpose; not let through, not answered at all, or stopped by whoever had asked.
"""
HITS: Final[tuple[Path, ...]] = ("hit-exact", "hit-equal", "hit-semantic")
Decision = Literal["accepted", "modified", "rejected", "expired", "by_setting"]
Ready = Literal["", "ahead", "again"]
"""Whether a refinement was there when it was asked for: no, worked out ahead, or asked for once before."""
LONGEST_NAME: Final = 64


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens as the API counts them; those written to its prompt cache for 5 minutes and for an hour apart."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0

    @property
    def prompt(self) -> int:
        """All tokens of the prompt, whatever they cost."""
        return self.input + self.cache_read + self.cache_write + self.cache_write_1h


class Rates(msgspec.Struct, frozen=True):
    """USD per million tokens on the day of the request, for a prompt of its length."""

    input: float
    output: float
    cache_read: float
    cache_write: float
    cache_write_1h: float


class Refined(msgspec.Struct, frozen=True, tag="refined", omit_defaults=True):
    """A refinement that was done; ``answers`` is how many answers to earlier questions came with it.

    ``quality_*`` go from 0 to 100, ``gain`` (0 to 1) is the share of what was missing that was filled, ``worded``
    whether something of the local model stands in it, ``tokens_*`` are estimated. ``took_ms`` is what the person waited
    for it, ``ready`` whether it was there already.
    """

    at: float
    outcome: Refinement
    quality_before: int
    quality_after: int
    gain: float
    took_ms: float
    worded: bool = False
    questions: int = 0
    answers: int = 0
    tokens_before: int = 0
    tokens_after: int = 0
    ready: Ready = ""


class Decided(msgspec.Struct, frozen=True, tag="decided"):
    """What a person decided about a refinement; ``expired`` where nobody did, ``by_setting`` where a setting did."""

    at: float
    decision: Decision


class Answered(msgspec.Struct, frozen=True, tag="answered", omit_defaults=True):
    """A request for an answer of Claude, and what became of it.

    ``latency_ms`` is 0 where it was not measured, ``first_byte_ms`` None where nothing came; ``saved_ms`` is what a hit
    saved, less than 0 where it took longer than the first answer. ``usage`` was used by this request as far as the API
    said so, None where nobody counted, ``spared`` by the one whose answer a hit gave again. ``tokens_saved``
    (estimated) were left out before it was sent, None where nothing may be. ``status`` is the API's or what a client
    was told, 0 where there was none, ``reason`` a kind of reason, never a sentence. ``refined`` says whether the prompt
    was a refined one, None where that is not known. ``rates`` are None where no price is known. ``sent`` says of a
    request that came to no whole answer whether it may have used something all the same.
    """

    at: float
    path: Path
    model: str
    latency_ms: float
    first_byte_ms: float | None = None
    saved_ms: float = 0.0
    usage: Usage | None = None
    spared: Usage | None = None
    tokens_saved: int | None = None
    status: int = 200
    reason: str = ""
    refined: bool | None = None
    rates: Rates | None = None
    sent: bool = False


class Sampled(msgspec.Struct, frozen=True, tag="sampled"):
    """The resident memory of the core, in millions of bytes, just after it did something."""

    at: float
    memory_mb: float


Event = Refined | Decided | Answered | Sampled

_BEGUN: Final = frozenset({"client_gone", "broke_off"})
_decoder: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """The event as JSON; names that came from outside are cut to `LONGEST_NAME`."""
    if isinstance(event, Answered):
        event = msgspec.structs.replace(event, model=_name(event.model), reason=_name(event.reason))
    return msgspec.json.encode(event)


def decode_event(data: bytes) -> Event | None:
    """The event in these bytes; None for what is none, as of a later version."""
    try:
        event = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(event, Answered) and event.path == "failed" and event.reason in _BEGUN and not event.sent:
        return _of_today(event)
    return event


def _of_today(event: Answered) -> Answered:
    """An event as it was recorded before who stopped was told from what failed."""
    path: Path = "stopped" if event.reason == "client_gone" else "failed"
    return msgspec.structs.replace(event, path=path, sent=True)


def refined_event(
    result: RefinedPrompt, *, at: float, answers: int, ready: Ready = "", waited_ms: float | None = None
) -> Refined:
    """What is recorded of a refinement; ``waited_ms`` is given where the person did not wait for all of it."""
    return Refined(
        at=at,
        outcome=result.outcome,
        quality_before=result.quality.before,
        quality_after=result.quality.after,
        gain=result.quality.gain,
        took_ms=result.timings_ms.total if waited_ms is None else waited_ms,
        worded=result.engine.used,
        questions=len(result.questions),
        answers=answers,
        tokens_before=result.tokens.before,
        tokens_after=result.tokens.after,
        ready=ready,
    )


def _name(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:LONGEST_NAME])
