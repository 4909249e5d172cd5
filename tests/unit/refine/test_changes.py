"""The change list: kinds, tokens and where each part came from."""

import re
from pathlib import Path

import pytest

from optafly.context.tokens import estimate_tokens
from optafly.protocol import Change, RefineRequest
from optafly.refine.changes import list_changes, redaction
from optafly.refine.task import word
from tests.unit.refine.fakes import SHOP, TRACEBACK, diagnostic, gathered, git, request_of, write_files

VALUE = "return value + value * rate"
SOURCE = re.compile(r"user|selection|diagnostic|model|[^:\n]+:\d+")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_files(tmp_path)


def changes(request: RefineRequest, *, by_model: bool = False) -> tuple[Change, ...]:
    draft, context = gathered(request)
    return list_changes(request.prompt, context, word(draft, context), by_model=by_model)


def test_a_selection_with_an_error(shop: Path) -> None:
    found = diagnostic("shop/bill.py", 9, "Unsupported operand")
    listed = changes(
        request_of(shop, "fix this", file="shop/bill.py", select="value = sum(price_of", diagnostics=(found,))
    )
    assert [(item.kind, item.source) for item in listed] == [
        ("code", "selection"),
        ("diagnostic", "diagnostic"),
        ("signature", "shop/prices.py:4"),
        ("caller", "shop/bill.py:13"),
        ("caller", "tests/test_bill.py:5"),
        ("task", "selection"),
        ("constraint", "shop/bill.py:6"),
        ("constraint", "user"),
        ("done_when", "diagnostic"),
        ("done_when", "pyproject.toml:4"),
    ]
    assert listed[0].summary == "code of shop/bill.py:6-9, function `total_price`"
    assert listed[1].summary == "exact message of pyright error reportCall at shop/bill.py:9"
    assert listed[5].summary == "place named in the task"


def test_a_name_of_the_draft_leads_to_where_it_is_defined(shop: Path) -> None:
    by_kind = {item.kind: item for item in changes(request_of(shop, "total_price must round"))}
    assert by_kind["code"].source == by_kind["task"].source == "shop/bill.py:6"


def test_what_was_pasted_is_no_addition(shop: Path) -> None:
    kinds = [item.kind for item in changes(request_of(shop, f"fix\n{TRACEBACK}"))]
    assert "trace" not in kinds
    assert kinds[0] == "code"


def test_uncommitted_changes(shop: Path) -> None:
    git(shop, "init", "--quiet")
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--message", "start")
    write_files(shop, {"shop/prices.py": SHOP["shop/prices.py"].replace("PRICES[item]", "PRICES[item] * 2")})
    (edits,) = [item for item in changes(request_of(shop, "my last change broke it")) if item.kind == "edits"]
    assert edits.source == "shop/prices.py:5"
    assert edits.summary.startswith("Uncommitted change in shop/prices.py:")


def test_a_question_comes_from_a_candidate(shop: Path) -> None:
    (question,) = [item for item in changes(request_of(shop, "slugify drops umlauts, fix")) if item.kind == "question"]
    assert question.source == "shop/names.py:1"


def test_the_models_wording_comes_from_the_model(shop: Path) -> None:
    listed = changes(request_of(shop, "fix this", file="shop/bill.py", select=VALUE), by_model=True)
    (task,) = [item for item in listed if item.kind == "task"]
    assert (task.source, task.summary) == ("model", "task reworded")
    assert task.tokens > 0


def test_nothing_found_is_only_tidied(tmp_path: Path) -> None:
    write_files(tmp_path, {"README": "x"})
    assert changes(request_of(tmp_path, "make it shinier")) == (Change("task", "task tidied", 1, "user"),)
    assert changes(request_of(tmp_path, "Make it shinier.")) == ()


@pytest.mark.parametrize(
    ("prompt", "file", "select"),
    [
        ("fix this", "shop/bill.py", VALUE),
        ("explain this", "shop/bill.py", None),
        ("slugify is wrong", None, None),
        (f"fix\n{TRACEBACK}", None, None),
        ("total_price and price_of must round", None, None),
    ],
)
def test_tokens_are_counted_and_sources_have_one_of_the_forms(
    shop: Path, prompt: str, file: str | None, select: str | None
) -> None:
    for item in changes(request_of(shop, prompt, file=file, select=select)):
        assert item.tokens >= 0
        assert SOURCE.fullmatch(item.source), item
        if item.kind in {"constraint", "done_when"}:
            assert item.tokens == estimate_tokens(item.summary)


def test_redactions_are_counted() -> None:
    assert redaction(1) == Change("redaction", "1 secret replaced", 0, "user")
    assert redaction(3).summary == "3 secrets replaced"
