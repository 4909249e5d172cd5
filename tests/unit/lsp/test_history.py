"""Recent edits: keystrokes become readable hunks of the documents as they are now."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.lsp.documents import ContentChange, TextDocument
from optafly.lsp.history import EditHistory
from optafly.protocol import Hunk, Position, Range

TWENTY = "".join(f"line {number}\n" for number in range(1, 21))
HEAD = re.compile(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@")


class Typist:
    """Edits one document and records what it does."""

    def __init__(self, text: str, history: EditHistory | None = None, path: str = "a.py") -> None:
        self.history = history or EditHistory()
        self.path = path
        self.document = TextDocument("file:///a.py", "python", 1, text)

    def edit(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.change(ContentChange(text, Range(Position(*start), Position(*end))))

    def type(self, line: int, column: int, text: str) -> None:
        for character in text:
            self.edit((line, column), (line, column), character)
            line, column = (line + 1, 0) if character == "\n" else (line, column + 1)

    def change(self, *changes: ContentChange) -> None:
        self.history.record(self.path, self.document, self.document.apply(changes, 2))

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        return self.history.hunks()


def lines_of(text: str) -> list[str]:
    lines = re.split(r"\r\n|\n|\r", text)
    return lines if lines[-1] else lines[:-1]


def rows(hunk: Hunk, signs: str) -> list[str]:
    return [row[1:] for row in hunk.text.split("\n")[1:] if row[0] in signs]


def test_keystrokes_are_one_hunk_with_three_lines_around() -> None:
    typist = Typist(TWENTY)
    typist.type(9, 7, " is new")
    (hunk,) = typist.hunks
    assert (hunk.path, hunk.start_line, hunk.end_line, hunk.changed_lines) == ("a.py", 7, 13, (10,))
    assert hunk.text.split("\n") == [
        "@@ -7,7 +7,7 @@", " line 7", " line 8", " line 9", "-line 10", "+line 10 is new", " line 11", " line 12",
        " line 13",
    ]  # fmt: skip


def test_lines_beside_each_other_are_one_hunk() -> None:
    typist = Typist(TWENTY)
    typist.type(9, 7, "\n    more")
    typist.edit((8, 0), (8, 4), "Line")
    (hunk,) = typist.hunks
    assert rows(hunk, "-") == ["line 9"]
    assert rows(hunk, "+") == ["Line 9", "    more"]
    assert hunk.changed_lines == (9, 11)
    assert hunk.text.startswith("@@ -6,8 +6,9 @@\n")


def test_lines_far_apart_are_hunks_newest_first_and_move_with_edits_above() -> None:
    typist = Typist(TWENTY)
    typist.type(15, 0, "x")
    typist.type(1, 0, "new\n")
    newest, older = typist.hunks
    assert (newest.changed_lines, older.changed_lines) == ((2,), (17,))
    assert older.text.startswith("@@ -13,7 +14,7 @@\n")


def test_what_is_taken_back_is_no_hunk() -> None:
    typist = Typist(TWENTY)
    typist.type(3, 0, "ab\nc")
    assert len(typist.hunks) == 1
    typist.edit((3, 0), (4, 1), "")
    assert typist.document.text == TWENTY
    assert not typist.hunks


def test_other_line_ends_are_no_change() -> None:
    typist = Typist(TWENTY)
    typist.change(ContentChange(TWENTY.replace("\n", "\r\n")))
    assert typist.hunks == ()


def test_deleted_lines_are_where_the_next_line_is_now() -> None:
    typist = Typist(TWENTY)
    typist.edit((9, 0), (11, 0), "")
    (hunk,) = typist.hunks
    assert (hunk.start_line, hunk.end_line, hunk.changed_lines) == (7, 12, (10,))
    assert rows(hunk, "-") == ["line 10", "line 11"]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("", "x", "@@ -0,0 +1,1 @@\n+x"),
        ("", "x\n", "@@ -0,0 +1,1 @@\n+x"),
        ("x\n", "", "@@ -1,1 +0,0 @@\n-x"),
        ("x\n", "x\ny", "@@ -1,1 +1,2 @@\n x\n+y"),
        ("x\ny", "x\n", "@@ -1,2 +1,1 @@\n x\n-y"),
        ("x", "x\n", None),
        ("b", "c\nb\n", "@@ -1,1 +1,2 @@\n+c\n b"),
    ],
)
def test_the_end_of_a_document(before: str, after: str, text: str | None) -> None:
    typist = Typist(before)
    typist.change(ContentChange(after))
    assert [hunk.text for hunk in typist.hunks] == ([text] if text is not None else [])
    assert all(1 <= hunk.start_line <= hunk.end_line for hunk in typist.hunks)


def test_a_formatter_is_compared_by_lines() -> None:
    typist = Typist(TWENTY)
    typist.change(ContentChange(TWENTY.replace("line 3\n", "Line 3\n").replace("line 17\n", "Line 17\nmore\n")))
    assert sorted(hunk.changed_lines for hunk in typist.hunks) == [(3,), (17, 18)]


def test_a_long_hunk_is_cut_in_its_middle() -> None:
    typist = Typist("a\nb\n", EditHistory(max_lines=10))
    typist.type(1, 0, "first\n")
    typist.edit((1, 0), (1, 0), "".join(f"n{number}\n" for number in range(6000)))
    (hunk,) = typist.hunks
    body = hunk.text.split("\n")[1:]
    assert len(body) == 10
    assert body[:2] == [" a", "+n0"]
    assert body[4] == " … 5994 lines left out …"
    assert body[-2:] == ["+first", " b"]
    assert (hunk.changed_lines[0], hunk.changed_lines[-1]) == (2, 6002)


def test_a_very_long_line_is_cut() -> None:
    typist = Typist("a\n")
    typist.edit((0, 0), (0, 0), "x" * 100_000)
    (hunk,) = typist.hunks
    assert len(hunk.text) < 2000


def test_a_new_text_too_long_to_compare_is_one_hunk() -> None:
    typist = Typist("".join(f"{number}\n" for number in range(6000)))
    typist.change(ContentChange("".join(f"{number * 3 // 2}\n" for number in range(1, 6001))))
    (hunk,) = typist.hunks
    assert (hunk.start_line, hunk.end_line) == (1, 6000)
    assert len(hunk.text.split("\n")) == 61


def test_only_the_newest_are_kept() -> None:
    history = EditHistory(max_hunks=2)
    typist, other = Typist(TWENTY, history), Typist(TWENTY, history, "b.py")
    typist.type(1, 0, "x")
    other.type(1, 0, "x")
    typist.type(15, 0, "x")
    assert [(hunk.path, hunk.changed_lines) for hunk in history.hunks()] == [("a.py", (16,)), ("b.py", (2,))]
    typist.type(7, 0, "x")
    assert {hunk.path for hunk in history.hunks()} == {"a.py"}


def test_names_follow_their_files() -> None:
    history = EditHistory()
    for path in ("src/a.py", "src/b.py", "srcs/c.py"):
        Typist(TWENTY, history, path).type(1, 0, "x")
    history.closed("src/a.py")
    history.renamed("src", "lib")
    assert [hunk.path for hunk in history.hunks()] == ["srcs/c.py", "lib/b.py", "lib/a.py"]
    history.removed("lib/a.py")
    history.removed("unknown")
    assert [hunk.path for hunk in history.hunks()] == ["srcs/c.py", "lib/b.py"]


def test_a_closed_file_keeps_its_hunks_and_goes_on_when_opened_as_it_was() -> None:
    typist = Typist(TWENTY)
    typist.type(9, 0, "x")
    hunks = typist.hunks
    typist.history.closed("a.py")
    assert typist.hunks == hunks
    again = Typist(typist.document.text, typist.history)
    again.type(0, 0, "new\n")
    assert [hunk.changed_lines for hunk in again.hunks] == [(1,), (11,)]


def test_what_was_written_from_elsewhere_while_closed_is_forgotten() -> None:
    typist = Typist(TWENTY)
    typist.type(9, 0, "x")
    typist.history.closed("a.py")
    again = Typist("other\n" * 30, typist.history)
    again.type(0, 0, "y")
    assert [hunk.changed_lines for hunk in again.hunks] == [(1,)]


TEXTS = st.lists(st.sampled_from(["a", "b", "\n", "\n", "\r\n", "\r", "c\n", "😀"]), max_size=20).map("".join)
PLACES = st.builds(Position, st.integers(0, 15), st.integers(0, 4))
CHANGES = st.lists(st.builds(ContentChange, TEXTS, st.builds(Range, PLACES, PLACES) | st.none()), max_size=8)


@given(TEXTS, st.lists(CHANGES, max_size=5), st.integers(1, 4), st.integers(4, 60))
def test_any_edits(text: str, batches: Sequence[list[ContentChange]], max_hunks: int, max_lines: int) -> None:
    typist = Typist(text, EditHistory(max_hunks, max_lines))
    unbounded = Typist(text, EditHistory(1000, 1000))
    for changes in batches:
        typist.change(*changes)
        check(typist.document.text, typist.hunks, max_hunks, max_lines)
        unbounded.change(*changes)
        check(unbounded.document.text, unbounded.hunks, 1000, 1000)
        check_whole(text, unbounded)


def check(now: str, hunks: Sequence[Hunk], max_hunks: int, max_lines: int) -> None:
    assert len(hunks) <= max_hunks
    lines = lines_of(now)
    for hunk in hunks:
        body = hunk.text.split("\n")[1:]
        assert len(body) <= max_lines
        assert 1 <= hunk.start_line <= hunk.end_line <= max(len(lines), 1)
        assert hunk.changed_lines == tuple(sorted(set(hunk.changed_lines)))
        assert all(hunk.start_line <= line <= hunk.end_line for line in hunk.changed_lines)
        if any("lines left out" in row for row in body):
            continue
        assert hunk.changed_lines
        assert rows(hunk, "+ ") == lines[hunk.start_line - 1 : hunk.end_line]
        found = HEAD.match(hunk.text)
        assert found is not None
        _, was, _, is_now = map(int, found.groups())
        assert (len(rows(hunk, "- ")), len(rows(hunk, "+ "))) == (was, is_now)


def check_whole(first: str, typist: Typist) -> None:
    """Where nothing was dropped, the hunks make the text of now out of the text as first seen."""
    patched = lines_of(first)
    for hunk in sorted(typist.hunks, key=lambda hunk: -hunk.start_line):
        found = HEAD.match(hunk.text)
        assert found is not None
        at, count = int(found[1]), int(found[2])
        at -= bool(count)
        assert rows(hunk, "- ") == patched[at : at + count]
        patched[at : at + count] = rows(hunk, "+ ")
    assert patched == lines_of(typist.document.text)
