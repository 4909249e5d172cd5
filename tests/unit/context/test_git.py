"""What git is asked and what it must not be made to do; real repositories in temporary folders."""

import os
import shutil
import time
from pathlib import Path

import pytest

from optafly.context.git import Git, Patience, parse_listing
from tests.eval.cases import git
from tests.unit.context.folders import commit, workspace, write

ODD_NAMES = ("with space.py", 'quo"te.py', "größe.py", "漢字.py", "line\nend.py", "tab\there.py", "back\\slash.py",
             "-dash.py", ":colon.py", "star*.py", "a'b.py")  # fmt: skip


def listed(folder: Path) -> list[str]:
    answer = Git(folder).list_files()
    assert answer is not None
    return parse_listing(answer)[0]


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """A script and the file that it makes when it is run."""
    sprung = tmp_path / "sprung"
    script = tmp_path / "script.sh"
    script.write_text(f"#!/bin/sh\ntouch '{sprung}'\ncat\n", "utf-8")
    script.chmod(0o755)
    return script, sprung


@pytest.mark.parametrize(
    "settings",
    [
        {"core.fsmonitor": "SCRIPT"},
        {"core.hooksPath": "HOOKS"},
        {"diff.external": "SCRIPT"},
        {"diff.trapped.command": "SCRIPT"},
        {"diff.trapped.textconv": "SCRIPT"},
        {"filter.trapped.clean": "SCRIPT", "filter.trapped.required": "true"},
        {"filter.trapped.smudge": "SCRIPT", "filter.trapped.clean": "SCRIPT"},
        {"filter.trapped.process": "SCRIPT"},
        {"filter.odd=name.v2.clean": "SCRIPT"},
        {"core.pager": "SCRIPT", "pager.diff": "SCRIPT", "pager.grep": "SCRIPT"},
        {"core.sshCommand": "SCRIPT", "core.askPass": "SCRIPT", "core.editor": "SCRIPT"},
        {"alias.diff": "!SCRIPT", "alias.ls-files": "!SCRIPT"},
    ],
    ids="+".join,
)
def test_no_program_that_the_repository_configures_is_run(
    tmp_path: Path, trap: tuple[Path, Path], settings: dict[str, str]
) -> None:
    script, sprung = trap
    folder = commit(tmp_path / "repository", {"a.py": "A = 1\n", "b.py": "B = 1\n"})
    hooks = write(tmp_path, {"hooks/post-index-change": script.read_text("utf-8")}) / "hooks"
    (hooks / "post-index-change").chmod(0o755)
    for key, value in settings.items():
        git(folder, "config", key, value.replace("SCRIPT", str(script)).replace("HOOKS", str(hooks)))
    attributes = "*.py diff=trapped filter=trapped\nb.py filter=odd=name.v2\n"
    write(folder, {".gitattributes": attributes, "a.py": "A = 2\n", "b.py": "B = 2\n", "new.py": "A = 3\n"})
    asked = Git(folder)
    assert "A = 2" in (asked.diff() or "")
    assert listed(folder) == [".gitattributes", "a.py", "b.py", "new.py"]
    assert asked.grep_words(["A"])
    assert asked.grep_texts(["a = "])
    assert not asked.is_ignored("a.py")
    assert asked.head()
    assert not sprung.exists()


def test_the_trap_would_be_sprung(tmp_path: Path, trap: tuple[Path, Path]) -> None:
    script, sprung = trap
    folder = commit(tmp_path / "repository", {"a.py": "A = 1\n"})
    git(folder, "config", "filter.trapped.clean", str(script))
    write(folder, {".gitattributes": "*.py filter=trapped\n", "a.py": "A = 2\n"})
    git(folder, "diff", "HEAD")
    assert sprung.exists()


def test_variables_of_the_environment_do_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = commit(tmp_path / "other", {"other.py": ""})
    folder = commit(tmp_path / "mine", {"mine.py": ""})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert listed(folder) == ["mine.py"]


def test_the_configuration_of_the_person_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {"ignored-everywhere": "*.swp\n", "config": f"[core]\n\texcludesFile = {tmp_path}/ignored-everywhere\n"},
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    folder = commit(tmp_path / "mine", {"a.py": ""})
    write(folder, {"a.swp": ""})
    assert listed(folder) == ["a.py"]
    assert Git(folder).is_ignored("a.swp")


def test_nothing_is_written_to_the_repository(tmp_path: Path) -> None:
    folder = commit(tmp_path, {"a.py": "A = 1\n"})
    write(folder, {"a.py": "A = 2\n"})
    os.utime(folder / "a.py", (1, 1))
    before = {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}
    asked = Git(folder)
    asked.diff(), asked.list_files(), asked.head(), asked.grep_words(["A"]), asked.is_ignored("a.py")
    assert {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))} == before


