"""What people do with kept answers: look at them, forget them, take them along."""

import re
from collections.abc import Sequence
from typing import Final

from optafly.cache.backend import Stats
from optafly.cache.chroma_store import ChromaStore
from optafly.cache.entries import Entry
from optafly.core.parts import Parts
from optafly.core.wire_decide import EntryRow
from optafly.errors import CacheUnavailable, InputError, NotFound

PAGE: Final = 100
"""Entries that are read at once."""
_ID: Final = re.compile(r"[0-9a-f]{1,64}")
_SHOWN: Final = 4


def stats(parts: Parts) -> Stats:
    """How full the store is; one that is off says why."""
    return parts.store.stats()


def rows(parts: Parts, limit: int) -> tuple[EntryRow, ...]:
    """The last used entries; raises `CacheUnavailable`."""
    return tuple(
        EntryRow(entry.id, entry.prompt, entry.model, entry.scope.project, entry.created, entry.expires, entry.hits)
        for entry in _store(parts).entries(limit)
    )


def entry(parts: Parts, name: str) -> Entry:
    """The entry of that id, or of the one id that begins so; raises `InputError`, `NotFound`, `CacheUnavailable`."""
    store = _store(parts)
    found = store.get(_id(store, name))
    if found is None:
        raise NotFound(f"the answer {name} is damaged and was removed")
    return found


def forget(parts: Parts, names: Sequence[str]) -> tuple[str, ...]:
    """Remove entries by id or unique beginning, all or none of them; returns their ids. Raises as `entry`."""
    store = _store(parts)
    ids = tuple(dict.fromkeys(_id(store, name) for name in names))
    for entry_id in ids:
        done = store.forget(entry_id)
        if not done.ok:
            raise CacheUnavailable(f"{entry_id} was not forgotten: {done.reason}")
    return ids


def clear(parts: Parts) -> int:
    """Remove everything; returns how many entries there were. Raises `CacheUnavailable`."""
    store = _store(parts)
    count = store.stats().entries
    done = store.clear()
    if not done.ok:
        raise CacheUnavailable(f"the cache was not cleared: {done.reason}")
    return count


def ids(parts: Parts) -> tuple[str, ...]:
    """All ids, the last used first; raises `CacheUnavailable`."""
    return _store(parts).ids("")


def some(parts: Parts, names: Sequence[str]) -> tuple[Entry, ...]:
    """The entries of these ids that are still there."""
    found = (parts.store.get(name) for name in names)
    return tuple(item for item in found if item is not None)


def _store(parts: Parts) -> ChromaStore:
    if parts.store.off:
        raise CacheUnavailable(f"{parts.store.off}; see: optafly doctor")
    return parts.store


def _id(store: ChromaStore, name: str) -> str:
    if not _ID.fullmatch(name):
        raise InputError("an id is hexadecimal digits, or the first few of them; see: optafly cache list")
    found = store.ids(name)
    if not found:
        raise NotFound(f"no answer is kept under {name}; see: optafly cache list")
    if len(found) > 1 and name not in found:
        some_of = ", ".join(found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        raise InputError(f"{name} is the beginning of {len(found)} ids ({some_of}); give more of it")
    return name if name in found else found[0]
