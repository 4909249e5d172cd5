"""Finds the nearest vectors: in Chroma, and among those that have not been written there yet.

Every vector is kept in the file of entries too, so that the index can be made anew at any time: after a crash, when a
file of it is damaged, when something was forgotten. Until that is done, and where Chroma cannot be used at all, the
vectors that are waiting are compared one by one; a lookup finds the same either way. So Chroma, which takes a second to
load, is not even started for a few entries.
"""

import secrets
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optafly.cache.chroma_collection import ChromaCollection, ChromaFailed
from optafly.cache.seal import is_intact, read_seal, write_seal
from optafly.neural.minilm import DIMENSIONS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SLICE: Final = 256
"""Vectors written at once; some 0.2 s on two cores."""
BATCH: Final = 64
"""Vectors that wait before they are written."""
# Chroma marks what is deleted and keeps it in memory; with more of that than this it is made anew at the next start.
_MOST_DELETED: Final = 2_000
# How far rounding may take the square of a length of 1.
_TOLERANCE: Final = 1e-3
_PREFIX: Final = "vectors-"
_SEAL: Final = "vectors.seal"

Stored = Iterable[tuple[str, str, bytes]]
"""Id, scope and float32 bytes of each vector that can be searched for."""


class VectorIndex:
    """Vectors by scope. One thread owns it. Only what ``load`` raises comes out of it; Chroma's failures do not.

    ``expected`` is how many vectors ``load`` would give. ``reason`` says why Chroma cannot be used, empty while it can.
    """

    def __init__(
        self,
        parent: Path,
        load: Callable[[], Stored],
        *,
        expected: int,
        writable: bool = True,
        connect: Callable[[Path], ChromaCollection] = ChromaCollection,
    ) -> None:
        self.reason = ""
        self._parent, self._load, self._connect = parent, load, connect
        # What was left sealed is opened when it is needed: listing entries or finding one by its id takes none of it.
        self._seal = read_seal(parent / _SEAL)
        self._collection: ChromaCollection | None = None
        self._folder = parent
        self._waiting: dict[str, dict[str, NDArray[np.float32]]] = {}
        self._scopes: dict[str, str] = {}
        self._gone: set[str] = set()
        self._deleted = 0
        if not writable:
            self._do_without("the cache folder cannot be written")
        elif self._seal is None or self._seal.entries != expected:
            self.renew()

    @property
    def in_chroma(self) -> bool:
        """Whether Chroma is in use."""
        return self._collection is not None or self._seal is not None

    @property
    def has_work(self) -> bool:
        """Whether `work` would do anything."""
        return not self.reason and bool(self._gone or len(self._scopes) >= BATCH)

    def add(self, entry_id: str, scope: str, vector: "NDArray[np.float32]") -> None:
        """Take in a vector of length 1, in place of one with the same id."""
        self._break_seal()
        self._drop_waiting(entry_id)
        self._waiting.setdefault(scope, {})[entry_id] = vector
        self._scopes[entry_id] = scope
        self._gone.discard(entry_id)
        if len(self._scopes) >= BATCH:
            self._write(SLICE)

    def remove(self, ids: Iterable[str]) -> None:
        """Let go of vectors; Chroma's files keep something of them until it is made anew."""
        self._break_seal()
        for entry_id in ids:
            self._drop_waiting(entry_id)
            if self.in_chroma:
                self._gone.add(entry_id)
        if len(self._gone) >= BATCH:
            self._write(0)

    def nearest(self, scope: str, vector: "NDArray[np.float32]", at_least: float, most: int) -> list[tuple[str, float]]:
        """Ids in the scope with similarities of about ``at_least`` and more, the most similar first."""
        found = {}
        if self._seal is not None:
            self._open()
        if self._collection is not None:
            try:
                written = self._collection.nearest(scope, vector, at_least, most + len(self._gone))
                found = {entry_id: value for entry_id, value in written if entry_id not in self._gone}
            except ChromaFailed as error:
                self._do_without(str(error))
        found |= self._among_waiting(scope, vector)
        ranked = sorted(found.items(), key=lambda item: -item[1])
        return [(entry_id, value) for entry_id, value in ranked if value >= at_least - 1e-3][:most]

    def work(self, most: int = SLICE) -> None:
        """Do a slice of what waits: delete what is gone, write vectors."""
        if self.has_work:
            self._write(most)

    def renew(self) -> None:
        """Begin again without any files; what is stored waits to be written, and what is not is nowhere any more."""
        self._let_go()
        self._remove_files()
        self._reload()
        # A name of its own, because Chroma remembers by its path what it had open, even if that failed.
        self._folder = self._parent / f"{_PREFIX}{secrets.token_hex(4)}"

    def abandon(self) -> None:
        """Close Chroma and leave its files unsealed, so that they are not used again."""
        self._break_seal()
        self._let_go()

    def remove_files(self) -> None:
        """Delete all files of the index. Nothing may be called afterwards."""
        self._let_go()
        self._remove_files()

    def close(self) -> None:
        """Write what little waits, close Chroma and seal its files; one that was not touched stays sealed."""
        changed = bool(self._scopes or self._gone)
        if self.in_chroma and changed and len(self._scopes) <= SLICE:
            self._write(SLICE)
        collection = self._collection
        if collection is None:
            return
        try:
            count = collection.count()
            whole = not self._scopes and not self._gone and self._deleted <= _MOST_DELETED
            self._collection = None
            collection.close()
            if whole:
                write_seal(self._parent / _SEAL, self._folder, collection.version, count)
        except (ChromaFailed, OSError):
            self._let_go()  # without a seal it is made anew

    def _open(self) -> None:
        """Open what was sealed, or make it anew."""
        seal = self._seal
        if seal is None:
            return
        self._folder = self._parent / seal.folder
        intact = is_intact(seal, self._parent)
        self._break_seal()
        self._seal = None
        try:
            if intact:
                self._collection = self._connect(self._folder)
                intact = (self._collection.version, self._collection.count()) == (seal.chroma, seal.entries)
        except ChromaFailed:
            intact = False
        if not intact:
            self.renew()

    def _write(self, most: int) -> None:
        """Delete what is gone and write up to ``most`` of what waits."""
        if self.reason:
            return
        self._open()
        try:
            if self._collection is None:
                self._collection = self._connect(self._folder)
            if self._gone:
                self._collection.delete(sorted(self._gone))
                self._deleted += len(self._gone)
                self._gone.clear()
            ids = list(self._scopes)[:most]
            if ids:
                import numpy as np  # noqa: PLC0415

                scopes = [self._scopes[entry_id] for entry_id in ids]
                vectors = [self._waiting[scope][entry_id] for entry_id, scope in zip(ids, scopes, strict=True)]
                self._collection.write(ids, scopes, np.stack(vectors))
                for entry_id in ids:
                    self._drop_waiting(entry_id)
        except ChromaFailed as error:
            self._do_without(str(error))

    def _break_seal(self) -> None:
        (self._parent / _SEAL).unlink(missing_ok=True)

    def _do_without(self, reason: str) -> None:
        """Go on without Chroma until the cache is opened again."""
        self._let_go()
        self.reason = reason
        self._reload()

    def _let_go(self) -> None:
        self._seal = None
        collection, self._collection = self._collection, None
        if collection is not None:
            with suppress(ChromaFailed):
                collection.close()

    def _reload(self) -> None:
        import numpy as np  # noqa: PLC0415

        self._waiting, self._scopes = {}, {}
        self._gone, self._deleted = set(), 0
        for entry_id, scope, data in self._load():
            if len(data) == DIMENSIONS * 4:
                self._waiting.setdefault(scope, {})[entry_id] = np.frombuffer(data, dtype=np.float32)
                self._scopes[entry_id] = scope

    def _among_waiting(self, scope: str, vector: "NDArray[np.float32]") -> list[tuple[str, float]]:
        waiting = self._waiting.get(scope)
        if not waiting:
            return []
        import numpy as np  # noqa: PLC0415

        return list(zip(waiting, (np.stack(list(waiting.values())) @ vector).tolist(), strict=True))

    def _drop_waiting(self, entry_id: str) -> None:
        scope = self._scopes.pop(entry_id, None)
        if scope is not None:
            del self._waiting[scope][entry_id]
            if not self._waiting[scope]:
                del self._waiting[scope]

    def _remove_files(self) -> None:
        self._break_seal()
        for folder in self._parent.glob(f"{_PREFIX}*"):
            shutil.rmtree(folder, ignore_errors=True)


def has_length_1(vector: "NDArray[np.float32]") -> bool:
    """Whether it is what the encoder makes; also false for numbers that are none."""
    shaped = vector.shape == (DIMENSIONS,) and str(vector.dtype) == "float32"
    return shaped and abs(float(vector @ vector) - 1.0) < _TOLERANCE


def cosine(stored: bytes | None, vector: "NDArray[np.float32]") -> float:
    """The cosine with a stored vector; 0 where that is damaged."""
    import numpy as np  # noqa: PLC0415

    if stored is None or len(stored) != vector.nbytes:
        return 0.0
    other = np.frombuffer(stored, dtype=np.float32)
    return float(other @ vector) if has_length_1(other) else 0.0
