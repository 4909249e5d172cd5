"""Rows whose places stand in another order still say the same."""

import random
from collections import Counter
from typing import Any

SHOWN = "> A fix here\nA method Cart.total cart: cursor\nB function tax rates: error\nC file cart: open\n{}\nchecks dt"


def row(code: Any, says: str, bad: str = "bad B mypy error call-arg") -> Any:
    return code.examples.Row("shop-001", SHOWN.format(bad), says)


def meaning(found: Any) -> tuple[str, ...]:
    """What a row says of which places, without their letters."""
    lines = found.shown.split("\n")
    places = {line[0]: line[2:] for line in lines[1:4]}
    parts = found.says.replace("? ", "").split(" ")
    said = sorted(places[part] for part in parts if part in places)
    bad = [f"bad {places[line[4]]} {line[6:]}" for line in lines if line.startswith("bad ") and line[4] in places]
    return (
        lines[0],
        *sorted(places.values()),
        *said,
        *bad,
        *(part for part in parts if part not in places),
        *lines[5:],
    )


def test_every_order_says_the_same(code: Any) -> None:
    for says in ("fix B dt Fix the call-arg error in tax.", "fix ? A C t =", "clear"):
        given = row(code, says)
        mixed = [code.order.reordered(given, random.Random(seed)) for seed in range(40)]
        assert {meaning(one) for one in mixed} == {meaning(given)}
        assert len({one.shown for one in mixed}) == 6  # of three places


def test_letters_follow_one_another_in_lines_and_answers(code: Any) -> None:
    for seed in range(20):
        found = code.order.reordered(row(code, "fix ? A C t ="), random.Random(seed))
        assert [line[0] for line in found.shown.split("\n")[1:4]] == ["A", "B", "C"]
        assert found.says in {"fix ? A B t =", "fix ? A C t =", "fix ? B C t ="}


def test_a_request_or_a_message_with_a_letter_is_left_alone(code: Any) -> None:
    given = row(code, "explain - - Explain A or B.", "bad KeyError B a")
    for seed in range(10):
        found = code.order.reordered(given, random.Random(seed))
        assert found.shown.startswith("> A fix here\n") and "\nbad KeyError B a\n" in found.shown
        assert found.says == given.says


def test_an_epoch_is_the_same_again_and_another_one_is_not(code: Any) -> None:
    rows = [code.examples.Row(f"shop-{n:03}", SHOWN.format("bad KeyError"), "fix B t =") for n in range(200)]
    first = code.order.of_epoch(rows, 1, 0)
    assert first == code.order.of_epoch(rows, 1, 0) != code.order.of_epoch(rows, 1, 1)
    kept = Counter(one == given for one, given in zip(first, rows, strict=True))
    assert 80 < kept[True] < 150  # half of them, and a sixth of the rest by chance
