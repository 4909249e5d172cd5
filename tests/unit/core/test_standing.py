"""Requests that mean nothing without what is around them, with the router's probability given."""

from collections.abc import Sequence

import pytest

from optafly.core.standing import Standing


class Given:
    """Says the same of every request."""

    def __init__(self, p: float) -> None:
        self.p = p

    def judge(self, texts: Sequence[str]) -> list[tuple[float, float]]:
        return [(self.p, 0.0) for _ in texts]


@pytest.mark.parametrize("text", ["fix this", "continue", "explain this function", "what does it do?"])
def test_what_points_at_something_unseen_depends_on_it(text: str) -> None:
    assert Standing(Given(0.4)).why_not(text)


def test_words_that_could_point_do_not_count_where_the_network_is_sure() -> None:
    text = "how do I undo the last commit?"
    assert Standing(Given(0.9)).why_not(text) is None
    assert Standing(Given(0.4)).why_not(text) is not None


def test_where_the_network_is_sure_that_it_does_not_stand_alone_it_is_believed() -> None:
    text = "make the button of the login page blue instead"
    assert Standing(Given(0.05)).why_not(text) is not None
    assert Standing(Given(0.5)).why_not(text) is None
