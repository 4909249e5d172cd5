"""Positions in a file as a person sees them: lines of any kind of ending, columns in characters."""

import pytest

from optafly.context.document import Document, parse_selection, touched_lines
from optafly.errors import InputError
from optafly.protocol import Position, Selection

SMILE = "\N{GRINNING FACE}"  # one character, two UTF-16 units


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_ends_a_line(end: str) -> None:
    document = Document("a.py", f"one{end}two{end}three")
    assert document.lines == ["one", "two", "three"]
    assert document.text == "one\ntwo\nthree"
    assert document.last_line == 3


def test_mixed_line_ends_count_once_each() -> None:
    document = Document("a.py", "a\r\nb\rc\n\r\nd\n")
    assert document.lines == ["a", "b", "c", "", "d", ""]


@pytest.mark.parametrize("other", ["\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_what_an_editor_does_not_count_as_a_line_end_is_none(other: str) -> None:
    assert len(Document("a.py", f"one{other}still one").lines) == 1


def test_a_line_end_at_the_end_of_the_file_begins_no_line_of_its_own() -> None:
    assert Document("a.py", "one\ntwo\n").last_line == 2
    assert Document("a.py", "one\n\n").last_line == 2
    assert Document("a.py", "\n").last_line == 1


def test_an_empty_file_has_one_empty_line() -> None:
    document = Document("a.py", "")
    assert document.last_line == 1
    assert document.slice_lines(1, 1) == ""
    selection = parse_selection("1:1-1:1")
    document.check_selection(selection)
    assert document.selected_text(selection) == ""


def test_lines_are_cut_to_the_document() -> None:
    document = Document("a.py", "one\r\ntwo\r\nthree")
    assert document.slice_lines(2, 3) == "two\nthree"
    assert document.slice_lines(-5, 1) == "one"
    assert document.slice_lines(3, 99) == "three"
    assert document.slice_lines(7, 9) == ""
    assert document.slice_lines(2, 1) == ""


def test_a_selection_is_read_as_it_is_written() -> None:
    assert parse_selection(" 12:1-18:5 ") == Selection(12, 1, 18, 5)
    assert str(Selection(12, 1, 18, 5)) == "12:1-18:5"


@pytest.mark.parametrize("text", ["", "12", "12:1", "12:1-18", "1-2", "a:1-2:3", "-1:1-2:2", "1:1 - 2:2", "1:1-2:2-3:3",
                                  "1.5:1-2:2", "9999999999:1-9999999999:1", "١:١-٢:٢x"])  # fmt: skip
def test_another_form_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="is not a selection") as error:
        parse_selection(text)
    assert "12:1-18:5" in str(error.value)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("3:2-2:5", "ends before it starts"),
        ("2:5-2:4", "ends before it starts"),
        ("0:1-1:1", "line 0, allowed are lines 1 to 3"),
        ("1:1-4:1", "line 4, allowed are lines 1 to 3"),
        ("1:0-1:2", "column 0 of line 1, allowed are columns 1 to 4"),
        ("1:1-1:5", "column 5 of line 1, allowed are columns 1 to 4"),
        ("2:7-3:1", "column 7 of line 2, allowed are columns 1 to 6"),
    ],
)
def test_a_selection_outside_the_file_says_what_is_allowed(selection: str, message: str) -> None:
    document = Document("src/a.py", "one\nthree\nfive")
    with pytest.raises(InputError) as error:
        document.check_selection(parse_selection(selection))
    assert message in str(error.value)
    assert f"--selection {selection}" in str(error.value)


@pytest.mark.parametrize("selection", ["1:1-1:1", "1:4-1:4", "1:1-3:5", "3:5-3:5", "2:1-3:1"])
def test_a_selection_may_reach_to_the_end_of_its_line(selection: str) -> None:
    Document("a.py", "one\nthree\nfive").check_selection(parse_selection(selection))


def test_the_line_behind_the_last_line_end_can_be_selected() -> None:
    document = Document("a.py", "one\n")
    selection = parse_selection("1:1-2:1")
    document.check_selection(selection)
    assert document.selected_text(selection) == "one\n"


def test_selected_text_ends_before_the_end_column() -> None:
    document = Document("a.py", "alpha\r\nbeta\r\ngamma")
    assert document.selected_text(parse_selection("1:2-1:4")) == "lp"
    assert document.selected_text(parse_selection("1:5-3:2")) == "a\nbeta\ng"
    assert document.selected_text(parse_selection("2:3-2:3")) == ""


def test_columns_are_characters_whatever_they_take_in_memory() -> None:
    document = Document("a.py", f"x = '{SMILE}é漢' # end")
    selection = parse_selection("1:6-1:9")
    document.check_selection(selection)
    assert document.selected_text(selection) == f"{SMILE}é漢"


@pytest.mark.parametrize(
    ("character", "column"),
    [(0, 1), (1, 2), (2, 3), (4, 4), (5, 5), (6, 6), (7, 6), (999, 6)],
)
def test_utf16_units_of_an_editor_become_columns(character: int, column: int) -> None:
    # a b 😀 c d: the units of the smile are 2 and 3
    document = Document("a.py", f"ab{SMILE}cd")
    assert document.column_of(Position(0, character)) == column


def test_a_position_inside_a_surrogate_pair_is_behind_the_character() -> None:
    assert Document("a.py", f"{SMILE}x").column_of(Position(0, 1)) == 2


def test_a_position_on_no_line_is_at_its_beginning() -> None:
    assert Document("a.py", "abc").column_of(Position(7, 2)) == 1


@pytest.mark.parametrize(
    ("selection", "lines"),
    [("3:1-3:1", (3, 3)), ("3:2-5:4", (3, 5)), ("3:1-5:1", (3, 4)), ("3:5-4:1", (3, 3)), ("1:1-2:1", (1, 1))],
)
def test_a_line_that_is_only_reached_is_not_touched(selection: str, lines: tuple[int, int]) -> None:
    assert touched_lines(parse_selection(selection)) == lines
