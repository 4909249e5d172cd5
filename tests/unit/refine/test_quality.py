"""Coverage of the criteria, before and after."""

from pathlib import Path

import msgspec
import pytest

from optafly.protocol import Quality
from optafly.refine.quality import WEIGHTS, measure
from optafly.refine.task import word
from tests.unit.refine.fakes import TRACEBACK, diagnostic, gathered, request_of, write_files

VALUE = "return value + value * rate"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("shop"))


def measured(shop: Path, prompt: str, *, tokens: int = 100, max_tokens: int = 2048, **editor: object) -> Quality:
    draft, context = gathered(request_of(shop, prompt, **editor))  # type: ignore[arg-type]
    return measure(draft, context, word(draft, context), tokens, max_tokens)


def scores(quality: Quality) -> dict[str, tuple[int, int]]:
    return {name: (score.before, score.after) for name, score in quality.criteria.items()}


def test_a_rough_draft_with_a_selection_gains_everything_it_lacks(shop: Path) -> None:
    quality = measured(shop, "fix this", file="shop/bill.py", select=VALUE)
    assert scores(quality) == {
        "target_located": (0, 100),
        "evidence_quoted": (0, 100),
        "expected_behaviour": (0, 100),
        "done_when": (0, 100),
        "scope_bounded": (0, 100),
        "economy": (100, 100),
    }
    assert (quality.before, quality.after, quality.gain) == (5, 100, 1.0)


def test_gain_is_the_share_of_what_was_missing(shop: Path) -> None:
    quality = measured(shop, "fix this", file="shop/bill.py")
    assert scores(quality)["target_located"] == (0, 80)
    assert quality.gain == round((quality.after - quality.before) / (100 - quality.before), 3)


def test_a_pasted_error_is_evidence_already(shop: Path) -> None:
    assert scores(measured(shop, f"fix\n{TRACEBACK}"))["evidence_quoted"] == (100, 100)


def test_what_the_draft_says_itself_counts_before(shop: Path) -> None:
    said = scores(measured(shop, "only total_price in shop/bill.py should round, until pytest is green"))
    assert said["target_located"] == (100, 100)
    assert said["expected_behaviour"] == (100, 100)
    assert said["done_when"] == (100, 100)
    assert said["scope_bounded"] == (100, 100)


def test_a_name_without_its_path_locates_partly(shop: Path) -> None:
    assert scores(measured(shop, "total_price must round"))["target_located"] == (60, 100)


def test_questions_count_only_where_something_is_unknown(shop: Path) -> None:
    tied = scores(measured(shop, "slugify drops umlauts, fix"))
    assert tied["unknowns_asked"] == (0, 100)
    assert tied["target_located"] == (0, 60)
    assert "unknowns_asked" not in scores(measured(shop, "fix this", file="shop/bill.py", select=VALUE))


def test_literals_count_only_where_there_are_some(shop: Path) -> None:
    assert "literals_kept" not in scores(measured(shop, "fix this", file="shop/bill.py", select=VALUE))
    assert scores(measured(shop, "fix `rate`", file="shop/bill.py"))["literals_kept"] == (100, 100)


@pytest.mark.parametrize("prompt", ["explain this", "review this"])
def test_a_question_needs_no_done_when_and_says_what_is_expected(shop: Path, prompt: str) -> None:
    said = scores(measured(shop, prompt, file="shop/bill.py", select=VALUE))
    assert "done_when" not in said
    assert said["expected_behaviour"] == (100, 100)


def test_done_when_is_left_out_where_nothing_in_the_project_can_check_it(tmp_path: Path) -> None:
    write_files(tmp_path, {"bill.py": "def total():\n    return 1\n"})
    assert "done_when" not in scores(measured(tmp_path, "fix this", file="bill.py", select="return 1"))
    found = diagnostic("bill.py", 2, "wrong")
    with_error = measured(tmp_path, "fix this", file="bill.py", select="return 1", diagnostics=(found,))
    assert scores(with_error)["done_when"] == (0, 100)


def test_nothing_found_gains_nothing(tmp_path: Path) -> None:
    write_files(tmp_path, {"README": "x"})
    quality = measured(tmp_path, "make it shinier")
    assert (quality.gain, quality.before) == (0.0, quality.after)


def test_without_a_wording_nothing_changes(shop: Path) -> None:
    draft, context = gathered(request_of(shop, "fix this", file="shop/bill.py", select=VALUE))
    quality = measure(draft, context, None, 10, 2048)
    assert quality.gain == 0.0
    assert all(before == after for before, after in scores(quality).values())


@pytest.mark.parametrize(("tokens", "economy"), [(800, 100), (1824, 75), (2848, 50), (90_000, 50)])
def test_long_prompts_cost_economy(shop: Path, tokens: int, economy: int) -> None:
    quality = measured(shop, "fix this", tokens=tokens, file="shop/bill.py", select=VALUE)
    assert scores(quality)["economy"] == (100, economy)


def test_a_budget_of_nothing_is_no_division_by_zero(shop: Path) -> None:
    assert scores(measured(shop, "fix this", tokens=900, max_tokens=0))["economy"] == (100, 50)


@pytest.mark.parametrize(
    "prompt",
    ["fix this", "explain this", "slugify is wrong", f"x\n{TRACEBACK}", "add `a`, must pass, only here", "tests pls"],
)
def test_figures_stay_between_0_and_100(shop: Path, prompt: str) -> None:
    quality = measured(shop, prompt, file="shop/bill.py", select=VALUE)
    figures = [quality.before, quality.after, *(figure for pair in scores(quality).values() for figure in pair)]
    assert all(0 <= figure <= 100 for figure in figures)
    assert 0 <= quality.gain <= 1
    assert set(quality.criteria) <= set(WEIGHTS)
    assert msgspec.json.decode(msgspec.json.encode(quality), type=Quality) == quality
