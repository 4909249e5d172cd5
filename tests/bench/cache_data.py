"""The pairs that the cache is measured on. What lies outside the repository is read from there and never copied."""

import gzip
import importlib.util
import json
import os
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
VARIABLE: Final = "OPTAFLY_BENCH_DATA"
MOCK_FILE: Final = "gptcache_mock_pairs.json"
QQP_FILE: Final = "gptcache_qqp_pairs.json.gz"
SEED: Final = 4


class Labelled(NamedTuple):
    """Two texts, whether one answer serves both, and what kind of pair it is."""

    a: str
    b: str
    same: bool
    kind: str = ""


def data_folder(given: str | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the outside data is: as given, as the variable says, or beside the repository."""
    return Path(given or environ.get(VARIABLE) or ROOT.parent / "shared" / "data")


def absent(folder: Path, name: str) -> str:
    """Why a file cannot be used, empty where it can."""
    if (folder / name).is_file():
        return ""
    return f"{name} is not there: name its folder with --data or {VARIABLE} (GPTCache's repository, examples/benchmark)"


def mock_pairs(folder: Path) -> list[tuple[str, str]]:
    """GPTCache's own pairs: a text to be stored, and one to ask that means the same."""
    return [(item["origin"], item["similar"]) for item in json.loads((folder / MOCK_FILE).read_text("utf-8"))]


def qqp_pairs(folder: Path, most: int) -> list[Labelled]:
    """So many labelled pairs of questions, drawn with a fixed seed, no two from one connected component."""
    with gzip.open(folder / QQP_FILE, "rt", encoding="utf-8") as file:
        rows = [Labelled(item["text_a"], item["text_b"], bool(item["label"])) for item in json.load(file)]
    return one_of_each(rows, most)


def one_of_each(rows: Sequence[Labelled], most: int, seed: int = SEED) -> list[Labelled]:
    """One pair from each of so many connected components (pairs that share a text hang together)."""
    leader: dict[str, str] = {}

    def find(text: str) -> str:
        while leader[text] != text:
            leader[text] = leader[leader[text]]
            text = leader[text]
        return text

    for row in rows:
        first, second = (find(leader.setdefault(text, text)) for text in (row.a, row.b))
        leader[first] = second
    components: defaultdict[str, list[Labelled]] = defaultdict(list)
    for row in rows:
        components[find(row.a)].append(row)
    choose = random.Random(seed)
    # In the order of the file, so that the draw does not hang on how the components were joined.
    chosen = choose.sample(list(components.values()), min(most, len(components)))
    return [choose.choice(component) for component in chosen]


def held_out_pairs(part: str = "held_out", most: int | None = None) -> list[Labelled]:
    """The project's own pairs of that part of the split; ``most`` draws that many of them with a fixed seed."""
    chosen = [pair for place, pair in _own_pairs() if place == part]
    return chosen if most is None or most >= len(chosen) else random.Random(SEED).sample(chosen, most)


@cache
def _own_pairs() -> tuple[tuple[str, Labelled], ...]:
    """Every pair of the project with its part of the split."""
    check = _check_module()
    pairs, faults = check.read_pairs(ROOT / "models" / "verifier" / "data")
    if faults:
        raise ValueError(f"{len(faults)} faults in the data set; see python models/verifier/data/check.py")
    return tuple((check.part_of(p.topic), Labelled(p.a, p.b, p.same, p.kind)) for p in pairs)


def _check_module() -> Any:
    """The data set's own module, which says how pairs are read and split."""
    path = ROOT / "models" / "verifier" / "data" / "check.py"
    name = "optafly_bench_verifier_check"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path.name} cannot be loaded")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
