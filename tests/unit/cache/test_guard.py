"""What the guard sees besides content tokens: order in commands, quotes, a question for the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.cache.guard import difference


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("what does cmd 2>&1 > out.txt do", "what does cmd > out.txt 2>&1 do", "order in a command"),
        (
            "git rebase --onto main feature-a feature-b: what does it do?",
            "git rebase --onto main feature-b feature-a: what does it do?",
            "order",
        ),
        ('what does "ours" mean in a rebase', 'what does "theirs" mean in a rebase', "quoted text"),
        ("why squash commits", "squash commits", "reason"),
    ],
)
def test_a_difference_in_the_surface_is_seen(a: str, b: str, kind: str) -> None:
    found = difference(a, b)
    assert found is not None
    assert kind in found


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("sort -h vs sort -n", "sort -n vs sort -h"),
        ("why is my build slow", "what makes my build slow"),
        ("what does 'ours' mean in a rebase", 'in a rebase, what does "ours" mean'),
        ("explain `git push --force`", "git push --force: please explain"),
    ],
)
def test_what_says_the_same_passes(a: str, b: str) -> None:
    assert difference(a, b) is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_ways_round_it_is_the_same(a: str, b: str) -> None:
    assert (difference(a, b) is None) == (difference(b, a) is None)
    assert difference(a, a) is None
