"""Checks the data set of the router: ``python models/router/data/check.py``.

Every line of every ``*.jsonl`` file next to this script is checked for its form; then the set as a whole: unique ids,
both labels in each topic, no text twice, no near-duplicates across topics (they would leak over the split), and the
table of counts, which must be the one in the card. The table is printed; any fault is printed too and ends in exit
code 1. ``--update`` writes the table into the card. Standard library only.
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
CARD = HERE / "README.md"
BEGIN, END = "<!-- counts: begin -->", "<!-- counts: end -->"

KINDS: dict[str, frozenset[str]] = {
    "reusable": frozenset(
        "howto concept snippet compare error_meaning translate regex algorithm command general config_syntax"
        " review_given_code explain_given_code math".split()
    ),
    "not": frozenset(
        "selection file conversation project machine_state time random private tool_action external_state deictic"
        " personal_opinion_of_team ambiguous_fragment".split()
    ),
}
LANGS = frozenset("ar de en es fr hi it ja ko nl pl pt ru tr uk vi zh".split())
SCRIPTS = {  # a text in one of these languages has at least one letter of its script
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "uk": re.compile(r"[\u0400-\u04ff]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
}
ANY_SCRIPT = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")

FIELDS = ("id", "topic", "text", "label", "kind", "lang")
TOPIC = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)
SECRET = re.compile(r"-----BEGIN|\bAKIA[0-9A-Z]{12,}|\bgh[pousr]_\w{20,}|\bsk-\w{16,}|\beyJ[\w-]{10,}\.")

MIN_LINES, MIN_TOPICS, MIN_LANGS = 1500, 60, 10
MIN_OTHER_LANGS, MIN_LONG, LONG_WORDS, MAX_WORDS = 0.15, 80, 80, 400
REUSABLE_SHARE = (0.4, 0.6)
NEAR = 0.6


@dataclass(frozen=True, slots=True)
class Prompt:
    """One labelled line."""

    id: str
    topic: str
    text: str
    label: str
    kind: str
    lang: str


def split_of(topic: str) -> str:
    """The part a topic belongs to: "train" (about 70 %), "calibration" (10 %) or "heldout" (20 %).

    It depends on nothing but the name of the topic, so new lines and new topics never move old ones.
    """
    digest = hashlib.sha256(f"optafly-router:{topic}".encode()).digest()
    bucket = int.from_bytes(digest[:8], "big") % 100
    if bucket < 70:
        return "train"
    return "calibration" if bucket < 80 else "heldout"


def load(folder: Path = HERE) -> list[Prompt]:
    """All prompts, in the order of the files and lines; ValueError names the first line that has a fault of form."""
    prompts, faults = read(folder)
    if faults:
        raise ValueError(faults[0])
    return prompts


def read(folder: Path) -> tuple[list[Prompt], list[str]]:
    """The lines that are well formed, and the faults of the others."""
    prompts: list[Prompt] = []
    faults: list[str] = []
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        faults.append(f"{folder}: no *.jsonl file")
    for path in files:
        content = path.read_text(encoding="utf-8")
        if not content.endswith("\n"):
            faults.append(f"{path.name}: no line end at the end of the file")
        for number, line in enumerate(content.removesuffix("\n").split("\n"), 1):
            found = list(faults_of_line(line))
            faults += [f"{path.name}:{number}: {fault}" for fault in found]
            if not found:
                prompts.append(Prompt(**json.loads(line)))
    return prompts, faults


def faults_of_line(line: str) -> Iterator[str]:
    """What is wrong with the form of one line."""
    try:
        row = json.loads(line)
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    if not isinstance(row, dict) or tuple(row) != FIELDS:
        yield f"fields must be {', '.join(FIELDS)}, in this order"
        return
    if not all(isinstance(value, str) and value for value in row.values()):
        yield "every field must be a text that is not empty"
        return
    if not TOPIC.fullmatch(row["topic"]):
        yield f"topic {row['topic']!r} is not in kebab case"
    if not re.fullmatch(re.escape(row["topic"]) + r"-\d{4}", row["id"]):
        yield f"id {row['id']!r} is not the topic and four digits"
    if row["label"] not in KINDS:
        yield f"unknown label {row['label']!r}"
    elif row["kind"] not in KINDS[row["label"]]:
        yield f"kind {row['kind']!r} does not belong to label {row['label']!r}"
    yield from faults_of_text(row["text"], row["lang"])


def faults_of_text(text: str, lang: str) -> Iterator[str]:
    """What is wrong with a text and its language."""
    if text != text.rstrip() or text != text.lstrip("\n"):
        yield "blanks around the text"
    if any(ord(char) < 32 and char not in "\n\t" for char in text):
        yield "control character in the text"
    if len(text.split()) > MAX_WORDS:
        yield f"more than {MAX_WORDS} words"
    if E_MAIL.search(text):
        yield "looks like an e-mail address"
    if SECRET.search(text):
        yield "looks like a secret"
    if lang not in LANGS:
        yield f"unknown language {lang!r}"
    elif lang in SCRIPTS and not SCRIPTS[lang].search(text):
        yield f"no letter of the script of {lang!r}"
    elif lang not in SCRIPTS and lang != "en" and ANY_SCRIPT.search(text):
        yield f"letters of another script than that of {lang!r}"


def faults_of_set(prompts: list[Prompt]) -> Iterator[str]:
    """What is wrong with the set as a whole."""
    yield from (f"id {name} {count} times" for name, count in Counter(p.id for p in prompts).items() if count > 1)

    labels: defaultdict[str, set[str]] = defaultdict(set)
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for prompt in prompts:
        labels[prompt.topic].add(prompt.label)
        texts[" ".join(prompt.text.lower().split())].append(prompt.id)
    yield from (f"topic {topic}: only {', '.join(has)}" for topic, has in labels.items() if has != set(KINDS))
    yield from (f"the same text: {', '.join(ids)}" for ids in texts.values() if len(ids) > 1)
    for one, other, likeness in near_duplicates(prompts):
        yield f"near-duplicates across topics ({likeness:.2f}): {one}, {other}"

    total = len(prompts)
    if total < MIN_LINES:
        yield f"{total} lines, fewer than {MIN_LINES}"
    if len(labels) < MIN_TOPICS:
        yield f"{len(labels)} topics, fewer than {MIN_TOPICS}"
    if len({p.lang for p in prompts} - {"en"}) < MIN_LANGS:
        yield f"fewer than {MIN_LANGS} languages besides English"
    if sum(p.lang != "en" for p in prompts) < MIN_OTHER_LANGS * total:
        yield f"less than {MIN_OTHER_LANGS:.0%} in other languages than English"
    if sum(len(p.text.split()) > LONG_WORDS for p in prompts) < MIN_LONG:
        yield f"fewer than {MIN_LONG} prompts over {LONG_WORDS} words"
    share = sum(p.label == "reusable" for p in prompts) / max(total, 1)
    if not REUSABLE_SHARE[0] <= share <= REUSABLE_SHARE[1]:
        yield f"{share:.0%} reusable"


def grams(text: str) -> frozenset[tuple[str, ...]]:
    """The 3-grams of a text: of words, or of characters where words are not set apart by blanks."""
    lowered = text.lower()
    units = [c for c in lowered if c.isalnum()] if UNSPACED.search(lowered) else re.findall(r"\w+|[^\w\s]+", lowered)
    if len(units) < 3:
        return frozenset({tuple(units)})
    return frozenset(zip(units, units[1:], units[2:], strict=False))


def near_duplicates(prompts: list[Prompt]) -> Iterator[tuple[str, str, float]]:
    """Pairs of different topics whose 3-grams have a Jaccard index above NEAR."""
    all_grams = [grams(p.text) for p in prompts]
    seen: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(all_grams):
        shared = Counter(other for gram in own for other in seen[gram])
        for other, common in shared.items():
            likeness = common / (len(own) + len(all_grams[other]) - common)
            if likeness > NEAR and prompts[other].topic != prompts[index].topic:
                yield prompts[other].id, prompts[index].id, likeness
        for gram in own:
            seen[gram].append(index)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A table in Markdown, numbers to the right from the second column on."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def by(prompts: list[Prompt], field: str) -> list[tuple[object, ...]]:
    """Rows of value, lines, reusable, not; the most frequent first."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for prompt in prompts:
        counts[str(getattr(prompt, field))][prompt.label] += 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    return [(value, count.total(), count["reusable"], count["not"]) for value, count in ordered]


