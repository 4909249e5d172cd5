"""A store of answers that ends with the process."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from optafly.cache.backend import ByKey, Done, Found, Limits, Match, Nearest, Record, Stats
from optafly.cache.entries import Entry, decode_entry, encode_entry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _Kept:
    """A record as bytes, so that nobody changes what is stored."""

    def __init__(self, record: Record) -> None:
        self.equal = record.equal
        self.scope = record.scope if record.vector is not None else None
        self.vector: NDArray[np.float32] | None = record.vector
        self.hits = record.entry.hits
        self._body = encode_entry(record.entry)
        self.size = len(self._body)

    def entry(self) -> Entry:
        return decode_entry(self._body, self.hits)


class MemoryStore:
    """`CacheBackend` and `CacheManagement` without files; for tests, and where nothing may be written."""

    def __init__(self, limits: Limits | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._limits, self._clock = limits or Limits(), clock
        # In the order of use: the last used is the last.
        self._kept: dict[str, _Kept] = {}

    def lookup(self, probe: ByKey | Nearest) -> Found:
        """As `CacheBackend`."""
        return self._by_key(probe) if isinstance(probe, ByKey) else self._nearest(probe)

    def store(self, record: Record) -> Done:
        """As `CacheBackend`."""
        kept = _Kept(record)
        if kept.size > self._limits.entry_megabytes * 10**6:
            return Done(False, "the answer is larger than the cache keeps")
        self._kept.pop(record.entry.id, None)
        self._kept[record.entry.id] = kept
        self.maintain()
        return Done(True)

    def forget(self, entry_id: str) -> Done:
        """As `CacheBackend`."""
        known = self._kept.pop(entry_id, None) is not None
        return Done(known, "" if known else "nothing is stored under that id")

    def get(self, entry_id: str) -> Entry | None:
        """As `CacheManagement`."""
        kept = self._kept.get(entry_id)
        return None if kept is None else kept.entry()

    def ids(self, prefix: str) -> tuple[str, ...]:
        """As `CacheManagement`."""
        return tuple(entry_id for entry_id in reversed(self._kept) if entry_id.startswith(prefix))

    def entries(self, limit: int = 100, offset: int = 0) -> tuple[Entry, ...]:
        """As `CacheManagement`."""
        chosen = list(reversed(self._kept.values()))[offset : offset + limit]
        return tuple(kept.entry() for kept in chosen)

    def stats(self) -> Stats:
        """As `CacheManagement`."""
        times = [kept.entry().created for kept in self._kept.values()]
        size, hits = sum(kept.size for kept in self._kept.values()), sum(kept.hits for kept in self._kept.values())
        return Stats(len(self._kept), size, hits, min(times, default=None), max(times, default=None), "memory")

    def clear(self) -> Done:
        """As `CacheManagement`."""
        self._kept.clear()
        return Done(True)

    def maintain(self) -> bool:
        """As `CacheManagement`."""
        now = self._clock()
        for entry_id in [key for key, kept in self._kept.items() if not kept.entry().is_alive(now)]:
            del self._kept[entry_id]
        size = sum(kept.size for kept in self._kept.values())
        while len(self._kept) > self._limits.entries or size > self._limits.megabytes * 10**6:
            size -= self._kept.pop(next(iter(self._kept))).size
        return False

    def close(self) -> None:
        """As `CacheManagement`."""
        self._kept.clear()

    def _by_key(self, probe: ByKey) -> Found:
        if probe.tier == "exact":
            ids = [probe.key] if probe.key in self._kept else []
        else:
            ids = [entry_id for entry_id, kept in self._kept.items() if probe.key == getattr(kept, probe.tier)]
        if not ids:
            return Found()
        kept = self._kept[ids[-1]]
        if not kept.entry().is_alive(self._clock()):
            return Found(reason="the stored answer is out of date")
        if probe.tier == "scope":
            return Found((Match(kept.entry()),))
        kept.hits += 1
        self._kept[ids[-1]] = self._kept.pop(ids[-1])
        return Found((Match(kept.entry()),))

    def _nearest(self, probe: Nearest) -> Found:
        now = self._clock()
        inside = [kept for kept in self._kept.values() if kept.scope == probe.scope and kept.entry().is_alive(now)]
        matches = [Match(kept.entry(), float(kept.vector @ probe.vector)) for kept in inside if kept.vector is not None]
        near = sorted((match for match in matches if match.similarity >= probe.at_least), key=lambda m: -m.similarity)
        return Found(tuple(near[: probe.most]), "" if near else "nothing similar enough is stored in this scope")
