"""Results kept for a short while, given again as long as nothing they came from has changed."""

import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec

from optafly.context.workspace import Workspace
from optafly.protocol import Buffer, RefinedPrompt, RefineRequest, Timings

MAX_RESULTS = 64
MAX_AGE_S = 30.0  # an unrelated file written in place is noticed after this time at the latest

_GIT: Final = (".git/index", ".git/HEAD", ".git/logs/HEAD")  # what is staged, the branch, where its end was moved
Signature = tuple[tuple[str, int, int], ...]


class Look(msgspec.Struct, frozen=True):
    """How the files and folders that a result came from were at one moment."""

    watched: tuple[str, ...]
    signature: Signature


class _Entry(msgspec.Struct, frozen=True):
    result: RefinedPrompt
    seen: Look
    kept_at: float


class KeptResults:
    """The most recent results by request; of unsaved text only what tells it from other text is kept.

    A result is valid while the files it quotes, every folder (a file made, removed or replaced changes its folder) and
    git's index and head are as they were.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries: OrderedDict[RefineRequest, _Entry] = OrderedDict()
        self._clock = clock

    def find(self, request: RefineRequest, workspace: Workspace) -> RefinedPrompt | None:
        """The kept result of the very same request, with its timings measured anew, or None."""
        if not self._entries:
            return None
        started = time.perf_counter()
        key = _key(request)
        entry = self._entries.get(key)
        if entry is None:
            return None
        too_old = self._clock() - entry.kept_at > MAX_AGE_S
        if too_old or _signature(workspace.root, entry.seen.watched) != entry.seen.signature:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        total = round((time.perf_counter() - started) * 1000, 3)
        return msgspec.structs.replace(entry.result, timings_ms=Timings(total, 0.0, 0.0, total))

    def look(self, request: RefineRequest, workspace: Workspace, files: Iterable[str]) -> Look:
        """Look at what a result that quotes ``files`` comes from."""
        watched = tuple(sorted({"", *workspace.listing.folders, *files, *_GIT, request.file or ""}))
        return Look(watched, _signature(workspace.root, watched))

    def keep(self, request: RefineRequest, seen: Look, result: RefinedPrompt) -> None:
        """Keep a result that came from what was ``seen``, forgetting the oldest beyond `MAX_RESULTS`."""
        key = _key(request)
        self._entries[key] = _Entry(result, seen, self._clock())
        self._entries.move_to_end(key)
        while len(self._entries) > MAX_RESULTS:
            self._entries.popitem(last=False)


def _key(request: RefineRequest) -> RefineRequest:
    buffers = tuple(Buffer(item.path, _digest(item.text)) for item in request.buffers)
    return msgspec.structs.replace(request, buffers=buffers) if buffers else request


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _signature(root: Path, watched: Iterable[str]) -> Signature:
    base = str(root)
    rows = []
    for path in watched:
        try:
            status = os.stat(f"{base}/{path}")  # noqa: PTH116  called for every folder of large workspaces
        except OSError:
            rows.append((path, 0, -1))
        else:
            rows.append((path, status.st_mtime_ns, status.st_size))
    return tuple(rows)
