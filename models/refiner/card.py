"""Writes the counts of the data's card from the data, between its marks.

python models/refiner/card.py            # writes them into data/README.md
python models/refiner/card.py --check    # are those of the card the counts of the data?
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from build import TEST, TRAIN
from projects import DATA, Skeleton, load_all
from rows import Row
from scenes import HELD_OUT, PROBLEMS, Problems, read_scenes

from optafly.refine.choice import CLEAR

BEGIN: Final = "<!-- counts: begin -->"
END: Final = "<!-- counts: end -->"
ENGLISH: Final = "en"
LEFT_ALONE: Final = "left alone"
_SPOKEN: Final = "lang-"


class CardError(ValueError):
    """The card cannot be written; the message says why."""


def read_rows(path: Path) -> list[Row]:
    """The rows of a file; raises `CardError` naming the line."""
    if not path.exists():
        raise CardError(f"no {path.name}; run: python models/refiner/build.py")
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            found.append(msgspec.json.decode(line, type=Row))
        except msgspec.DecodeError as error:
            raise CardError(f"{path.name}:{number}: {error}") from None
    return found


def counts(folder: Path = DATA) -> str:
    """All counts as Markdown; ``folder`` holds the two files of rows."""
    train, test = read_rows(folder / TRAIN), read_rows(folder / TEST)
    return "\n\n".join([
        "Rows by what is wanted:", _table(train, test, "wanted", _wanted),
        "By intent:", _table(train, test, "intent", lambda row: [LEFT_ALONE if row.says == CLEAR else row.intent]),
        "By kind, of which a row may have several:",
        _table(train, test, "kind", lambda row: [kind for kind in row.kinds if not kind.startswith(_SPOKEN)]),
        "By the language people write in:", _table(train, test, "language", lambda row: [_spoken(row)]),
        "By project:", "\n".join(_projects(train, test)),
        _problems(),
    ])  # fmt: skip


def _table(train: Sequence[Row], test: Sequence[Row], name: str, of: Callable[[Row], Sequence[str]]) -> str:
    first, second = (Counter(key for row in part for key in of(row)) for part in (train, test))
    lines = [f"| {name} | training | held out |", "|---|---:|---:|", f"| all | {len(train)} | {len(test)} |"]
    both = first + second
    keys = sorted(both, key=lambda key: (-both[key], key))
    return "\n".join([*lines, *(f"| {key} | {first[key]} | {second[key]} |" for key in keys)])


def _wanted(row: Row) -> Sequence[str]:
    if row.says == CLEAR:
        return [LEFT_ALONE]
    place = ("no place", "one place", "a question between places")[min(2, len(row.places))]
    checks = "one check or more" if row.done else "no check"
    return ["refined", place, checks, "a sentence" if row.task else "the person's own words"]


def _spoken(row: Row) -> str:
    return next((kind.removeprefix(_SPOKEN) for kind in row.kinds if kind.startswith(_SPOKEN)), ENGLISH)


def _projects(train: Sequence[Row], test: Sequence[Row]) -> Iterator[str]:
    yield "| project | origin | licence | language | part | files | definitions | scenes | rows |"
    yield "|---|---|---|---|---|---:|---:|---:|---:|"
    made = Counter(row.project for row in (*train, *test))
    for name, item in load_all().items():
        part = "held out" if name in HELD_OUT else "training"
        scenes = sum(1 for _ in read_scenes(name))
        cells = (name, item.origin, item.licence, item.language, part, len(item.files), _definitions(item), scenes)
        yield f"| {' | '.join(map(str, cells))} | {made[name]} |"


def _definitions(skeleton: Skeleton) -> int:
    return sum(len(file.declared) for file in skeleton.files)


def _problems() -> str:
    found = [msgspec.json.decode(path.read_bytes(), type=Problems) for path in sorted(PROBLEMS.glob("*.json"))]
    pasted = [item for problems in found for item in problems.pasted]
    misused = sum(item.planted.startswith("nothing") for item in pasted)
    diagnostics = sum(len(problems.diagnostics) for problems in found)
    return (
        f"{diagnostics} diagnostics and {len(pasted)} pasted texts; "
        f"{misused} of the pasted texts come of misuse, with nothing planted."
    )


def with_counts(card: str, text: str) -> str:
    """A card with these counts between its marks; raises `CardError` where it has no marks."""
    head, begin, rest = card.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise CardError(f"the card has no {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}"


def main(argv: Sequence[str], folder: Path = DATA) -> int:
    """Write or check; exit status 1 when the card is not current."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(argv)
    path = folder / "README.md"
    try:
        card = path.read_text("utf-8")
        text = with_counts(card, counts(folder))
    except (CardError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.check:
        if text != card:
            print("the card's counts are not those of the data; run: python models/refiner/card.py")
        return int(text != card)
    written = path.with_suffix(".md.new")
    written.write_text(text, "utf-8")
    written.replace(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
