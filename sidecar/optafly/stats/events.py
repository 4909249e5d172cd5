"""What is recorded of the work, without a word of anybody's text: when, how long, how many, how it ended."""

from typing import Final, Literal

import msgspec

from optafly.protocol import Outcome as Refinement
from optafly.protocol import RefinedPrompt

Path = Literal["hit-exact", "hit-equal", "hit-semantic", "miss", "bypass", "refused", "failed"]
"""How a request was answered: from the cache by which tier, by the API, past the cache, not let through, or not at all.
"""
HITS: Final[tuple[Path, ...]] = ("hit-exact", "hit-equal", "hit-semantic")
Decision = Literal["accepted", "modified", "rejected", "expired"]
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
    whether something of the local model stands in it, ``tokens_*`` are estimated.
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


class Decided(msgspec.Struct, frozen=True, tag="decided"):
    """What a person decided about a refinement; ``expired`` where nobody did."""

    at: float
    decision: Decision


class Answered(msgspec.Struct, frozen=True, tag="answered", omit_defaults=True):
    """A request for an answer of Claude, and what became of it.

    ``first_byte_ms`` is None where nothing came; ``saved_ms`` is what a hit saved. ``usage`` was used by this request,
    None where nobody counted, ``spared`` by the one whose answer a hit gave again. ``tokens_saved`` (estimated) were
    left out before it was sent, None where nothing may be. ``reason`` is a kind of reason, never a sentence.
    ``refined`` says whether the prompt was a refined one, None where that is not known. ``rates`` are None where no
    price is known.
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


class Sampled(msgspec.Struct, frozen=True, tag="sampled"):
    """The resident memory of the core, in millions of bytes, just after it did something."""

    at: float
    memory_mb: float


Event = Refined | Decided | Answered | Sampled

_decoder: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """The event as JSON; names that came from outside are cut to `LONGEST_NAME`."""
    if isinstance(event, Answered):
        event = msgspec.structs.replace(event, model=_name(event.model), reason=_name(event.reason))
    return msgspec.json.encode(event)


def decode_event(data: bytes) -> Event | None:
    """The event in these bytes; None for what is none, as of a later version."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def refined_event(result: RefinedPrompt, *, at: float, answers: int) -> Refined:
    """What is recorded of a refinement."""
    return Refined(
        at=at,
        outcome=result.outcome,
        quality_before=result.quality.before,
        quality_after=result.quality.after,
        gain=result.quality.gain,
        took_ms=result.timings_ms.total,
        worded=result.engine.used,
        questions=len(result.questions),
        answers=answers,
        tokens_before=result.tokens.before,
        tokens_after=result.tokens.after,
    )


def _name(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:LONGEST_NAME])
