"""Checks scenes: keys, places, checks, sentences, doubles.

python models/refiner/check.py            # every project
python models/refiner/check.py click      # one
python models/refiner/check.py click --show    # and what the model is shown of each
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from rows import Row, row_of
from scenes import SCENES, SceneError, Stage

from optafly.context.secrets import SecretScanner

NEAR = 0.85  # of the three-letter groups of two drafts alike: near-duplicates


def rows_of(project: str) -> Iterator[tuple[str, Row | str]]:
    """Every scene of a project by name, as a row or as what is wrong with it."""
    scanner = SecretScanner()
    with Stage(project) as stage:
        for name, scene in stage.scenes():
            try:
                yield name, row_of(stage.stage(name, scene, scanner), stage)
            except SceneError as error:
                yield name, f"{scene.draft[:60]!r}: {error}"


def groups(text: str) -> frozenset[str]:
    """Three-letter groups of what was typed, white space and case apart."""
    plain = re.sub(r"\W+", " ", text.lower()).strip()
    return frozenset(plain[at : at + 3] for at in range(max(1, len(plain) - 2)))


def doubles(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Pairs of rows whose drafts are nearly the same and that want the same."""
    marked = [(row, groups(row.shown.split("\n", 1)[0])) for row in rows]
    for at, (row, mine) in enumerate(marked):
        for other, theirs in marked[:at]:
            if row.says == other.says and len(mine & theirs) > NEAR * len(mine | theirs):
                yield other, row


def main(argv: Sequence[str]) -> int:
    """Check; exit status 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args(argv)
    rows, wrong = [], 0
    for project in options.projects or sorted(path.stem for path in SCENES.glob("*.jsonl")):
        for name, found in rows_of(project):
            if isinstance(found, str):
                wrong += 1
                print(f"{name}: {found}")
                continue
            rows.append(found)
            if options.show:
                print(f"--- {name}\n{found.shown}\n=> {found.says}")
    for first, second in doubles(rows):
        wrong += first.says != "clear"
        print(f"{second.id} is nearly {first.id}: {second.shown.split(chr(10), 1)[0][:70]}")
    kinds = Counter(kind for row in rows for kind in row.kinds)
    intents = Counter(row.intent for row in rows)
    print(f"{len(rows)} rows, {wrong} faults; intents {dict(intents.most_common())}; kinds {dict(kinds.most_common())}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