def test_a_repository_without_commits_has_no_head_and_no_diff(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"a.py": "needle\n"})
    asked = Git(tmp_path)
    assert asked.head() is None
    assert asked.diff() is None
    assert listed(tmp_path) == ["a.py"]
    assert asked.grep_words(["needle"]) == [("a.py", 1, "needle")]


def test_a_folder_without_a_repository_has_no_answers(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "needle\n"})
    asked = Git(tmp_path)
    assert asked.list_files() is None
    assert asked.head() is None
    assert asked.diff() is None
    assert asked.grep_words(["needle"]) is None
    assert workspace(tmp_path).files() == ("a.py",)
    assert workspace(tmp_path).diff() == ""


def test_a_damaged_repository_is_none(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": ""})
    (tmp_path / ".git" / "HEAD").unlink()
    assert Git(tmp_path).list_files() is None
    assert workspace(tmp_path).files() == ("a.py",)


def test_without_git_on_the_path_the_folder_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(tmp_path, {"a.py": "", "b.log": "", ".gitignore": "*.log\n"})
    monkeypatch.setenv("PATH", str(tmp_path))
    opened = workspace(tmp_path)
    assert opened.files() == (".gitignore", "a.py")
    assert opened.diff() == ""
    assert opened.is_ignored("b.log")
    assert not opened.is_ignored("a.py")


def test_where_git_cannot_tell_a_file_counts_as_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(tmp_path, {"a.py": ""})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Git(tmp_path).is_ignored("a.py")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_file_names_are_listed_changed_and_found(tmp_path: Path, name: str) -> None:
    commit(tmp_path, {name: "needle = 1\n", "other.py": "hay\n"})
    write(tmp_path, {name: "needle = 2\n"})
    assert listed(tmp_path) == sorted([name, "other.py"])
    asked = Git(tmp_path)
    assert asked.grep_words(["needle"]) == [(name, 1, "needle = 2")]
    assert asked.grep_texts(["NEEDLE"]) == [(name, 1, "needle = 2")]
    write(tmp_path, {".gitignore": "*\n"})
    assert asked.is_ignored("other") is True
    assert asked.is_ignored(name) is False
    assert workspace(tmp_path).read(name).text == "needle = 2\n"


def test_a_name_that_is_not_unicode_is_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    try:
        write(tmp_path, {name: "needle\n"})
    except OSError:
        pytest.skip("the file system takes Unicode names only")
    commit(tmp_path, {})
    assert listed(tmp_path) == [name]
    assert Git(tmp_path).grep_words(["needle"]) == [(name, 1, "needle")]


def test_words_are_found_whole_and_only_where_ignore_rules_allow(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": "load\nload_all\nreload\nx.load()\r\n", ".gitignore": "no.py\n", "b.bin": b"load\0"})
    write(tmp_path, {"new.py": "load\n", "no.py": "load\n"})
    assert Git(tmp_path).grep_words(["load"]) == [("a.py", 1, "load"), ("a.py", 4, "x.load()"), ("new.py", 1, "load")]
    assert Git(tmp_path).grep_words(["absent"]) == []


def test_a_word_that_looks_like_an_option_is_searched_for(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": "run --force\n"})
    assert Git(tmp_path).grep_texts(["--force"]) == [("a.py", 1, "run --force")]


def test_settings_of_the_repository_do_not_change_what_is_found(tmp_path: Path) -> None:
    commit(tmp_path, {"app/a.py": "load\n"})
    expected = Git(tmp_path / "app").grep_words(["load"])
    for key, value in {
        "grep.column": "true", "grep.fullName": "true", "grep.lineNumber": "false", "grep.patternType": "perl",
        "color.grep": "always", "color.ui": "always", "submodule.recurse": "true",
    }.items():  # fmt: skip
        git(tmp_path, "config", key, value)
    assert Git(tmp_path / "app").grep_words(["load"]) == expected == [("a.py", 1, "load")]
    assert listed(tmp_path) == ["app/a.py"]


def test_files_that_may_differ_from_the_commit_are_told_apart(tmp_path: Path) -> None:
    commit(tmp_path, {"kept.py": "", "assumed.py": "", "skipped.py": ""})
    write(tmp_path, {"new.py": ""})
    git(tmp_path, "update-index", "--assume-unchanged", "assumed.py")
    git(tmp_path, "update-index", "--skip-worktree", "skipped.py")
    names, unsettled = parse_listing(Git(tmp_path).list_files() or b"")
    assert names == ["assumed.py", "kept.py", "new.py", "skipped.py"]
    assert unsettled == {"assumed.py", "new.py", "skipped.py"}


def test_a_file_in_conflict_is_listed_once(tmp_path: Path) -> None:
    commit(tmp_path, {"a.py": "1\n"})
    git(tmp_path, "checkout", "--quiet", "-b", "other")
    commit(tmp_path, {"a.py": "2\n"})
    git(tmp_path, "checkout", "--quiet", "-")
    commit(tmp_path, {"a.py": "3\n"})
    with pytest.raises(Exception, match="merge"):
        git(tmp_path, "merge", "--quiet", "other")
    assert listed(tmp_path) == ["a.py"]
    assert "<<<<<<< HEAD" in (Git(tmp_path).diff() or "")


@pytest.mark.parametrize("worktree", ["elsewhere", "mine/inner", "link"])
def test_a_repository_whose_files_lie_elsewhere_is_none(tmp_path: Path, worktree: str) -> None:
    write(tmp_path, {"elsewhere/a.py": "SECRET = 1\n", "elsewhere/other.py": "SECRET = 2\n"})
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    folder = commit(tmp_path / "mine", {"a.py": "A = 1\n", "inner/a.py": "A = 1\n"})
    git(folder, "config", "core.worktree", str(tmp_path / worktree))
    asked = Git(folder)
    assert (asked.list_files(), asked.diff(), asked.head()) == (None, None, None)
    assert asked.grep_words(["SECRET"]) is None
    assert asked.is_ignored("a.py")
    assert workspace(folder).files() == ("a.py", "inner/a.py")
    assert workspace(folder).diff() == ""


@pytest.mark.parametrize("worktree", ["mine", "mine/../mine", "link", "."])
def test_a_work_tree_that_is_named_and_holds_the_folder_is_asked(tmp_path: Path, worktree: str) -> None:
    folder = commit(tmp_path / "mine", {"a.py": "A = 1\n"})
    write(folder, {"a.py": "A = 2\n"})
    (tmp_path / "link").symlink_to(folder)
    git(folder, "config", "core.worktree", str(tmp_path / worktree))
    assert Git(folder).grep_words(["A"]) == [("a.py", 1, "A = 2")]
    assert listed(folder) == ["a.py"]


def test_a_linked_worktree_is_asked(tmp_path: Path) -> None:
    folder = commit(tmp_path / "mine", {"src/a.py": "A = 1\n"})
    git(folder, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    linked = tmp_path / "linked"
    write(linked, {"src/a.py": "A = 2\n"})
    for root, path in ((linked, "src/a.py"), (linked / "src", "a.py")):
        assert listed(root) == [path]
        assert "+A = 2" in (Git(root).diff() or "")
        assert Git(root).head() == Git(folder).head()
    assert "+A = 2" not in (Git(folder).diff() or "")


def test_a_submodule_is_asked(tmp_path: Path) -> None:
    commit(tmp_path / "library", {"b.py": "B = 1\n", ".gitignore": "*.log\n"})
    folder = commit(tmp_path / "mine", {"a.py": "A = 1\n"})
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "library"), "sub")
    inside = write(folder / "sub", {"b.py": "B = 2\n", "c.log": ""})
    assert (inside / ".git").is_file()
    assert listed(inside) == [".gitignore", "b.py"]
    assert "+B = 2" in (Git(inside).diff() or "")
    assert workspace(folder).is_ignored("sub/c.log")
    assert not workspace(folder).is_ignored("sub/b.py")


def test_a_repository_that_is_waited_for_is_given_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = commit(tmp_path / "mine", {"a.py": "needle\n"})
    os.mkfifo(tmp_path / "pipe")
    with (folder / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(f"[include]\n\tpath = {tmp_path / 'pipe'}\n")
    monkeypatch.setattr("optafly.context.git.TIME_LIMIT_S", 0.3)
    monkeypatch.setattr(Patience.__init__, "__defaults__", (0.3,))
    began = time.monotonic()
    opened = workspace(folder)
    assert opened.files() == ("a.py",)
    assert opened.diff() == ""
    assert opened.git.grep_words(["needle"]) is None
    assert opened.git.within("inner").is_ignored("a.py")
    assert time.monotonic() - began < 2
    assert len(opened.notes) == 1
    assert "git took longer than" in opened.notes[0]


def test_what_git_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"bin/git": f"#!/bin/sh\n(sleep 600 & echo $! > {tmp_path}/pid; wait) \n"})
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert Git(tmp_path, Patience(0.5)).list_files() is None
    pid = int((tmp_path / "pid").read_text("ascii"))
    deadline = time.monotonic() + 5
    while is_running(pid):
        assert time.monotonic() < deadline


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("entry", ["bin", "./bin", "", "."])
def test_a_git_of_the_workspace_is_never_started(
    tmp_path: Path, trap: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    script, sprung = trap
    folder = commit(tmp_path / "mine", {"a.py": "needle\n"})
    for place in (folder / "git", folder / "bin" / "git"):
        place.parent.mkdir(exist_ok=True)
        shutil.copy(script, place)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{entry}:{os.environ['PATH']}")
    assert "a.py" in listed(folder)
    assert not sprung.exists()
