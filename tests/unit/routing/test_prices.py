"""Prices and minimums by model, whatever its name is written like."""

import pytest

from optafly.routing.prices import AS_OF, LIFE_S, MODELS, SOURCE, CacheRates, model_facts


@pytest.mark.parametrize(
    ("model", "minimum", "price"),
    [
        ("claude-opus-5-5", 512, (4, 20)),
        ("claude-sonnet-5-5", 512, (2, 10)),
        ("claude-opus-5", 512, (5, 25)),
        ("claude-sonnet-5", 1024, (2, 10)),
        ("claude-sonnet-4-6", 1024, (3, 15)),
        ("claude-sonnet-4-5", 1024, (3, 15)),
        ("claude-opus-4-8", 1024, (5, 25)),
        ("claude-opus-4-7", 2048, (5, 25)),
        ("claude-opus-4-6", 4096, (5, 25)),
        ("claude-opus-4-5", 4096, (5, 25)),
        ("claude-haiku-4-5", 4096, (1, 5)),
    ],
)
def test_each_model_has_its_minimum_and_price(model: str, minimum: int, price: tuple[float, float]) -> None:
    facts = model_facts(model)
    found = facts.price()
    assert found is not None
    assert (facts.known, facts.minimum_tokens, (found.input, found.output)) == (True, minimum, price)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("claude-opus-5-20260401", "claude-opus-5"),
        ("claude-opus-5-5-20260901", "claude-opus-5-5"),
        ("claude-haiku-4-5-latest", "claude-haiku-4-5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"),
        ("us.anthropic.claude-sonnet-5", "claude-sonnet-5"),
        ("claude-opus-5-5[1m]", "claude-opus-5-5"),
        (" Claude-Opus-5 ", "claude-opus-5"),
    ],
)
def test_dates_and_platforms_in_a_name_do_not_matter(name: str, family: str) -> None:
    assert model_facts(name).family == family


@pytest.mark.parametrize(
    "name", ["", "gpt-5", "claude-opus-5-7", "claude-opus-6", "claude-opus-50", "claude-haiku-4-5x", "my-claude-opus-5"]
)
def test_an_unknown_model_gets_the_cautious_answer_and_says_so(name: str) -> None:
    facts = model_facts(name)
    assert not facts.known
    assert facts.minimum_tokens == max(known.minimum_tokens for known in MODELS)
    assert facts.price() is None
    assert AS_OF in facts.note


def test_a_long_prompt_has_the_price_of_long_prompts() -> None:
    facts = model_facts("claude-haiku-5-5")
    short, long = facts.price(100_000), facts.price(100_001)
    assert short is not None and long is not None
    assert (short.input, short.output, long.input, long.output) == (0.10, 0.50, 0.50, 2.50)


def test_writing_costs_a_quarter_more_or_twice_and_reading_a_tenth_or_less() -> None:
    assert CacheRates() == CacheRates(write_5m=1.25, write_1h=2.0, read=0.1)
    assert (CacheRates().write("5m"), CacheRates().write("1h")) == (1.25, 2.0)
    assert model_facts("claude-opus-5-5").rates.read == 0.05
    assert model_facts("claude-haiku-4-5").rates.read == 0.1
    assert LIFE_S == {"5m": 300.0, "1h": 3600.0}


def test_the_table_says_when_and_where_it_is_from() -> None:
    assert AS_OF.count("-") == 2
    assert "docs" in SOURCE
    assert len({facts.family for facts in MODELS}) == len(MODELS)
