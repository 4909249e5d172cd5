import gzip
import json
from pathlib import Path

from tests.bench.cache_data import (
    MOCK_FILE,
    QQP_FILE,
    Labelled,
    absent,
    data_folder,
    held_out_pairs,
    mock_pairs,
    one_of_each,
    qqp_pairs,
)

ROWS = [
    Labelled("a1", "a2", same=True),
    Labelled("a2", "a3", same=False),
    Labelled("a3", "a1", same=False),
    Labelled("b1", "b2", same=True),
    Labelled("c1", "c2", same=False),
]


def test_no_two_pairs_hang_together() -> None:
    chosen = one_of_each(ROWS, 10)
    assert sorted(row.a[0] for row in chosen) == ["a", "b", "c"]
    assert set(chosen) <= set(ROWS)


def test_the_draw_is_the_same_every_time() -> None:
    assert one_of_each(ROWS, 2) == one_of_each(ROWS, 2)
    assert len(one_of_each(ROWS, 2)) == 2


def test_data_is_where_the_option_says_else_the_variable_else_beside_the_repository(tmp_path: Path) -> None:
    assert data_folder(str(tmp_path), {"OPTAFLY_BENCH_DATA": "elsewhere"}) == tmp_path
    assert data_folder(None, {"OPTAFLY_BENCH_DATA": "elsewhere"}) == Path("elsewhere")
    assert data_folder(None, {}).parts[-2:] == ("shared", "data")


def test_absent_data_is_named_with_what_to_do(tmp_path: Path) -> None:
    assert "OPTAFLY_BENCH_DATA" in absent(tmp_path, MOCK_FILE)
    (tmp_path / MOCK_FILE).write_text("[]", "utf-8")
    assert absent(tmp_path, MOCK_FILE) == ""


def test_both_outside_files_are_read(tmp_path: Path) -> None:
    (tmp_path / MOCK_FILE).write_text(json.dumps([{"origin": "x", "similar": "y"}]), "utf-8")
    with gzip.open(tmp_path / QQP_FILE, "wt", encoding="utf-8") as file:
        json.dump([{"text_a": "x", "text_b": "y", "label": 1}], file)
    assert mock_pairs(tmp_path) == [("x", "y")]
    assert qqp_pairs(tmp_path, 5) == [Labelled("x", "y", same=True)]


def test_held_out_pairs_share_no_pair_with_those_that_are_trained_on() -> None:
    held = {(pair.a, pair.b) for pair in held_out_pairs()}
    trained = {(pair.a, pair.b) for part in ("train", "calibration") for pair in held_out_pairs(part)}
    assert len(held) > 500
    # Identical texts whose context differs ("fix this") stand in more than one topic.
    assert all(a == b or len(a.split()) < 8 for a, b in held & trained)
    assert len(held_out_pairs(most=7)) == 7
