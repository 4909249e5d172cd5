"""The committed rows are what the scenes give, enough of them, and none of the held-out set is known from training."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.unit.refiner_model.conftest import FOLDER

PROJECTS = sorted(path.stem for path in (FOLDER / "data" / "scenes").glob("*.jsonl"))


@pytest.fixture(scope="module")
def parts(data: Any) -> dict[str, list[Any]]:
    return {name: data.card.read_rows(data.projects.DATA / name) for name in (data.build.TRAIN, data.build.TEST)}


@pytest.mark.parametrize("project", PROJECTS)
def test_the_committed_rows_of_a_project_are_those_of_its_scenes(
    data: Any, parts: dict[str, list[Any]], project: str
) -> None:
    found = [row for _, row in data.check.rows_of(project)]
    assert [fault for fault in found if isinstance(fault, str)] == []
    others = [row for row in parts[data.build.TRAIN] if row.project != project]
    expected = [row for part in data.build.split([*found, *others]) for row in part if row.project == project]
    committed = [row for part in parts.values() for row in part if row.project == project]
    assert data.build.text_of(committed) == data.build.text_of(expected)


def test_the_committed_files_are_written_as_the_command_writes_them(data: Any, parts: dict[str, list[Any]]) -> None:
    for name, rows in parts.items():
        assert (data.projects.DATA / name).read_text("utf-8") == data.build.text_of(rows)
        assert [row.project for row in rows] == sorted(row.project for row in rows)


def test_there_are_rows_enough(data: Any, parts: dict[str, list[Any]]) -> None:
    assert len(parts[data.build.TRAIN]) >= 1500
    assert len(parts[data.build.TEST]) >= 300


def test_the_split_is_by_project(data: Any, parts: dict[str, list[Any]]) -> None:
    assert {row.project for row in parts[data.build.TEST]} == data.scenes.HELD_OUT
    assert {row.project for row in parts[data.build.TRAIN]} == set(PROJECTS) - data.scenes.HELD_OUT


def test_no_row_is_there_twice(parts: dict[str, list[Any]]) -> None:
    names = Counter(row.id for part in parts.values() for row in part)
    assert [name for name, number in names.items() if number > 1] == []


def test_no_held_out_draft_is_nearly_one_of_training(data: Any, parts: dict[str, list[Any]]) -> None:
    def typed(row: Any) -> frozenset[str]:
        words = "".join(sign if sign.isalnum() or sign == "_" else " " for sign in row.shown.split("\n", 1)[0].lower())
        plain = " ".join(words.split())
        return frozenset(plain[at : at + 3] for at in range(max(1, len(plain) - 2)))

    known = [(row.id, typed(row)) for row in parts[data.build.TRAIN]]
    near = [
        (row.id, name)
        for row, mine in ((row, typed(row)) for row in parts[data.build.TEST])
        for name, theirs in known
        if len(mine & theirs) > 0.85 * len(mine | theirs)
    ]
    assert near == []


def test_every_answer_is_one_that_the_package_reads(data: Any, parts: dict[str, list[Any]]) -> None:
    for row in (row for part in parts.values() for row in part):
        if row.says == "clear":
            assert (row.places, row.done, row.task) == ((), "", None)
            continue
        letters = ["ABCDEF"[number - 1] for number in row.places] or ["-"]
        place = " ".join(["?", *letters] if len(letters) > 1 else letters)
        intent, done, sentence = row.says.replace(f" {place} ", " ", 1).split(" ", 2)
        assert row.says.startswith(f"{row.intent} {place} {done} ")
        assert intent == row.intent
        assert done == (row.done or "-")
        assert sentence == (row.task or "=")
        # Each letter and each check that is answered stands in what the model is shown.
        shown = [line.partition(" ") for line in row.shown.split("\n")]
        assert set(letters) - {"-"} <= {first for first, _, _ in shown}
        assert set(done) - {"-"} <= set(shown[-1][2])


def test_a_held_out_scene_whose_words_are_nearly_trained_on_is_left_out(data: Any) -> None:
    def row(name: str, project: str, draft: str, says: str) -> Any:
        return data.rows.Row(name, project, (), f"> {draft}\nchecks -", says, "fix", (), "", None)

    same = row("a", sorted(data.scenes.HELD_OUT)[0], "why does the parser stop at a comma", "explain - - =")
    other = row("b", sorted(data.scenes.HELD_OUT)[0], "why does the formatter stop at a tab", "explain - - =")
    train = row("c", "click", "Why does the parser stop at a comma?", "fix - - =")
    assert data.build.split([same, other, train]) == ([train], [other])


def test_checking_finds_committed_rows_that_are_not_those_of_the_scenes(
    data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = data.rows.Row("a-001", "a", (), "> fix this\nchecks -", "fix - - =", "fix", (), "", None)
    monkeypatch.setattr(data.build, "all_rows", lambda: ([row], []))
    assert data.build.main(["--into", str(tmp_path)]) == 0
    assert data.build.main(["--check", "--into", str(tmp_path)]) == 0
    (tmp_path / "train.jsonl").write_text("", "utf-8")
    assert data.build.main(["--check", "--into", str(tmp_path)]) == 1
    assert "train.jsonl is not what the scenes give" in capsys.readouterr().out
