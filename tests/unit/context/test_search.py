"""Finding names and words in all files, the same whichever way it is done."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optafly.context import texts
from optafly.context.memory import WorkspaceMemory
from optafly.context.search import TOO_COMMON, SymbolSearch, word_score
from optafly.context.symbols import Symbol
from tests.eval.cases import git
from tests.unit.context.folders import commit, workspace, write


def search(folder: Path, memory: WorkspaceMemory | None = None) -> SymbolSearch:
    return SymbolSearch(workspace(folder, memory))


def places(symbols: list[Symbol]) -> list[str]:
    return [f"{item.path}:{item.start_line}" for item in symbols]


@pytest.fixture(params=["git", "folder", "too much to read"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace to be filled by `fill`; with too much in it, git searches."""
    if request.param != "folder":
        git(tmp_path, "init", "--quiet")
    if request.param == "too much to read":
        monkeypatch.setattr(texts, "MAX_TEXT", -1)
    return tmp_path


# --- uses ----------------------------------------------------------------------------------------------------------


def test_uses_are_whole_words_by_file_and_line(folder: Path) -> None:
    write(folder, {
        "b.py": "from a import load\n\nload_all()\nreload()\nx = load(load)\n",
        "a.py": "def load(): pass\r\n# load it\r\n",
        "c.js": "obj.load();\nconst $load = 1;\n",
    })  # fmt: skip
    assert search(folder).uses(["load"]) == {
        "load": [
            ("a.py", 1, "def load(): pass"),
            ("a.py", 2, "# load it"),
            ("b.py", 1, "from a import load"),
            ("b.py", 5, "x = load(load)"),
            ("c.js", 1, "obj.load();"),
            ("c.js", 2, "const $load = 1;"),
        ]
    }


def test_several_names_are_told_apart(folder: Path) -> None:
    write(folder, {"a.py": "alpha(beta)\nbeta()\ngamma()\n"})
    found = search(folder).uses(["beta", "alpha", "beta", "delta"])
    assert {name: [row[1] for row in rows] for name, rows in found.items()} == {
        "beta": [1, 2],
        "alpha": [1],
        "delta": [],
    }


def test_letter_case_counts(folder: Path) -> None:
    write(folder, {"a.py": "Load()\nload()\n"})
    assert [row[1] for row in search(folder).uses(["load"])["load"]] == [2]


@pytest.mark.parametrize("name", ["a.b", "x*", "a|b", "(", "[a", "--help", "$el", "\\d"])
def test_a_name_is_text_and_no_pattern(folder: Path, name: str) -> None:
    write(folder, {"a.py": f"aXb xx a [ab d el --help\n{name} \n"})
    assert [row[1] for row in search(folder).uses([f"{name}zz"])[f"{name}zz"]] == []


def test_names_of_one_or_two_letters_are_not_searched_for(folder: Path) -> None:
    write(folder, {"a.py": "x = id\n"})
    assert search(folder).uses(["x", "id", ""]) == {}


def test_private_ignored_binary_and_prose_files_are_not_searched(folder: Path) -> None:
    write(folder, {
        ".gitignore": "gen/\n",
        "a.py": "needle\n",
        "gen/b.py": "needle\n",
        "credentials.yml": "needle\n",
        "id_rsa.py": "needle\n",
        "c.py": b"needle\0\n",
        "notes.md": "needle\n",
    })  # fmt: skip
    assert [row[0] for row in search(folder).uses(["needle"])["needle"]] == ["a.py"]


def test_private_files_are_not_opened_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(tmp_path, {"a.py": "needle\n", "id_rsa.py": "needle\n"})
    write(tmp_path, {"id_rsa.py": "needle 2\n", "id_rsa_new.py": "needle\n"})
    opened: list[str] = []

    def read(path: str) -> str:
        opened.append(path)
        return "needle"

    monkeypatch.setattr(texts, "_read", read)
    assert [row[0] for row in search(tmp_path).uses(["needle"])["needle"]] == ["a.py"]
    assert opened == [f"{tmp_path}/a.py"]


@pytest.mark.parametrize("limit", ["MAX_TEXT", "MAX_SOURCES"])
def test_a_workspace_that_is_too_large_stays_so_however_often_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(texts, limit, 20 if limit == "MAX_TEXT" else 2)
    commit(tmp_path, {f"m{number}.py": "needle = 1\n" for number in range(4)})
    memory = WorkspaceMemory()
    for _ in range(4):
        assert texts.SourceTexts(workspace(tmp_path, memory)).holding("needle") is None
        assert len(search(tmp_path, memory).uses(["needle"])["needle"]) == 4


