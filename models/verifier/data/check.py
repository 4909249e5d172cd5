"""Checks the pairs of the verifier's data set and prints what is in it; status 1 where a line breaks a rule."""

import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

HERE: Final = Path(__file__).resolve().parent
PATTERN: Final = "pairs_*.jsonl"
MAX_WORDS: Final = 270
NEAR: Final = 0.6
GRAM: Final = 3

SAME_KINDS: Final = frozenset(
    "synonym typo abbreviation question_vs_order short_vs_long word_order politeness passive_active filler "
    "spelling_variant case contraction explanatory_extra other_phrase code_style long_same".split()
)
DIFFERENT_KINDS: Final = frozenset(
    "polarity number version identifier path flag language library direction scope platform argument quantifier time "
    "error_code output_form aspect order unit long_tail context_dependent related_topic subset negated_constraint "
    "typo_that_changes other_language".split()
)
ONLY_IN_FORM: Final = frozenset({"case", "code_style"})
FIELDS: Final = {"id": str, "topic": str, "a": str, "b": str, "same": bool, "kind": str}

Part = Literal["train", "calibration", "held_out"]
PARTS: Final[tuple[Part, ...]] = ("train", "calibration", "held_out")

_ID = re.compile(r"[a-z]-[a-z0-9]+-\d{4}")
_TOPIC = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_SECRET = re.compile(r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30}|-----BEGIN [A-Z ]*PRIVATE KEY|xox[abp]-\d{6}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")

