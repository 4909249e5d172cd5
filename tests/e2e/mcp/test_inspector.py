"""The MCP inspector's command line, a client that is not written in Python."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.mcp.conftest import BOUND_S, COMMAND, PROMPT

INSTALL = "tests/e2e/mcp/install.sh (or: make inspector)"
INSPECTOR = Path(__file__).parent / "node_modules" / ".bin" / "mcp-inspector"
# Nothing listens there: whatever it wanted from outside this machine would fail.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def inspector() -> Path:
    if not INSPECTOR.exists():
        pytest.fail(f"the MCP inspector is not installed; run {INSTALL}", pytrace=False)
    if shutil.which("node") is None:
        pytest.fail(f"node is not installed; see {INSTALL}", pytrace=False)
    return INSPECTOR


async def inspect(inspector: Path, environment: dict[str, str], folder: Path, *words: str) -> Any:
    outside = {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1,localhost"}
    # It takes words with a dash before its own for its own.
    start = [str(inspector), "--cli", *("-e", f"OPTAFLY_HOME={environment['OPTAFLY_HOME']}"), str(_program())]
    process = await asyncio.create_subprocess_exec(
        *start, "mcp", *words, cwd=folder, env=environment | outside,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdout, stderr = await asyncio.wait_for(process.communicate(), BOUND_S)
    assert process.returncode == 0, stderr.decode()
    return json.loads(stdout)


def _program() -> Path:
    assert COMMAND[0] == sys.executable
    return Path(sys.executable).parent / "optafly"


async def test_it_lists_what_there_is(inspector: Path, environment: dict[str, str], folder: Path) -> None:
    prompts = await inspect(inspector, environment, folder, "--method", "prompts/list")
    tools = await inspect(inspector, environment, folder, "--method", "tools/list")
    resources = await inspect(inspector, environment, folder, "--method", "resources/list")
    assert [item["name"] for item in prompts["prompts"]] == ["refine", "ask"]
    assert {item["annotations"]["readOnlyHint"] for item in tools["tools"]} == {True}
    assert [item["name"] for item in resources["resources"]] == ["last-refinement", "statistics"]


async def test_it_gets_a_prompt_for_the_folder_it_runs_in(
    inspector: Path, environment: dict[str, str], folder: Path
) -> None:
    words = ("--method", "prompts/get", "--prompt-name", "refine", "--prompt-args", f"request={PROMPT}")
    found = await inspect(inspector, environment, folder, *words)
    (message,) = found["messages"]
    assert message["role"] == "user"
    assert message["content"]["text"].startswith("<context>\nshop/bill.py")


async def test_it_uses_a_tool(inspector: Path, environment: dict[str, str], folder: Path) -> None:
    words = ("--method", "tools/call", "--tool-name", "prompt_context", "--tool-arg", f"request={PROMPT}")
    found = await inspect(inspector, environment, folder, *words)
    assert found["structuredContent"]["workspace"] == str(folder)
    assert found["structuredContent"]["quoted"] == ["shop/bill.py"]
