"""Which files a workspace has and which of them are read: nothing outside, ignored, private or binary."""

import errno
import os
import socket
import tempfile
from pathlib import Path

import pytest

from optafly.context.memory import WorkspaceMemory
from optafly.context.private import PrivateFiles
from optafly.context.workspace import MAX_FILE_BYTES, Unreadable, Workspace, decode
from optafly.errors import InputError
from tests.eval.cases import git
from tests.unit.context.folders import PRIVATE, commit, workspace, write


def names(folder: Path) -> list[str]:
    return list(workspace(folder).files())


# --- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/a.py", "src/a.py"),
        ("src/../src//a.py", "src/a.py"),
        ("src/b c.py", "src/b c.py"),
        ("src/größe.py", "src/größe.py"),
    ],
)
def test_a_path_inside_is_named_from_the_workspace(tmp_path: Path, given: str, name: str) -> None:
    write(tmp_path, {"src/a.py": "", "src/b c.py": "", "src/größe.py": ""})
    assert workspace(tmp_path).relative(given) == name


def test_an_absolute_path_inside_is_named_from_the_workspace(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": ""})
    assert workspace(tmp_path).relative(str(tmp_path / "src" / "a.py")) == "src/a.py"


def test_a_workspace_opened_by_a_link_takes_paths_of_either_name(tmp_path: Path) -> None:
    real = write(tmp_path / "real", {"src/a.py": "x"})
    (tmp_path / "link").symlink_to(real)
    opened = workspace(tmp_path / "link")
    assert opened.relative(str(tmp_path / "link" / "src/a.py")) == "src/a.py"
    assert opened.relative(str(real / "src/a.py")) == "src/a.py"
    assert opened.read("src/a.py").text == "x"


@pytest.mark.parametrize(
    "given", ["../secret.txt", "a/../../secret.txt", "..", "/etc/passwd", "/", "../../../../etc/passwd"]
)
def test_a_path_outside_is_refused(tmp_path: Path, given: str) -> None:
    write(tmp_path, {"secret.txt": "", "inside/a/b.py": ""})
    with pytest.raises(InputError, match="is outside the workspace; give a path inside inside/"):
        workspace(tmp_path / "inside").relative(given)


def test_a_neighbour_whose_name_begins_alike_is_outside(tmp_path: Path) -> None:
    write(tmp_path, {"app/a.py": "", "app-old/a.py": ""})
    with pytest.raises(InputError, match="is outside"):
        workspace(tmp_path / "app").relative(str(tmp_path / "app-old" / "a.py"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "is not a path"),
        ("   ", "is not a path"),
        ("a\0.py", "is not a path"),
        ("missing.py", "does not exist in the workspace; give an existing file"),
        ("src", "is not a file; give a file inside the workspace"),
        ("src/", "is not a file"),
        (".", "is not a file"),
        ("src/a.py/b", "does not exist"),
        ("x" * 300, "does not exist"),
        ("x/" * 3000, "does not exist"),
    ],
)
def test_what_is_no_file_is_refused_with_the_reason(tmp_path: Path, given: str, message: str) -> None:
    write(tmp_path, {"src/a.py": ""})
    with pytest.raises(InputError, match="--file") as error:
        workspace(tmp_path).relative(given)
    assert message in str(error.value)


