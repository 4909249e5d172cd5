"""What is measured of each system, with 95 % intervals by bootstrap over the scenes."""

import random
import statistics
from collections.abc import Callable, Sequence

import msgspec
from rows import Row
from scenes import Staged
from systems import Made
from tests.eval.cases import Case, Expectation
from tests.eval.scoring import inventions

from optafly.context.mentions import find_mentions

RESAMPLES = 2000


class Judged(msgspec.Struct, frozen=True):
    """What one system got right of one scene; None where a scene says nothing about it."""

    intent: bool | None
    target: bool | None
    checks: bool | None
    tie: bool
    asked: bool
    clear: bool
    silent: bool
    inventions: tuple[str, ...]
    lost: tuple[str, ...]
    tokens_in: int
    tokens_out: int
    milliseconds: float


def judge(staged: Staged, row: Row, made: Made, files: dict[str, str]) -> Judged:
    """Compare what a system made with what is wanted; ``files`` are the texts of the project by path."""
    want = staged.scene.want
    refine = not want.unchanged
    meant = {_key(staged.choices.places[number - 1].target) for number in row.places}
    found = [_key(target) for target in made.located.targets] if made.located is not None else []
    single = refine and len(meant) == 1
    tied = made.located is not None and made.located.tied
    case = _case(staged, files)
    return Judged(
        intent=(made.intent == want.intent) if refine else None,
        target=(not tied and found[:1] == list(meant)) if single else None,
        checks=(made.checks == want.done) if refine else None,
        tie=bool(want.ask),
        asked=made.asked,
        clear=want.unchanged,
        silent=made.unchanged,
        inventions=tuple(inventions(case, _outside(made.text))) if not made.unchanged else (),
        lost=tuple(
            item.text for item in find_mentions(staged.draft.body).literals
            if item.text not in made.text and item.text.replace("<", "&lt;") not in made.text
        ),
        tokens_in=made.tokens_in, tokens_out=made.tokens_out, milliseconds=made.milliseconds,
    )  # fmt: skip


def _key(target: object) -> tuple[str, int, bool]:
    symbol = target.symbol  # type: ignore[attr-defined]
    return target.path, symbol.start_line if symbol else 0, symbol is not None  # type: ignore[attr-defined]


def _outside(text: str) -> str:
    return text.rpartition("</context>")[2]


def _case(staged: Staged, files: dict[str, str]) -> Case:
    """The scene as the independent scorer wants it: everything the refinement could know."""
    said = "\n".join(f"{item.source} {item.code} {item.message}" for item in staged.request.diagnostics)
    return Case(
        id=staged.name, language="", kind="", draft=f"{staged.request.prompt}\n{said}", files=files,
        expect=Expectation("refined"), why="",
    )  # fmt: skip


Figure = Callable[[Sequence[Judged]], float | None]


def share(values: Sequence[bool]) -> float | None:
    """How many of the values are true, 0 to 1; None of none."""
    return sum(values) / len(values) if values else None


FIGURES: dict[str, Figure] = {
    "intent right": lambda all_: share([item.intent for item in all_ if item.intent is not None]),
    "target right": lambda all_: share([item.target for item in all_ if item.target is not None]),
    "done-when right": lambda all_: share([item.checks for item in all_ if item.checks is not None]),
    "ties asked about (recall)": lambda all_: share([item.asked for item in all_ if item.tie]),
    "questions that were due (precision)": lambda all_: share([item.tie for item in all_ if item.asked]),
    "clear drafts left alone (recall)": lambda all_: share([item.silent for item in all_ if item.clear]),
    "left alone rightly (precision)": lambda all_: share([item.clear for item in all_ if item.silent]),
    "clear or not, right": lambda all_: share([item.clear == item.silent for item in all_]),
    "ask or not, right": lambda all_: share([item.tie == item.asked for item in all_ if not item.clear]),
}


def interval(all_: Sequence[Judged], figure: Figure, seed: int = 7) -> tuple[float, float] | None:
    """The 95 % interval of a figure over resampled scenes (percentile bootstrap; Efron 1979)."""
    chance = random.Random(seed)
    found = [figure(chance.choices(all_, k=len(all_))) for _ in range(RESAMPLES)]
    values = sorted(value for value in found if value is not None)
    return (values[int(0.025 * len(values))], values[int(0.975 * len(values))]) if values else None


def shown(all_: Sequence[Judged], figure: Figure) -> str:
    """A figure with its interval, as a table shows it."""
    value, ends = figure(all_), interval(all_, figure)
    if value is None or ends is None:
        return "-"
    return f"{100 * value:.0f} % ({100 * ends[0]:.0f}-{100 * ends[1]:.0f})"


def counted(all_: Sequence[Judged]) -> dict[str, str]:
    """Gates per 100 scenes, tokens and time."""
    times = sorted(item.milliseconds for item in all_)
    used = [item for item in all_ if item.tokens_out]
    return {
        "scenes": str(len(all_)),
        "inventions per 100": f"{100 * sum(bool(item.inventions) for item in all_) / len(all_):.1f}",
        "lost literals per 100": f"{100 * sum(bool(item.lost) for item in all_) / len(all_):.1f}",
        "model asked": f"{len(used)} of {len(all_)}",
        "tokens in that are new, median": f"{statistics.median(item.tokens_in for item in used):.0f}" if used else "-",
        "tokens out, median": f"{statistics.median(item.tokens_out for item in used):.0f}" if used else "-",
        "time p50": f"{times[len(times) // 2]:.0f} ms",
        "time p95": f"{times[int(0.95 * (len(times) - 1))]:.0f} ms",
    }
