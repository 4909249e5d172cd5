"""A simple model of the prompt cache: entries by the digest of a prefix, for each key and model."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from tests.standin.models import Model
from tests.standin.prompt import Block, Ttl, count_tokens

LIFE_S: Final[dict[Ttl, float]] = {"5m": 300.0, "1h": 3600.0}
# A read looks at so many blocks, the marked one being the first.
LOOKBACK: Final = 20
# Tokens that every prompt has beside its blocks.
OVERHEAD: Final = 8
_MAX_ENTRIES: Final = 20_000


class InputUsage(msgspec.Struct, frozen=True):
    """How the tokens of a prompt were counted."""

    input: int
    read: int = 0
    written_5m: int = 0
    written_1h: int = 0

    @property
    def written(self) -> int:
        return self.written_5m + self.written_1h


class PromptCache:
    """Remembers prefixes that requests marked; what else invalidates one (thinking, tool choice) is left out."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: OrderedDict[tuple[bytes, str, bytes], tuple[Ttl, float]] = OrderedDict()

    def use(self, key: bytes, model: Model, blocks: list[Block]) -> InputUsage:
        """Count a prompt, read the longest prefix that is known, and remember what it marks."""
        total = count_tokens(blocks, model.chars_per_token) + OVERHEAD
        marked = [index for index, block in enumerate(blocks) if block.ttl is not None]
        if not marked:
            return InputUsage(total)
        digests = list(_chain(blocks))
        names = [(key, model.id, digest) for digest in digests]
        hit = self._read(names, marked)
        read = 0 if hit is None else count_tokens(blocks[: hit + 1], model.chars_per_token)
        written: dict[Ttl, int] = {"5m": 0, "1h": 0}
        reached = read
        for index in marked:
            ttl = blocks[index].ttl
            size = count_tokens(blocks[: index + 1], model.chars_per_token)
            if ttl is None or size < model.minimum_tokens or (hit is not None and index <= hit):
                continue
            written[ttl] += size - reached
            reached = size
            self._remember(names[index], ttl)
        return InputUsage(total - reached, read, written["5m"], written["1h"])

    def _read(self, names: list[tuple[bytes, str, bytes]], marked: list[int]) -> int | None:
        for index in reversed(marked):
            for candidate in range(index, max(-1, index - LOOKBACK), -1):
                entry = self._entries.get(names[candidate])
                if entry is not None and entry[1] > self._clock():
                    self._remember(names[candidate], entry[0])
                    return candidate
        return None

    def _remember(self, name: tuple[bytes, str, bytes], ttl: Ttl) -> None:
        self._entries[name] = (ttl, self._clock() + LIFE_S[ttl])
        self._entries.move_to_end(name)
        while len(self._entries) > _MAX_ENTRIES:
            self._entries.popitem(last=False)


def _chain(blocks: list[Block]) -> Iterator[bytes]:
    digest = b""
    for block in blocks:
        digest = hashlib.sha256(digest + block.canonical).digest()
        yield digest
