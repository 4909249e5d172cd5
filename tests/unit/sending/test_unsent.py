"""Prompts that wait to be sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from optafly.errors import InputError, NotFound, OptaFlyError
from optafly.sending.order import Order
from optafly.sending.unsent import MOST, Outbox


def ticking() -> Callable[[], float]:
    now = iter(range(1_800_000_000, 1_900_000_000, 60))
    return lambda: float(next(now))


def order(text: str) -> Order:
    return Order(text, "claude-sonnet-5-5", 100, workspace="/somewhere")


def test_the_newest_comes_first_and_the_oldest_go(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "unsent", ticking())
    made = [outbox.keep(order(f"prompt {number}")) for number in range(MOST + 5)]
    assert [kept.id for kept in outbox.all()] == [kept.id for kept in reversed(made[5:])]
    assert outbox.find() == made[-1]
    assert outbox.find(made[7].id) == outbox.find(made[7].id[:-2]) == made[7]
    outbox.remove(made[-1].id)
    assert outbox.find() == made[-2]


def test_of_one_second_too_the_newest_comes_first(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "unsent", iter([1_000_000 + number / 100 for number in range(12)]).__next__)
    made = [outbox.keep(order(f"prompt {number}")) for number in range(12)]
    assert [kept.id for kept in outbox.all()] == [kept.id for kept in reversed(made)]
    assert outbox.find() == made[-1]


def test_what_is_on_its_way_is_not_let_go_of(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "unsent", ticking())
    sent = outbox.keep(order("on its way"))
    claim = outbox.claim(sent.id)
    made = [outbox.keep(order(f"prompt {number}")) for number in range(MOST + 1)]
    assert [kept.id for kept in outbox.all()] == [*(kept.id for kept in reversed(made[1:])), sent.id]
    with pytest.raises(OptaFlyError, match="on its way"):
        Outbox(tmp_path / "unsent").claim(sent.id)
    outbox.let_go(claim)
    outbox.keep(order("one more"))
    assert sent.id not in {kept.id for kept in outbox.all()}
    assert {path.suffix for path in (tmp_path / "unsent").iterdir()} == {".json"}


def test_what_was_kept_by_who_was_killed_is_taken_up_again(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "unsent", ticking())
    kept = outbox.keep(order("one"), name="20260131-120000-1a2b")
    assert outbox.keep(order("one"), name=kept.id) == kept
    with pytest.raises(InputError, match="another prompt"):
        outbox.keep(order("two"), name=kept.id)


def test_whatever_the_text_is_it_comes_back(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "unsent")
    text = 'a\x00b\u2028 \U0001f642 \\ " \r\n<task>'
    kept = outbox.keep(order(text), refined=True)
    outbox.failed(kept, "no network")
    found = outbox.find(kept.id)
    assert (found.order.text, found.reason, found.refined, found.order) == (text, "no network", True, order(text))


def test_names_that_are_none(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "unsent", ticking())
    with pytest.raises(NotFound, match="no prompt waits"):
        outbox.find()
    outbox.keep(order("one"))
    outbox.keep(order("two"))
    for name in ("../unsent", "x", "*", "20270115-08000é"):
        with pytest.raises(InputError, match="an id looks like"):
            outbox.find(name)
    with pytest.raises(InputError, match="beginning of 2 ids"):
        outbox.find("20")
    with pytest.raises(NotFound, match="--retry list"):
        outbox.find("19990101-000000-0000")


def test_a_damaged_file_is_passed_over(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "unsent", ticking())
    older, newer = outbox.keep(order("older")), outbox.keep(order("newer"))
    (tmp_path / "unsent" / f"{newer.id}.json").write_bytes(b'{"id": "\xff')
    (tmp_path / "unsent" / "notes.json").write_text("{}")
    assert outbox.find() == older
    assert outbox.all() == (older,)