def test_another_option_is_named_in_its_own_message(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^--diagnostics: path missing\.py does not exist"):
        workspace(tmp_path).relative("missing.py", option="--diagnostics: path")


@pytest.mark.parametrize("given", ["nowhere", "file.txt"])
def test_a_workspace_must_be_a_folder(tmp_path: Path, given: str) -> None:
    write(tmp_path, {"file.txt": ""})
    with pytest.raises(InputError, match="is not a folder; give an existing folder"):
        workspace(tmp_path / given)


# --- links ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_git", [True, False])
def test_a_link_out_of_the_workspace_is_never_followed(tmp_path: Path, in_git: bool) -> None:
    write(tmp_path, {"outside/key.py": "TOP = 'secret'\n"})
    inside = write(tmp_path / "inside", {"a.py": "A = 1\n"})
    (inside / "leak.py").symlink_to(tmp_path / "outside" / "key.py")
    (inside / "folder").symlink_to(tmp_path / "outside")
    if in_git:
        commit(inside, {})
    opened = workspace(inside)
    for path in ("leak.py", "folder/key.py"):
        with pytest.raises(InputError, match="is outside the workspace"):
            opened.relative(path)
        with pytest.raises(Unreadable, match="links out of the workspace and is not read"):
            opened.read(path)
    assert "folder/key.py" not in opened.files()


def test_a_link_to_a_private_file_is_as_private(tmp_path: Path) -> None:
    write(tmp_path, {".env": "TOKEN=1\n", "a.py": ""})
    (tmp_path / "notes.txt").symlink_to(tmp_path / ".env")
    with pytest.raises(Unreadable, match="links to a file on the private list"):
        workspace(tmp_path).read("notes.txt")


def test_a_link_to_an_ignored_file_is_not_read(tmp_path: Path) -> None:
    commit(tmp_path, {".gitignore": "local.py\n", "a.py": ""})
    write(tmp_path, {"local.py": "MINE = 1\n"})
    (tmp_path / "notes.py").symlink_to("local.py")
    with pytest.raises(Unreadable, match="links to a file that an ignore rule names"):
        workspace(tmp_path).read("notes.py")


def test_a_link_inside_the_workspace_is_read(tmp_path: Path) -> None:
    commit(tmp_path, {"src/a.py": "A = 1\n"})
    (tmp_path / "b.py").symlink_to("src/a.py")
    assert workspace(tmp_path).read("b.py").text == "A = 1\n"


@pytest.mark.parametrize("in_git", [True, False])
def test_a_file_in_a_linked_folder_is_as_ignored_as_the_file_itself(tmp_path: Path, in_git: bool) -> None:
    write(tmp_path, {"lib/a.py": "", "lib/gen.py": "", ".gitignore": "gen.py\n"})
    (tmp_path / "linked").symlink_to("lib")
    if in_git:
        commit(tmp_path, {})
    opened = workspace(tmp_path)
    assert opened.relative("linked/a.py") == "linked/a.py"
    assert not opened.is_ignored("linked/a.py")
    assert opened.is_ignored("linked/gen.py")


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to("loop.py")
    with pytest.raises(InputError, match=r"--file loop\.py"):
        workspace(tmp_path).relative("loop.py")
    with pytest.raises(Unreadable):
        workspace(tmp_path).read("loop.py")


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [".env", "deploy/id_rsa", "cert.pem", "a/.aws/config", ".ENV"])
def test_private_files_are_not_read_nor_listed(tmp_path: Path, path: str) -> None:
    write(tmp_path, {path: "x", "a.py": ""})
    with pytest.raises(Unreadable, match="is on the private list and is not read"):
        workspace(tmp_path).read(path)
    assert names(tmp_path) == ["a.py"]
    assert workspace(tmp_path).is_private(path)


def test_more_files_can_be_made_private(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": "", "notes/diary.md": ""})
    opened = Workspace(tmp_path, PrivateFiles(("notes/",)))
    assert opened.files() == ("src/a.py",)
    with pytest.raises(Unreadable, match="private list"):
        opened.read("notes/diary.md")


@pytest.mark.parametrize("content", [b"\x7fELF\0\0", b"abc\0def", b"\xff\xfeabc", b"\xff\xfea\0\0\0b\0"])
def test_binary_files_are_not_read(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, {"a.bin": content})
    with pytest.raises(Unreadable, match="is binary and is not read"):
        workspace(tmp_path).read("a.bin")


def test_a_file_of_more_than_two_megabytes_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"big.py": b"x" * (MAX_FILE_BYTES + 1), "fits.py": b"x" * MAX_FILE_BYTES})
    with pytest.raises(Unreadable, match="is larger than 2 MB and is not read"):
        workspace(tmp_path).read("big.py")
    assert len(workspace(tmp_path).read("fits.py").text) == MAX_FILE_BYTES


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "latin-1", "cp1252"]
)
def test_text_is_read_in_the_encoding_it_is_written_in(tmp_path: Path, encoding: str) -> None:
    text = "# café, Größe\nx = 1\n"
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-32-le": b"\xff\xfe\0\0"}
    write(tmp_path, {"a.py": marks.get(encoding, b"") + text.encode(encoding)})
    assert workspace(tmp_path).read("a.py").text == text


def test_bytes_that_are_in_no_encoding_are_read_all_the_same() -> None:
    assert decode(b"caf\xe9 \x81 \x9d") == "café \x81 \x9d"


