"""Agent panels before a real core: the SDK's client and `optafly mcp` as its own process."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.client.session import ClientRequestContext
from mcp.client.stdio import StdioServerParameters, stdio_client
from pydantic import FileUrl

from tests.e2e.core.conftest import clean_environment, no_core_left
from tests.e2e.lsp.conftest import NO_MODEL, write_project

BOUND_S = 60.0
COMMAND = (sys.executable, "-m", "optafly", "mcp")
PROMPT = "fix this bug in split_evenly"

Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One for the tests of a module, and with it one core."""
    folder = tmp_path_factory.mktemp("mcp") / "home"
    with no_core_left(folder):
        yield folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    # Of a process that does nothing else a warning on standard error is a mistake.
    return clean_environment(home) | NO_MODEL


@pytest.fixture
def connect(environment: dict[str, str], folder: Path, tmp_path: Path) -> Connect:
    """Starts `optafly mcp` as an agent panel does; started elsewhere than in the project unless told otherwise."""

    @asynccontextmanager
    async def connect(
        *, mode: str = "legacy", roots: tuple[Path, ...] | None = None, cwd: Path | None = None, **more: str
    ) -> AsyncIterator[Client]:
        async def named(context: ClientRequestContext) -> types.ListRootsResult:
            return types.ListRootsResult(roots=[types.Root(uri=FileUrl(root.as_uri())) for root in roots or ()])

        server = StdioServerParameters(
            command=COMMAND[0], args=list(COMMAND[1:]), env=environment | more, cwd=cwd or tmp_path
        )
        callback = named if roots is not None else None
        async with asyncio.timeout(BOUND_S):
            async with Client(stdio_client(server), mode=mode, list_roots_callback=callback) as client:
                yield client

    return connect


def text_of(found: types.GetPromptResult) -> str:
    """The text of the one message of a prompt."""
    (message,) = found.messages
    assert message.role == "user"
    assert isinstance(message.content, types.TextContent)
    return message.content.text
