"""The pair verifier: what it reads of two texts, and what it says of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.cache.verifier import PairJudge, build_judge
from optafly.errors import ModelCorrupt
from optafly.neural.encoder import Encoder
from optafly.neural.pairs import SHORT, cut_to_difference, load_pair_model
from optafly.neural.weights import weights_file

rows = st.lists(st.integers(0, 9), max_size=300)


@pytest.fixture(scope="module")
def judge() -> PairJudge:
    return build_judge(Encoder())


@given(rows, rows)
def test_whatever_differs_is_read(a: list[int], b: list[int]) -> None:
    read_a, read_b = cut_to_difference(a, b)
    assert read_a == sorted(set(read_a))
    assert read_b == sorted(set(read_b))
    left_a = [piece for place, piece in enumerate(a) if place not in set(read_a)]
    left_b = [piece for place, piece in enumerate(b) if place not in set(read_b)]
    assert left_a == left_b


@given(rows)
def test_short_texts_are_read_whole(a: list[int]) -> None:
    short = a[:SHORT]
    assert cut_to_difference(short, short[::-1]) == ([*range(len(short))], [*range(len(short))])


def test_a_long_text_is_cut_to_its_difference() -> None:
    text = [number * 7 for number in range(1, 400)]
    read, other = cut_to_difference([*text, 1, *text], [*text, 2, *text])
    assert len(text) in read
    assert len(text) in other
    assert len(read) < 100


def test_rewording_is_taken_for_the_same(judge: PairJudge) -> None:
    judged = judge.same("how do I undo the last git commit?", "How can I undo the last git commit", 0.95)
    assert judged.same
    assert judged.p is not None
    assert judged.p >= judge.threshold


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("convert JSON to YAML in Python", "convert YAML to JSON in Python"),
        ("delete the local branch feature/login", "delete the remote branch feature/login"),
        ("how do I enable 2FA on GitHub?", "how do I disable 2FA on GitHub?"),
        ("list files older than 7 days", "list files older than 30 days"),
        ("merge branch a into b", "merge branch b into a"),
        ("sort the list in ascending order", "sort the list in descending order"),
        ("write a unit test for parse_date", "write a unit test for parse_time"),
    ],
)
def test_an_edit_that_changes_the_answer_is_not(judge: PairJudge, a: str, b: str) -> None:
    assert not judge.same(a, b, 0.95).same


def test_the_order_of_the_texts_does_not_matter(judge: PairJudge) -> None:
    a, b = "why is my docker build slow", "what makes my docker build so slow?"
    one, other = judge.same(a, b, 0.9), judge.same(b, a, 0.9)
    assert one.same == other.same
    assert one.p == pytest.approx(other.p, abs=1e-4)


def test_texts_that_differ_too_much_to_be_compared_are_not_the_same(judge: PairJudge) -> None:
    judged = judge.same("explain what a monad is " * 60, "tell me something on the parsing of grammars " * 60, 0.9)
    assert not judged.same


def test_a_stricter_threshold_counts_and_a_looser_one_does_not(judge: PairJudge) -> None:
    model = load_pair_model()
    assert PairJudge(Encoder(), model, threshold=0.9999).threshold == 0.9999
    assert PairJudge(Encoder(), model, threshold=0.01).threshold == model.threshold


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    damaged = tmp_path / "verifier.safetensors"
    damaged.write_bytes(weights_file("verifier.safetensors").read_bytes()[:1000])
    with pytest.raises(ModelCorrupt, match=r"verifier\.safetensors"):
        load_pair_model(damaged)
