"""A workspace, a home of its own, and an editor in it; the core that was started ends with the test."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from optafly.core.discovery import read_discovery
from optafly.paths import resolve_paths
from tests.e2e.lsp.played import PlayedEditor

# A model that is not on this machine: refinements are made without one.
NO_MODEL = {"OPTAFLY_MODEL": "tinyllama-q4", "OPTAFLY_EDITOR_OFFER_MODEL": "false"}

Start = Callable[..., Awaitable[PlayedEditor]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "shop").mkdir(parents=True)
    (made / "shop" / "bill.py").write_text(
        "def split_evenly(total, people):\n    share = total / people\n    return [share] * people\n\n\n"
        "def tip(total):\n    return total * 0.1\n"
    )
    (made / "notes.md").write_text("# Plan\n\nfix this bug in split_evenly\n\nSomething else to do later.\n")
    return made


@pytest.fixture
async def start(home: Path, folder: Path) -> AsyncIterator[Start]:
    """Starts editors; without the local model unless told otherwise."""
    editors: list[PlayedEditor] = []

    async def begin(*, environ: dict[str, str] | None = None, folders: tuple[Path, ...] = (), **options: Any) -> Any:
        editor = await PlayedEditor.start(home, folders or (folder,), environ=NO_MODEL | (environ or {}), **options)
        editors.append(editor)
        return editor

    yield begin
    for editor in editors:
        await editor.stop()
    end_core(home)


def end_core(home: Path) -> None:
    """End the core that serves this home, whatever state it is in."""
    found = read_discovery(resolve_paths({"OPTAFLY_HOME": str(home)}))
    if found is not None and psutil.pid_exists(found.pid):
        process = psutil.Process(found.pid)
        os.kill(found.pid, signal.SIGKILL)
        process.wait(10)
