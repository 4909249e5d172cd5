"""The held-out scenes against all systems in one run.

python models/refiner/evaluate.py                      # every system that can run here
python models/refiner/evaluate.py --only deterministic --only trained
python models/refiner/evaluate.py --write              # and its part of docs/evaluation.md
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT)]

import msgspec  # noqa: E402
from footprint import footprint  # noqa: E402
from measures import FIGURES, Judged, counted, judge, shown  # noqa: E402
from projects import DATA, file_text  # noqa: E402
from rows import Row, row_of  # noqa: E402
from scenes import HELD_OUT, SceneError, Stage, Staged  # noqa: E402
from systems import System, enhancer, raw, raw_with_context, refined  # noqa: E402
from tests.bench.document import write_part  # noqa: E402
from tests.bench.machine import machine  # noqa: E402

from optafly.context.secrets import SecretScanner  # noqa: E402
from optafly.engines.mistral import MistralEngine  # noqa: E402
from optafly.engines.models import resolve_model  # noqa: E402
from optafly.paths import resolve_paths  # noqa: E402
from optafly.refine.decide import ALL  # noqa: E402
from optafly.refine.engine import Engine  # noqa: E402

COMMAND = "python models/refiner/evaluate.py --write"
BASE, TRAINED = "smollm2-135m", "optafly-refiner-135m"
# So many requests a model serves before it is loaded anew, in a pause where there is one; here outside of the time.
PER_LOAD = 13
SLOW = frozenset({"base model", "enhancer template"})
NAMES = ("raw", "raw + context", "deterministic", "base model", "trained", "enhancer template")


@contextmanager
def loaded(name: str) -> Iterator[Engine]:
    """A model of the registry, or a GGUF file by its path."""
    engine = MistralEngine(lambda: resolve_model(name, resolve_paths()), name)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def system(name: str, model: str) -> Iterator[System]:
    """The system of that name; ``model`` is the trained one."""
    with ExitStack() as stack:
        made: dict[str, System] = {"raw": raw, "raw + context": raw_with_context}
        if name == "deterministic":
            made[name] = refined(None)
        elif name == "base model":
            made[name] = refined(stack.enter_context(loaded(BASE)), trust=ALL)
        elif name == "trained":
            made[name] = refined(stack.enter_context(loaded(model)))
        elif name == "enhancer template":
            made[name] = enhancer(stack.enter_context(loaded(BASE)))
        yield made[name]


def staged_scenes(stack: ExitStack, projects: Sequence[str], limit: int | None) -> list[tuple[Staged, Row, Stage]]:
    """The scenes of the projects, made real; their folders live as long as ``stack``."""
    found = []
    scanner = SecretScanner()
    # Of the held-out projects only what is held out: some of their drafts are nearly those of training.
    lines = (DATA / "held-out.jsonl").read_text("utf-8").splitlines()
    held_out = {msgspec.json.decode(line, type=Row).id for line in lines}
    for project in projects:
        stage = stack.enter_context(Stage(project))
        for name, scene in list(stage.scenes())[:limit]:
            if project in HELD_OUT and name not in held_out:
                continue
            try:
                staged = stage.stage(name, scene, scanner)
                found.append((staged, row_of(staged, stage), stage))
            except SceneError as error:
                print(f"left out {name}: {error}", file=sys.stderr)
    return found


def texts_of(stage: Stage) -> dict[str, str]:
    """The project's files by path."""
    texts = {item.path: file_text(item, stage.skeleton.language) for item in stage.skeleton.files}
    return texts | stage.skeleton.manifests


def run(name: str, model: str, scenes: Sequence[tuple[Staged, Row, Stage]]) -> list[Judged]:
    """What one system got right of every scene."""
    texts = {stage.name: texts_of(stage) for _, _, stage in scenes}
    found: list[Judged] = []
    for first in range(0, len(scenes), PER_LOAD):
        with system(name, model) as made:
            for staged, row, stage in scenes[first : first + PER_LOAD]:
                found.append(judge(staged, row, made(staged), texts[stage.name]))
        print(f"{name}: {len(found)} of {len(scenes)}", file=sys.stderr)
    return found


def table(results: dict[str, list[Judged]]) -> str:
    """All figures of all systems, as Markdown."""
    lines = ["| figure | " + " | ".join(results) + " |", "|---|" + "---|" * len(results)]
    for label, figure in FIGURES.items():
        lines.append(f"| {label} | " + " | ".join(shown(all_, figure) for all_ in results.values()) + " |")
    plain = {name: counted(all_) for name, all_ in results.items()}
    for label in next(iter(plain.values())):
        lines.append(f"| {label} | " + " | ".join(found[label] for found in plain.values()) + " |")
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Run; exit status 1 where the refinement invents or loses something."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--only", action="append", choices=NAMES, help="this system; may be given again")
    parser.add_argument("--model", default=TRAINED, help="the trained model: a name, or the path of a GGUF file")
    parser.add_argument("--limit", type=int, help="so many scenes of each project")
    parser.add_argument("--share", type=int, default=12, metavar="N", help="every Nth scene for untrained models (12)")
    parser.add_argument("--project", action="append", help="this project instead of the held-out ones")
    parser.add_argument("--write", action="store_true", help="write its part of docs/evaluation.md and of the card")
    options = parser.parse_args(argv)
    with ExitStack() as stack:
        scenes = staged_scenes(stack, options.project or sorted(HELD_OUT), options.limit)
        some = {name: scenes[:: options.share] if name in SLOW else scenes for name in options.only or NAMES}
        results = {name: run(name, options.model, seen) for name, seen in some.items()}
    head = f"{len(scenes)} scenes, points and 95 % intervals (scenes drawn with replacement). {machine()}."
    head += f" A model is loaded anew every {PER_LOAD} scenes, outside of the time: in use that happens in a pause."
    if "trained" in results and options.model == TRAINED:
        head += f" {footprint(TRAINED)}"
    if set(results) & SLOW and options.share > 1:
        head += f" Models without training saw every {options.share}th of them: they take long and change little."
    text = f"{head}\n\n{table(results)}"
    print(text)
    if options.write:
        head = f"## Held-out scenes\n\nMade by `{COMMAND}`; the scenes are in models/refiner/data.\n\n"
        write_part(COMMAND, head + text, ROOT / "docs" / "evaluation.md")
        write_part(COMMAND, head + text, ROOT / "models" / "refiner" / "README.md")
    for name in set(results) & {"deterministic", "base model", "trained"}:
        for (staged, _, _), item in zip(some[name], results[name], strict=True):
            for word in (*item.inventions, *item.lost):
                print(f"{name}, {staged.name}: {word!r} {'invented' if word in item.inventions else 'lost'}")
    bad = [
        item for name in ("deterministic", "trained") for item in results.get(name, ()) if item.inventions or item.lost
    ]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
