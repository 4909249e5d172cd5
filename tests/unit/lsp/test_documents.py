"""Open documents: positions in UTF-16 code units, changes applied, and anchors that follow them."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.lsp.anchors import Anchor
from optafly.lsp.documents import ContentChange, Edit, TextDocument
from optafly.protocol import Position, Range, Selection

PIECES = st.sampled_from([*"ab\n\r\f\u2028\x1c\x85é😀𝒳 ", "\r\n"])
TEXTS = st.lists(PIECES, max_size=40).map("".join)
NUMBERS = st.integers(0, 14)
POSITIONS = st.builds(Position, NUMBERS, NUMBERS)
RANGES = st.builds(Range, POSITIONS, POSITIONS)
CHANGES = st.lists(st.builds(ContentChange, TEXTS, RANGES | st.none()), max_size=6)


def document(text: str) -> TextDocument:
    return TextDocument("file:///a.py", "python", 1, text)


def span(first: tuple[int, int], last: tuple[int, int]) -> Range:
    return Range(Position(*first), Position(*last))


def units_at(text: str, position: Position) -> int:
    """The naive model: the place in bytes of the text as UTF-16, counted line by line."""
    lines = re.split(r"(\r\n|\n|\r)", text)
    contents, ends = lines[::2], [*lines[1::2], ""]
    if position.line >= len(contents):
        return len(text.encode("utf-16-le"))
    before = "".join(content + end for content, end in list(zip(contents, ends, strict=True))[: position.line])
    line = contents[position.line].encode("utf-16-le")
    within = min(2 * position.character, len(line))
    try:
        line[:within].decode("utf-16-le")
    except UnicodeDecodeError:
        within -= 2
    return len(before.encode("utf-16-le")) + within


def naive_apply(text: str, change: ContentChange) -> str:
    if change.range is None:
        return change.text
    start, end = sorted((units_at(text, change.range.start), units_at(text, change.range.end)))
    data = text.encode("utf-16-le")
    return (data[:start] + change.text.encode("utf-16-le") + data[end:]).decode("utf-16-le")


@given(TEXTS, POSITIONS)
def test_positions_are_utf16_code_units(text: str, position: Position) -> None:
    offset = document(text).offset_at(position)
    assert len(text[:offset].encode("utf-16-le")) == units_at(text, position)


@given(TEXTS, NUMBERS)
def test_an_offset_comes_back_from_its_position(text: str, offset: int) -> None:
    held = document(text)
    offset = min(offset, len(text))
    back = held.offset_at(held.position_at(offset))
    inside_a_line_end = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
    assert back == (offset - 1 if inside_a_line_end else offset)


@given(TEXTS, CHANGES)
def test_changes_give_the_text_the_editor_has(text: str, changes: list[ContentChange]) -> None:
    held, expected = document(text), text
    for version, change in enumerate(changes, start=2):
        before = held.text
        (edit,) = held.apply([change], version)
        expected = naive_apply(expected, change)
        assert held.text == expected
        assert held.version == version
        fresh = document(expected)
        lines = [fresh.line_text(line) for line in range(fresh.line_count)]
        assert [held.line_text(line) for line in range(held.line_count)] == lines
        check_edit(edit, before, held.text, lines)
    together = document(text)
    together.apply(changes, 9)
    assert together.text == expected


def check_edit(edit: Edit, before: str, after: str, lines: list[str]) -> None:
    assert after == before[: edit.start] + after[edit.start : edit.start + edit.new_length] + before[edit.end :]
    old = re.split(r"\r\n|\n|\r", before)
    last = edit.first_line + len(edit.old_lines)
    assert tuple(old[edit.first_line : last]) == edit.old_lines
    assert [*old[: edit.first_line], *edit.new_lines, *old[last:]] == lines


@given(TEXTS, RANGES)
def test_a_range_comes_back_from_its_selection(text: str, stretch: Range) -> None:
    held = document(text)
    start, end = held.offsets_of(stretch)
    selection = held.selection_of(stretch)
    assert held.range_of_selection(selection) == held.range_of(start, end)
    assert held.text_in(stretch) == text[start:end]
    lines = re.split(r"\r\n|\n|\r", text)
    assert 1 <= selection.start_column <= len(lines[selection.start_line - 1]) + 1
    assert 1 <= selection.end_column <= len(lines[selection.end_line - 1]) + 1


@pytest.mark.parametrize(
    ("text", "position", "offset"),
    [
        ("a😀b", (0, 1), 1),
        ("a😀b", (0, 2), 1),  # in the middle of the pair
        ("a😀b", (0, 3), 2),
        ("a😀b", (0, 99), 3),
        ("ab\r\ncd", (0, 3), 2),  # between the two characters of the line end
        ("ab\r\ncd", (1, 0), 4),
        ("ab\rcd", (1, 1), 4),
        ("a\fb\u2028c\x1cd", (0, 7), 7),
        ("ab\n", (1, 0), 3),
        ("ab\n", (7, 3), 3),
        ("", (0, 0), 0),
    ],
)
def test_places(text: str, position: tuple[int, int], offset: int) -> None:
    assert document(text).offset_at(Position(*position)) == offset


def test_a_selection_counts_from_one_and_in_characters() -> None:
    held = document("first\nx = '😀😀' # é\n")
    assert held.selection_of(span((1, 5), (1, 9))) == Selection(2, 6, 2, 8)
    assert held.text_in(span((1, 5), (1, 9))) == "😀😀"


def test_lone_surrogates_do_no_harm() -> None:
    held = document("a\ud800b")
    assert held.offset_at(Position(0, 2)) == 2
    held.apply([ContentChange("\udc00", span((0, 0), (0, 0))), ContentChange("\ud83d\ude00", span((0, 9), (0, 9)))], 2)
    assert held.text.encode() == "\ufffda\ufffdb😀".encode()


def test_typing_builds_the_line_index_but_once(monkeypatch: pytest.MonkeyPatch) -> None:
    held = document("line\n" * 1000)
    assert held.line_count == 1001
    indexed: list[int] = []

    def index(text: str) -> list[int]:
        indexed.append(len(text))
        return [0]

    monkeypatch.setattr("optafly.lsp.documents._line_starts", index)
    held.apply([ContentChange("x", span((1000, 0), (1000, 0)))], 2)
    assert held.line_text(1000) == "x"
    assert indexed == [1]


def moved(anchor: tuple[int, int], *edits: tuple[int, int, int]) -> tuple[int, int, bool]:
    held = Anchor(*anchor)
    for start, end, length in edits:
        held.move(Edit(start, end, length, 0, (), ()))
    return held.start, held.end, held.touched


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(0, 0, 3)], (13, 23, False)),
        ([(4, 10, 1)], (5, 15, False)),  # up to the very start
        ([(10, 10, 2)], (12, 22, False)),  # exactly at the start
        ([(20, 20, 5)], (10, 20, False)),  # exactly at the end
        ([(20, 25, 0)], (10, 20, False)),
        ([(12, 12, 1)], (10, 21, True)),
        ([(12, 14, 0)], (10, 18, True)),
        ([(10, 20, 4)], (10, 14, True)),  # replaced
        ([(5, 12, 0)], (5, 13, True)),
        ([(18, 30, 0)], (10, 18, True)),
        ([(0, 30, 0)], (0, 0, True)),
        ([(0, 30, 31)], (10, 20, True)),  # the entire document, nearly the same
        ([(0, 0, 3), (12, 12, 1)], (14, 24, False)),  # the second is counted after the first
    ],
)
def test_anchors_follow(edits: Sequence[tuple[int, int, int]], expected: tuple[int, int, bool]) -> None:
    assert moved((10, 20), *edits) == expected


@given(TEXTS, NUMBERS, NUMBERS, CHANGES)
def test_an_untouched_anchor_holds_its_text(text: str, one: int, other: int, changes: list[ContentChange]) -> None:
    held = document(text)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    anchor, original = Anchor(start, end), text[start:end]
    for change in changes:
        for edit in held.apply([change], 2):
            anchor.move(edit)
        assert 0 <= anchor.start <= anchor.end <= len(held.text)
        if not anchor.touched:
            assert held.text[anchor.start : anchor.end] == original
