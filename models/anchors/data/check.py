"""Checks the data set of the anchors: ``python models/anchors/data/check.py``.

Every line of ``prompts.jsonl`` is checked for its form; then the set as a whole: unique ids, no text twice, no
near-duplicates across the parts of the split, that it is what `build.py` makes of the blocks, and the table of counts,
which must be the one in the card. The table is printed; any fault is printed too and ends in exit code 1.
``--update`` writes the table into the card. Standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import build as blocks  # noqa: E402

CARD = HERE / "README.md"
BEGIN, END = "<!-- counts: begin -->", "<!-- counts: end -->"
FIELDS = {"id": str, "topic": str, "layout": str, "lang": str, "text": str, "boundaries": list}
TOPIC = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
SECRET = re.compile(r"-----BEGIN|\bAKIA[0-9A-Z]{12,}|\bgh[pousr]_\w{20,}|\bsk-\w{16,}|[\w.+-]+@[\w-]+\.[a-z]{2,}")

MIN_PROMPTS, MIN_TOPICS, MIN_LAYOUTS, MIN_LANGS = 400, 50, 30, 8
MIN_NONE, MIN_INLINE = 0.15, 20
NEAR = 0.6
PARTS = ("train", "calibration", "heldout")


@dataclass(frozen=True, slots=True)
class Marked:
    """A prompt and the offsets, in characters, at which a part begins that changes more often."""

    id: str
    topic: str
    layout: str
    lang: str
    text: str
    boundaries: tuple[int, ...]


def split_of(topic: str) -> str:
    """The part a topic belongs to, by its name: "train" (about 70 %), "calibration" (10 %) or "heldout" (20 %)."""
    digest = hashlib.sha256(f"optafly-anchors:{topic}".encode()).digest()
    bucket = int.from_bytes(digest[:8], "big") % 100
    if bucket < 70:
        return "train"
    return "calibration" if bucket < 80 else "heldout"


def load(folder: Path = HERE) -> list[Marked]:
    """All prompts in the order of the file; ValueError names the first line that has a fault of form."""
    prompts, faults = read(folder)
    if faults:
        raise ValueError(faults[0])
    return prompts


def read(folder: Path) -> tuple[list[Marked], list[str]]:
    """The lines that are well formed, and the faults of the others."""
    prompts, faults = [], []
    for number, line in enumerate((folder / "prompts.jsonl").read_text("utf-8").splitlines(), 1):
        found = list(faults_of_line(line))
        faults += [f"prompts.jsonl:{number}: {fault}" for fault in found]
        if not found:
            row = json.loads(line)
            prompts.append(Marked(**{**row, "boundaries": tuple(row["boundaries"])}))
    return prompts, faults


def faults_of_line(line: str) -> Iterator[str]:
    """What is wrong with the form of one line."""
    try:
        row = json.loads(line)
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    if not isinstance(row, dict) or {name: type(value) for name, value in row.items()} != FIELDS:
        yield f"fields must be {', '.join(FIELDS)}, each of its type"
        return
    if not TOPIC.fullmatch(row["topic"]):
        yield f"topic {row['topic']!r} is not in kebab case"
    if not re.fullmatch(re.escape(row["topic"]) + r"-\d{3}", row["id"]):
        yield f"id {row['id']!r} is not the topic and three digits"
    text, offsets = row["text"], row["boundaries"]
    if SECRET.search(text):
        yield "looks like a secret or an address"
    if blocks.MARK in text or text != text.strip():
        yield "a mark or blanks around the text"
    if not all(isinstance(at, int) for at in offsets) or offsets != sorted(set(offsets)):
        yield "boundaries must be offsets in ascending order"
    elif any(not 0 < at < len(text) for at in offsets):
        yield "a boundary outside the text"
    elif any(not text[at - 1].isspace() or text[at].isspace() for at in offsets):
        yield "a boundary must follow a blank or line end and precede a character that is none"


def faults_of_set(prompts: list[Marked]) -> Iterator[str]:
    """What is wrong with the set as a whole."""
    yield from (f"id {name} {count} times" for name, count in Counter(p.id for p in prompts).items() if count > 1)
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for prompt in prompts:
        texts[" ".join(prompt.text.lower().split())].append(prompt.id)
    yield from (f"the same text: {', '.join(ids)}" for ids in texts.values() if len(ids) > 1)
    for one, other, likeness in near_duplicates(prompts):
        yield f"near-duplicates across the split ({likeness:.2f}): {one}, {other}"
    if len(prompts) < MIN_PROMPTS:
        yield f"{len(prompts)} prompts, fewer than {MIN_PROMPTS}"
    for name, least in (("topic", MIN_TOPICS), ("layout", MIN_LAYOUTS), ("lang", MIN_LANGS)):
        if (count := len({getattr(p, name) for p in prompts})) < least:
            yield f"{count} different in {name}, fewer than {least}"
    if sum(not p.boundaries for p in prompts) < MIN_NONE * len(prompts):
        yield f"less than {MIN_NONE:.0%} without a boundary"
    if sum(p.text[at - 1] != "\n" for p in prompts for at in p.boundaries) < MIN_INLINE:
        yield f"fewer than {MIN_INLINE} boundaries within a line"
    if (HERE / "prompts.jsonl").read_text("utf-8") != blocks.lines():
        yield "prompts.jsonl is not what build.py makes of the blocks"


def grams(text: str) -> frozenset[tuple[str, ...]]:
    """The 3-grams of a text: of words, or of characters where words are not set apart by blanks."""
    lowered = text.lower()
    units = [c for c in lowered if c.isalnum()] if UNSPACED.search(lowered) else re.findall(r"\w+|[^\w\s]+", lowered)
    return frozenset(zip(units, units[1:], units[2:], strict=False)) or frozenset({tuple(units)})


def near_duplicates(prompts: list[Marked]) -> Iterator[tuple[str, str, float]]:
    """Pairs of different parts of the split whose 3-grams have a Jaccard index above NEAR."""
    all_grams = [grams(p.text) for p in prompts]
    seen: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(all_grams):
        shared = Counter(other for gram in own for other in seen[gram])
        for other, common in shared.items():
            likeness = common / (len(own) + len(all_grams[other]) - common)
            if likeness > NEAR and split_of(prompts[other].topic) != split_of(prompts[index].topic):
                yield prompts[other].id, prompts[index].id, likeness
        for gram in own:
            seen[gram].append(index)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A table in Markdown, numbers to the right from the second column on."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def counts(prompts: list[Marked]) -> str:
    """The tables of the card."""
    inline = sum(p.text[at - 1] != "\n" for p in prompts for at in p.boundaries)
    total = sum(len(p.boundaries) for p in prompts)
    splits = []
    for name in PARTS:
        part = [p for p in prompts if split_of(p.topic) == name]
        none = sum(not p.boundaries for p in part)
        splits.append((name, len({p.topic for p in part}), len(part), sum(len(p.boundaries) for p in part), none))

    def by(field: str) -> list[tuple[object, ...]]:
        found: defaultdict[str, list[Marked]] = defaultdict(list)
        for prompt in prompts:
            found[str(getattr(prompt, field))].append(prompt)
        ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        return [(name, len(part), sum(len(p.boundaries) for p in part)) for name, part in ordered]

    words = sorted(len(p.text.split()) for p in prompts)
    return "\n\n".join(
        (
            f"{len(prompts)} prompts in {len({p.topic for p in prompts})} topics with {total} boundaries, {inline} of"
            f" them within a line; {sum(not p.boundaries for p in prompts)} prompts have none."
            f" Length in words: median {words[len(words) // 2]}, longest {words[-1]}.",
            "By split:",
            table(("split", "topics", "prompts", "boundaries", "prompts with none"), splits),
            "By layout:",
            table(("layout", "prompts", "boundaries"), by("layout")),
            "By language:",
            table(("lang", "prompts", "boundaries"), by("lang")),
        )
    )


def main() -> int:
    """Prints the table and the faults; 1 if there is any fault."""
    parser = argparse.ArgumentParser(description="Checks the data set of the anchors.")
    parser.add_argument("--update", action="store_true", help="write the counts into the card")
    update: bool = parser.parse_args().update
    prompts, faults = read(HERE)
    faults += faults_of_set(prompts)
    expected = counts(prompts)
    card = CARD.read_text(encoding="utf-8") if CARD.exists() else ""
    if update and card.count(BEGIN) == card.count(END) == 1:
        card = f"{card.partition(BEGIN)[0]}{BEGIN}\n\n{expected}\n\n{END}{card.partition(END)[2]}"
        CARD.write_text(card, encoding="utf-8")
    if card.count(BEGIN) != 1 or card.partition(BEGIN)[2].partition(END)[0].strip() != expected:
        faults.append(f"{CARD.name}: the counts are not those of the data, see --update")
    print(expected)
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    print(f"\n{len(faults)} faults" if faults else "\nno faults")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