def test_links_are_not_followed(folder: Path) -> None:
    outside = write(folder / ".." / "outside", {"b.py": "needle\n", "c.py": "needle\n"})
    write(folder, {"sub/b.py": "needle\n", "a.py": "needle\n"})
    (folder / "link.py").symlink_to(outside / "c.py")
    if (folder / ".git").exists():
        # Listed as a file, and then replaced by a link that leads out.
        git(folder, "add", "--all")
        (folder / "sub" / "b.py").unlink()
        (folder / "sub").rmdir()
        (folder / "sub").symlink_to(outside)
        expected = ["a.py"]
    else:
        (folder / "linked").symlink_to(outside)
        expected = ["a.py", "sub/b.py"]
    assert [row[0] for row in search(folder).uses(["needle"])["needle"]] == expected


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_files_in_other_encodings_are_searched(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, {"a.py": "# é\nneedle = 1\n".encode(encoding)})
    assert search(tmp_path).uses(["needle"])["needle"] == [("a.py", 2, "needle = 1")]


def test_names_in_any_script_are_found(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "größe = 1\nmaßgröße = 2\n漢字名 = 3\n"})
    found = search(tmp_path).uses(["größe", "漢字名"])
    assert {name: [row[1] for row in rows] for name, rows in found.items()} == {"größe": [1], "漢字名": [3]}


# --- definitions ---------------------------------------------------------------------------------------------------


