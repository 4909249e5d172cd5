"""What a store of answers does for the cache, whatever it is made of."""

from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from optafly.cache.entries import Entry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ByKey(msgspec.Struct, frozen=True):
    """Look up by a digest: ``exact`` is an entry's id, ``equal`` that of its normalised text; what is found counts.

    ``scope`` finds any entry that could be compared in that scope and counts nothing: without one no vector is needed.
    """

    tier: Literal["exact", "equal", "scope"]
    key: str


class Nearest(msgspec.Struct, frozen=True):
    """Look up by vector (length 1, float32) within a scope: at most ``most`` entries, none below ``at_least``.

    Nothing is counted: whoever decides for one of them looks it up by its id.
    """

    scope: str
    vector: "NDArray[np.float32]"
    at_least: float
    most: int = 5


class Match(msgspec.Struct, frozen=True):
    """An entry and its cosine similarity."""

    entry: Entry
    similarity: float = 1.0


class Found(msgspec.Struct, frozen=True):
    """What a lookup found, best first, and why it is less than it might be (empty when it is not)."""

    matches: tuple[Match, ...] = ()
    reason: str = ""


class Done(msgspec.Struct, frozen=True):
    """Whether something was done, and why not."""

    ok: bool
    reason: str = ""


class Record(msgspec.Struct, frozen=True):
    """An entry with what it can be found by; without ``equal``, ``scope`` and ``vector`` only by its id."""

    entry: Entry
    equal: str | None = None
    scope: str | None = None
    vector: "NDArray[np.float32] | None" = None


class Limits(msgspec.Struct, frozen=True):
    """How much is kept: entries, megabytes of entries, megabytes of a single one (a megabyte is 10^6 bytes)."""

    entries: int = 10_000
    megabytes: float = 256.0
    entry_megabytes: float = 4.0


class Stats(msgspec.Struct, frozen=True):
    """How full the store is; ``off`` is why it does nothing, ``notes`` what happened that people should know."""

    entries: int
    bytes: int
    hits: int
    oldest: float | None
    newest: float | None
    index: str
    off: str = ""
    notes: tuple[str, ...] = ()


class CacheBackend(Protocol):
    """A store of answers. Nothing here raises: what cannot be done is a reason, and a lookup then finds nothing."""

    def lookup(self, probe: ByKey | Nearest) -> Found:
        """The living entries that fit."""

    def store(self, record: Record) -> Done:
        """Keep an entry in place of any with the same id."""

    def forget(self, entry_id: str) -> Done:
        """Remove an entry, its text in every file included."""


class CacheManagement(Protocol):
    """What people may do with a store besides; lookups of this kind count nothing. Nothing here raises either."""

    def get(self, entry_id: str) -> Entry | None:
        """The entry of that id, living or not."""

    def ids(self, prefix: str) -> tuple[str, ...]:
        """The ids that begin so."""

    def entries(self, limit: int = 100, offset: int = 0) -> tuple[Entry, ...]:
        """Entries, the last used first."""

    def stats(self) -> Stats:
        """How full the store is and how it is doing."""

    def clear(self) -> Done:
        """Remove everything."""

    def maintain(self) -> bool:
        """Do a slice of the work that can wait (well under a second); whether there is more of it."""

    def close(self) -> None:
        """Let go of files; nothing may be called afterwards."""
