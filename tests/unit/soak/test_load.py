from collections import Counter

import pytest

from tests.soak.load import SHARES, Load, Planned
from tests.soak.words import key_digest
from tests.standin.models import find_model
from tests.standin.refusals import refuse_body

KEYS = ("one", "two")


@pytest.fixture(scope="module")
def drawn() -> list[Planned]:
    load = Load(3, KEYS)
    return [load.draw() for _ in range(1000)]


def test_the_same_seed_asks_the_same(drawn: list[Planned]) -> None:
    again = Load(3, KEYS)
    assert [again.draw().asked for _ in range(300)] == [planned.asked for planned in drawn[:300]]


def test_every_kind_is_asked(drawn: list[Planned]) -> None:
    assert Counter(planned.asked.kind for planned in drawn).keys() == SHARES.keys()


def test_all_bodies_are_what_the_api_takes(drawn: list[Planned]) -> None:
    for planned in drawn:
        if planned.body is not None:
            counting = planned.asked.route == "count_tokens"
            assert refuse_body(planned.body, counting=counting) is None, planned.asked.kind
            assert find_model(planned.body["model"]) is not None


def test_repeats_are_of_an_earlier_question_in_the_same_place(drawn: list[Planned]) -> None:
    before = {(planned.asked.body, planned.asked.place) for planned in drawn if planned.asked.kind == "new question"}
    twins = {(planned.asked.body, planned.asked.place) for planned in drawn if planned.asked.kind == "two at once"}
    for planned in drawn:
        if planned.asked.kind == "repeat":
            assert (planned.asked.body, planned.asked.place) in before | twins


def test_one_body_is_asked_in_more_than_one_place(drawn: list[Planned]) -> None:
    for planned in drawn:
        if planned.asked.kind == "same body, other key or project":
            elsewhere = {other.asked.place for other in drawn if other.asked.body == planned.asked.body}
            assert len(elsewhere) > 1


def test_the_key_that_is_sent_is_the_key_that_is_expected(drawn: list[Planned]) -> None:
    assert all(planned.asked.key == key_digest(KEYS[planned.key]) for planned in drawn)
    assert {planned.key for planned in drawn} == {0, 1}


def test_two_at_once_are_the_same_and_next_to_each_other(drawn: list[Planned]) -> None:
    numbers = [place for place, planned in enumerate(drawn[:-1]) if planned.asked.kind == "two at once"]
    for first, second in zip(numbers[::2], numbers[1::2], strict=False):
        assert second == first + 1
        assert drawn[first].body == drawn[second].body
        assert drawn[first].asked.place == drawn[second].asked.place