def test_quotes_of_windows_are_read_as_such() -> None:
    assert decode("“naïve” – résumé".encode("cp1252")) == "“naïve” – résumé"


@pytest.mark.parametrize("make", ["pipe", "socket", "folder", "missing"])
def test_what_is_no_plain_file_is_not_waited_for(make: str, tmp_path: Path) -> None:
    if make == "pipe":
        os.mkfifo(tmp_path / "Makefile")
    elif make == "folder":
        (tmp_path / "Makefile").mkdir()
    opened = workspace(tmp_path)
    if make == "socket":
        # The names of sockets must be short.
        with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{folder}/Makefile")
            with pytest.raises(Unreadable):
                workspace(Path(folder)).read("Makefile")
        return
    with pytest.raises(Unreadable):
        opened.read("Makefile")


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": ""})

    def refuse(path: Path, *_: object) -> None:
        # As the system does, also where the tests run as root, who may read everything.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unreadable, match=r"cannot be read \(Permission denied\)"):
        workspace(tmp_path).read("a.py")


def test_one_refinement_sees_one_text_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "old"})
    opened = workspace(tmp_path)
    assert opened.read("a.py").text == "old"
    write(tmp_path, {"a.py": "new"})
    assert opened.read("a.py").text == "old"
    assert workspace(tmp_path).read("a.py").text == "new"


# --- listing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_git", [True, False])
def test_ignore_rules_hold_in_every_folder(tmp_path: Path, in_git: bool) -> None:
    files = {
        ".gitignore": "*.log\n/build/\n",
        "a.py": "",
        "a.log": "",
        "build/x.py": "",
        "src/build/y.py": "",
        "src/.gitignore": "generated.py\n!keep.log\n",
        "src/generated.py": "",
        "src/deep/generated.py": "",
        "src/keep.log": "",
        "src/other.log": "",
        "docs/generated.py": "",
    }
    write(tmp_path, files)
    if in_git:
        commit(tmp_path, {})
    listed = [".gitignore", "a.py", "docs/generated.py", "src/.gitignore", "src/build/y.py", "src/keep.log"]
    assert names(tmp_path) == listed
    opened = workspace(tmp_path)
    assert opened.is_ignored("src/generated.py")
    assert not opened.is_ignored("src/keep.log")


def test_what_is_ignored_in_a_folder_cannot_be_taken_back_below_it(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "build/\n", "build/.gitignore": "!a.py\n", "build/a.py": "", "b.py": ""})
    assert names(tmp_path) == [".gitignore", "b.py"]


@pytest.mark.parametrize("line", ["!", "\\", "[z-a]", "foo\\"])
def test_a_line_that_is_no_pattern_is_passed_over(tmp_path: Path, line: str) -> None:
    write(tmp_path, {".gitignore": f"*.log\n{line}\n*.tmp\n", "a.log": "", "a.tmp": "", "a.py": ""})
    assert names(tmp_path) == [".gitignore", "a.py"]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf*.log\n", b"*.log\r\n", b"# caf\xe9\n*.log\n"])
def test_ignore_files_of_every_make_are_heard(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, {".gitignore": content, "a.log": "", "a.py": ""})
    assert names(tmp_path) == [".gitignore", "a.py"]


def test_an_ignore_file_that_is_a_folder_is_none(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore/x.txt": "", "a.py": ""})
    assert names(tmp_path) == [".gitignore/x.txt", "a.py"]


def test_folders_of_tools_are_not_searched_without_git(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "node_modules/x/i.js": "", ".venv/lib/y.py": "", "__pycache__/a.pyc": ""})
    assert names(tmp_path) == ["a.py"]
    assert workspace(tmp_path).is_ignored("node_modules/x/i.js")


def test_tracked_and_new_files_are_listed_deleted_and_excluded_ones_not_read(tmp_path: Path) -> None:
    commit(tmp_path, {"tracked.py": "", "gone.py": ""})
    write(tmp_path, {"new.py": "", "excluded.py": "", ".git/info/exclude": "excluded.py\n"})
    (tmp_path / "gone.py").unlink()
    opened = workspace(tmp_path)
    assert {"tracked.py", "new.py"} <= set(opened.files())
    assert "excluded.py" not in opened.files()
    with pytest.raises(Unreadable):
        opened.read("gone.py")


