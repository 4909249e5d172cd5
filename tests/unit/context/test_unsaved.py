"""Unsaved text counts instead of the file on disk, wherever a file is read, and is gone with its request."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from optafly.context import texts
from optafly.context.listing import folder_ignores
from optafly.context.memory import WorkspaceMemory
from optafly.context.project import project_facts
from optafly.context.search import SymbolSearch
from optafly.context.workspace import MAX_FILE_BYTES, Unreadable, Workspace
from optafly.errors import InputError
from optafly.protocol import Buffer
from tests.eval.cases import git
from tests.unit.context.folders import PRIVATE, commit, workspace, write

quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=["git", "folder", "too much to read"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param != "folder":
        git(tmp_path, "init", "--quiet")
    if request.param == "too much to read":
        monkeypatch.setattr(texts, "MAX_TEXT", -1)
    return tmp_path


def search(folder: Path, unsaved: Mapping[str, str], memory: WorkspaceMemory | None = None) -> SymbolSearch:
    return SymbolSearch(workspace(folder, memory, unsaved))


def found_in(search: SymbolSearch, name: str) -> list[str]:
    return [f"{path}:{line}" for path, line, _ in search.uses([name])[name]]


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["a.py", "./a.py", "src/../a.py", "{root}/a.py", "link.py"])
def test_the_text_in_the_editor_is_read_whichever_way_its_file_is_named(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"a.py": "old = 1\n", "src/b.py": ""})
    (tmp_path / "link.py").symlink_to("a.py")
    opened = workspace(tmp_path, unsaved={path.format(root=tmp_path): "new = 1\r\nmore = 2\r\n"})
    for name in ("a.py", "link.py"):
        assert opened.read(name).lines == ["new = 1", "more = 2", ""]
    assert opened.read("src/b.py").text == ""


def test_the_last_text_of_a_file_counts(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "disk"})
    buffers = [Buffer("a.py", "one"), Buffer("./a.py", "two")]
    assert Workspace(tmp_path, PRIVATE, buffers=buffers).read("a.py").text == "two"


def test_the_outline_is_of_the_unsaved_text(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def old(): pass\n"})
    found = search(tmp_path, {"a.py": "\n\ndef new(): pass\n"})
    assert [(item.name, item.start_line) for item in found.outline_of("a.py").symbols] == [("new", 3)]
    assert found.existing_line("a.py", 4) == 4
    assert found.existing_line("a.py", 5) is None


def test_commands_of_an_unsaved_manifest_count(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": "build:\n", "a.py": ""})
    (command,) = project_facts(workspace(tmp_path, unsaved={"Makefile": "all:\n\ntest:\n"})).commands
    assert (command.text, command.source) == ("make test", "Makefile:3")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * (MAX_FILE_BYTES + 1), "is larger than 2 MB and is not read"),
        ("é" * (MAX_FILE_BYTES // 2 + 1), "is larger than 2 MB and is not read"),
        ("a\0b", "is binary and is not read"),
    ],
)
def test_text_that_would_not_be_read_from_disk_is_not_read(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, {"a.py": "needle = 1\n"})
    opened = workspace(tmp_path, unsaved={"a.py": text})
    with pytest.raises(Unreadable, match=reason):
        opened.read("a.py")
    assert found_in(SymbolSearch(opened), "needle") == []


@example(text="\ud800 x \udcff")
@example(text="\ufeffx")
@given(text=st.text(st.characters(exclude_categories=()), max_size=60))
@quick
def test_any_text_keeps_its_lines_and_columns(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.py": ""})
    opened = workspace(tmp_path, unsaved={"a.py": text})
    if "\0" in text:
        with pytest.raises(Unreadable):
            opened.read("a.py")
        return
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert list(map(len, opened.read("a.py").lines)) == list(map(len, plain.split("\n")))
    opened.read("a.py").text.encode()
    assert opened.parsed("a.py") is not None


# --- what may not be read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_disk", [True, False])
def test_unsaved_text_of_private_and_ignored_files_is_not_read(folder: Path, on_disk: bool) -> None:
    hidden = {".env": "needle", "keys.pem": "needle", "local/settings.py": "needle = 1", "sub/old.bak.py": "needle = 1"}
    write(folder, {".gitignore": "local/\n", "sub/.gitignore": "*.bak.py\n", "a.py": "x\n"})
    if on_disk:
        write(folder, hidden)
    opened = workspace(folder, unsaved=hidden)
    assert opened.files() == (".gitignore", "a.py", "sub/.gitignore")
    assert found_in(SymbolSearch(opened), "needle") == []
    for path in hidden:
        assert opened.relative(path) == path
    for path in (".env", "keys.pem"):
        with pytest.raises(Unreadable, match="is on the private list and is not read"):
            opened.read(path)
    assert opened.is_ignored("local/settings.py")
    assert opened.is_ignored("sub/old.bak.py")


@pytest.mark.parametrize(
    "path", ["../outside.py", "/etc/hosts", "", " ", "a\0.py", "\ud800.py", "src", "x" * 300, "l.py"]
)
def test_buffers_of_what_is_no_file_of_the_workspace_are_passed_over(folder: Path, path: str) -> None:
    inside = write(folder / "w", {"src/a.py": "x\n"})
    write(folder, {"outside.py": "x\n"})
    (inside / "l.py").symlink_to(folder / "outside.py")
    opened = workspace(inside, unsaved={path: "needle = 1\n", "src/a.py": "y\n"})
    assert opened.read("src/a.py").text == "y\n"
    assert found_in(SymbolSearch(opened), "needle") == []
    for name in ("../outside.py", "l.py"):
        with pytest.raises(InputError):
            opened.relative(name)


def test_a_link_leads_to_no_unsaved_text_that_may_not_be_read(tmp_path: Path) -> None:
    commit(tmp_path, {".gitignore": "local.py\n", "a.py": ""})
    (tmp_path / "ignored.py").symlink_to("local.py")
    (tmp_path / "private.py").symlink_to(".env")
    opened = workspace(tmp_path, unsaved={"local.py": "needle = 1\n", ".env": "needle = 1\n"})
    with pytest.raises(Unreadable, match="links to a file that an ignore rule names"):
        opened.read("ignored.py")
    with pytest.raises(Unreadable, match="links to a file on the private list"):
        opened.read("private.py")
    assert found_in(SymbolSearch(opened), "needle") == []


# --- files that are not on disk yet ---------------------------------------------------------------------------------


def test_a_new_file_is_one_of_the_workspace(folder: Path) -> None:
    write(folder, {"b.py": "needle = 1\n"})
    opened = workspace(folder, unsaved={"src/new.py": "def fresh():\n    needle\n", "notes.txt": ""})
    assert opened.files() == ("b.py", "notes.txt", "src/new.py")
    assert opened.relative("src/new.py") == "src/new.py"
    assert opened.is_listed("src/new.py")
    assert not opened.is_ignored("src/new.py")
    assert opened.listing.folders == ("", "src")
    found = SymbolSearch(opened)
    assert found_in(found, "needle") == ["b.py:1", "src/new.py:2"]
    assert [item.path for item in found.definitions(["fresh"])["fresh"]] == ["src/new.py"]


def test_a_new_file_needs_its_buffer(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist in the workspace; give an existing file"):
        workspace(tmp_path, unsaved={"other.py": ""}).relative("new.py")


@pytest.mark.parametrize("path", [".git/new.py", "nested/new.py", "nested/sub/new.py"])
def test_a_new_file_of_a_repository_inside_is_none_of_the_workspace(tmp_path: Path, path: str) -> None:
    commit(tmp_path / "nested", {"a.py": ""})
    commit(tmp_path, {"a.py": ""})
    assert workspace(tmp_path, unsaved={path: "needle = 1\n"}).files() == workspace(tmp_path).files()


def test_a_deleted_file_that_is_still_open_is_there(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": "needle = 1\n", "b.py": ""})
    (tmp_path / "a.py").unlink()
    assert found_in(search(tmp_path, {"a.py": "\nneedle = 1\n"}), "needle") == ["a.py:2"]


RULES = st.lists(
    st.sampled_from(["*.py", "!a.py", "b/", "/c", "b/*", "!b/a.py", "**/c/", "a.*", "# x", "", "b/c/a.py"]), max_size=4
)
PATHS = st.lists(st.sampled_from(["a.py", "b", "c", "node_modules", "a.txt"]), min_size=1, max_size=4)


@quick
@given(top=RULES, below=RULES, parts=PATHS)
def test_a_new_file_is_ignored_as_it_is_once_it_is_on_disk(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], below: list[str], parts: list[str]
) -> None:
    path = "/".join(parts)
    root = write(tmp_path_factory.mktemp("w"), {".gitignore": "\n".join(top), "b/.gitignore": "\n".join(below)})
    if (root / path).exists() or any(part in {"a.py", "a.txt"} for part in parts[:-1]):
        return
    unsaved = workspace(root, unsaved={path: ""}).files()
    ignored = folder_ignores(root, path)
    assert unsaved == workspace(write(root, {path: ""})).files()
    assert ignored == (path not in unsaved)


# --- the same answers as once saved; nothing stays -----------------------------------------------------------------

TEXTS = st.lists(
    st.sampled_from(["def first(): pass", "second()", "def third_one(): first()", "", "x = second"]), max_size=5
).map("\r\n".join)
FILES = st.dictionaries(st.sampled_from(["a.py", "b.py", "sub/new.py", "c.txt"]), TEXTS, max_size=3)


def answers(found: SymbolSearch) -> object:
    names = ["first", "second"]
    return found.uses(names), found.definitions(names), found.by_words(["third", "one"])


@quick
@pytest.mark.parametrize("limit", [None, -1])
@given(saved=FILES, unsaved=FILES)
def test_search_answers_as_if_it_was_saved(
    tmp_path_factory: pytest.TempPathFactory, limit: int | None, saved: dict[str, str], unsaved: dict[str, str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if limit is not None:
            patch.setattr(texts, "MAX_TEXT", limit)
        root, other = tmp_path_factory.mktemp("unsaved"), tmp_path_factory.mktemp("saved")
        memory = WorkspaceMemory()
        for where in (root, other):
            commit(where, saved | {"z.py": "first()\n"})
        answers(search(root, {}, memory))
        before = answers(search(root, {}))
        write(other, unsaved)
        assert answers(search(root, unsaved, memory)) == answers(search(root, unsaved)) == answers(search(other, {}))
        assert answers(search(root, {}, memory)) == before


def test_unsaved_text_is_never_remembered(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": "disk = 1\n", "b.py": "b = 1\n"})
    memory = WorkspaceMemory()
    assert found_in(search(tmp_path, {}, memory), "disk") == ["a.py:1"]
    for unsaved in ({"a.py": "needle = 1\n"}, {"new.py": "needle = 1\n"}, {"b.py": "needle = 1\n"}):
        (path,) = unsaved
        assert found_in(search(tmp_path, unsaved, memory), "needle") == [f"{path}:1"]
        kept = memory.of(tmp_path, PRIVATE).last_texts
        assert not any("needle" in text for text in kept.values())
        again = search(tmp_path, {}, memory)
        assert found_in(again, "needle") == []
        assert found_in(again, "disk") == ["a.py:1"]
        assert not workspace(tmp_path, memory).is_listed("new.py")


def test_a_kept_text_does_not_hide_an_unsaved_one(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": "needle = 1\n"})
    memory = WorkspaceMemory()
    assert found_in(search(tmp_path, {}, memory), "needle") == ["a.py:1"]
    assert found_in(search(tmp_path, {"a.py": "moved = 1\nneedle = 1\n"}, memory), "needle") == ["a.py:2"]
    assert found_in(search(tmp_path, {"a.py": "gone = 1\n"}, memory), "needle") == []
