"""What an answer cost, by dated prices."""

from typing import Any, Final

from optafly.routing.prices import AS_OF, model_facts
from optafly.sending.order import Cost, Usage

_MILLION = 1_000_000
# More than any request has; an answer from elsewhere may say anything.
_MOST_TOKENS: Final = 2**53
_HOUR = "ephemeral_1h_input_tokens"


def usage_of(usage: object) -> Usage | None:
    """The usage of a message of the API; None where it has none."""
    if not isinstance(usage, dict):
        return None
    hour = _count(usage.get("cache_creation"), _HOUR)
    return Usage(
        input=_count(usage, "input_tokens"),
        output=_count(usage, "output_tokens"),
        cache_read=_count(usage, "cache_read_input_tokens"),
        # The API's own sum holds both kinds.
        cache_write=max(0, _count(usage, "cache_creation_input_tokens") - hour),
        cache_write_1h=hour,
    )


def cost_of(model: str, usage: Usage) -> Cost:
    """USD for that usage of a model by the prices of today's table."""
    facts = model_facts(model)
    price = facts.price(usage.prompt)
    if price is None:
        return Cost(None, AS_OF, facts.note or f"no price of {model} is known")
    rates = facts.rates
    prompt = (
        usage.input
        + usage.cache_read * rates.read
        + usage.cache_write * rates.write_5m
        + usage.cache_write_1h * rates.write_1h
    )
    return Cost((prompt * price.input + usage.output * price.output) / _MILLION, AS_OF)


def nothing() -> Cost:
    """The cost of what was not sent."""
    return Cost(0.0, AS_OF)


def _count(values: Any, name: str) -> int:
    value = values.get(name) if isinstance(values, dict) else None
    return min(value, _MOST_TOKENS) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
