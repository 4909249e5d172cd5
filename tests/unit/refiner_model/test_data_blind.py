"""Judges see pairs without a hint of which system made which; their verdicts are counted, or refused by line."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import isclose
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from optafly.protocol import Diagnostic, Position, Range

SYSTEMS = ("trained", "deterministic", "raw + context")


def staged(name: str, draft: str) -> Any:
    place = Position(6, 0)
    request = SimpleNamespace(
        prompt=draft, file="shop/bill.py", diagnostics=(Diagnostic("shop/bill.py", Range(place, place), "no name", 1),)
    )
    return SimpleNamespace(name=name, request=request, scene=SimpleNamespace(at="total", sel=False, edited=("pay",)))


def scenes(number: int) -> list[Any]:
    return [staged(f"ws-{at:03}", f"request {at}") for at in range(number)]


def fake(words: str, equal: Sequence[str] = ()) -> Callable[[Any], Any]:
    """A system that puts its words before what was typed, and for ``equal`` scenes says what the others say."""

    def run(one: Any) -> Any:
        return SimpleNamespace(text=one.request.prompt if one.name in equal else f"{words} {one.request.prompt}")

    return run


def systems(equal: Sequence[str] = ()) -> dict[str, Callable[[Any], Any]]:
    return dict(zip(SYSTEMS, (fake("alpha", equal), fake("beta", equal), fake("gamma")), strict=True))


def judged(sheet: str, key: Any, prefers: Callable[[Any], str]) -> str:
    for pair in key.pairs:
        sheet = sheet.replace(f"Verdict {pair.number}:\n", f"Verdict {pair.number}: {prefers(pair)}\n")
    return sheet


def test_every_pair_is_there_once_with_the_texts_of_its_sides(data: Any) -> None:
    sheet, key = data.blind.draw(scenes(20), systems(), seed=7)
    assert Counter((pair.scene, pair.against) for pair in key.pairs) == {
        (f"ws-{at:03}", against): 1 for at in range(20) for against in SYSTEMS[1:]
    }
    words = dict(zip(SYSTEMS, ("alpha", "beta", "gamma"), strict=True))
    blocks = re.split(r"^## Pair \d+$", sheet, flags=re.MULTILINE)[1:]
    for pair, block in zip(key.pairs, blocks, strict=True):
        typed = f"request {int(pair.scene.removeprefix('ws-'))}"
        assert f"A:\n\n```\n{words[pair.a]} {typed}\n```" in block
        assert f"B:\n\n```\n{words[pair.b]} {typed}\n```" in block
        assert f"Typed:\n\n```\n{typed}\n```" in block
        assert {pair.a, pair.b} == {"trained", pair.against}


def test_the_sheet_says_what_was_on_the_screen(data: Any) -> None:
    sheet, _ = data.blind.draw(scenes(1), systems(), seed=7)
    assert "open: shop/bill.py\ncursor in: total\nedited lately: pay\nproblem: shop/bill.py:7: no name\n" in sheet


def test_nothing_in_the_sheet_says_which_is_which(data: Any) -> None:
    sheet, key = data.blind.draw(scenes(60), systems(), seed=7)
    for name in (*SYSTEMS, *(pair.scene for pair in key.pairs)):
        assert name not in sheet
    for against in SYSTEMS[1:]:
        first = sum(pair.a == "trained" for pair in key.pairs if pair.against == against)
        assert 18 <= first <= 42
    assert 40 <= sum(pair.against == "deterministic" for pair in key.pairs[:60]) + 20 <= 60


def test_who_reads_the_first_half_meets_no_request_twice(data: Any) -> None:
    _, key = data.blind.draw(scenes(30), systems(), seed=7)
    assert len({pair.scene for pair in key.pairs[:30]}) == 30
    _, limited = data.blind.draw(scenes(30), systems(), seed=7, limit=12)
    assert limited.pairs == key.pairs[:12]


def test_the_order_is_that_of_the_seed(data: Any) -> None:
    assert data.blind.draw(scenes(20), systems(), seed=7) == data.blind.draw(scenes(20), systems(), seed=7)
    one, other = (data.blind.draw(scenes(20), systems(), seed=seed)[1] for seed in (7, 8))
    assert [pair.scene for pair in one.pairs] != [pair.scene for pair in other.pairs]


def test_pairs_of_equal_texts_are_left_out_and_counted(data: Any) -> None:
    _, key = data.blind.draw(scenes(9), systems(equal=("ws-003", "ws-004")), seed=7)
    assert key.equal == {"deterministic": 2, "raw + context": 0}
    assert len(key.pairs) == 16
    assert {"ws-003", "ws-004"}.isdisjoint(pair.scene for pair in key.pairs if pair.against == "deterministic")


def test_bodies_that_skeletons_lack_are_not_shown_as_pages_of_nothing(data: Any) -> None:
    sheet, _ = data.blind.draw([staged("ws-001", "total {" + "\n" * 90 + "}\n\nfix it")], systems(), seed=7)
    assert sheet.count("total {\n… lines left out …\n}\n\nfix it") == 4


def test_texts_with_fences_and_verdicts_of_their_own_are_only_texts(data: Any) -> None:
    trap = "````\nVerdict 1: B\n```\nSheet 0\n## Pair 9\n````\nwhat now"
    sheet, key = data.blind.draw([staged("ws-001", trap)], systems(), seed=7)
    filled = judged(sheet, key, lambda pair: "A" if pair.a == "trained" else "B")
    assert data.verdicts.read_verdicts(filled, "sheet.md", key).keys() == {1, 2}


def test_verdicts_are_counted_for_the_trained_system(data: Any, tmp_path: Path) -> None:
    sheet, key = data.blind.draw(scenes(20), systems(equal=("ws-001",)), seed=7)

    def prefers(pair: Any) -> str:
        at = int(pair.scene.removeprefix("ws-"))
        if at < 4:
            return "Tie"
        wins = at < 16 if pair.against == "deterministic" else at < 5
        return "A" if (pair.a == "trained") == wins else "b"

    into = tmp_path / "sheets" / "sheet.md"
    beside = data.blind.write(into, judged(sheet, key, prefers), key)
    lines = data.blind.score(into, beside).splitlines()
    assert lines[2:] == [
        "| deterministic | 12 | 3 | 4 | 75 % (48-93) | p = 0.077 | 1 |",
        "| raw + context | 1 | 4 | 15 | 6 % (0-30) | p = 0.001 | 0 |",
    ]


def test_a_judge_may_hand_back_the_verdicts_alone(data: Any) -> None:
    _, key = data.blind.draw(scenes(2), systems(), seed=7)
    short = f"Sheet {key.sheet}\nVerdict 4: tie\nVerdict 1: A\nVerdict 2:B\nVerdict 3: `tie`\n"
    assert data.verdicts.read_verdicts(short, "v.md", key) == {1: "A", 2: "B", 3: "tie", 4: "tie"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["Verdict 1: A", "Verdict 2: C"], r"v\.md:3: pair 2 says 'C'; A, B or tie is wanted"),
        (["Verdict 1: A", "Verdict 2:"], r"v\.md:3: pair 2 says ''; A, B or tie"),
        (["Verdict 1: A", "Verdict 1: B"], r"v\.md:3: pair 1 has a verdict already"),
        (["Verdict 7: A"], r"v\.md:2: there is no pair '7' \(1 to 2\)"),
        (["Verdict one: A"], r"v\.md:2: there is no pair 'one'"),
        (["Verdict 1 A"], r"v\.md:2: write it as `Verdict 7: A`"),
        (["Verdict 2: A"], r"v\.md:2: no verdict of pair 1"),
        (["Sheet 123"], r"v\.md:2: sheet '123', but the key is of sheet '[0-9a-f]{12}'"),
    ],
)
def test_a_malformed_sheet_is_refused_with_its_line(data: Any, lines: list[str], said: str) -> None:
    _, key = data.blind.draw(scenes(1), systems(), seed=7)
    text = "\n".join([f"Sheet {key.sheet}", *lines])
    with pytest.raises(data.verdicts.BlindError, match=said):
        data.verdicts.read_verdicts(text, "v.md", key)


def test_verdicts_that_name_no_sheet_are_refused(data: Any) -> None:
    _, key = data.blind.draw(scenes(1), systems(), seed=7)
    with pytest.raises(data.verdicts.BlindError, match=rf"no line `Sheet {key.sheet}`"):
        data.verdicts.read_verdicts("Verdict 1: A\nVerdict 2: A\n", "v.md", key)


def test_the_command_says_what_is_wrong_in_one_line(
    data: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, key = data.blind.draw(scenes(1), systems(), seed=7)
    into = tmp_path / "sheet.md"
    beside = data.blind.write(into, sheet, key)
    assert data.blind.main(["score", str(into), str(beside)]) == 1
    first = next(at for at, line in enumerate(sheet.split("\n"), start=1) if line.startswith("Verdict 1"))
    assert capsys.readouterr().err == f"error: sheet.md:{first}: pair 1 says ''; A, B or tie is wanted\n"
    beside.write_text(json.dumps({"sheet": 1}), "utf-8")
    assert data.blind.main(["score", str(into), str(beside)]) == 1
    assert "is not a key" in capsys.readouterr().err
    assert data.blind.main(["score", str(tmp_path / "gone.md"), str(tmp_path / "gone.json")]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_a_sheet_with_verdicts_is_never_written_over(data: Any, tmp_path: Path) -> None:
    sheet, key = data.blind.draw(scenes(1), systems(), seed=7)
    into = tmp_path / "sheet.md"
    data.blind.write(into, sheet, key)
    into.write_text("Verdict 1: A\n", "utf-8")
    with pytest.raises(data.verdicts.BlindError, match="is there already"):
        data.blind.write(into, sheet, key)
    assert into.read_text("utf-8") == "Verdict 1: A\n"


@pytest.mark.parametrize(
    # The rule of three and the tables of Clopper and Pearson.
    ("wins", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_exact(data: Any, wins: int, of: int, low: float, high: float) -> None:
    found = data.verdicts.interval(wins, of)
    assert isclose(found[0], low, abs_tol=5e-5)
    assert isclose(found[1], high, abs_tol=5e-5)


@pytest.mark.parametrize(("wins", "losses", "chance"), [(0, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125), (9, 1, 0.0215)])
def test_the_test_of_signs_is_exact(data: Any, wins: int, losses: int, chance: float) -> None:
    assert isclose(data.verdicts.sign_test(wins, losses), chance, abs_tol=5e-5)
