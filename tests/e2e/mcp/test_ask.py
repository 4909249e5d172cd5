"""/ask gives the answer that was kept for the same request."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.core.conftest import until
from tests.e2e.mcp.conftest import BOUND_S, Connect, text_of
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

        def statistics() -> Any:
            command = [sys.executable, "-m", "optafly", "stats", "--json"]
            return json.loads(subprocess.check_output(command, env=environment, text=True, timeout=BOUND_S))

        async with connect(roots=(folder,)) as client:
            before = await client.get_prompt("ask", {"request": QUESTION})
            answer = await asyncio.to_thread(ask)
            found = await client.get_prompt("ask", {"request": QUESTION})
            lookup = await client.call_tool("cache_lookup", {"request": QUESTION})
        await asyncio.to_thread(until, lambda: statistics()["requests"]["hit-exact"], "what was counted is written")
        counted = await asyncio.to_thread(statistics)
        assert len(standin.requests) == 1
    assert text_of(before) == QUESTION
    assert answer
    text = text_of(found)
    assert text.startswith(f"{QUESTION}\n")
    assert text.endswith(f"\n{answer}")
    assert (lookup.structured_content["hit"], lookup.structured_content["outcome"]) == (True, "exact")
    assert counted["requests"]["hit-exact"] == 1  # not what the agent looked up
    assert counted["savings"]["hits"]["usd"] > 0
