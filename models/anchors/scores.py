"""How well boundaries are found, beside plain heuristics, and the card of the network."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import torch
from check import Marked
from measures import interval

from optafly.routing.boundaries import TokenBoundaries

LIKELY = 0.5
NEAR = 1
"""How many lines a boundary may be off."""
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*(?=\S)")


@dataclass(frozen=True)
class Score:
    """Boundaries found, of those that were said, of those that are marked."""

    hits: int
    said: int
    marked: int

    @property
    def precision(self) -> float:
        """The share of what was said that is right."""
        return self.hits / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        """The share of what is marked that was found."""
        return self.hits / self.marked if self.marked else 0.0

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.hits / (self.said + self.marked) if self.said + self.marked else 0.0


def of_network(found: TokenBoundaries) -> Callable[[str], list[int]]:
    """The offsets that are more likely than not."""
    return lambda text: [one.offset for one in found.boundaries(text) if one.p >= LIKELY]


def _paragraphs(text: str) -> list[int]:
    return [found.end() for found in _PARAGRAPH.finditer(text)]


def _last_line(text: str) -> list[int]:
    at = text.rfind("\n") + 1
    return [at] if at else []


HEURISTICS: Mapping[str, Callable[[str], list[int]]] = {
    "last blank line": lambda text: _paragraphs(text)[-1:],
    "first and last blank line": lambda text: sorted({*_paragraphs(text)[:1], *_paragraphs(text)[-1:]}),
    "every blank line": _paragraphs,
    "last line": _last_line,
}


def hits(text: str, marked: Sequence[int], said: Sequence[int], near: int) -> int:
    """How many marks have a boundary of their own at most ``near`` lines off; none is counted twice."""
    lines = [text.count("\n", 0, at) for at in said]
    used: set[int] = set()
    for at in marked:
        line = text.count("\n", 0, at)
        free = [i for i in range(len(said)) if i not in used and abs(lines[i] - line) <= near]
        if not near:
            free = [i for i in free if said[i] == at]
        if free:
            used.add(min(free, key=lambda i: abs(said[i] - at)))
    return len(used)


def measured(prompts: Sequence[Marked], says: Callable[[str], list[int]], near: int = NEAR) -> Score:
    """The score over all boundaries of the prompts."""
    return total(rows_of(prompts, says, near))


def rows_of(prompts: Sequence[Marked], says: Callable[[str], list[int]], near: int = NEAR) -> list[Score]:
    """The score of each prompt."""
    rows = []
    for prompt in prompts:
        said = says(prompt.text)
        rows.append(Score(hits(prompt.text, prompt.boundaries, said, near), len(said), len(prompt.boundaries)))
    return rows


def total(rows: Sequence[Score]) -> Score:
    """All of them as one."""
    return Score(sum(row.hits for row in rows), sum(row.said for row in rows), sum(row.marked for row in rows))


def card(parts: Mapping[str, Sequence[Marked]], found: TokenBoundaries, minutes: float, seed: int) -> str:
    """The text of README.md."""
    heldout = parts["heldout"]
    ways = {"network": of_network(found), **HEURISTICS}
    within = {name: rows_of(heldout, says) for name, says in ways.items()}
    exact = {name: rows_of(heldout, says, 0) for name, says in ways.items()}
    topics = [prompt.topic for prompt in heldout]
    rows = []
    for name in ways:
        score = total(within[name])
        low, high = interval(lambda some, name=name: total([within[name][i] for i in some]).f1, topics, seed)
        none = [row.said == 0 for row in within[name] if not row.marked]
        rows.append(
            [name, f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f} ({low:.3f}–{high:.3f})",
             f"{total(exact[name]).f1:.3f}", f"{sum(none)} of {len(none)}"]
        )  # fmt: skip
    head = ["", "precision", "recall", "F1 (95 % interval)", "F1, exact place", "without a boundary, none said"]
    groups = {
        "written as a whole": lambda prompt: prompt.layout == "by hand",
        "set in layouts": lambda prompt: prompt.layout != "by hand",
        "English": lambda prompt: prompt.lang == "en",
        "other languages": lambda prompt: prompt.lang != "en",
    }
    parted = []
    for label, belongs in groups.items():
        some = [i for i, prompt in enumerate(heldout) if belongs(prompt)]
        score = total([within["network"][i] for i in some])
        other = total([within["last blank line"][i] for i in some])
        parted.append([label, str(len(some)), f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}",
                       f"{other.f1:.3f}"])  # fmt: skip
    split = ", ".join(
        f"{name} {len(part)} prompts in {len({p.topic for p in part})} topics" for name, part in parts.items()
    )
    return "\n\n".join(
        (
            _HEAD,
            f"Made by `python models/anchors/train.py` on {date.today().isoformat()}, {_machine()}, torch"
            f" {torch.__version__.partition('+')[0]}, {torch.get_num_threads()} threads, in {minutes:.1f} minutes; seed"
            f" {seed}. Data: {split}.",
            "## Held out",
            "A boundary counts as found when one is said at most one line off; the network says those that it holds for"
            " more likely than not. Intervals: topics drawn with replacement, 1000 times.",
            table(head, rows),
            "By kind of prompt, the network (and the F1 of the last blank line):",
            table(["prompts", "number", "precision", "recall", "F1", "last blank line"], parted),
            _TRAINED,
        )
    ) + "\n"  # fmt: skip


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in Markdown, numbers to the right from the second column on."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    info = Path("/proc/meminfo")
    memory = f", {int(info.read_text().split()[1]) / 2**20:.0f} GiB" if info.is_file() else ""
    return f"{platform.machine()}, {cores} cores{memory}, {platform.system()}, Python {platform.python_version()}"


_HEAD = """# The network of the anchors' boundaries

Where may the part of a free text end that comes again with the next request? A network over MiniLM's states of the
word pieces around each place where a line or a sentence begins, `boundaries.safetensors`. This card is written by
the command that trains it; the data and their card are in [data](data/README.md). Licence: Apache-2.0."""
_TRAINED = """## How it was trained

The states of the last layer of all-MiniLM-L6-v2 before and behind each place and their means over the stretches on
both sides, with nineteen numbers on the layout, go through a layer of 96 units, a recurrent layer (GRU) in both
directions over all places of the text and a layer that gives one logit. Split by topic, as the data's card says;
nothing of the held-out part is trained or tuned on. AdamW, dropout; the mean of the parameters over the last third
of the rounds is kept. Calibration: Platt scaling on the calibration part, in the file.

A text is read in windows of 256 word pieces that overlap. Of more than 8,000 letters the first and the last 4,000 are
read, of more than 2,408 word pieces the first and the last 1,204; no prompt of the data is that long.

## Limits

The layouts of the held-out prompts are those of training with other contents, but for the prompts that were
written as a whole, of which there are few. Whether a part comes again is a guess from its looks; what earlier
requests have shown counts for more, and the router uses this only where there is nothing of the kind."""
