"""What Anthropic's models cost and cache: dated data, and the answer for a model that is not in it."""

import re
from typing import Final, Literal

import msgspec

Ttl = Literal["5m", "1h"]

AS_OF: Final = "2026-11-22"
SOURCE: Final = "platform.claude.com/docs: about-claude/pricing, build-with-claude/prompt-caching, models"
LIFE_S: Final[dict[Ttl, float]] = {"5m": 300.0, "1h": 3600.0}


class CacheRates(msgspec.Struct, frozen=True):
    """What a cached token costs, as multiples of the price of an input token."""

    write_5m: float = 1.25
    write_1h: float = 2.0
    read: float = 0.1

    def write(self, ttl: Ttl) -> float:
        """The multiple for writing an entry of that lifetime."""
        return self.write_5m if ttl == "5m" else self.write_1h


class Price(msgspec.Struct, frozen=True):
    """USD per million tokens, for prompts of up to ``to_tokens`` tokens (any length where that is None)."""

    input: float
    output: float
    to_tokens: int | None = None


class ModelFacts(msgspec.Struct, frozen=True):
    """What is known of a model.

    ``minimum_tokens`` is the shortest prefix that is cached. ``token_share`` is how many tokens at least one token of
    `optafly.context.tokens.estimate_tokens` stands for. ``prices`` go from short to long prompts and are empty where
    no price is known.
    """

    family: str
    minimum_tokens: int
    token_share: float
    prices: tuple[Price, ...] = ()
    rates: CacheRates = CacheRates()
    known: bool = True
    note: str = ""

    def price(self, prompt_tokens: int = 0) -> Price | None:
        """The price of a prompt of that length, None where it is not known."""
        fitting = (price for price in self.prices if price.to_tokens is None or prompt_tokens <= price.to_tokens)
        return next(fitting, None)


# A million tokens hold some 3.4 million characters up to Opus 4.6 and Sonnet 4.6, and 2.5 million with the tokeniser
# that came with Opus 4.7; our own estimate counts one token for three characters.
_OLD_TOKENS, _NEW_TOKENS = 0.85, 1.0
_READ_AT_20TH = CacheRates(read=0.05)


def _facts(
    family: str, minimum: int, share: float, prices: tuple[Price, ...], rates: CacheRates | None = None
) -> ModelFacts:
    return ModelFacts(family, minimum, share, prices, rates or CacheRates())


_FIVE = (Price(5, 25),)
_THREE = (Price(3, 15),)
_TWO = (Price(2, 10),)
MODELS: Final[tuple[ModelFacts, ...]] = (
    _facts("claude-fable-5-1", 512, _NEW_TOKENS, (Price(10, 50),), CacheRates(read=0.025)),
    _facts("claude-opus-5-5", 512, _NEW_TOKENS, (Price(4, 20),), _READ_AT_20TH),
    _facts("claude-sonnet-5-5", 512, _NEW_TOKENS, _TWO, _READ_AT_20TH),
    _facts("claude-haiku-5-5", 512, _NEW_TOKENS, (Price(0.10, 0.50, 100_000), Price(0.50, 2.50))),
    _facts("claude-opus-5", 512, _NEW_TOKENS, _FIVE),
    _facts("claude-sonnet-5", 1024, _NEW_TOKENS, _TWO),
    _facts("claude-opus-4-8", 1024, _NEW_TOKENS, _FIVE),
    _facts("claude-opus-4-7", 2048, _NEW_TOKENS, _FIVE),
    _facts("claude-opus-4-6", 4096, _OLD_TOKENS, _FIVE),
    _facts("claude-opus-4-5", 4096, _OLD_TOKENS, _FIVE),
    _facts("claude-sonnet-4-6", 1024, _OLD_TOKENS, _THREE),
    _facts("claude-sonnet-4-5", 1024, _OLD_TOKENS, _THREE),
    _facts("claude-haiku-4-5", 4096, _OLD_TOKENS, (Price(1, 5),)),
)
_LARGEST_MINIMUM: Final = max(facts.minimum_tokens for facts in MODELS)

# How other platforms write the same names: "us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5@20251101".
_PLATFORM = re.compile(r"^(?:[a-z-]+\.)?anthropic[./]")
# What may follow a family: a date, "latest", a platform's revision, a window size. A further version number may not:
# that is another model.
_SUFFIX = re.compile(r"(?:[-@](?:\d{8}|latest|default))?(?:-v\d+(?::\d+)?)?(?:\[\w+\])?")


def model_facts(model: str) -> ModelFacts:
    """Return what is known of a model by its name, with or without a date; the longest family that fits counts.

    For a name that fits none the answer is a cautious one: the largest minimum of all, the usual rates and no price,
    with ``known`` False and ``note`` saying so.
    """
    name = _PLATFORM.sub("", model.strip().lower())
    fitting = [
        facts
        for facts in MODELS
        if name.startswith(facts.family) and _SUFFIX.fullmatch(name[len(facts.family) :]) is not None
    ]
    if fitting:
        return max(fitting, key=lambda facts: len(facts.family))
    return ModelFacts(
        "unknown", _LARGEST_MINIMUM, _OLD_TOKENS, known=False,
        note=f"not in the price table of {AS_OF}: no price, and the largest minimum of all models is taken",
    )  # fmt: skip
