"""Slips of the finger are told from other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.refine.slips import is_slip, one_apart

WORDS = st.text("abcdefgh", min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("cahce", "cache"), ("retrun", "return"), ("parsse", "parse"), ("headr", "header"), ("optmize", "optimize"),
     ("doc", "document"), ("refac", "refactor"), ("impl", "implement")],
)  # fmt: skip
def test_a_slip(typed: str, meant: str) -> None:
    assert is_slip(typed, meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("cache", "cache"), ("enable", "unable"), ("with", "width"), ("add", "and"), ("sort", "port"), ("min", "max"),
     ("include", "exclude"), ("open", "opens"), ("left", "right"), ("remove", "rename"), ("do", "document")],
)  # fmt: skip
def test_no_slip(typed: str, meant: str) -> None:
    assert not is_slip(typed, meant)


def test_a_word_of_the_project_is_meant_as_it_stands() -> None:
    assert is_slip("tokem", "token")
    assert not is_slip("tokem", "token", known=["tokem"])


@given(WORDS, st.integers(0, 8), st.sampled_from("xyz"))
def test_one_edit_is_one_apart_from_either_side(word: str, at: int, letter: str) -> None:
    at = min(at, len(word) - 1)
    edits = [word[:at] + letter + word[at:], word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :]]
    edits.append(word[:at] + word[at : at + 2][::-1] + word[at + 2 :])
    for edited in edits:
        assert one_apart(word, edited)
        assert one_apart(edited, word)


@given(WORDS)
def test_two_letters_more_are_not(word: str) -> None:
    assert not one_apart(word, f"{word}xy")