def test_a_tracked_file_is_not_ignored_though_a_rule_names_it(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.cfg\n", "kept.cfg": "", "other.cfg": ""})
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--force", "kept.cfg")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    opened = workspace(tmp_path)
    assert not opened.is_ignored("kept.cfg")
    assert opened.is_ignored("other.cfg")


def test_a_folder_of_a_repository_is_a_workspace_of_its_own(tmp_path: Path) -> None:
    commit(tmp_path, {"app/a.py": "", "other/b.py": "", ".gitignore": "*.log\n", "app/a.log": ""})
    assert names(tmp_path / "app") == ["a.py"]


def test_a_workspace_that_the_repository_around_it_ignores_is_listed_all_the_same(tmp_path: Path) -> None:
    commit(tmp_path, {".gitignore": "scratch/\n", "a.py": ""})
    write(tmp_path, {"scratch/b.py": "", "scratch/.gitignore": "*.log\n", "scratch/c.log": ""})
    opened = workspace(tmp_path / "scratch")
    assert opened.files() == (".gitignore", "b.py")
    assert not opened.is_ignored("b.py")
    assert opened.is_ignored("c.log")


def test_a_repository_that_ignores_all_its_files_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"a.py": "", ".git/info/exclude": "*\n"})
    assert names(tmp_path) == []
    assert workspace(tmp_path).is_ignored("a.py")


def test_a_repository_without_commits_lists_its_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"a.py": "", "b.log": "", ".gitignore": "*.log\n"})
    assert names(tmp_path) == [".gitignore", "a.py"]


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["untracked", "submodule"])
def test_the_rules_of_a_nested_repository_hold_in_it(tmp_path: Path, kind: str) -> None:
    nested = commit(tmp_path / ("nested" if kind == "untracked" else "origin"), {"ok.py": "", ".gitignore": "no.py\n"})
    outer = commit(tmp_path, {"a.py": ""}) if kind == "untracked" else commit(tmp_path / "outer", {"a.py": ""})
    if kind == "submodule":
        git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(nested), "nested")
    write(outer, {"nested/no.py": "", "nested/new.py": ""})
    opened = workspace(outer)
    assert not any(path.startswith("nested/") for path in opened.files())
    assert opened.relative("nested/ok.py") == "nested/ok.py"
    assert not opened.is_ignored("nested/ok.py")
    assert not opened.is_ignored("nested/new.py")
    assert opened.is_ignored("nested/no.py")


def test_a_nested_repository_that_is_ignored_as_a_whole_stays_so(tmp_path: Path) -> None:
    commit(tmp_path / "vendor" / "lib", {"a.py": ""})
    commit(tmp_path, {".gitignore": "vendor/\n", "b.py": ""})
    assert workspace(tmp_path).is_ignored("vendor/lib/a.py")


def test_the_order_of_files_does_not_depend_on_when_they_were_made(tmp_path: Path) -> None:
    commit(tmp_path, {"b.py": "", "a/z.py": ""})
    write(tmp_path, {"a.py": "", "B.py": "", "a/a.py": ""})
    assert names(tmp_path) == ["B.py", "a.py", "a/a.py", "a/z.py", "b.py"]
    assert workspace(tmp_path).listing.folders == ("", "a")


# --- memory --------------------------------------------------------------------------------------------------------


def test_what_is_remembered_follows_every_kind_of_change(tmp_path: Path) -> None:
    memory = WorkspaceMemory()
    commit(tmp_path, {"a.py": "A", "b.py": "B"})
    assert workspace(tmp_path, memory).files() == ("a.py", "b.py")
    write(tmp_path, {"c.py": "C", ".gitignore": "b*\nd*\n", "d.py": "D"})
    (tmp_path / "a.py").rename(tmp_path / "e.py")
    assert workspace(tmp_path, memory).files() == (".gitignore", "a.py", "b.py", "c.py", "e.py")


def test_files_that_become_private_are_forgotten(tmp_path: Path) -> None:
    memory = WorkspaceMemory()
    commit(tmp_path, {"a.py": "A", "notes.py": "B"})
    assert Workspace(tmp_path, PRIVATE, memory).files() == ("a.py", "notes.py")
    assert Workspace(tmp_path, PrivateFiles(("notes*",)), memory).files() == ("a.py",)
