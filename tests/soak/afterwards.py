"""What is looked at when the load is over: files, statistics, processes."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import psutil

from optafly.cache.entries import Entry, decode_entry
from optafly.stats.events import HITS, Answered
from optafly.stats.store import read_events, stats_file
from tests.soak.ledger import Ledger, Outage, Try, number_of
from tests.soak.lives import Lives, of_home
from tests.soak.received import mark_of
from tests.soak.upstream import WELL, Call
from tests.standin.server import COUNTS

_BOUND_S: Final = 120.0
_GONE_S: Final = 10.0
_LOOK_S: Final = 0.2
_ENTRIES: Final = "entries.sqlite3"
_WRITTEN_S: Final = 2.0
"""Events are written half a second later, on a busy machine more: those of so long before a kill may be missing."""


class Check(msgspec.Struct, frozen=True):
    """Something looked at, whether it is as it should be, and what was seen."""

    what: str
    is_fine: bool
    seen: str


def optafly(environment: Mapping[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """A command of OptaFly's in the home of the soak."""
    command = [sys.executable, "-m", "optafly", *words]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=_BOUND_S, check=False)


def look_while_it_runs(environment: Mapping[str, str], upstream: str, ledger: Ledger) -> list[Check]:
    """The core's own commands, calls whose clients left, and the core's end when it is asked to stop."""
    left = sum(done.received.end == "left" for done in ledger.tries)
    gone = _ended_calls(upstream, left)
    checks = [
        Check("calls ended because their client had left, or the core was killed", gone >= left, f"{gone} for {left}")
    ]
    for words in (("cache", "stats", "--json"), ("stats", "--json")):
        done = optafly(environment, *words)
        read = _json(done.stdout)
        fine = done.returncode == 0 and read is not None and not read.get("off")
        seen = f"{read['entries']} entries, index {read['index']}" if read and "index" in read else "read" * fine
        checks.append(Check(f"`optafly {' '.join(words)}`", fine, seen or f"status {done.returncode}"))
    stopped = optafly(environment, "core", "stop")
    return [*checks, Check("the core stops when it is asked", stopped.returncode == 0, f"status {stopped.returncode}")]


def look_when_it_is_over(
    lives: Lives, home: Path, keys: Iterable[str], ledger: Ledger, calls: Sequence[Call]
) -> list[Check]:
    """Processes, files and figures that it left."""
    # Whoever has stopped has let go of its files, and may need an instant more to be gone.
    _, left = psutil.wait_procs(of_home(home), timeout=_GONE_S)
    found = [Check("processes left over", not left, str(len(left)))]
    found += [_integrity(file) for file in sorted(home.rglob("*.sqlite3"))]
    aside = [file.name for file in home.rglob("*damaged*")]
    found.append(Check("files put aside as damaged", not aside, str(len(aside))))
    file = next(home.rglob(_ENTRIES), None)
    found.append(_entries(list(_read_entries(file)) if file is not None else [], ledger, calls))
    found.append(_keys(home, [key.encode() for key in keys]))
    events = [event for event in read_events(stats_file(lives.paths), 0.0, float("inf")) if isinstance(event, Answered)]
    return found + check_statistics(events, ledger.tries, lives.outages, calls)


def check_statistics(
    events: Sequence[Answered], tries: Sequence[Try], outages: Sequence[Outage], calls: Sequence[Call]
) -> list[Check]:
    """Rows of the statistics beside what clients saw; what happened around a kill may be missing there."""
    kills = [(outage.began - _WRITTEN_S, outage.ended) for outage in outages]
    asked = [done for done in tries if done.asked.route == "messages"]
    near = [done for done in asked if any(done.ended > began and done.began < ended for began, ended in kills)]
    # What the SDK repeats by itself shows in the upstream's calls alone.
    names = {done.name for done in asked}
    repeated = sum(call.name in names for call in calls) - len({call.name for call in calls if call.name in names})
    hits = [done for done in asked if done.received.said.get("cache") == "hit"]
    near_hits = sum(done in near for done in hits)
    rows = sum(event.path in HITS for event in events)
    return [
        _between("rows of requests in the statistics", len(events), len(asked) - len(near), len(asked) + repeated),
        _between("rows of cache hits in the statistics", rows, len(hits) - near_hits, len(hits) + len(near)),
    ]


def check_entries(entries: Iterable[Entry], ledger: Ledger, calls: Iterable[Call]) -> list[str]:
    """Names of kept answers that should not be there, each with the reason."""
    well = {call.name for call in calls if call.failed == WELL}
    left = {done.name: done.ended for done in ledger.tries if done.received.end == "left"}
    since = time.time() - time.monotonic()
    bad = []
    for entry in entries:
        mark = mark_of(entry.response["content"])
        origin = ledger.asked.get(number_of(mark.name)) if mark is not None else None
        if mark is None or origin is None:
            bad.append("an answer that is not whole")
        elif mark.name not in well:
            bad.append(f"{mark.name}: its call failed")
        elif origin.never_kept:
            bad.append(f"{mark.name}: {origin.kind} is never kept")
        elif mark.name in left:
            late_s = entry.created - since - left[mark.name]
            bad.append(f"{mark.name}: kept {late_s:.2f} s after its client had left")
    return bad


def _ended_calls(upstream: str, wanted: int) -> int:
    """How many calls were ended from this side, by the upstream's own count; looked at until there are so many."""
    deadline = time.monotonic() + _GONE_S
    while True:
        found = httpx.get(upstream + COUNTS, trust_env=False).json()["client_gone"]
        if found >= wanted or time.monotonic() > deadline:
            return int(found)
        time.sleep(_LOOK_S)


def _entries(entries: Sequence[Entry], ledger: Ledger, calls: Sequence[Call]) -> Check:
    bad = check_entries(entries, ledger, calls)
    seen = "; ".join([f"{len(entries)} kept, {len(bad)} of them wrong", *bad[:5]])
    return Check("kept answers: whole, not failed, not left, not of a kind that is never kept", not bad, seen)


def _read_entries(file: Path) -> Iterator[Entry]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        for (body,) in connection.execute("SELECT body FROM bodies"):
            yield decode_entry(body)


def _integrity(file: Path) -> Check:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        said = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    return Check(f"integrity of {file.name}", said == "ok", said[:80])


def _keys(home: Path, keys: Sequence[bytes]) -> Check:
    files = [Path(folder) / name for folder, _, names in os.walk(home) for name in names]
    holding = [file.name for file in files if any(key in file.read_bytes() for key in keys)]
    return Check("files that hold a key", not holding, " ".join([f"{len(holding)} of {len(files)}", *holding[:3]]))


def _between(what: str, value: int, least: int, most: int) -> Check:
    return Check(what, least <= value <= most, f"{value:,} (from {least:,} to {most:,} by the clients' count)")


def _json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
