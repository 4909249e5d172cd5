"""A workspace, a home, and editors in them; the core that was started ends with the tests."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
import pytest_asyncio

from optafly.core.client import CoreClient
from optafly.core.discovery import read_discovery
from optafly.core.launcher import COMMAND
from optafly.errors import OptaFlyError
from optafly.paths import resolve_paths
from tests.e2e.lsp.played import BOUND_S, PlayedEditor

T = TypeVar("T")

# A model that is not on this machine: refinements are made without one.
NO_MODEL = {"OPTAFLY_MODEL": "tinyllama-q4", "OPTAFLY_EDITOR_OFFER_MODEL": "false"}

Start = Callable[..., Awaitable[PlayedEditor]]

BILL = (
    "def split_evenly(total, people):\n    share = total / people\n    return [share] * people\n\n\n"
    "def tip(total):\n    return total * 0.1\n"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here run in one loop, so that they can share editors."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home that tests share, and with it the core."""
    made = tmp_path_factory.mktemp("shared") / "home"
    yield made
    end_core(made)


@pytest.fixture
def own_home(tmp_path: Path) -> Iterator[Path]:
    """A home of the test's own."""
    made = tmp_path / "home"
    yield made
    end_core(made)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


def write_project(made: Path) -> Path:
    (made / "shop").mkdir(parents=True)
    (made / "shop" / "bill.py").write_text(BILL)
    (made / "notes.md").write_text("# Plan\n\nfix this bug in split_evenly\n\nSomething else to do later.\n")
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def start(home: Path, folder: Path) -> AsyncIterator[Start]:
    """Starts editors; without the local model, and with the shared core, unless told otherwise."""
    async with starting(home, folder) as begin:
        yield begin


@pytest_asyncio.fixture(loop_scope="session")
async def start_alone(own_home: Path, folder: Path) -> AsyncIterator[Start]:
    """Starts editors in a home of the test's own."""
    async with starting(own_home, folder) as begin:
        yield begin


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PlayedEditor]:
    """One editor for the tests of a module, in the project above."""
    folder = write_project(tmp_path_factory.mktemp("window") / "project")
    editor = await PlayedEditor.start(home, (folder,), environ=NO_MODEL)
    yield editor
    await editor.stop()


@pytest.fixture
def editor(window: PlayedEditor) -> Iterator[PlayedEditor]:
    """The module's editor, with the code of the project open; what a test opened is closed after it."""
    window.open(window.folders[0] / "shop" / "bill.py", "python")
    window.client.messages.clear()
    window.client.shown_documents.clear()
    window.edits.clear()
    window.shows_marks = True
    yield window
    for held in list(window.texts.values()):
        window.close(held)
    assert window.unasked


@pytest_asyncio.fixture(loop_scope="session")
async def core(home: Path) -> AsyncIterator[CoreClient]:
    """Another front-end of the shared core."""
    environ = os.environ | {"OPTAFLY_HOME": str(home)}
    client = CoreClient(resolve_paths(environ), environ)
    yield client
    await client.close()


@contextlib.asynccontextmanager
async def starting(home: Path, folder: Path) -> AsyncIterator[Start]:
    editors: list[PlayedEditor] = []

    async def begin(*, environ: dict[str, str] | None = None, folders: tuple[Path, ...] = (), **options: Any) -> Any:
        editor = await PlayedEditor.start(home, folders or (folder,), environ=NO_MODEL | (environ or {}), **options)
        editors.append(editor)
        return editor

    try:
        yield begin
    finally:
        for editor in editors:
            await editor.stop()


async def eventually(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """What is seen once it is seen: the core is asked again and again, with a bound."""
    deadline = time.monotonic() + BOUND_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OptaFlyError):
            seen = await look()
            if seen:
                return seen
        await asyncio.sleep(0.02)  # leaves the processor to what is waited for
    raise AssertionError(f"not seen within {BOUND_S:g} s: {what}")


def core_process(home: Path) -> psutil.Process:
    """The core that serves this home."""
    found = read_discovery(resolve_paths({"OPTAFLY_HOME": str(home)}))
    assert found is not None
    return psutil.Process(found.pid)


async def core_is_there(editor: PlayedEditor) -> None:
    """Wait until the server has reached its core."""
    await editor.command("optafly.stats")
    await editor.said("core running")
    editor.client.messages.clear()


@contextlib.contextmanager
def held_still(home: Path) -> Iterator[psutil.Process]:
    """The core does nothing meanwhile: what is asked of it stays under way."""
    process = core_process(home)
    process.suspend()
    try:
        yield process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


def end_core(home: Path) -> None:
    """End the cores of this home, in whatever state: one that is just starting has said nowhere that it is there."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cmdline()[-len(COMMAND) :] == [*COMMAND] and process.environ().get("OPTAFLY_HOME") == str(home):
                _kill(process)


def _kill(process: psutil.Process) -> None:
    process.kill()
    deadline = time.monotonic() + BOUND_S
    # Whoever is to collect it may take its time.
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.01)
