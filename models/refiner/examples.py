"""Rows as token ids, exactly as mistral.rs feeds them: what the model is shown, what it should write."""

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DECISION = re.compile(r"[a-z]+(?: (?:\?(?: [A-F])+|\S+) \S+)?")
"""Intent, places, checks: what of a line decides; the sentence behind them is worded more freely."""
OPEN, CLOSE = "<|im_start|>", "<|im_end|>"


class RowsError(Exception):
    """A file of rows that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Row:
    """One example: the user's turn, and the text to be written for it."""

    id: str
    shown: str
    says: str


@dataclass(frozen=True)
class Example:
    """A row in token ids: the user's turn with the opening of the answer, then the answer with its end mark.

    ``decides`` counts the tokens of the answer that hold its decision.
    """

    shown: tuple[int, ...]
    says: tuple[int, ...]
    decides: int

    @property
    def length(self) -> int:
        """Tokens without the system's turn."""
        return len(self.shown) + len(self.says)


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSONL file; fields it has beyond id, shown and says are left alone. Raises `RowsError`."""
    if not path.is_file():
        raise RowsError(f"no rows at {path.name}: build the data first, or name their folder with --data")
    rows, seen = [], set[str]()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        row = _row(line, f"{path.name}:{number}")
        if row.id in seen:
            raise RowsError(f"{path.name}:{number}: the id {row.id!r} stands there twice")
        seen.add(row.id)
        rows.append(row)
    if not rows:
        raise RowsError(f"{path.name} is empty: build the data first")
    return rows


def _row(line: str, where: str) -> Row:
    try:
        found: Any = json.loads(line)
    except ValueError:
        raise RowsError(f"{where}: not JSON; each line is one object") from None
    values = [found.get(name) if isinstance(found, dict) else None for name in ("id", "shown", "says")]
    if not all(isinstance(value, str) and value for value in values):
        raise RowsError(f"{where}: id, shown and says must be texts that are not empty")
    return Row(*values)


def some(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """So many of the rows in their order, chosen with a seed; all of them where the count is 0."""
    if not 0 < count < len(rows):
        return list(rows)
    chosen = sorted(random.Random(seed).sample(range(len(rows)), count))
    return [rows[number] for number in chosen]


def set_apart(rows: Sequence[Row], share: float) -> tuple[list[Row], list[Row]]:
    """Rows to train with and rows to validate with: by a hash of the id, so that a row stays on its side."""
    apart = {row.id for row in rows if int(hashlib.sha256(row.id.encode()).hexdigest()[:8], 16) < share * 2**32}
    return [row for row in rows if row.id not in apart], [row for row in rows if row.id in apart]


def decision_of(says: str) -> str:
    """The part of an answer that decides: all but the sentence."""
    found = _DECISION.match(says)
    return found[0] if found is not None else says


def system_ids(tokenizer: Any, system: str) -> tuple[int, ...]:
    """The system's turn, the same before every row. It ends where a mark follows, so no token goes across."""
    return tuple(_ids(tokenizer, f"{OPEN}system\n{system}{CLOSE}\n"))


def encode(tokenizer: Any, rows: Sequence[Row]) -> Iterator[Example]:
    """The rows in token ids; the answer begins right behind the newline of the assistant's opening.

    Both are tokenised apart, as the engine does it: it never sees the answer beside the opening.
    """
    for row in rows:
        shown = _ids(tokenizer, f"{OPEN}user\n{row.shown}{CLOSE}\n{OPEN}assistant\n")
        says = tokenizer(row.says + CLOSE, add_special_tokens=False, return_offsets_mapping=True)
        end = len(decision_of(row.says))
        decides = sum(start < end for start, _ in says["offset_mapping"])
        yield Example(tuple(shown), tuple(says["input_ids"]), decides)


def fingerprint(rows: Sequence[Row], system: str) -> str:
    """A hash of everything that is learned from."""
    parts = [system, *(f"{row.id}\0{row.shown}\0{row.says}" for row in rows)]
    return hashlib.sha256("\1".join(parts).encode()).hexdigest()


def _ids(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids
