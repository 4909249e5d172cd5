"""The features of two requests are numbers of the same order and range, whichever comes first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from optafly.cache.content_features import FEATURE_NAMES, features


def named(a: str, b: str) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, features(a, b), strict=True))


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_texts_give_features_from_0_to_1_in_either_order(a: str, b: str) -> None:
    found = features(a, b)
    assert len(found) == len(FEATURE_NAMES)
    assert all(0 <= feature <= 1 for feature in found)
    assert features(b, a) == found


def test_a_text_beside_itself_has_nothing_left_over() -> None:
    found = named("Sort the list in place", "Sort the list in place")
    assert found["likeness"] == found["matched_share"] == 1
    assert found["left_count_more"] == found["changes"] == 0


def test_a_word_put_in_place_of_another_is_one_substitution() -> None:
    found = named("delete the local branch", "delete the remote branch")
    assert found["single_substitution"] == found["opposites"] * 2 == 1
    assert found["left_count_less"] > 0


def test_other_words_for_the_same_thing_are_matched() -> None:
    found = named("remove the folder", "delete the directory")
    assert found["left_count_more"] == 0
    assert found["synonyms"] > 0
