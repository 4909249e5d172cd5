"""/ask gives the answer that was kept for the same request."""

import asyncio
import subprocess
import sys
from pathlib import Path

import mcp_types as types

from tests.e2e.mcp.conftest import BOUND_S, Connect
from tests.e2e.proxy.conftest import KEY
from tests.standin import running_standin

QUESTION = "What is a monad?"


async def test_the_answer_that_a_terminal_got_comes_along(
    connect: Connect, folder: Path, environment: dict[str, str]
) -> None:
    with running_standin() as standin:
        environment |= {"ANTHROPIC_API_KEY": KEY, "OPTAFLY_SENDING_BASE_URL": standin.url}
        command = [sys.executable, "-m", "optafly", "ask", QUESTION, "--yes", "--workspace", str(folder)]

        def ask() -> str:
            return subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=BOUND_S, check=True
            ).stdout.strip()

        async with connect(roots=(folder,)) as client:
            before = await client.get_prompt("ask", {"request": QUESTION})
            answer = await asyncio.to_thread(ask)
            found = await client.get_prompt("ask", {"request": QUESTION})
            lookup = await client.call_tool("cache_lookup", {"request": QUESTION})
        assert len(standin.requests) == 1
    assert [item.role for item in before.messages] == ["user"]
    assert answer
    texts = [item.content.text for item in found.messages if isinstance(item.content, types.TextContent)]
    assert texts == [QUESTION, answer]
    assert [item.role for item in found.messages] == ["user", "assistant"]
    assert (lookup.structured_content["hit"], lookup.structured_content["outcome"]) == (True, "exact")