def test_definitions_are_found_in_every_language(folder: Path) -> None:
    write(folder, {
        "a.py": "def total(): pass\n",
        "b.ts": "export const total = () => 1;\n",
        "c.rs": "impl Cart { pub fn total(&self) {} }\n",
        "d.go": "package d\nfunc (c *Cart) total() {}\n",
        "e.c": "static int total(void)\n{\n}\n",
        "F.java": "class F {\n  int total() { return 1; }\n}\n",
        "g.cpp": "int Cart::total() { return 1; }\n",
        "h.py": "total()\nx.total = 3\n# def of total\n",
    })  # fmt: skip
    assert places(search(folder).definitions(["total"])["total"]) == [
        "F.java:2", "a.py:1", "b.ts:1", "c.rs:1", "d.go:2", "e.c:1", "g.cpp:1",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Cart.total", "Cart::total", "shop.Cart.total", "Cart#total", "Cart->total"])
def test_a_qualified_name_is_looked_up_in_its_class(folder: Path, name: str) -> None:
    write(folder, {
        "a.py": "class Cart:\n    def total(self): pass\n",
        "b.py": "class Bill:\n    def total(self): pass\n",
        "c.py": "def total(): pass\n",
    })  # fmt: skip
    assert places(search(folder).definitions([name])[name]) == ["a.py:2"]
    assert search(folder).definitions(["Order.total"])["Order.total"] == []


def test_what_is_only_used_or_mentioned_has_no_definition(folder: Path) -> None:
    write(folder, {"a.py": "ghost()\n'''def ghost(): pass'''\n", "b.js": "ghost(1);\n", "c.c": "int ghost(void);\n"})
    assert search(folder).definitions(["ghost"]) == {"ghost": []}


def test_a_name_defined_everywhere_says_nothing(folder: Path) -> None:
    write(folder, {f"m{number}.py": "def setup(): pass\n" for number in range(TOO_COMMON + 1)})
    assert search(folder).definitions(["setup"])["setup"] == []


def test_no_names_no_definitions(tmp_path: Path) -> None:
    assert search(tmp_path).definitions([]) == {}
    assert search(tmp_path).by_words([]) == []


# --- words ---------------------------------------------------------------------------------------------------------


def worded(folder: Path, *words: str, prefer: str | None = None) -> list[tuple[int, str]]:
    return [(score, item.name) for score, item in search(folder).by_words(words, prefer)]


def test_words_lead_to_the_names_made_of_them(folder: Path) -> None:
    write(folder, {
        "a.py": "def retry_upload(): pass\n\ndef retry(): pass\n\ndef uploads(): pass\n\ndef other(): retry_upload()\n",
        "b.js": "export const retryUploads = () => {};\nclass Uploader {}\n",
        "c.go": "package c\nfunc RetryAll() {}\n",
    })  # fmt: skip
    found = worded(folder, "retry", "upload")
    assert found[:2] == [(2, "retry_upload"), (2, "retryUploads")]
    assert {name for score, name in found if score == 1} == {"retry", "uploads", "Uploader", "RetryAll"}


def test_forms_of_a_word_are_one_word(folder: Path) -> None:
    write(folder, {"a.py": "def parse_entries(): pass\n\ndef parsing(): pass\n\ndef compare(): pass\n"})
    assert {name for _, name in worded(folder, "entry")} == {"parse_entries"}
    assert {name for _, name in worded(folder, "entries")} == {"parse_entries"}
    assert {name for _, name in worded(folder, "parse")} == {"parse_entries", "parsing"}


def test_words_only_in_comments_texts_and_calls_lead_nowhere(folder: Path) -> None:
    write(folder, {"a.py": "# refund the deposit\nx = 'refund'\nrefund()\n", "b.md": "def refund()\n"})
    assert worded(folder, "refund") == []


def test_words_find_functions_without_a_keyword(folder: Path) -> None:
    write(folder, {
        "a.c": "static struct ring *ring_grow(struct ring *r)\n{\n}\n",
        "B.java": "class B {\n    private Map<String, List<Ring>> growRing(int by) {\n        return null;\n    }\n}\n",
        "c.ts": "class C {\n  async growRing(by: number): Promise<void> {\n  }\n}\n",
    })  # fmt: skip
    assert {name for score, name in worded(folder, "grow", "ring") if score == 2} == {"ring_grow", "growRing"}


@pytest.mark.parametrize("words", [["größe"], ["漢字"], ["a", "of"], ["$("], [".*"]])
def test_words_that_no_name_can_hold_find_nothing(folder: Path, words: list[str]) -> None:
    write(folder, {"a.py": "def anything(): pass\n"})
    assert worded(folder, *words) == []


def test_a_very_long_line_is_searched_at_once(folder: Path) -> None:
    # Patterns that try every way of splitting such a line never end.
    write(
        folder,
        {"a.c": "int " + "a " * 20_000 + "render\n" + "x* " * 20_000 + "render(\n", "b.py": "def render(): pass\n"},
    )
    assert worded(folder, "render") == [(1, "render")]


def test_the_active_file_is_looked_at_first(tmp_path: Path) -> None:
    write(tmp_path, {f"m{number:02}.py": f"def load_{number}(): pass\n" for number in range(30)})
    names = [name for _, name in worded(tmp_path, "load", prefer="m29.py")]
    assert "load_29" in names
    assert "load_29" not in [name for _, name in worded(tmp_path, "load")]


@pytest.mark.parametrize(
    ("words", "name", "score"),
    [(["retry"], "retryUpload", 1), (["retry", "upload"], "UPLOAD_RETRIES", 2), (["retry", "retry"], "retry", 1),
     (["http"], "HTTPServer", 1), (["server"], "HTTPServer", 1), (["ser"], "HTTPServer", 0), ([], "x", 0)],
)  # fmt: skip
def test_score_counts_the_different_words_in_a_name(words: list[str], name: str, score: int) -> None:
    assert word_score(words, name) == score


# --- the same answers, however often and in whatever way asked -----------------------------------------------------

STEPS = ["edit", "edit back", "commit", "new file", "delete", "rename", "reset", "touch", "assume unchanged"]


def _step(folder: Path, step: str, turn: int) -> None:
    text = f"def first():\n    second({turn})\n\n\ndef third_{turn}(): first()\n"
    match step:
        case "edit":
            write(folder, {"a.py": text})
        case "edit back":
            git(folder, "checkout", "HEAD", "--", ".")
        case "commit":
            commit(folder, {"b.py": text})
        case "new file":
            write(folder, {f"new{turn}.py": text})
        case "delete":
            (folder / "a.py").unlink(missing_ok=True)
        case "rename":
            if (folder / "b.py").exists():
                (folder / "b.py").rename(folder / "c.py")
        case "reset":
            git(folder, "reset", "--quiet", "--soft", "HEAD~1" if turn % 2 else "HEAD")
        case "touch":
            (folder / "b.py").touch()
        case _:
            git(folder, "update-index", "--assume-unchanged", "d.py")
            write(folder, {"d.py": text})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=6))
def test_what_is_remembered_never_changes_an_answer(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    folder = tmp_path_factory.mktemp("w")
    for number in range(len(STEPS)):
        commit(folder, {"d.py": f"second({number})\n"})
    commit(folder, {"a.py": "def first(): pass\n", "b.py": "first()\n", "d.py": "second()\n"})
    memory = WorkspaceMemory()
    for turn, step in enumerate(steps):
        _step(folder, step, turn)
        remembering, fresh = search(folder, memory), search(folder)
        assert remembering.uses(["first", "second"]) == fresh.uses(["first", "second"])
        assert remembering.definitions(["first"]) == fresh.definitions(["first"])
        assert remembering.by_words(["third"]) == fresh.by_words(["third"])
