"""Faults planted in scenes of a small project of our own are found and named."""

import json
from pathlib import Path
from typing import Any

import pytest

NAME = "shop-of-faults"
PROBLEMS = {
    "diagnostics": [
        {"id": "d1", "path": "shop/bill.py", "line": 12, "source": "mypy", "code": "name-defined",
         "message": 'Name "ratee" is not defined'}
    ],
    "pasted": [],
}  # fmt: skip
GOOD = {
    "draft": "fxi this pls", "file": "shop/bill.py", "at": "net_price", "problems": ["d1"],
    "want": {"intent": "fix", "target": "net_price", "done": "dt", "task": "Fix the name-defined error in net_price."},
}  # fmt: skip


@pytest.fixture
def shop(data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that checks scenes of the shop: what is printed, and the exit status."""
    for module, folder in ((data.projects, "PROJECTS"), (data.scenes, "PROBLEMS"), (data.scenes, "SCENES")):
        monkeypatch.setattr(module, folder, tmp_path / folder.lower())
        (tmp_path / folder.lower()).mkdir()
    monkeypatch.setattr(data.check, "SCENES", data.scenes.SCENES)
    declared = [
        data.projects.Declared(10, 14, 0, "def net_price(gross, rate)"),
        data.projects.Declared(16, 30, 0, "def print_bill(bill)"),
    ]
    data.projects.write_skeleton(
        data.projects.Skeleton(
            name=NAME, language="python", origin="ours", licence="Apache-2.0",
            manifests={"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-ra'\n"},
            files=(data.projects.SourceFile("shop/bill.py", 30, tuple(declared)),),
        )
    )  # fmt: skip
    (data.scenes.PROBLEMS / f"{NAME}.json").write_text(json.dumps(PROBLEMS), "utf-8")
    data.scenes._read_problems.cache_clear()

    def check(*scenes: object) -> list[str]:
        lines = "".join(json.dumps(scene) + "\n" for scene in scenes)
        (data.scenes.SCENES / f"{NAME}.jsonl").write_text(lines, "utf-8")
        return [row for _, row in data.check.rows_of(NAME) if isinstance(row, str)]

    yield check
    data.scenes._read_problems.cache_clear()


def changed(scene: dict[str, Any] = GOOD, want: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
    return scene | fields | {"want": scene["want"] | (want or {})}


def test_a_good_scene_has_no_fault(shop: Any, data: Any) -> None:
    assert shop(GOOD) == []
    assert data.check.main([NAME]) == 0


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (changed(want={"target": "gross_price"}), "no definition has the key 'gross_price'"),
        (changed(want={"target": "file:shop/gone.py"}), "no file 'shop/gone.py'"),
        (changed(at="Bill.total"), "no definition has the key 'Bill.total'"),
        (changed(edited=["Bill.total"]), "no definition has the key 'Bill.total'"),
        (changed(problems=["d9"]), "no diagnostic 'd9'"),
        (changed(draft="{{t4}}\nwhat now"), "names a pasted text that is not in problems"),
        (changed(want={"intent": "repair"}), "no intent 'repair'"),
        (changed(want={"done": "dtc"}), "done 'dtc', but the checks there are: dt"),
        (changed(want={"done": "td"}), "done 'td', but the checks there are: dt"),
        (changed(problems=[], want={"task": None}), "done 'dt', but the checks there are: t"),
        (changed(want={"task": "Fix the overflow in net_price."}), "task refused by faithful: overflow"),
        (changed(want={"task": "Fix net_price in shop/tax.py."}), "task refused by faithful: "),
        (
            changed(draft="fix this but keep `rate_of_2024`", want={"task": "Fix net_price."}),
            "literals_kept: `rate_of_2024`",
        ),
        (changed(want={"task": "Sure, here is net_price."}), "task refused by "),
        (changed(want={"task": "Fix the name-defined error in net_price"}), "task without a full stop"),
        (changed(want={"target": None, "ask": ["net_price"]}), "ask needs two keys or more"),
        (changed(want={"ask": ["net_price", "print_bill"]}), "ask needs two keys or more, and no target"),
        (changed(want={"unchanged": True}), "unchanged, and yet something is wanted"),
        (changed(at=None, sel=True), "selected, but nothing stands in `at`"),
    ],
)
def test_a_planted_fault_is_named(shop: Any, data: Any, scene: dict[str, Any], said: str) -> None:
    found = shop(scene)
    assert len(found) == 1
    assert said in found[0]
    assert data.check.main([NAME]) == 1


def test_a_place_that_the_search_does_not_find_is_a_fault_with_those_it_finds(shop: Any) -> None:
    elsewhere = changed(draft="fxi the pritner", file=None, at=None, problems=[], want={"done": "t", "task": None})
    (found,) = shop(elsewhere)
    assert "net_price is not among the places found: " in found


def test_a_scene_with_an_unknown_field_is_named_with_its_line(shop: Any, data: Any) -> None:
    with pytest.raises(data.scenes.SceneError, match=rf"{NAME}\.jsonl:2: .*colour"):
        shop(GOOD, changed(colour="red"))


def test_near_duplicates_that_want_the_same_are_found(shop: Any, data: Any, capsys: pytest.CaptureFixture[str]) -> None:
    first = changed(draft="the rate is wrong somewhere in here, look for it and mend it please", want={"task": None})
    second = changed(first, draft="The rate is wrong somewhere in here; look for it and mend it, please!")
    assert shop(first, second) == []
    assert data.check.main([NAME]) == 1
    assert f"{NAME}-002 is nearly {NAME}-001" in capsys.readouterr().out


def test_the_same_words_may_want_other_things_on_another_screen(shop: Any, data: Any) -> None:
    other = changed(at="print_bill", problems=[], want={"target": "print_bill", "done": "t", "task": None})
    assert shop(changed(want={"task": None}), other) == []
    assert data.check.main([NAME]) == 0
