"""How sure the trained model has to be: what is right by rule, by model and by either, at each threshold.

    python models/refiner/calibrate.py                     # prints the tables and the thresholds to take
    python models/refiner/calibrate.py --keep choices.json # keeps what the model said, for another look

A threshold is the lowest of the grid with which most scenes come out right; where several do, the highest, since what
the rules say can be explained. Every held-out scene is asked, whatever the rules make of it.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
from evaluate import TRAINED, loaded, staged_scenes
from rows import Row
from scenes import HELD_OUT, Staged
from systems import named_checks

from optafly.context.secrets import SecretScanner
from optafly.refine.ask import consult
from optafly.refine.choice import Choice
from optafly.refine.decide import kind_of_finding, located, same_places
from optafly.refine.done import done_when
from optafly.refine.engine import CancelToken, Engine
from optafly.refine.refiner import Refiner, RefinerSettings

GRID = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)
PARTS = ("clear", "intent", "places", "guess", "ask", "checks")


class Said(msgspec.Struct, frozen=True):
    """What was made of one part of one scene: how sure the model was, whether it and the rules were right."""

    part: str
    sure: float
    model: bool
    rules: bool


def parts_of(staged: Staged, row: Row, choice: Choice, unchanged: bool) -> list[Said]:
    """Every part of a scene that both can be compared in; ``unchanged`` is what the rules say."""
    clear = staged.scene.want.unchanged
    if choice.clear:
        return [Said("clear", choice.sure["intent"], clear, clear == unchanged)]
    if clear:
        return []
    wanted, rules = located(staged.slots, row.places), staged.context.located
    meant = located(staged.slots, choice.places)
    where = kind_of_finding(staged.slots, rules, meant)
    letters = named_checks(" ".join(item.text for item in done_when(staged.draft, staged.context, None)))
    return [
        Said("intent", choice.sure["intent"], choice.intent == row.intent, staged.draft.intent == row.intent),
        Said(where, choice.sure["places"], same_places(meant, wanted), same_places(rules, wanted)),
        Said("checks", choice.sure["checks"], choice.checks == row.done, letters == row.done),
    ]


def right_at(said: Sequence[Said], threshold: float) -> int:
    """How many come out right where the model counts from this threshold on."""
    return sum(item.model if item.sure >= threshold else item.rules for item in said)


def best(said: Sequence[Said]) -> float:
    """The threshold to take; the highest of the best."""
    return max(GRID, key=lambda threshold: (right_at(said, threshold), threshold))


def ask_all(engine: Engine, scenes: Sequence[tuple[Staged, Row, object]]) -> list[Said]:
    """Ask the model about every scene."""
    refiner = Refiner(RefinerSettings(), None, SecretScanner())
    found: list[Said] = []
    for number, (staged, row, _) in enumerate(scenes, start=1):
        said = consult(
            engine, staged.draft, staged.slots, document=staged.name, time_limit_s=120.0, cancel=CancelToken()
        )
        if said.choice is not None:
            unchanged = refiner.refine(staged.request).outcome == "unchanged"
            found += parts_of(staged, row, said.choice, unchanged)
        if number % 50 == 0:
            print(f"{number} of {len(scenes)}", file=sys.stderr)
    return found


def tables(said: Sequence[Said]) -> str:
    """For each part: how many, what is right by whom, and at each threshold."""
    lines = ["| part | compared | rules | model | " + " | ".join(f"≥ {at:g}" for at in GRID[:-1]) + " | take |"]
    lines.append("|---" * (len(GRID) + 4) + "|")
    for part in PARTS:
        mine = [item for item in said if item.part == part]
        if mine:
            shares = [f"{100 * right_at(mine, at) / len(mine):.0f}" for at in GRID[:-1]]
            by_rule, by_model = right_at(mine, 2.0), right_at(mine, -1.0)
            lines.append(
                f"| {part} | {len(mine)} | {100 * by_rule / len(mine):.0f} | {100 * by_model / len(mine):.0f} | "
                + " | ".join(shares)
                + f" | {best(mine):g} |"
            )
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Ask, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--model", default=TRAINED, help="the trained model: a name, or the path of a GGUF file")
    parser.add_argument("--limit", type=int, help="so many scenes of each project")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write what was said to a file")
    options = parser.parse_args(argv)
    with ExitStack() as stack, loaded(options.model) as engine:
        said = ask_all(engine, staged_scenes(stack, sorted(HELD_OUT), options.limit))
    if options.keep is not None:
        options.keep.write_bytes(msgspec.json.encode(said))
    print(tables(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
