"""A process that uses a cache folder; started by the tests as ``python -m tests.e2e.cache.child COMMAND FOLDER ...``.

What it has done it prints at once, a line each, so that whoever kills it knows.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from optafly.cache.backend import ByKey, Limits, Nearest
from optafly.cache.chroma_store import ChromaStore
from tests.unit.cache.made import Clock, answer, record, vector

LIMITS: Final = Limits(entries=1000, megabytes=50)
_FILLER: Final = "filler"


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)


def opened(folder: Path) -> ChromaStore:
    return ChromaStore(folder, LIMITS, clock=Clock(), wait_s=0.05)


def found(store: ChromaStore, prompt: str) -> dict[str, object]:
    """Whether an entry is found by its id and by similarity, and what is said where it is not."""
    kept = record(prompt)
    exact = store.lookup(ByKey("exact", kept.entry.id))
    near = store.lookup(Nearest("s1", vector(prompt), 0.99))
    prompts = [[match.entry.prompt for match in answered.matches] for answered in (exact, near)]
    return {"exact": prompts[0] == [prompt], "near": prompts[1][:1] == [prompt], "reason": exact.reason or near.reason}


def write(folder: Path, count: str) -> None:
    """Store so many entries, then wait to be killed."""
    store = opened(folder)
    for number in range(int(count)):
        done = store.store(record(f"question {number}"))
        say(number=number, ok=done.ok, reason=done.reason)
    sockets = psutil.Process().net_connections()
    say(stats=store.stats().index, notes=store.notes, sockets=len(sockets))
    sys.stdin.read()


def hold(folder: Path) -> None:
    """Keep the folder open until standard input ends."""
    store = opened(folder)
    say(off=store.off)
    sys.stdin.read()
    store.close()


def look(folder: Path, prompt: str) -> None:
    """Look one entry up, try to store and to forget."""
    store = opened(folder)
    looked = found(store, prompt)
    stored, forgotten = store.store(record("something new")), store.forget(record(prompt).entry.id)
    say(off=store.off, **looked, stored=stored.reason, forgotten=forgotten.reason, notes=store.notes)
    store.close()


def fill(folder: Path, how: str) -> None:
    """Store until the disk is full, look up what was stored before, make room, and store again."""
    store = opened(folder)
    for number in range(70):
        assert store.store(record(f"question {number}")).ok
    before = store.stats().index
    make_room = _fill_disk(folder) if how == "disk" else _limit_file_size(folder)
    refused = ""
    for number in range(100, 400):
        done = store.store(record(f"question {number}", response=answer("x" * 20_000)))
        if not done.ok:
            refused = done.reason
            break
    looked = found(store, "question 7")
    make_room()
    again = store.store(record("question 999"))
    say(before=before, refused=refused, **looked, again=again.reason, last=found(store, "question 999"), off=store.off)
    store.close()


def _fill_disk(folder: Path) -> Callable[[], None]:
    filler = folder.parent / _FILLER
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return filler.unlink


def _limit_file_size(folder: Path) -> Callable[[], None]:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(path.stat().st_size for path in folder.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 100_000, usual[1]))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, usual)


COMMANDS: Mapping[str, Callable[..., None]] = {"write": write, "hold": hold, "look": look, "fill": fill}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
