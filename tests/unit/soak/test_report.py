from typing import Any

import msgspec
import pytest

from tests.soak.afterwards import Check
from tests.soak.ledger import Problem
from tests.soak.memory import Growth
from tests.soak.report import Life, Report, in_words

GROWN = Growth(1e9, 1.2e9, 1_200_000_000, 200.0)
STEADY = Growth(1e9, 1e9, 1_000_000_000, 200.0)
FINE = Report(
    machine="a machine", planned=10, at_once=2, seed=1, fail_rate=0.1, took_s=20.0, done=10, tries=11,
    calls={"": 9, "529": 1}, outcomes={"answered, miss": 10}, kinds={"new question": 10}, reasons={}, problems=[],
    lives=[Life(30.0, killed=True, growth=None), Life(200.0, killed=False, growth=STEADY)],
    checks=[Check("files", is_fine=True, seen="0")],
)  # fmt: skip


def test_a_run_without_a_problem_is_fine() -> None:
    assert FINE.is_fine
    assert "**no**" not in "\n".join(in_words(FINE))


@pytest.mark.parametrize(
    "change",
    [{"problems": [Problem("lost", "3", "repeat", "no end")]}, {"checks": [Check("files", is_fine=False, seen="1")]},
     {"lives": [Life(200.0, killed=False, growth=GROWN)]}, {"stopped": "interrupted"}],
)  # fmt: skip
def test_anything_found_fails_the_run_and_is_told(change: dict[str, Any]) -> None:
    report = msgspec.structs.replace(FINE, **change)
    assert not report.is_fine
    words = "\n".join(in_words(report))
    assert "**no**" in words or "interrupted" in words
