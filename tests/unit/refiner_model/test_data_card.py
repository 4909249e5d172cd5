"""The card of the data has the counts of today, and says what its reader has to know."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.refiner_model.conftest import FOLDER

CARD = FOLDER / "data" / "README.md"


def row(data: Any, name: str, project: str, kinds: tuple[str, ...], says: str, **fields: Any) -> Any:
    wanted = {"intent": says.partition(" ")[0], "places": (), "done": "", "task": None} | fields
    return data.rows.Row(name, project, kinds, f"> {name}\nchecks -", says, **wanted)


@pytest.fixture
def folder(data: Any, tmp_path: Path) -> Path:
    train = [
        row(data, "a", "click", ("typo", "lang-de"), "fix A d =", places=(1,), done="d"),
        row(data, "b", "click", ("tie",), "explain AB - Explain it.", places=(1, 2), task="Explain it."),
    ]
    (tmp_path / data.build.TRAIN).write_text(data.build.text_of(train), "utf-8")
    (tmp_path / data.build.TEST).write_text(data.build.text_of([row(data, "c", "ws", ("clear",), "clear")]), "utf-8")
    (tmp_path / "README.md").write_text(f"# Data\n\n{data.card.BEGIN}\nold\n{data.card.END}\n\n## Limits\n", "utf-8")
    return tmp_path


def test_the_card_has_the_counts_of_the_committed_data(data: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert data.card.main(["--check"]) == 0, capsys.readouterr()


def test_the_counts_are_those_of_the_rows(data: Any, folder: Path) -> None:
    lines = data.card.counts(folder).splitlines()
    assert lines[2:11] == [
        "| wanted | training | held out |",
        "|---|---:|---:|",
        "| all | 2 | 1 |",
        "| refined | 2 | 0 |",
        "| a question between places | 1 | 0 |",
        "| a sentence | 1 | 0 |",
        "| left alone | 0 | 1 |",
        "| no check | 1 | 0 |",
        "| one check or more | 1 | 0 |",
    ]
    for line in ("| fix | 1 | 0 |", "| typo | 1 | 0 |", "| de | 1 | 0 |", "| en | 1 | 1 |", "| left alone | 0 | 1 |"):
        assert line in lines
    assert not any("lang-" in line for line in lines)


def test_writing_touches_nothing_beside_the_marks_and_is_then_current(data: Any, folder: Path) -> None:
    assert data.card.main(["--check"], folder) == 1
    assert data.card.main([], folder) == 0
    text = (folder / "README.md").read_text("utf-8")
    assert text.startswith(f"# Data\n\n{data.card.BEGIN}\n")
    assert text.endswith(f"{data.card.END}\n\n## Limits\n")
    assert "old" not in text
    assert data.card.main(["--check"], folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "held-out.jsonl", "train.jsonl"]


def test_what_stops_the_writing_is_said(data: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "README.md").write_text("# Data\n", "utf-8")
    assert data.card.main([], folder) == 1
    assert "the card has no <!-- counts: begin -->" in capsys.readouterr().err
    (folder / "train.jsonl").write_text("{}\n", "utf-8")
    assert data.card.main([], folder) == 1
    assert "train.jsonl:1: " in capsys.readouterr().err
    (folder / "train.jsonl").unlink()
    assert data.card.main([], folder) == 1
    assert "no train.jsonl; run: python models/refiner/build.py" in capsys.readouterr().err


def test_every_project_is_named_with_its_origin_and_licence(data: Any) -> None:
    card = CARD.read_text("utf-8")
    for name, item in data.projects.load_all().items():
        assert re.search(rf"^\| {re.escape(f'{name} | {item.origin} | {item.licence} |')}", card, re.MULTILINE)
