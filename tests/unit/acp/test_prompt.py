"""Reading prompts, and what they are about."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.acp.ports import AskedPrompt
from optafly.acp.prompt import read_prompt
from optafly.acp.request import bare, build_request, workspace_of
from optafly.context.private import PrivateFiles
from optafly.core.wire import EditorState
from optafly.protocol import Buffer, RefineRequest, Selection
from tests.unit.acp.fakes import COMMANDS, asked, embedded, link, text

BILL = "def split():\n    pass\n\n\ndef tip():\n    return 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "shop").mkdir(parents=True)
    (made / "shop" / "bill.py").write_text(BILL)
    (made / ".env").write_text("KEY=1\n")
    return made


async def request(folder: Path, *blocks: Any, shown: EditorState | None = None) -> RefineRequest:
    return await build_request(read_prompt(asked(folder, *blocks)), folder, shown, PrivateFiles(()))


def test_links_are_read_where_they_stand(folder: Path) -> None:
    bill = link(folder / "shop" / "bill.py")
    elsewhere = link(Path("/elsewhere/notes.md"))

    prompt = read_prompt(asked(folder, text("fix"), bill, text(", as in "), elsewhere, text("says")))

    assert prompt.text == "fix `shop/bill.py`, as in `notes.md` says"
    assert [item.name for item in prompt.attached] == ["shop/bill.py"]


def test_texts_of_their_own_stand_on_lines_of_their_own(folder: Path) -> None:
    assert read_prompt(asked(folder, "one", "two")).text == "one\ntwo"


@pytest.mark.parametrize(
    ("words", "command", "rest"),
    [
        ("/refine", "refine", ""),
        ("/refine fix this", "refine", "fix this"),
        (" /refine\nfix this", "refine", "fix this"),
        ("/stats now", "stats", "now"),
        ("/refined fix this", "", "/refined fix this"),
        ("say /refine", "", "say /refine"),
    ],
)
def test_commands(folder: Path, words: str, command: str, rest: str) -> None:
    prompt = read_prompt(asked(folder, words))

    assert (prompt.command, prompt.text) == (command, rest)


def test_an_editors_file_counts_where_nothing_is_attached(folder: Path) -> None:
    selection, buffers = Selection(1, 1, 1, 4), (Buffer("shop/bill.py", "x = 1\n"),)
    shown = EditorState((str(folder),), str(folder), "shop/bill.py", selection, buffers=buffers)

    found = run(request(folder, "fix this", shown=shown))

    assert (found.file, found.selection, found.buffers) == ("shop/bill.py", selection, buffers)
    assert bare(found) == RefineRequest("fix this", str(folder))


def test_paths_are_those_of_the_folder_that_the_editor_has_open(folder: Path) -> None:
    shown = EditorState((str(folder),), str(folder), "shop/bill.py")

    found = run(
        build_request(read_prompt(asked(folder / "shop", "fix this")), folder / "shop", shown, PrivateFiles(()))
    )

    assert (found.workspace, found.file) == (str(folder), "shop/bill.py")


def test_an_editor_in_another_folder_says_nothing(folder: Path, tmp_path: Path) -> None:
    shown = EditorState((str(tmp_path / "other"),), str(tmp_path / "other"), "a.py")

    assert run(request(folder, "fix this", shown=shown)).file is None


def test_what_is_attached_counts_more_than_what_an_editor_shows(folder: Path) -> None:
    (folder / "notes.md").write_text("one\n")
    shown = EditorState((str(folder),), str(folder), "notes.md", Selection(1, 1, 1, 2))

    found = run(request(folder, "fix this", link(folder / "shop" / "bill.py"), shown=shown))

    assert (found.file, found.selection) == ("shop/bill.py", None)


@pytest.mark.parametrize(
    ("fragment", "selection"),
    [
        ("L5", Selection(5, 1, 5, 11)),
        ("L5:6", Selection(5, 1, 6, 13)),
        ("L1-L2", Selection(1, 1, 2, 9)),
        ("L5:900", Selection(5, 1, 7, 1)),
        ("L900", None),
        ("L0", None),
        ("L6:5", None),
        ("section", None),
    ],
)
def test_lines_of_a_link_are_the_selection(folder: Path, fragment: str, selection: Selection | None) -> None:
    found = run(request(folder, "fix this", link(folder / "shop" / "bill.py", fragment)))

    assert (found.file, found.selection) == ("shop/bill.py", selection)


def test_an_attached_text_that_is_newer_counts_instead_of_the_file(folder: Path) -> None:
    newer = BILL + "\ndef total():\n    pass\n"

    found = run(request(folder, "fix this", embedded(folder / "shop" / "bill.py", newer)))

    assert found.buffers == (Buffer("shop/bill.py", newer),)


@pytest.mark.parametrize(
    ("content", "fragment"),
    [(BILL, ""), ("# Outline\ndef split() [L1]\n", ""), ("def tip():\n    return 1\n", "L5:6"), ("", "")],
    ids=["the same", "an outline", "some lines", "nothing"],
)
def test_a_part_of_a_file_is_not_taken_for_the_file(folder: Path, content: str, fragment: str) -> None:
    found = run(request(folder, "fix this", embedded(folder / "shop" / "bill.py", content, fragment)))

    assert (found.file, found.buffers) == ("shop/bill.py", ())


def test_an_editors_text_counts_more_than_an_attached_one(folder: Path) -> None:
    buffers = (Buffer("shop/bill.py", "x = 1\n"),)
    shown = EditorState((str(folder),), str(folder), None, buffers=buffers)

    assert run(request(folder, "x", embedded(folder / "shop" / "bill.py", BILL + "#"), shown=shown)).buffers == buffers


def test_a_file_that_is_not_saved_yet_is_known_by_its_text(folder: Path) -> None:
    found = run(request(folder, "fix this", embedded(folder / "new.py", "x = 1\n")))

    assert (found.file, found.buffers) == ("new.py", (Buffer("new.py", "x = 1\n"),))


def test_a_private_file_is_not_what_a_request_is_about(folder: Path) -> None:
    found = run(request(folder, "fix this", embedded(folder / ".env", "KEY=2\n"), link(folder / "shop" / "bill.py")))

    assert (found.file, found.buffers) == ("shop/bill.py", ())


def test_a_file_that_is_not_there_is_not_what_a_request_is_about(folder: Path) -> None:
    assert run(request(folder, "fix this", link(folder / "gone.py"))).file is None


def test_a_folder_that_is_opened_by_a_link_holds_its_files(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(folder)

    found = run(request(tmp_path / "linked", "fix this", link(folder / "shop" / "bill.py")))

    assert found.file == "shop/bill.py"


def test_what_is_attached_tells_which_of_several_folders_is_meant(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text("x = 1\n")
    prompt = AskedPrompt("one", str(folder), [text("fix this"), link(other / "a.py")], (), (str(folder), str(other)))

    assert workspace_of(prompt.cwd, read_prompt(prompt), tmp_path / "home") == other


@pytest.mark.parametrize("cwd", ["/", "", "relative", "/nowhere/at/all"])
def test_what_is_no_project(cwd: str, tmp_path: Path) -> None:
    prompt = AskedPrompt("one", cwd, [text("fix this")])

    assert workspace_of(cwd, read_prompt(prompt), tmp_path) is None


def test_a_home_is_no_project(tmp_path: Path) -> None:
    prompt = AskedPrompt("one", str(tmp_path), [text("fix this")])

    assert workspace_of(prompt.cwd, read_prompt(prompt), tmp_path.resolve()) is None


def run(work: Any) -> RefineRequest:
    made: RefineRequest = asyncio.run(work)
    return made


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
URIS = st.text(max_size=12).map(lambda text: f"file:///{text}") | st.text(max_size=12)
RESOURCE = st.fixed_dictionaries({}, optional={"uri": URIS | JSON, "text": JSON, "name": JSON})
BLOCK = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "resource", "resource_link", "image", "x"]) | JSON},
    optional={"text": st.text() | JSON, "resource": RESOURCE | JSON, "uri": URIS, "name": JSON, "annotations": JSON},
)


@given(st.lists(BLOCK, max_size=4))
def test_whatever_the_blocks_are_they_stay_but_for_the_text(blocks: list[dict[str, Any]]) -> None:
    prompt = read_prompt(AskedPrompt("one", "/w", blocks, commands=COMMANDS))

    made = prompt.with_text("new")

    assert [block for block in made if block.get("text") == "new"]
    left = [block for block in prompt.blocks if block.get("type") != "text"]
    assert [block for block in made if block.get("type") != "text"] == left
