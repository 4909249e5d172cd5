"""The uncommitted changes as hunks of the files as they are now."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optafly.context.diff import Hunk
from optafly.context.edits import MAX_CHARACTERS, MAX_LINES, RecentEdit, recent_edits
from tests.eval.cases import git
from tests.unit.context.folders import commit, workspace, write

LINES = [f"line {number}" for number in range(1, 21)]
TEXT = "\n".join(LINES) + "\n"


def edits(folder: Path, of_editor: Sequence[Hunk] = (), unsaved: Mapping[str, str] | None = None) -> list[Hunk]:
    return recent_edits(workspace(folder, unsaved=unsaved), of_editor)


def edit(path: str = "a.py", start: int = 1, end: int = 1, text: str = "@@ -1 +1 @@\n-a\n+b", *changed: int) -> Hunk:
    return Hunk(path, start, end, changed or (start,), text)


def replaced(**lines: str | None) -> str:
    """The twenty lines with some of them replaced (``l7="new"``) or taken out."""
    kept = [lines.get(f"l{number}", line) for number, line in enumerate(LINES, start=1)]
    return "\n".join(line for line in kept if line is not None) + "\n"


def test_a_changed_line_is_one_hunk_with_three_lines_around(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"a.py": replaced(l10="new 10")})
    (hunk,) = edits(tmp_path)
    assert (hunk.path, hunk.start_line, hunk.end_line, hunk.changed_lines) == ("a.py", 7, 13, (10,))
    assert hunk.text.split("\n")[1:] == [
        " line 7", " line 8", " line 9", "-line 10", "+new 10", " line 11", " line 12", " line 13",
    ]  # fmt: skip


def test_changes_far_apart_are_hunks_of_their_own(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"a.py": replaced(l2="new 2", l18="new 18")})
    assert [hunk.changed_lines for hunk in edits(tmp_path)] == [(2,), (18,)]


def test_lines_that_look_like_headers_are_lines(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(
        tmp_path, {"a.py": replaced(l5="@@ -1 +1 @@", l6="++ b/other.py", l7="-- a/other.py", l8="diff --git a/x b/x")}
    )
    (hunk,) = edits(tmp_path)
    assert hunk.path == "a.py"
    assert hunk.changed_lines == (5, 6, 7, 8)


def test_deleted_lines_are_where_the_next_line_is_now(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"a.py": replaced(l10=None, l11=None)})
    (hunk,) = edits(tmp_path)
    assert (hunk.start_line, hunk.end_line, hunk.changed_lines) == (7, 12, (10,))


def test_lines_deleted_at_the_end_are_at_the_last_line(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"a.py": replaced(l19=None, l20=None)})
    (hunk,) = edits(tmp_path)
    assert (hunk.start_line, hunk.end_line, hunk.changed_lines) == (16, 18, (18,))


def test_lines_deleted_at_the_beginning_are_at_the_first_line(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"a.py": replaced(l1=None)})
    assert edits(tmp_path)[0].changed_lines == (1,)


def test_an_emptied_file_is_changed_at_its_first_line(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"a.py": ""})
    (hunk,) = edits(tmp_path)
    assert (hunk.start_line, hunk.end_line, hunk.changed_lines) == (1, 1, (1,))


def test_a_new_file_that_was_added_is_all_new(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"new.py": "x = 1\ny = 2\n"})
    git(tmp_path, "add", "new.py")
    (hunk,) = edits(tmp_path)
    assert (hunk.path, hunk.start_line, hunk.end_line, hunk.changed_lines) == ("new.py", 1, 2, (1, 2))


@pytest.mark.parametrize("change", ["deleted", "renamed", "mode", "empty", "binary"])
def test_what_shows_no_lines_has_no_hunks(tmp_path: Path, change: str) -> None:
    commit(tmp_path, {"a.py": TEXT, "b.bin": b"\0\1"})
    match change:
        case "deleted":
            (tmp_path / "a.py").unlink()
        case "renamed":
            git(tmp_path, "mv", "b.bin", "c.bin")
        case "mode":
            (tmp_path / "a.py").chmod(0o755)
        case "empty":
            write(tmp_path, {"new.py": ""})
            git(tmp_path, "add", "new.py")
        case _:
            write(tmp_path, {"b.bin": b"\0\2"})
    assert edits(tmp_path) == []


def test_windows_line_ends_are_not_quoted(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT.replace("\n", "\r\n")})
    write(tmp_path, {"a.py": replaced(l10="new 10").replace("\n", "\r\n")})
    (hunk,) = edits(tmp_path)
    assert hunk.changed_lines == (10,)
    assert "\r" not in hunk.text
    assert "+new 10" in hunk.text.split("\n")


def test_a_file_without_a_line_end_at_its_end_is_quoted_without_the_remark(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": "one\ntwo"})
    write(tmp_path, {"a.py": "one\n2"})
    (hunk,) = edits(tmp_path)
    assert hunk.text == "@@ -1,2 +1,2 @@\n one\n-two\n+2"
    assert (hunk.start_line, hunk.end_line, hunk.changed_lines) == (1, 2, (2,))


@pytest.mark.parametrize("name", ["with space.py", 'quo"te.py', "größe.py", "line\nend.py", "tab\t.py", "a b/c d.py"])
def test_files_of_odd_names_have_their_hunks(tmp_path: Path, name: str) -> None:
    commit(tmp_path, {name: TEXT})
    write(tmp_path, {name: replaced(l3="new 3")})
    assert [(hunk.path, hunk.changed_lines) for hunk in edits(tmp_path)] == [(name, (3,))]


def test_text_that_is_not_utf8_is_quoted_with_marks(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": b"one\n"})
    write(tmp_path, {"a.py": b"caf\xe9\n"})
    assert edits(tmp_path)[0].text.endswith("+caf\N{REPLACEMENT CHARACTER}")


def test_private_and_ignored_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {".env": "TOKEN=1\n", "a.py": TEXT, "id_rsa": "x\n"})
    commit(tmp_path, {})
    write(tmp_path, {".env": "TOKEN=2\n", "a.py": replaced(l1="new"), "id_rsa": "y\n"})
    assert [hunk.path for hunk in edits(tmp_path)] == ["a.py"]


def test_the_file_written_last_comes_first_and_names_decide_between_equals(tmp_path: Path) -> None:
    commit(tmp_path, dict.fromkeys(("a.py", "b.py", "c.py"), TEXT))
    for name, moment in (("a.py", 1_000), ("c.py", 3_000), ("b.py", 3_000)):
        write(tmp_path, {name: replaced(l2="new", l18="new")})
        os.utime(tmp_path / name, (moment, moment))
    assert [(hunk.path, hunk.changed_lines) for hunk in edits(tmp_path)] == [
        ("b.py", (2,)), ("b.py", (18,)), ("c.py", (2,)), ("c.py", (18,)), ("a.py", (2,)), ("a.py", (18,)),
    ]  # fmt: skip


def test_only_changes_below_the_workspace_count_with_names_from_there(tmp_path: Path) -> None:
    commit(tmp_path, {"app/a.py": TEXT, "other/b.py": TEXT})
    write(tmp_path, {"app/a.py": replaced(l4="new"), "other/b.py": replaced(l4="new")})
    assert [hunk.path for hunk in edits(tmp_path / "app")] == ["a.py"]


def test_settings_of_the_repository_do_not_change_what_is_read(tmp_path: Path) -> None:
    text = replaced(l8="", l12="")
    commit(tmp_path, {"a.py": text})
    write(tmp_path, {"a.py": text.replace("line 10", "new 10").replace("line 18", "new 18")})
    expected = edits(tmp_path)
    for key, value in {
        "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "diff.context": "0", "color.ui": "always",
        "color.diff": "always", "core.quotePath": "true", "diff.renames": "copies", "diff.relative": "true",
        "diff.suppressBlankEmpty": "true", "diff.orderFile": "/nowhere", "diff.interHunkContext": "9",
    }.items():  # fmt: skip
        git(tmp_path, "config", key, value)
    assert edits(tmp_path) == expected


def test_without_a_commit_or_without_git_there_are_no_edits(tmp_path: Path) -> None:
    write(tmp_path, {"plain/a.py": "x\n", "fresh/a.py": "x\n"})
    git(tmp_path / "fresh", "init", "--quiet")
    assert edits(tmp_path / "plain") == []
    assert edits(tmp_path / "fresh") == []


# --- what the editor tells of --------------------------------------------------------------------------------------


def test_edits_of_the_editor_come_first_in_their_order(tmp_path: Path) -> None:
    commit(tmp_path, dict.fromkeys(("a.py", "b.py", "c.py"), TEXT))
    write(tmp_path, {"c.py": replaced(l5="new")})
    found = edits(tmp_path, [edit("b.py", 9), edit("./a.py", 3), edit(str(tmp_path / "b.py"), 1)])
    assert [(hunk.path, hunk.changed_lines) for hunk in found] == [
        ("b.py", (9,)),
        ("a.py", (3,)),
        ("b.py", (1,)),
        ("c.py", (5,)),
    ]
    assert [isinstance(hunk, RecentEdit) for hunk in found] == [True, True, True, False]


def test_of_lines_that_git_knows_git_tells(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": TEXT})
    write(tmp_path, {"a.py": replaced(l10="new 10")})  # lines 7 to 13
    found = edits(
        tmp_path, [edit(start=1, end=6), edit(start=6, end=7), edit(start=13, end=20), edit(start=14, end=20)]
    )
    assert [(hunk.start_line, hunk.end_line) for hunk in found] == [(1, 6), (14, 20), (7, 13)]


def test_of_unsaved_text_the_editor_tells(tmp_path: Path) -> None:
    commit(tmp_path, dict.fromkeys(("a.py", "b.py"), TEXT))
    write(tmp_path, dict.fromkeys(("a.py", "b.py"), replaced(l10="new 10")))
    found = edits(tmp_path, [edit(start=10, end=10)], {"a.py": TEXT})
    assert [(hunk.path, hunk.start_line) for hunk in found] == [("a.py", 10), ("b.py", 7)]
    assert [hunk.path for hunk in edits(tmp_path, (), {"a.py": TEXT})] == ["b.py"]


def test_edits_of_files_that_are_not_read_are_dropped(tmp_path: Path) -> None:
    commit(tmp_path, {".gitignore": "local.py\n", "a.py": TEXT})
    write(tmp_path, {"local.py": TEXT, ".env": TEXT})
    unread = ("local.py", ".env", "missing.py", "../a.py", "", "\0", "large.py", "new.env")
    unsaved = {"new.env": TEXT, "large.py": "x" * 2_000_001}
    assert edits(tmp_path, [edit(path) for path in unread], unsaved) == []


@pytest.mark.parametrize(
    ("start", "end", "changed"), [(0, 1, 1), (20, 22, 20), (22, 22, 22), (1, 2, 0), (1, 2, 30), (-3, -1, 1)]
)
def test_edits_of_lines_that_are_no_more_are_dropped(tmp_path: Path, start: int, end: int, changed: int) -> None:
    write(tmp_path, {"a.py": TEXT})
    assert edits(tmp_path, [edit("a.py", start, end, "@@", changed)]) == []
    assert len(edits(tmp_path, [edit("a.py", 21, 21, "@@", 21)])) == 1  # behind the last line end


def test_lines_of_edits_are_those_of_the_unsaved_text(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "one\n"})
    assert len(edits(tmp_path, [edit(start=3, end=3)], {"a.py": "1\r\n2\r\n3"})) == 1
    assert len(edits(tmp_path, [edit("new.py", 3, 3)], {"new.py": "1\r2\r3"})) == 1


def test_an_edit_without_changed_lines_is_where_it_begins(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": TEXT})
    assert edits(tmp_path, [Hunk("a.py", 4, 5, (), "@@")])[0].changed_lines == (4,)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("@@ @@\r\n-a\r\n+b\r\n", "@@ @@\n-a\n+b"),
        ("@@\r+\ud800", "@@\n+\N{REPLACEMENT CHARACTER}"),
        ("@@\n+" + "x" * 30_000, "@@\n[… 1 line left out …]"),
        ("@@" + "\n+" * 300, "@@" + "\n+" * 199 + "\n[… 101 lines left out …]"),
        ("@@" + "\n+" * 199, "@@" + "\n+" * 199),
    ],
)  # fmt: skip
def test_the_text_of_an_edit_is_bounded_and_plain(tmp_path: Path, told: str, text: str) -> None:
    write(tmp_path, {"a.py": TEXT})
    assert edits(tmp_path, [edit(text=told)])[0].text == text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.one_of(st.text(max_size=20), st.integers(1, 30_000).map(lambda n: "x" * n)), max_size=300))
def test_what_is_kept_of_a_text_and_what_is_left_out_is_all_of_it(tmp_path: Path, lines: list[str]) -> None:
    write(tmp_path, {"a.py": TEXT})
    told = "\n".join(["@@", *(line.replace("\r", "").replace("\n", "") for line in lines), "+"])
    text = edits(tmp_path, [edit(text=told)])[0].text
    *kept, last = text.split("\n")
    if text != told:
        assert int(last.split()[1]) + len(kept) == len(told.split("\n"))
        assert told.startswith("\n".join(kept))
        assert (
            len(kept) == MAX_LINES or sum(len(line) + 1 for line in told.split("\n")[: len(kept) + 1]) > MAX_CHARACTERS
        )
    else:
        assert len(text.split("\n")) <= MAX_LINES
        assert len(text) <= MAX_CHARACTERS
