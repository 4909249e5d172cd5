"""The evaluation's hard lines, held on every case."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from optafly.config import load_config
from optafly.core.compose import build_engine, build_refiner
from optafly.paths import resolve_paths
from optafly.refine.engine import Engine
from optafly.refine.refiner import Refiner
from tests.eval.cases import Case, build_workspace, load_cases
from tests.eval.scoring import Score, score

CASES = load_cases()
CONFIG = load_config(Path("no such file"), {})
# One of each kind: the model is slow, and what it writes passes the same gates everywhere.
WITH_MODEL = [next(case for case in CASES if case.kind == kind) for kind in sorted({case.kind for case in CASES})]


def judge(case: Case, refiner: Refiner, folder: Path) -> Score:
    result = refiner.refine(case.request(build_workspace(case, folder)))
    assert result.original == case.draft
    assert all(gate.passed for gate in result.gates)
    return score(case, result.refined, unchanged=result.refined == case.draft)


def assert_hard_lines(judged: Score) -> None:
    assert not judged.leaks
    assert not judged.violations
    assert not judged.lost_literals


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_nothing_leaks_is_invented_or_lost(case: Case, tmp_path: Path) -> None:
    assert_hard_lines(judge(case, build_refiner(CONFIG, None), tmp_path))


def test_there_are_enough_cases_in_enough_languages() -> None:
    assert len(CASES) >= 40
    assert len({case.language for case in CASES}) >= 6


def test_clear_drafts_stay_as_they_are(tmp_path: Path) -> None:
    clear = [case for case in CASES if case.expect.outcome == "unchanged"]
    judged = [judge(case, build_refiner(CONFIG, None), _folder(tmp_path, case)) for case in clear]
    assert sum(item.unchanged for item in judged) >= 0.9 * len(clear)


def test_targets_are_named_and_ties_are_asked_about(tmp_path: Path) -> None:
    vague = [case for case in CASES if case.expect.outcome == "refined"]
    judged = [judge(case, build_refiner(CONFIG, None), _folder(tmp_path, case)) for case in vague]
    named = [item.target for item in judged if item.target is not None]
    asked = [item.question for item in judged if item.question is not None]
    assert sum(named) / len(named) >= 0.9
    assert all(asked)


def _folder(parent: Path, case: Case) -> Path:
    folder = parent / case.id
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = build_engine(CONFIG, resolve_paths())
    yield made
    made.close()


@pytest.mark.model
@pytest.mark.parametrize("case", WITH_MODEL, ids=lambda case: case.id)
def test_the_hard_lines_hold_with_the_model(case: Case, engine: Engine, tmp_path: Path) -> None:
    assert_hard_lines(judge(case, build_refiner(CONFIG, engine), tmp_path))
