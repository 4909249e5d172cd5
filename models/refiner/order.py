"""Rows with their places in another order: what speaks for a place has to be read, not where it stands."""

import random
import re
from collections.abc import Sequence

from examples import Row

from optafly.refine.choice import ask_line
from optafly.refine.slots import LABELS

SHARE = 0.5
"""Of the rows of an epoch; the others keep the order of the search, which says something too."""
_PLACE = re.compile(rf"[{LABELS}] ")
_PROBLEM = re.compile(rf"bad [{LABELS}] ")
_LINE = re.compile(rf"(?P<intent>[a-z]+) (?P<places>[{LABELS}]|\?(?: [{LABELS}])+) (?P<rest>.+)", re.DOTALL)


def of_epoch(rows: Sequence[Row], seed: int, epoch: int) -> list[Row]:
    """The rows as an epoch shows them; the same for the same seed and epoch."""
    return [_perhaps(row, random.Random(f"{seed} {epoch} {row.id}")) for row in rows]


def _perhaps(row: Row, chance: random.Random) -> Row:
    return reordered(row, chance) if chance.random() < SHARE else row


def reordered(row: Row, chance: random.Random) -> Row:
    """The row with its places in an order of chance, every letter with them; a row of one place stays as it is."""
    first, *lines = row.shown.split("\n")
    places = [line for line in lines if _PLACE.match(line)]
    mixed = chance.sample(places, len(places))
    letters = {line[0]: label for label, line in zip(LABELS, mixed, strict=False)}
    said = [f"{letters[line[0]]}{line[1:]}" for line in mixed]
    rest = [_problem(line, letters) for line in lines if not _PLACE.match(line)]
    return Row(row.id, "\n".join([first, *said, *rest]), _answer(row.says, letters))


def _problem(line: str, letters: dict[str, str]) -> str:
    found = _PROBLEM.match(line) and line[4] in letters
    return f"bad {letters[line[4]]}{line[5:]}" if found else line


def _answer(says: str, letters: dict[str, str]) -> str:
    found = _LINE.fullmatch(says)
    if found is None:
        return says
    meant = "".join(sorted(letters[letter] for letter in found["places"] if letter in letters))
    return f"{found['intent']} {ask_line(meant) if len(meant) > 1 else meant} {found['rest']}"
