"""Rows are read with care, and batches teach the answers alone."""

import json
from pathlib import Path
from typing import Any

import pytest


def written(folder: Path, *lines: object) -> Path:
    path = folder / "train.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def row(number: int) -> dict[str, object]:
    return {"id": f"r{number}", "shown": "> fix this", "says": "fix A d =", "project": "shop"}


def test_fields_of_the_data_that_training_does_not_need_are_left_alone(code: Any, tmp_path: Path) -> None:
    rows = code.examples.read_rows(written(tmp_path, row(1), row(2)))
    assert [(one.id, one.shown, one.says) for one in rows] == [
        ("r1", "> fix this", "fix A d ="),
        ("r2", "> fix this", "fix A d ="),
    ]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([row(1), "{"], r"train\.jsonl:2: not JSON"),
        ([{"id": "r1", "shown": "x"}], r"train\.jsonl:1: id, shown and says"),
        ([row(1) | {"says": ""}], r"train\.jsonl:1: id, shown and says"),
        ([["r1"]], r"train\.jsonl:1: id, shown and says"),
        ([row(1), row(1)], r"train\.jsonl:2: the id 'r1' stands there twice"),
        ([], r"train\.jsonl is empty"),
    ],
)
def test_a_wrong_row_is_named(code: Any, tmp_path: Path, lines: list[object], said: str) -> None:
    with pytest.raises(code.examples.RowsError, match=said):
        code.examples.read_rows(written(tmp_path, *lines))


def test_missing_rows_are_named(code: Any, tmp_path: Path) -> None:
    with pytest.raises(code.examples.RowsError, match=r"no rows at held-out\.jsonl"):
        code.examples.read_rows(tmp_path / "held-out.jsonl")


@pytest.mark.parametrize(
    ("says", "decision"),
    [
        ("fix A dt Fix the sum in total.", "fix A dt"),
        ("fix ? A C - =", "fix ? A C -"),
        ("explain - - Explain it.", "explain - -"),
        ("clear", "clear"),
        ("fix A d", "fix A d"),
    ],
)
def test_the_decision_is_all_but_the_sentence(code: Any, says: str, decision: str) -> None:
    assert code.examples.decision_of(says) == decision


def test_a_row_stays_on_its_side_when_others_come(code: Any) -> None:
    rows = [code.examples.Row(f"r{number}", "x", "y") for number in range(400)]
    train, apart = code.examples.set_apart(rows, 0.2)
    assert 50 < len(apart) < 110
    assert sorted(train + apart, key=rows.index) == rows
    assert code.examples.set_apart(rows[::2], 0.2)[1] == [one for one in apart if one in rows[::2]]


def test_only_answers_are_learned(code: Any) -> None:
    examples = [code.examples.Example((5, 6, 7), (8, 9, 2), 1), code.examples.Example((5,), (8, 2), 1)]
    batch = code.batches.batch_of(examples)
    none = code.batches.IGNORED
    assert batch.ids.tolist() == [[5, 6, 7, 8, 9], [5, 8, 0, 0, 0]]
    assert batch.labels.tolist() == [[none, none, 8, 9, 2], [8, 2, none, none, none]]
    assert batch.answered == 5


def test_every_row_is_read_once_an_epoch_beside_rows_of_its_length(code: Any) -> None:
    lengths = [(number * 37) % 150 for number in range(101)]
    first, again, second = (code.batches.ordered(lengths, 8, 3, epoch) for epoch in (0, 0, 1))
    assert first == again
    assert first != second
    assert sorted(number for batch in first for number in batch) == list(range(101))
    assert max(max(lengths[i] for i in batch) - min(lengths[i] for i in batch) for batch in first) < 40
