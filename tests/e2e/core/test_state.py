"""What an editor shows, as others get it."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from optafly.core.client import CoreClient
from optafly.core.wire import EditorState, RefineCall
from optafly.errors import NotFound
from optafly.paths import Paths
from optafly.protocol import Buffer, Selection
from tests.e2e.core.conftest import ask, found

TOKEN = "ghp_" + "k3J9xQ2mVb7LpR5tWz8YcN4dHf6GsA1eXu0T"


@pytest.fixture
def repository(project: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    return project


async def test_private_files_ignored_files_and_secrets_are_not_given_out(
    paths: Paths, environment: dict[str, str], repository: Path, call: RefineCall, home: Path
) -> None:
    project = repository
    (project / ".gitignore").write_text("ignored.txt\n")
    (home / "config").mkdir(parents=True)
    (home / "config" / "prompt-manager-config.yaml").write_text(
        "prompt_management_agent:\n  private_files: ['*.ours']\n"
    )
    names = [".env", "ignored.txt", "a.ours", "b.theirs", "c.txt"]
    for name in names:
        (project / name).write_text("")
    editor = CoreClient(paths, environment)
    await editor.attach("lsp")
    buffers = tuple(Buffer(name, f"zebra in {name}") for name in names)
    code = Buffer("app.py", f"TOKEN = '{TOKEN}'\n")
    folder = str(project)
    await editor.publish(EditorState((folder,), folder, ".env", Selection(1, 1, 1, 2), buffers=(*buffers, code)))
    # The settings of the editor come with what it asks for.
    async for _ in editor.refine(msgspec.structs.replace(call, settings={"private_files": ["*.theirs"]})):
        pass
    answer = ask(found(paths), "GET", f"/v1/state?workspace={project}")
    assert TOKEN not in json.dumps(answer.body)
    state = msgspec.convert(answer.body, EditorState)
    assert (state.file, state.selection) == (None, None)
    assert [item.path for item in state.buffers] == ["c.txt", "app.py"]
    assert "«redacted:" in state.buffers[1].text
    await editor.close()


async def test_what_takes_too_long_is_not_given_out(
    paths: Paths, environment: dict[str, str], project: Path, start_core: object
) -> None:
    assert callable(start_core)
    start_core(
        "import threading\n"
        "from optafly.core import run, service\n"
        "from optafly.paths import resolve_paths\n"
        "service.SHARING_S = 0.1\n"
        "service.shareable = lambda *_: threading.Event().wait(2)\n"
        "run.run_core(resolve_paths())\n"
    )
    editor = CoreClient(paths, environment)
    await editor.attach("lsp")
    await editor.publish(EditorState((str(project),), str(project)))
    with pytest.raises(NotFound, match="in time"):
        await editor.editor_state(str(project))
    await editor.close()