# Words that are common in one language and rare in the others; enough for a guess, no more.
_COMMON: Final = {
    "de": "der die das und ist nicht wie ich ein eine einen einer für mit auf von zu den dem was mir mein warum "
    "zwischen werden wird kann bitte im zum zur beim sich oder bei sind nur ohne aus wenn noch schreibe erkläre alle",
    "fr": "le la les des du est une un pour dans avec sur que qui comment pourquoi ce cette mon ma et ou je il "
    "fichier entre sans pas moi au aux d l qu écris explique cela ça",
    "es": "el los las del una un para con por qué cómo que en mi es y o no cuál entre sin al como esto este esta "
    "archivo hago puedo se lo función explica",
    "pt": "o os as do da um uma para com por que como em meu não é e ou entre sem ao isso este esta arquivo faço "
    "posso se num no na dos das explique função",
    "it": "il lo gli della del un una per con che come in mio non è e o tra senza questo questa file funzione "
    "perché di da si spiegami codice sono nel su",
    "nl": "de het een en is niet hoe ik van voor met op te wat mijn waarom tussen zonder dit dat bestand naar leg "
    "uit eens",
    "pl": "jak nie jest to w na z do dla czy co mój i się plik przez od bez popraw różnica między",
    "tr": "bir ve nasıl için bu ne ile mi değil dosya neden olarak gibi bunu düzelt",
    "sv": "och att det är hur jag en ett för med inte på den vad av till som fixa här mellan utan skriv",
    "en": "the a an is are to of in and for how do does i my what with on it this that why not from can you write "
    "explain fix make please without which when between use by be per vs one than into should "
    "all no non file files delete update jest find print list two",
}
_COMMON_WORDS: Final = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_SCRIPTS: Final = tuple(
    (language, re.compile(letters))
    for language, letters in (
        ("ja", r"[\u3040-\u30ff]"),
        ("ko", r"[\uac00-\ud7af]"),
        ("zh", r"[\u4e00-\u9fff]"),
        ("ru", r"[\u0400-\u04ff]"),
        ("el", r"[\u0370-\u03ff]{3}"),
        ("ar", r"[\u0600-\u06ff]"),
        ("he", r"[\u0590-\u05ff]"),
        ("hi", r"[\u0900-\u097f]"),
    )
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the data set, and where it stands."""

    id: str
    topic: str
    a: str
    b: str
    same: bool
    kind: str
    place: str


def part_of(topic: str) -> Part:
    """The part of the split that a topic belongs to, by its name alone: about 70, 10 and 20 of a hundred topics."""
    bucket = int.from_bytes(hashlib.sha256(topic.encode()).digest()[:8], "big") % 100
    return "train" if bucket < 70 else "calibration" if bucket < 80 else "held_out"


def read_pairs(folder: Path) -> tuple[list[Pair], list[str]]:
    """The pairs whose form is right, in the order of the files, and the faults of the other lines."""
    pairs: list[Pair] = []
    faults: list[str] = []
    for path in sorted(folder.glob(PATTERN)):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            place = f"{path.name}:{number}"
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except json.JSONDecodeError as error:
                faults.append(f"{place}: not JSON: {error}")
                continue
            wrong = _wrong_form(found)
            faults += [f"{place}: {fault}" for fault in wrong]
            if not wrong:
                pairs.append(Pair(**found, place=place))
    return pairs, faults


def _wrong_form(found: object) -> list[str]:
    if not isinstance(found, dict) or set(found) != set(FIELDS):
        return [f"the fields must be {', '.join(FIELDS)}"]
    faults = [f"{name} must be {kind.__name__}" for name, kind in FIELDS.items() if type(found[name]) is not kind]
    if faults:
        return faults
    if not _ID.fullmatch(found["id"]):
        faults.append(f"id {found['id']!r} is not like c-alg-0001")
    if not _TOPIC.fullmatch(found["topic"]):
        faults.append(f"topic {found['topic']!r} is not like binary-search")
    if found["kind"] not in (SAME_KINDS if found["same"] else DIFFERENT_KINDS):
        faults.append(f"kind {found['kind']!r} does not go with same={found['same']}")
    for name in ("a", "b"):
        text = found[name]
        if not text.strip() or text != text.strip():
            faults.append(f"{name} is empty or has blanks round it")
        if len(text.split()) > MAX_WORDS:
            faults.append(f"{name} has more than {MAX_WORDS} words")
        if _CONTROL.search(text) or _SECRET.search(text):
            faults.append(f"{name} holds a control character or what looks like a secret")
    return faults


def wrong_pairs(pairs: Sequence[Pair]) -> Iterator[str]:
    """Faults of single pairs that have the right form, and of pairs beside each other."""
    ids: dict[str, str] = {}
    texts: dict[frozenset[str], str] = {}
    files: defaultdict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        if pair.id in ids:
            yield f"{pair.place}: id {pair.id} stands at {ids[pair.id]} already"
        ids.setdefault(pair.id, pair.place)
        both = frozenset({pair.a, pair.b})
        if both in texts:
            yield f"{pair.place}: the same two texts stand at {texts[both]} already"
        texts.setdefault(both, pair.place)
        file = pair.place.partition(":")[0]
        if file not in files[pair.topic] and files[pair.topic]:
            yield f"{pair.place}: topic {pair.topic} stands in {files[pair.topic][0]} as well"
        if file not in files[pair.topic]:
            files[pair.topic].append(file)
        if pair.a == pair.b and pair.kind != "context_dependent":
            yield f"{pair.place}: identical texts are for kind context_dependent only"
        elif pair.same and pair.kind not in ONLY_IN_FORM and _plain(pair.a) == _plain(pair.b):
            yield f"{pair.place}: the texts differ in case or blanks only: kind must be one of {sorted(ONLY_IN_FORM)}"


def contradictions(pairs: Sequence[Pair]) -> Iterator[str]:
    """Pairs labelled different whose texts other pairs make the same, one after the other."""
    leader: dict[str, str] = {}

    def find(text: str) -> str:
        while (above := leader.setdefault(text, text)) != text:
            leader[text] = text = leader.setdefault(above, above)
        return text

    for pair in pairs:
        if pair.same:
            leader[find(pair.a)] = find(pair.b)
    for pair in pairs:
        if not pair.same and pair.a != pair.b and find(pair.a) == find(pair.b):
            yield f"{pair.place}: labelled different, but other pairs make the texts the same: {pair.a[:50]!r}"


def shared_texts(pairs: Sequence[Pair]) -> Iterator[str]:
    """Texts that stand in two topics, and may so come into two parts of the split; a note, not a fault."""
    topics: dict[str, Pair] = {}
    for pair in pairs:
        for text in (pair.a, pair.b) if pair.kind != "context_dependent" else ():
            first = topics.setdefault(text, pair)
            if first.topic != pair.topic:
                yield f"note: {pair.place} has a text of topic {first.topic} ({first.place}): {text[:50]!r}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _grams(pair: Pair) -> frozenset[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for text in (pair.a, pair.b):
        words = _WORD.findall(text.casefold())
        found.update(tuple(words[at : at + GRAM]) for at in range(max(1, len(words) - GRAM + 1)))
    return frozenset(found)


def near_duplicates(pairs: Sequence[Pair]) -> Iterator[str]:
    """Pairs of different topics that share more of their runs of three words than is allowed."""
    grams = [_grams(pair) for pair in pairs]
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for later, pair in enumerate(pairs):
        shared: Counter[int] = Counter()
        for gram in grams[later]:
            shared.update(holders[gram])
            holders[gram].append(later)
        for earlier, common in sorted(shared.items()):
            likeness = common / (len(grams[later]) + len(grams[earlier]) - common)
            if likeness > NEAR and pairs[earlier].topic != pair.topic:
                there = pairs[earlier]
                yield f"{pair.place}: {likeness:.2f} like {there.place} of topic {there.topic}: {pair.a[:50]!r}"


def guess_language(text: str) -> str:
    """The language of a text by its script, or else by its common words; "en" where nothing speaks against it."""
    for language, script in _SCRIPTS:
        if script.search(text):
            return language
    words = re.findall(r"[^\W\d_]{2,}", text.casefold())
    scores = {language: sum(word in common for word in words) for language, common in _COMMON_WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    enough = 1 if len(words) <= 5 or not text.isascii() else 2
    return best if scores[best] >= max(enough, scores["en"] + 1) else "en"


def _language(pair: Pair) -> str:
    first, second = guess_language(pair.a), guess_language(pair.b)
    if first == second:
        return first
    if pair.kind == "other_language":
        return "two languages"
    return second if first == "en" else first


def _length(pair: Pair) -> str:
    words = max(len(pair.a.split()), len(pair.b.split()))
    return next((f"up to {limit}" for limit in (5, 10, 20, 50, 120) if words <= limit), "over 120")


def _table(title: str, rows: Iterable[tuple[str, Sequence[Pair]]]) -> Iterator[str]:
    yield f"\n{title:<24}{'same':>8}{'different':>12}{'all':>8}"
    for name, held in rows:
        same = sum(pair.same for pair in held)
        yield f"{name:<24}{same:>8}{len(held) - same:>12}{len(held):>8}"


def _grouped(named: Iterable[tuple[str, Pair]]) -> dict[str, list[Pair]]:
    groups: defaultdict[str, list[Pair]] = defaultdict(list)
    for name, pair in named:
        groups[name].append(pair)
    return groups


def report(pairs: Sequence[Pair]) -> Iterator[str]:
    """What the data set holds, as lines of text."""
    topics = {pair.topic for pair in pairs}
    same = sum(pair.same for pair in pairs)
    yield f"{len(pairs)} pairs, {len(topics)} topics, {same / max(1, len(pairs)):.1%} same"
    files = _grouped((pair.place.partition("_")[2][0], pair) for pair in pairs)
    yield from _table("files", ((f"pairs_{name}_*", files[name]) for name in sorted(files)))
    kinds = _grouped((pair.kind, pair) for pair in pairs)
    yield from _table("kind", sorted(kinds.items(), key=lambda item: (not item[1][0].same, -len(item[1]), item[0])))
    languages = _grouped((_language(pair), pair) for pair in pairs)
    yield from _table("language (a guess)", sorted(languages.items(), key=lambda item: (-len(item[1]), item[0])))
    lengths = _grouped((_length(pair), pair) for pair in pairs)
    order = sorted(lengths, key=lambda name: (name.startswith("over"), len(name), name))
    yield from _table("words of the longer text", ((name, lengths[name]) for name in order))
    parts = _grouped((part_of(pair.topic), pair) for pair in pairs)
    counts = Counter(part_of(topic) for topic in topics)
    yield from _table("split (topics)", ((f"{part} ({counts[part]})", parts.get(part, [])) for part in PARTS))


def main() -> int:
    """Check everything beside this file; 0 where all is well."""
    pairs, faults = read_pairs(HERE)
    faults += wrong_pairs(pairs)
    faults += near_duplicates(pairs)
    faults += contradictions(pairs)
    print("\n".join(report(pairs)))
    print(f"\n{len(faults)} faults" if faults else "\nno faults")
    for line in (*shared_texts(pairs), *faults):
        print(line, file=sys.stderr)
    return 1 if faults or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
