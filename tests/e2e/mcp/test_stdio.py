"""`optafly mcp` with the SDK's client: prompts, tools and resources over a real core."""

import asyncio
import os
import signal
from pathlib import Path

import mcp_types as types
import pytest

from optafly.core.discovery import read_discovery
from optafly.paths import resolve_paths
from tests.e2e.core.conftest import is_gone, until
from tests.e2e.lsp.conftest import eventually
from tests.e2e.mcp.conftest import BOUND_S, COMMAND, PROMPT, Connect, text_of

TOKEN = "ghp_" + "A1b2C3d4E5f6G7h8I9j0" + "K1l2M3n4O5p6Q7r8"


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_request_is_refined_in_the_workspace_that_the_client_names(
    connect: Connect, folder: Path, mode: str
) -> None:
    async with connect(mode=mode, roots=(folder,)) as client:
        found = await client.get_prompt("refine", {"request": PROMPT})
        last = text_of(await client.get_prompt("refine"))
        completed = await client.complete(types.PromptReference(name="refine"), {"name": "request", "value": "fix"})
    text = text_of(found)
    assert text.startswith("<context>\n")
    assert "def split_evenly(total, people):" in text
    assert "<task>" in text
    assert "setting decided" in last
    assert PROMPT in last
    assert text in last
    assert completed.completion.values == ([PROMPT] if mode == "legacy" else [])


async def test_without_roots_the_repository_it_was_started_in_is_meant(connect: Connect, folder: Path) -> None:
    (folder / ".git").mkdir()
    async with connect(cwd=folder / "shop") as client:
        context = await client.call_tool("prompt_context", {"request": PROMPT})
    assert not context.is_error
    assert context.structured_content["workspace"] == str(folder)
    assert context.structured_content["quoted"] == ["shop/bill.py"]


async def test_in_a_home_there_is_no_workspace(connect: Connect, tmp_path: Path) -> None:
    async with connect(cwd=tmp_path, HOME=str(tmp_path)) as client:
        found = await client.call_tool("refine_prompt", {"request": PROMPT})
    assert found.is_error
    assert "no workspace is known" in str(found.content)


@pytest.mark.parametrize("setting", ["refined", "original"])
async def test_without_an_editor_the_setting_decides(connect: Connect, folder: Path, setting: str) -> None:
    async with connect(roots=(folder,), OPTAFLY_MCP_WITHOUT_EDITOR=setting) as client:
        text = text_of(await client.get_prompt("refine", {"request": PROMPT}))
    assert (text == PROMPT) == (setting == "original")


async def test_an_original_goes_without_its_secrets(connect: Connect, folder: Path) -> None:
    async with connect(roots=(folder,), OPTAFLY_MCP_WITHOUT_EDITOR="original") as client:
        text = text_of(await client.get_prompt("refine", {"request": f"fix split_evenly, token = {TOKEN}"}))
        last = text_of(await client.get_prompt("refine"))
    assert text.startswith("fix split_evenly")
    assert TOKEN not in text + last


async def test_every_tool_and_resource_gives_what_its_schema_says(connect: Connect, folder: Path) -> None:
    async with connect(roots=(folder,)) as client:
        await client.list_tools()  # from here on the client checks what comes
        for name, arguments in (
            ("refine_prompt", {"request": PROMPT}),
            ("prompt_context", {}),
            ("cache_lookup", {"request": PROMPT}),
            ("prompt_stats", {"days": 7}),
        ):
            found = await client.call_tool(name, arguments)
            assert not found.is_error, found
        for resource in (await client.list_resources()).resources:
            assert (await client.read_resource(str(resource.uri))).contents


async def test_what_an_agent_refines_is_not_counted_as_what_its_person_asked_for(
    connect: Connect, folder: Path
) -> None:
    async with connect(roots=(folder,)) as client:

        async def counted() -> int:
            found = await client.call_tool("prompt_stats", {})
            return int(found.structured_content["refinements"])

        before = await counted()
        await client.call_tool("refine_prompt", {"request": f"{PROMPT}, says the agent"})
        await client.get_prompt("refine", {"request": f"{PROMPT}, says the person"})

        async def is_written() -> bool:
            return await counted() > before

        await eventually(is_written, "what was counted is written")
        assert await counted() == before + 1


async def test_two_requests_at_once_do_not_take_each_others_place(connect: Connect, folder: Path) -> None:
    async with connect(roots=(folder,)) as client:
        asked = [client.get_prompt("refine", {"request": f"{PROMPT}, number {number}"}) for number in range(6)]
        texts = [text_of(found) for found in await asyncio.gather(*asked)]
    assert all(f"number {number}" in text for number, text in enumerate(texts))


async def test_a_core_that_is_killed_is_started_again(
    connect: Connect, folder: Path, environment: dict[str, str]
) -> None:
    async with connect(roots=(folder,)) as client:
        await client.get_prompt("refine", {"request": PROMPT})
        found = read_discovery(resolve_paths(environment))
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        assert "<task>" in text_of(await client.get_prompt("refine", {"request": PROMPT}))


async def test_it_ends_with_its_client_and_says_nothing_else(environment: dict[str, str], tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, env=environment, cwd=tmp_path,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdout, stderr = await asyncio.wait_for(process.communicate(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n'), BOUND_S)
    assert (process.returncode, stderr) == (0, b"")
    assert stdout.count(b"\n") == 1
    until(lambda: is_gone(process.pid), "it has ended")


async def test_no_word_of_a_request_is_in_a_log(connect: Connect, folder: Path, home: Path) -> None:
    async with connect(roots=(folder,)) as client:
        await client.get_prompt("refine", {"request": "fix the zebra in split_evenly"})
        await client.call_tool("refine_prompt", {"request": "zebra", "workspace": "/zebra"})
    logs = [path.read_text() for path in (home / "log").iterdir()]
    assert logs
    assert not [text for text in logs if "zebra" in text]
