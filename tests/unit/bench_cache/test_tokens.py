from pathlib import Path

import pytest

from optafly.routing.tokens import TokenOptimization, TokenStep
from tests.bench import cache_pairs, tokens
from tests.bench.tokens import Assembled, Saved, drawn, kind_table, optimised, step_table, verdict
from tests.unit.bench_cache.test_command import bench


def saved(kind: str, share: float, context: int = 1_500) -> Saved:
    taken = round(1_000 * share)
    steps = (TokenStep("duplicates", taken, "quoted twice"), TokenStep("outline", 0, "undone: it lost a name"))
    return Saved(kind, context, TokenOptimization("", 1_000, 1_000 - taken, steps, (), ""), 2.0)


ALL = [
    saved("a pasted error", 0.5),
    saved("a file named", 0.0),
    saved("a file named", 0.04),
    saved("a cursor", 0.9, context=999),
]


def test_the_target_is_measured_over_all_long_prompts_and_beside_it_where_part_is_meant() -> None:
    assert "4.0 % (**not met**) over all 3; 50.0 % (met) over the 1 where part of the code is meant" in verdict(ALL)
    assert verdict([saved("a pasted error", 0.1)]).startswith("Target: 10 % or more of the tokens of a long prompt")
    assert "10.0 % (met) over all 1" in verdict([saved("a pasted error", 0.1)])
    assert "not measured" in verdict(ALL[-1:])


def test_tables_are_of_long_prompts_by_step_and_by_kind() -> None:
    steps, kinds = step_table(ALL), kind_table(ALL)
    assert steps[1:] == [["duplicates", "2", "540", "18.0 %", "0"], ["outline", "0", "0", "0.0 %", "3"]]
    assert kinds[1] == ["a pasted error", "1", "1", "50.0 %", "50.0 %", "100 %"]
    assert kinds[3] == ["a cursor", "1", "0", "–", "–", "–"]
    assert {len(row) for row in kinds} == {6}
    # Where no prompt is long there are no steps to tell of.
    assert step_table(ALL[-1:]) == steps[:1]


def test_a_sample_has_all_kinds_though_they_take_turns() -> None:
    items = [f"kind {number % 9}" for number in range(360)]
    assert len(set(drawn(items, 40))) == 9
    assert drawn(items, 40) == drawn(items, 40)
    assert drawn(items, 1_000) == items


def test_prompts_are_optimised_and_timed() -> None:
    found = list(optimised([Assembled("a kind", 1_200, "<context>\nx\n</context>\n<task>\nfix it\n</task>")]))
    assert [(item.kind, item.context) for item in found] == [("a kind", 1_200)]
    assert found[0].ms > 0
    assert found[0].result.before >= found[0].result.after > 0


def test_the_section_says_what_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "measured", lambda *, sample, say: ALL[-sample:])
    made = cache_pairs.tokens(bench(tmp_path)._replace(sample=4))
    assert "the 4 prompts" in made.before
    assert "the 3 long ones" in made.before
    assert [table[0][0] for table in made.tables] == ["step", "request"]
    assert "not met" in made.after
