"""What judges said of a sheet of pairs, and which system that favours."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import comb
from typing import Final, Literal, get_args

import msgspec

TRAINED: Final = "trained"
AGAINST: Final = ("deterministic", "raw + context")
Verdict = Literal["A", "B", "tie"]
FENCE: Final = re.compile(r"`{3,}")
_MARKED: Final = re.compile(r"Verdict[ \t]+(?P<number>\S*?)[ \t]*:(?P<verdict>.*)")


class BlindError(ValueError):
    """A sheet or a key cannot be used; the message says what is wrong, and where."""


class Pair(msgspec.Struct, frozen=True):
    """One pair of the key: whose text is which."""

    number: int
    scene: str
    against: str
    a: str
    b: str


class Key(msgspec.Struct, frozen=True):
    """Which is which; ``equal`` counts the pairs left out by comparison, because both texts were the same."""

    sheet: str
    seed: int
    pairs: tuple[Pair, ...]
    equal: dict[str, int]


class Score(msgspec.Struct, frozen=True):
    """How the trained system fared against another."""

    against: str
    wins: int
    ties: int
    losses: int
    equal: int


def read_verdicts(text: str, name: str, key: Key) -> dict[int, Verdict]:
    """The verdict of every pair by its number; raises `BlindError` naming the line of ``name``."""
    found: dict[int, Verdict] = {}
    sheet = None
    known = {pair.number for pair in key.pairs}
    for at, line in _outside_fences(text):
        if line.startswith("Sheet "):
            sheet = line.removeprefix("Sheet ").strip()
            if sheet != key.sheet:
                raise BlindError(f"{name}:{at}: sheet {sheet!r}, but the key is of sheet {key.sheet!r}")
        marked = _MARKED.fullmatch(line.strip())
        if marked is None:
            if line.startswith("Verdict"):
                raise BlindError(f"{name}:{at}: write it as `Verdict 7: A`")
            continue
        number = int(marked["number"]) if marked["number"].isdecimal() else 0
        if number not in known:
            raise BlindError(f"{name}:{at}: there is no pair {marked['number']!r} (1 to {len(known)})")
        if number in found:
            raise BlindError(f"{name}:{at}: pair {number} has a verdict already")
        found[number] = _verdict(marked["verdict"].strip(" \t`*."), f"{name}:{at}: pair {number}")
    if sheet is None:
        raise BlindError(f"{name}:1: no line `Sheet {key.sheet}`: is it the sheet of this key?")
    if known - set(found):
        raise BlindError(f"{name}:{len(text.splitlines())}: no verdict of pair {min(known - set(found))} by the end")
    return found


def _verdict(said: str, where: str) -> Verdict:
    for verdict in get_args(Verdict):
        if said.lower() == verdict.lower():
            chosen: Verdict = verdict
            return chosen
    raise BlindError(f"{where} says {said!r}; A, B or tie is wanted")


def _outside_fences(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are the sheet's own, with their numbers."""
    fence = ""
    for at, line in enumerate(text.split("\n"), start=1):
        mark = line.strip()
        if not fence and FENCE.fullmatch(mark):
            fence = mark
        elif fence:
            fence = "" if mark == fence else fence
        else:
            yield at, line


def scores(key: Key, verdicts: Mapping[int, Verdict]) -> list[Score]:
    """What the verdicts say, by comparison."""
    found = []
    for against in AGAINST:
        fates = Counter(_fate(pair, verdicts[pair.number]) for pair in key.pairs if pair.against == against)
        found.append(Score(against, fates["win"], fates["tie"], fates["loss"], key.equal.get(against, 0)))
    return found


def _fate(pair: Pair, verdict: Verdict) -> str:
    if verdict == "tie":
        return "tie"
    return "win" if (pair.a if verdict == "A" else pair.b) == TRAINED else "loss"


def interval(wins: int, of: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson 1934); 0 to 1 where there is nothing to count."""
    low = 0.0 if wins == 0 else _root(lambda share: 1 - _at_most(wins - 1, of, share) - 0.025)
    high = 1.0 if wins == of else _root(lambda share: 0.025 - _at_most(wins, of, share))
    return low, high


def sign_test(wins: int, losses: int) -> float:
    """How likely so uneven a result were if both were equally good: the exact test of signs, two-sided; ties apart."""
    of = wins + losses
    return min(1.0, 2 * _at_most(min(wins, losses), of, 0.5)) if of else 1.0


def _at_most(count: int, of: int, share: float) -> float:
    return sum(comb(of, some) * share**some * (1 - share) ** (of - some) for some in range(count + 1))


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def table(found: Sequence[Score]) -> str:
    """The scores as Markdown."""
    lines = [
        f"| {TRAINED} against | wins | ties | losses | wins of those decided (95 %) | sign test | equal, left out |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for item in found:
        of = item.wins + item.losses
        low, high = interval(item.wins, of)
        share = f"{100 * item.wins / of:.0f} % ({100 * low:.0f}-{100 * high:.0f})" if of else "-"
        test = f"p = {sign_test(item.wins, item.losses):.3f}" if of else "-"
        lines.append(
            f"| {item.against} | {item.wins} | {item.ties} | {item.losses} | {share} | {test} | {item.equal} |"
        )
    return "\n".join(lines)