def length_of(prompt: Prompt) -> str:
    """The row of the table of lengths that a prompt belongs to."""
    words = len(prompt.text.split())
    for limit, name in ((5, "1-5"), (12, "6-12"), (24, "13-24"), (80, "25-80"), (199, "81-199")):
        if words <= limit:
            return name
    return "200 and more"


def counts(prompts: list[Prompt]) -> str:
    """The tables of the card."""
    labels = Counter(p.label for p in prompts)
    total = max(len(prompts), 1)
    splits: list[tuple[object, ...]] = []
    for name in ("train", "calibration", "heldout"):
        part = [p for p in prompts if split_of(p.topic) == name]
        reusable = sum(p.label == "reusable" for p in part)
        share = f"{len(part) / total:.1%}"
        splits.append((name, len({p.topic for p in part}), len(part), share, reusable, len(part) - reusable))
    lengths: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for prompt in prompts:
        lengths[length_of(prompt)][prompt.label] += 1
    of_length = [
        (name, lengths[name].total(), lengths[name]["reusable"], lengths[name]["not"])
        for name in ("1-5", "6-12", "13-24", "25-80", "81-199", "200 and more")
    ]
    kinds = sorted(Counter((p.label, p.kind) for p in prompts).items(), key=lambda kv: (kv[0][0] == "not", -kv[1], kv))
    lines = ("lines", "reusable", "not")
    other = sum(p.lang != "en" for p in prompts)
    long = sum(len(p.text.split()) > LONG_WORDS for p in prompts)
    return "\n\n".join(
        (
            f"{len(prompts)} lines in {len({p.topic for p in prompts})} topics: {labels['reusable']} reusable"
            f" ({labels['reusable'] / total:.1%}), {labels['not']} not ({labels['not'] / total:.1%}); {other}"
            f" ({other / total:.1%}) in other languages than English; {long} of more than {LONG_WORDS} words.",
            "By split:",
            table(("split", "topics", "lines", "share", "reusable", "not"), splits),
            "By kind:",
            table(("label, kind", "lines"), ((f"{label}, {kind}", count) for (label, kind), count in kinds)),
            "By language:",
            table(("lang", *lines), by(prompts, "lang")),
            "By length in words (texts in Chinese and Japanese, which have no blanks, count as short):",
            table(("words", *lines), of_length),
            "By topic:",
            table(("topic", *lines), sorted(by(prompts, "topic"), key=lambda row: str(row[0]))),
        )
    )


def faults_of_card(text: str, expected: str) -> Iterator[str]:
    """Whether the card has the table of counts."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        yield f"{CARD.name}: must have {BEGIN} and {END} once each"
    elif text.partition(BEGIN)[2].partition(END)[0].strip() != expected:
        yield f"{CARD.name}: the counts are not those of the data, see --update"


def main() -> int:
    """Prints the table and the faults; 1 if there is any fault."""
    parser = argparse.ArgumentParser(description="Checks the data set of the router.")
    parser.add_argument("--update", action="store_true", help="write the counts into the card")
    update: bool = parser.parse_args().update

    prompts, faults = read(HERE)
    faults += faults_of_set(prompts)
    expected = counts(prompts)
    card = CARD.read_text(encoding="utf-8") if CARD.exists() else ""
    if update and card.count(BEGIN) == card.count(END) == 1:
        head, tail = card.partition(BEGIN)[0], card.partition(END)[2]
        card = f"{head}{BEGIN}\n\n{expected}\n\n{END}{tail}"
        CARD.write_text(card, encoding="utf-8")
    faults += faults_of_card(card, expected)

    print(expected)
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    print(f"\n{len(faults)} faults" if faults else "\nno faults")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
