"""The ends of tools and system blocks: which of them stay the same, and how long an anchor there should live."""

from collections.abc import Sequence

import msgspec

from optafly.routing.anchor_blocks import Prompt
from optafly.routing.anchor_memory import AnchorMemory, Level, is_warm
from optafly.routing.anchor_ttl import Pace, Survival, choose_ttl
from optafly.routing.prices import CacheRates, Ttl

_LEVELS = 8
_MET_BEFORE = 5.0


class Trusted(msgspec.Struct, frozen=True):
    """The end of a level that caching pays for, by the number of its block."""

    index: int
    level: Level
    ttl: Ttl


def read_levels(prompt: Prompt, before: Sequence[Level]) -> list[tuple[int, Level]]:
    """The ends of the tools and of the last eight system blocks, with how often each stayed the same."""
    known = {level.name: level for level in before}
    ends = [prompt.last("tools")]
    blocks = enumerate(prompt.blocks)
    ends += [index for index, block in blocks if block.section == "system" and block.markable][-_LEVELS:]
    levels = []
    for index in ends:
        if index is not None:
            block = prompt.blocks[index]
            name = "tools" if block.section == "tools" else f"system {block.path[1]}"
            old = known.get(name)
            survival = Survival() if old is None else old.survival.after(old.digest == block.digest)
            levels.append((index, Level(name, block.digest, survival)))
    return levels


class PrefixTtl:
    """Chooses lifetimes for prefixes that conversations share, from how often each was used."""

    def __init__(self, memory: AnchorMemory, pace: Pace, now: float | None, in_loop: bool, rates: CacheRates) -> None:
        self._memory, self._pace, self._now, self._in_loop, self._rates = memory, pace, now, in_loop, rates

    def trusted(self, levels: Sequence[tuple[int, Level]]) -> list[Trusted]:
        """The levels up to the first that changes too often, or is used too rarely, to be cached."""
        trusted: list[Trusted] = []
        for index, level in levels:
            ttl = self.ttl(level.digest, level.survival)
            if ttl is None:
                break
            trusted.append(Trusted(index, level, ttl))
        return trusted

    def ttl(self, digest: bytes, survival: Survival) -> Ttl | None:
        """The lifetime of a prefix: as it was while it is cached, chosen anew when it has gone; None: not worth it."""
        prefix = self._memory.prefix(digest)
        if prefix is None:
            return choose_ttl(survival, self._pace, self._rates)
        if is_warm(prefix.at, self._now, prefix.ttl):
            return prefix.ttl
        # That it is met again, in whichever conversation, is evidence too.
        survival = Survival(max(survival.kept, min(prefix.requests, _MET_BEFORE)), survival.changed)
        return choose_ttl(survival, prefix.used(self._now, self._in_loop).pace, self._rates)
