"""What an answer cost, by dated prices."""

from optafly.routing.prices import AS_OF, model_facts
from optafly.routing.usage import Usage
from optafly.sending.order import Cost

_MILLION = 1_000_000


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
