"""What became of a request, for statistics: times, counts and kinds, never a word of it."""

from typing import Any, Final, Literal

import msgspec

_MOST_TOKENS: Final = 2**53
"""More than any request has; an answer from elsewhere may say anything."""

Path = Literal["exact", "equal", "semantic", "miss", "bypass", "refused", "failed"]
Reason = Literal[
    "",
    "not_allowed",  # Host, Origin or token
    "not_readable",  # no JSON, or no such route
    "too_large",
    "no_key",
    "client_gone",
    "unreachable",
    "upstream_error",  # a status of 400 or more, or an error in the stream
    "broke_off",
    "internal",
]


class Usage(msgspec.Struct, frozen=True):
    """Tokens as the API counted them; those written to its prompt cache for 5 minutes and for an hour apart."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0

    @property
    def prompt(self) -> int:
        """All tokens of the prompt, whatever they cost."""
        return self.input + self.cache_read + self.cache_write + self.cache_write_1h


class Outcome(msgspec.Struct, frozen=True):
    """One request to the Messages API.

    ``when`` is in seconds since 1970, times are in milliseconds from when the request was let in (``first_byte_ms`` is
    None where nothing was sent), ``status`` is what the client was told, 0 where it went away before. ``usage`` is
    None where nothing was counted; ``saved_ms`` is what a hit saved against the original answer. ``saved_usage`` is
    what the original of a hit had used, ``tokens_saved`` how many tokens the router took out of a prompt, None where
    it may not.
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
    reason: Reason = ""


def usage_of(usage: object) -> Usage | None:
    """The usage of a message of the API; None where it has none."""
    if not isinstance(usage, dict) or not usage:
        return None

    written, hour = _count(usage, "cache_creation_input_tokens"), 0
    if isinstance(usage.get("cache_creation"), dict):
        hour = min(written, _count(usage["cache_creation"], "ephemeral_1h_input_tokens"))
    return Usage(
        input=_count(usage, "input_tokens"),
        output=_count(usage, "output_tokens"),
        cache_read=_count(usage, "cache_read_input_tokens"),
        cache_write=written - hour,
        cache_write_1h=hour,
    )


def _count(usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    return min(value, _MOST_TOKENS) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
