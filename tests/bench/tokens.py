"""What token optimisation saves on prompts that OptaFly itself assembles, step by step.

``python -m tests.bench.tokens`` prints the tables; `token_tables` returns them.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from optafly.context.gather import ContextSettings
from optafly.context.secrets import SecretScanner
from optafly.refine.refiner import Refiner, RefinerSettings
from optafly.routing.tokens import TokenOptimization, optimise
from tests.bench.machine import machine
from tests.bench.rows import Row, at
from tests.bench.token_prompts import MEANS_PART, build_workspaces, requests
from tests.eval.run import markdown

LONG: Final = 1_000  # estimated tokens of context from which a prompt counts as long
BUDGET: Final = 2_048
TARGET: Final = 0.10


class Saved(NamedTuple):
    """A prompt that was optimised: its kind, the tokens of its context before, the result, and how long it took."""

    kind: str
    context: int
    result: TokenOptimization
    ms: float

    @property
    def share(self) -> float:
        """The share of the prompt's tokens that was saved."""
        return (self.result.before - self.result.after) / self.result.before


def optimised(folder: Path, budget: int) -> Iterator[Saved]:
    """Every request refined without the model, and the prompt optimised.

    Drafts that come back unchanged are no prompts of ours. The first prompt is optimised twice: what is loaded then
    counts for none.
    """
    settings = RefinerSettings(context=ContextSettings(max_context_tokens=budget))
    refiner = Refiner(settings, None, SecretScanner())
    warm = False
    for kind, request in requests(build_workspaces(folder)):
        refined = refiner.refine(request)
        if refined.outcome == "unchanged":
            continue
        if not warm:
            optimise(refined.refined)
            warm = True
        began = time.perf_counter()
        result = optimise(refined.refined)
        yield Saved(kind, refined.context.tokens, result, (time.perf_counter() - began) * 1000)


def by_kind(saved: Sequence[Saved]) -> list[Row]:
    """A row for each kind of request, for those that mean part of what is quoted, for the others, and for all."""
    kinds = dict.fromkeys(item.kind for item in saved)
    groups = [(kind, [item for item in saved if item.kind == kind]) for kind in kinds]
    groups += [
        ("**part of the code is meant**", [item for item in saved if item.kind in MEANS_PART]),
        ("**all of it is meant**", [item for item in saved if item.kind not in MEANS_PART]),
        ("**all requests**", list(saved)),
    ]
    return [_row(name, items) for name, items in groups]


def _row(name: str, saved: Sequence[Saved]) -> Row:
    shares = _shares(saved)
    if not shares:
        return [name, str(len(saved)), "0", "–", "–", "–"]
    reached = sum(share >= TARGET for share in shares) / len(shares)
    typical, mean = statistics.median(shares), statistics.fmean(shares)
    return [name, str(len(saved)), str(len(shares)), f"{typical:.1%}", f"{mean:.1%}", f"{reached:.0%}"]


def _shares(saved: Sequence[Saved]) -> list[float]:
    return [item.share for item in saved if item.context >= LONG]


def by_step(saved: Sequence[Saved]) -> list[Row]:
    """A row for each step: in how many prompts it saved something, and how much of all tokens; long contexts only."""
    chosen = [item.result for item in saved if item.context >= LONG]
    tokens = sum(result.before for result in chosen)
    rows = []
    for name in dict.fromkeys(step.name for result in chosen for step in result.steps):
        steps = [step for result in chosen for step in result.steps if step.name == name]
        total = sum(step.saved for step in steps)
        helped = sum(step.saved > 0 for step in steps)
        undone = sum(step.reason.startswith("undone") for step in steps)
        rows.append([name, str(helped), str(total), f"{total / tokens:.1%}", str(undone)])
    return rows


def token_tables(budget: int = BUDGET) -> str:
    """The tables as Markdown: per kind of request, per step, and the time one prompt takes."""
    with tempfile.TemporaryDirectory(prefix="optafly-tokens-") as folder:
        saved = list(optimised(Path(folder), budget))
    times = [item.ms for item in saved if item.context >= LONG]
    part = statistics.median(_shares([item for item in saved if item.kind in MEANS_PART]))
    typical = statistics.median(_shares(saved))
    return "\n\n".join(
        (
            f"Contexts of {LONG:,} tokens and more, with a budget of {budget:,}. Target: {TARGET:.0%} saved (p50). "
            f"{_met('Where part of the code is meant', part)} {_met('Over all requests', typical)}",
            markdown([["request", "prompts", "long", "p50 saved", "mean saved", "10 % or more"], *by_kind(saved)]),
            markdown([["step", "prompts helped", "tokens saved", "of all", "undone"], *by_step(saved)]),
            f"Time of a long prompt: p50 {statistics.median(times):.1f} ms, p95 {at(times, 0.95):.1f} ms.",
        )
    )


def _met(what: str, share: float) -> str:
    return f"{what}: {share:.1%}, {'met' if share >= TARGET else '**not met**'}."


def main(argv: Sequence[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure what token optimisation saves.")
    parser.add_argument("--budget", type=int, default=BUDGET, help="tokens of context that a prompt may have")
    print(f"{machine()}.\n\n{token_tables(parser.parse_args(argv).budget)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
