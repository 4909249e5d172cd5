"""What of an editor's state others may see."""

import subprocess
from pathlib import Path

import pytest

from optafly.core import sharing
from optafly.core.sharing import shareable
from optafly.core.wire import EditorState
from optafly.protocol import Buffer, Diagnostic, Hunk, Position, Range, Selection

TOKEN = "ghp_" + "k3J9xQ2mVb7LpR5tWz8YcN4dHf6GsA1eXu0T"
PASSWORD = "T7f-quagga-93x"
HERE = Range(Position(0, 0), Position(0, 1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".gitignore").write_text("ignored.txt\nbuild/\n")
    for name in (".env", "ignored.txt", "src/app.py", "notes.internal.md"):
        (folder / name).write_text("as it is on disk\n")
    (folder / "linked.txt").symlink_to(".env")
    (tmp_path / "outside.py").write_text("outside\n")
    return folder


def state_with(folder: Path, path: str, text: str) -> EditorState:
    return EditorState(
        (str(folder),),
        str(folder),
        path,
        Selection(1, 1, 1, 2),
        (Diagnostic(path, HERE, text, 1, text, text),),
        (Buffer(path, text),),
        (Hunk(path, 1, 1, (1,), f"@@ -1 +1 @@\n+{text}"),),
    )


@pytest.mark.parametrize(
    "path",
    [".env", "src/.env.local", "ignored.txt", "build/out.py", "notes.internal.md", "linked.txt", "../outside.py", "",
     "src/../.env", "./ignored.txt", "/etc/passwd", "a\0b"],
)  # fmt: skip
def test_nothing_of_files_that_are_not_read_is_given_out(folder: Path, path: str) -> None:
    shared = shareable(state_with(folder, path, "zebra-quagga"), {"*.internal.md"})
    assert shared == EditorState((str(folder),), str(folder))


@pytest.mark.parametrize("path", ["src/app.py", "src/new.py"])
def test_what_may_be_read_is_given_out_as_it_is(folder: Path, path: str) -> None:
    state = state_with(folder, path, "total = 1")
    assert shareable(state, ()) == state


def test_secrets_are_replaced(folder: Path) -> None:
    shared = shareable(state_with(folder, "src/app.py", f"token = '{TOKEN}'"), ())
    texts = [shared.buffers[0].text, shared.edits[0].text, shared.diagnostics[0].message]
    assert all("«redacted:" in text for text in texts)
    assert TOKEN not in repr(shared)
    assert shared.file == "src/app.py"


def test_what_a_private_file_gives_away_is_hidden_in_the_others(folder: Path) -> None:
    state = EditorState(
        (str(folder),),
        str(folder),
        buffers=(Buffer("src/app.py", f"print('{PASSWORD}')"), Buffer(".env", f"DB_PASSWORD={PASSWORD}")),
    )
    shared = shareable(state, ())
    assert [item.path for item in shared.buffers] == ["src/app.py"]
    assert PASSWORD not in repr(shared)


def test_without_a_workspace_there_are_only_folders(folder: Path) -> None:
    assert shareable(EditorState((str(folder),)), ()) == EditorState((str(folder),))
    gone = EditorState((str(folder),), str(folder / "nowhere"), "app.py")
    assert shareable(gone, ()) == EditorState((str(folder),))


def test_there_is_a_bound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_TEXT", 100)
    monkeypatch.setattr(sharing, "MOST_UNLISTED", 3)
    long = EditorState((), str(folder), buffers=(Buffer("src/app.py", "x" * 101), Buffer("src/b.py", "y" * 60)))
    assert [item.path for item in shareable(long, ()).buffers] == ["src/b.py"]
    many = EditorState((), str(folder), diagnostics=tuple(Diagnostic(f"no{n}.py", HERE, "x") for n in range(50)))
    assert shareable(many, ()).diagnostics == ()
