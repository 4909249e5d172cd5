"""What became of a request, for statistics: times, counts and kinds, never a word of it."""

from typing import Literal

import msgspec

from optafly.cache.policy import Unasked
from optafly.routing.usage import Usage

Path = Literal["exact", "equal", "semantic", "miss", "not-looked-up", "bypass", "refused", "failed", "stopped"]
Reason = (
    Unasked
    | Literal[
        "",
        "not_allowed",  # Host, Origin or token
        "not_readable",  # no JSON, or no such route
        "too_large",
        "no_key",
        "client_gone",
        "unreachable",
        "timed_out",  # what was sent was not answered
        "upstream_error",  # a status of 400 or more, or an error in the stream
        "broke_off",
        "internal",
    ]
)


class Outcome(msgspec.Struct, frozen=True):
    """One request to the Messages API.

    ``when`` is in seconds since 1970, times are in milliseconds from when the request was let in (``first_byte_ms`` is
    None where nothing was sent), ``status`` is what the client was told, 0 where it went away before. ``usage`` is
    None where nothing was counted; ``saved_ms`` is what a hit saved against the original answer. ``saved_usage`` is
    what the original of a hit had used, ``tokens_saved`` how many tokens the router took out of a prompt, None where
    it may not. ``sent`` says of a request that came to no whole answer whether it may have used something.
    """

    when: float
    path: Path
    model: str
    status: int
    latency_ms: float
    first_byte_ms: float | None = None
    saved_ms: float = 0.0
    usage: Usage | None = None
    saved_usage: Usage | None = None
    tokens_saved: int | None = None
    sent: bool = False
    reason: Reason = ""
