"""What a request used, as the Messages API counts it."""

from typing import Any, Final

import msgspec

_MOST_TOKENS: Final = 2**53
"""More than any request has; an answer from elsewhere may say anything."""


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
