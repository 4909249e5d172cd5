"""What token optimisation saves on prompts that OptaFly itself assembles, step by step.

``python -m tests.bench.tokens`` prints the tables; `token_tables` returns them.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from optafly.context.gather import ContextSettings
from optafly.context.secrets import SecretScanner
from optafly.refine.refiner import Refiner, RefinerSettings
from optafly.routing.tokens import TokenOptimization, optimise
from tests.bench.cache_data import SEED
from tests.bench.cache_figures import met, percent
from tests.bench.cache_texts import TOKENS_TARGET
from tests.bench.machine import machine
from tests.bench.rows import Row, at
from tests.bench.token_prompts import MEANS_PART, build_workspaces, requests
from tests.eval.run import markdown

LONG: Final = 1_000  # estimated tokens of context from which a prompt counts as long
BUDGET: Final = 2_048
TARGET: Final = 0.10
_TARGET: Final = TOKENS_TARGET.format(target=percent(TARGET, 0))

T = TypeVar("T")


class Assembled(NamedTuple):
    """A prompt that OptaFly put together: its kind, the tokens of its context, its text."""

    kind: str
    context: int
    text: str


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


def assembled(
    folder: Path, budget: int, sample: int | None = None, say: Callable[[str], None] = lambda _: None
) -> Iterator[Assembled]:
    """Every request refined without the model, or so many of them from all kinds; ``say`` takes the progress.

    Drafts that come back unchanged are no prompts of ours.
    """
    settings = RefinerSettings(context=ContextSettings(max_context_tokens=budget))
    refiner = Refiner(settings, None, SecretScanner())
    asked = list(requests(build_workspaces(folder)))
    asked = asked if sample is None else drawn(asked, sample)
    for number, (kind, request) in enumerate(asked):
        if number % 50 == 0:
            say(f"{number} of {len(asked)} requests refined")
        refined = refiner.refine(request)
        if refined.outcome != "unchanged":
            yield Assembled(kind, refined.context.tokens, refined.refined)


def drawn(items: Sequence[T], count: int) -> list[T]:
    """So many of the items in their order, drawn with a fixed seed: kinds take turns, so that no step will do."""
    places = random.Random(SEED).sample(range(len(items)), min(count, len(items)))
    return [items[place] for place in sorted(places)]


def optimised(prompts: Iterable[Assembled]) -> Iterator[Saved]:
    """Each prompt optimised; the first of them twice, so that what is loaded then counts for none."""
    warm = False
    for prompt in prompts:
        if not warm:
            optimise(prompt.text)
            warm = True
        began = time.perf_counter()
        result = optimise(prompt.text)
        yield Saved(prompt.kind, prompt.context, result, (time.perf_counter() - began) * 1000)


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
    found = shares(saved)
    if not found:
        return [name, str(len(saved)), "0", "–", "–", "–"]
    reached = sum(share >= TARGET for share in found) / len(found)
    typical, mean = statistics.median(found), statistics.fmean(found)
    return [name, str(len(saved)), str(len(found)), percent(typical), percent(mean), percent(reached, 0)]


def shares(saved: Iterable[Saved]) -> list[float]:
    """The share that was saved of each long prompt."""
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
        rows.append([name, str(helped), str(total), percent(total / tokens), str(undone)])
    return rows


def measured(
    budget: int = BUDGET, sample: int | None = None, say: Callable[[str], None] = lambda _: None
) -> list[Saved]:
    """What the optimisation does to the prompts of all requests, or of so many of them."""
    with tempfile.TemporaryDirectory(prefix="optafly-tokens-") as folder:
        return list(optimised(assembled(Path(folder), budget, sample, say)))


def kind_table(saved: Sequence[Saved]) -> list[Row]:
    """What is saved by kind of request, with its head."""
    return [["request", "prompts", "long", "p50 saved", "mean saved", f"{percent(TARGET, 0)} or more"], *by_kind(saved)]


def step_table(saved: Sequence[Saved]) -> list[Row]:
    """What is saved by step, with its head."""
    return [["step", "prompts helped", "tokens saved", "of all", "undone"], *by_step(saved)]


def verdict(saved: Sequence[Saved]) -> str:
    """The target beside what was saved over all long prompts, and where part of the code is meant."""
    every = shares(saved)
    if not every:
        return f"{_TARGET}: not measured, no prompt is long."
    said = f"{_TARGET}: {_met(every)} over all {len(every)}"
    part = shares([item for item in saved if item.kind in MEANS_PART])
    if part:
        said += f"; {_met(part)} over the {len(part)} where part of the code is meant"
    times = [item.ms for item in saved if item.context >= LONG]
    return f"{said}. Time of one: p50 {statistics.median(times):.1f} ms, p95 {at(times, 0.95):.1f} ms."


def token_tables(budget: int = BUDGET) -> str:
    """The tables as Markdown: per kind of request and per step, and the verdict."""
    saved = measured(budget)
    return "\n\n".join((markdown(kind_table(saved)), markdown(step_table(saved)), verdict(saved)))


def _met(found: Sequence[float]) -> str:
    typical = statistics.median(found)
    return f"{percent(typical)} ({met(typical >= TARGET)})"


def main(argv: Sequence[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure what token optimisation saves.")
    parser.add_argument("--budget", type=int, default=BUDGET, help="tokens of context that a prompt may have")
    print(f"{machine()}.\n\n{token_tables(parser.parse_args(argv).budget)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
