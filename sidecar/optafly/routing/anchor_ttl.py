"""How long an anchor should live, or whether it pays at all, from how requests came so far."""

from typing import Final

import msgspec

from optafly.routing.prices import LIFE_S, CacheRates, Ttl

# Each further observation makes the earlier ones count this much less, so that habits may change; and so many more
# requests are counted on. Both were chosen on invented sessions other than those of the benchmark, as the values with
# which a single pause costs little and several save much.
_FADING: Final = 0.85
_AHEAD: Final = 3


class Pace(msgspec.Struct, frozen=True):
    """How often the next request came within 5 minutes, within an hour, or later; older pauses count less."""

    short: float = 0.0
    medium: float = 0.0
    long: float = 0.0

    def after(self, pause_s: float, in_loop: bool = False) -> "Pace":
        """The pace with one more pause, in seconds.

        A short one in a loop of tool calls does not count: it says nothing of how long a person takes.
        """
        if in_loop and pause_s <= LIFE_S["5m"]:
            return self
        short, medium = pause_s <= LIFE_S["5m"], LIFE_S["5m"] < pause_s <= LIFE_S["1h"]
        return Pace(
            self.short * _FADING + short,
            self.medium * _FADING + medium,
            self.long * _FADING + (not short and not medium),
        )

    def within(self, ttl: Ttl) -> float:
        """The probability, 0 to 1, that the next request comes while an entry of that lifetime is alive.

        A prior of half a pause within 5 minutes and a twentieth of each other kind stands for what is not known yet.
        """
        short, medium, long = self.short + 0.5, self.medium + 0.05, self.long + 0.05
        return (short if ttl == "5m" else short + medium) / (short + medium + long)


class Survival(msgspec.Struct, frozen=True):
    """How often a part of the prompt stood unchanged in the next request; older observations count less."""

    kept: float = 0.0
    changed: float = 0.0

    def after(self, kept: bool) -> "Survival":
        """One more observation."""
        return Survival(self.kept * _FADING + kept, self.changed * _FADING + (not kept))

    @property
    def probability(self) -> float:
        """The probability that it stands unchanged in the next request; one observation moves it far from a half."""
        return (self.kept + 0.3) / (self.kept + self.changed + 0.6)


def choose_ttl(survival: Survival, pace: Pace, rates: CacheRates) -> Ttl | None:
    """Choose the lifetime with which a prefix that is not cached now costs least, or None where caching only costs.

    Per token of the prefix, with ``w`` the rate of writing, ``r`` that of reading and ``h`` the probability of a hit:
    writing it now and needing it in ``n`` more requests costs ``w + n (h r + (1 - h) w)``, not caching ``1 + n``.
    """
    best: Ttl | None = None
    least = 1.0 + _AHEAD
    ttls: tuple[Ttl, ...] = ("5m", "1h")
    for ttl in ttls:
        hit, write = survival.probability * pace.within(ttl), rates.write(ttl)
        cost = write + _AHEAD * (hit * rates.read + (1 - hit) * write)
        if cost < least:
            best, least = ttl, cost
    return best
