"""What the soak found, as a table and as data."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tests.eval.run import markdown
from tests.soak.afterwards import Check
from tests.soak.ledger import VIOLATIONS, Problem
from tests.soak.memory import FIRST_MINUTE_S, MOST_GROWTH, SHORTEST_S, WINDOW_S, Growth

_SHOWN: Final = 20


class Life(msgspec.Struct, frozen=True):
    """One life of the core: how long it lasted, and how its memory grew, None where it was too short to tell."""

    lasted_s: float
    killed: bool
    growth: Growth | None


class Report(msgspec.Struct, frozen=True):
    """All that is told of a run; ``stopped`` is why it ended early, empty where it did not."""

    machine: str
    planned: int
    at_once: int
    seed: int
    fail_rate: float
    took_s: float
    done: int
    tries: int
    calls: Mapping[str, int]
    outcomes: Mapping[str, int]
    kinds: Mapping[str, int]
    reasons: Mapping[str, int]
    problems: Sequence[Problem]
    lives: Sequence[Life]
    checks: Sequence[Check]
    stopped: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing was found; a life that was too short to tell counts as nothing found."""
        grown = [life.growth for life in self.lives if life.growth is not None]
        checked = all(check.is_fine for check in self.checks)
        return not self.stopped and not self.problems and checked and all(growth.is_fine for growth in grown)


def in_words(report: Report) -> list[str]:
    """The report in Markdown."""
    failed = sum(count for name, count in report.calls.items() if name)
    called = sum(report.calls.values())
    lines = [
        f"{report.machine}. {report.done:,} of {report.planned:,} requests, {report.at_once} at a time, in "
        f"{report.took_s:.0f} s ({report.done / max(report.took_s, 1):.0f} each second); {called:,} calls reached the "
        f"upstream, {failed:,} of them ({failed / max(called, 1):.1%}) were made to fail; the core was killed "
        f"{sum(life.killed for life in report.lives)} times. Seed {report.seed}.",
        "",
    ]
    if report.stopped:
        lines += [f"**Ended early: {report.stopped}.**", ""]
    counts = {name: sum(problem.violation == name for problem in report.problems) for name in VIOLATIONS}
    rows = [
        ["what", "seen", "allowed", "met"],
        *([name, str(count), "0", _met(not count)] for name, count in counts.items()),
        *(_growth_row(number, life) for number, life in enumerate(report.lives, 1)),
        *([check.what, check.seen, "–", _met(check.is_fine)] for check in report.checks),
    ]
    lines += [
        markdown(rows),
        "",
        f"Growth: median of the last {WINDOW_S:.0f} s against that of the {WINDOW_S:.0f} s after the first "
        f"{FIRST_MINUTE_S:.0f} s of a life, of samples taken each second; shorter lives than {SHORTEST_S:.0f} s are "
        "not judged.",
        "",
        _counted("how requests ended", report.outcomes),
        "",
        _counted("what was asked", report.kinds),
        "",
        _counted("why no kept answer was given", report.reasons),
        "",
        "How calls to the upstream ended: "
        + ", ".join(f"{name or 'well'} {n:,}" for name, n in sorted(report.calls.items()))
        + ".",
    ]
    shown = [f"- {p.violation}: {p.name} ({p.kind}): {p.why}" for p in report.problems[:_SHOWN]]
    return lines + (["", *shown] if shown else [])


def _growth_row(number: int, life: Life) -> list[str]:
    what = f"growth of memory, life {number} ({life.lasted_s:.0f} s)"
    growth = life.growth
    if growth is None:
        return [what, "too short to tell", f"≤ {MOST_GROWTH:.0%}", "–"]
    seen = (
        f"{growth.share:+.1%} ({growth.after_first_minute / 1e6:.0f} to {growth.at_end / 1e6:.0f} MB, "
        f"most {growth.largest / 1e6:.0f})"
    )
    return [what, seen, f"≤ {MOST_GROWTH:.0%}", _met(growth.is_fine)]


def _counted(what: str, counts: Mapping[str, int]) -> str:
    return markdown([[what, "requests"], *([name, f"{counts[name]:,}"] for name in sorted(counts))])


def _met(fine: bool) -> str:
    return "yes" if fine else "**no**"
