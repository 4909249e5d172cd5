"""Making workspaces for tests."""

from collections.abc import Mapping
from pathlib import Path

from optafly.context.memory import WorkspaceMemory
from optafly.context.private import PrivateFiles
from optafly.context.workspace import Workspace
from optafly.protocol import Buffer
from tests.eval.cases import git

PRIVATE = PrivateFiles()


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, their folders too; text as UTF-8 with the line ends it has."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder


def commit(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files and commit all that is there, in a repository that is made where there is none."""
    write(folder, files)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "more")
    return folder


def workspace(
    folder: Path, memory: WorkspaceMemory | None = None, unsaved: Mapping[str, str] | None = None
) -> Workspace:
    """The folder as a workspace, asked anew; ``unsaved`` is text by path that an editor holds."""
    return Workspace(folder, PRIVATE, memory, [Buffer(*pair) for pair in (unsaved or {}).items()])
