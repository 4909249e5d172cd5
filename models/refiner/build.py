"""Makes the rows of training and of the held-out set from the scenes.

    python models/refiner/build.py            # writes data/train.jsonl and data/held-out.jsonl
    python models/refiner/build.py --check    # are the committed rows those of the scenes?

Split by project; a held-out draft that is nearly one of training is left out: "fix this" has to be learned, and says
little where it was. Scenes with a fault are named and left out: what is committed has none.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from check import NEAR, groups, rows_of
from projects import DATA
from rows import Row
from scenes import HELD_OUT, SCENES

TRAIN, TEST = "train.jsonl", "held-out.jsonl"


def all_rows() -> tuple[list[Row], list[str]]:
    """Every row by project and place in its file, and what is wrong with the other scenes."""
    found = [item for path in sorted(SCENES.glob("*.jsonl")) for item in rows_of(path.stem)]
    rows = [row for _, row in found if isinstance(row, Row)]
    return rows, [f"{name}: {row}" for name, row in found if isinstance(row, str)]


def split(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Rows of training and of the held-out set."""
    train = [row for row in rows if row.project not in HELD_OUT]
    seen = [groups(_draft(row)) for row in train]
    return train, [row for row in rows if row.project in HELD_OUT and not _near(groups(_draft(row)), seen)]


def _draft(row: Row) -> str:
    return row.shown.split("\n", 1)[0]


def _near(mine: frozenset[str], others: Sequence[frozenset[str]]) -> bool:
    return any(len(mine & theirs) > NEAR * len(mine | theirs) for theirs in others)


def text_of(rows: Sequence[Row]) -> str:
    """The text of a file of rows, one on each line."""
    return "".join(msgspec.json.encode(row).decode() + "\n" for row in rows)


def main(argv: Sequence[str]) -> int:
    """Build or check; exit status 1 when a scene has a fault, or a committed row is not its scene's."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--into", type=Path, default=DATA)
    options = parser.parse_args(argv)
    rows, faults = all_rows()
    train, test = split(rows)
    print(
        "\n".join([*faults, f"{len(train)} rows of training, {len(test)} held out, {len(faults)} scenes with a fault"])
    )
    for name, part in ((TRAIN, train), (TEST, test)):
        path = options.into / name
        if not options.check:
            path.write_text(text_of(part), "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text_of(part):
            print(f"{name} is not what the scenes give; run: python models/refiner/build.py")
            return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
