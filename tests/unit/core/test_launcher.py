"""Which of two cores is the newer one."""

import itertools

import pytest

from optafly.core.launcher import _age

FROM_OLD_TO_NEW = [
    "", "0.0.1", "0.1.dev2", "0.1.0a1", "0.1.0b1", "0.1.0rc1", "0.1.0rc2", "0.1.0rc10", "0.1.0", "0.1.0.post1", "0.1.1",
    "0.2", "0.9", "0.10", "1", "1.0.0.1", "99.0",
]  # fmt: skip


@pytest.mark.parametrize(("older", "newer"), [*itertools.pairwise(FROM_OLD_TO_NEW)])
def test_a_later_version_is_newer(older: str, newer: str) -> None:
    assert _age(older, 9) < _age(newer, 1)


@pytest.mark.parametrize(
    "version", ["nonsense", "1..2", ".", "1.0\n", "\N{DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}", "9" * 50]
)
def test_whatever_a_version_is_two_cores_do_not_replace_each_other_in_turn(version: str) -> None:
    for other in (*FROM_OLD_TO_NEW, "other"):
        assert (_age(version, 1) < _age(other, 1)) != (_age(other, 1) < _age(version, 1))
    assert _age(version, 1) < _age(version, 2)
