"""The server as the SDK's own client sees it, in both forms of the protocol."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError
from pydantic import FileUrl

from optafly.errors import CoreUnavailable
from optafly.mcp.ports import Approval, Kept, Last
from optafly.mcp.server import LAST_URI, STATISTICS_URI, build_server
from optafly.protocol import RefineRequest
from tests.unit.mcp.played import ASKED, REFINED, PlayedEngine, result_of

Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(params=["legacy", "auto"])
def connect(request: pytest.FixtureRequest, engine: PlayedEngine, tmp_path: Path) -> Connect:
    @asynccontextmanager
    async def connect(*roots: Path) -> AsyncIterator[Client]:
        async def named(context: ClientRequestContext) -> types.ListRootsResult:
            return types.ListRootsResult(roots=[types.Root(uri=FileUrl(root.as_uri())) for root in roots])

        server = build_server(engine, (str(tmp_path),))
        async with Client(server, mode=request.param, list_roots_callback=named if roots else None) as client:
            yield client

    return connect


async def test_zed_lists_its_prompts_for_they_have_one_argument_each(connect: Connect) -> None:
    async with connect() as client:
        prompts = (await client.list_prompts()).prompts
    assert [prompt.name for prompt in prompts] == ["refine", "ask"]
    for prompt in prompts:
        assert prompt.description
        (argument,) = prompt.arguments or []
        assert (argument.name, argument.required) == ("request", False)


async def test_a_prompt_is_one_message_of_the_person(connect: Connect, engine: PlayedEngine) -> None:
    engine.approval = Approval("accepted", REFINED)
    async with connect() as client:
        found = await client.get_prompt("refine", {"request": ASKED})
    (message,) = found.messages
    assert (message.role, message.content) == ("user", types.TextContent(type="text", text=REFINED))
    assert ASKED not in str(message)


async def test_ask_brings_the_kept_answer_along(connect: Connect, engine: PlayedEngine) -> None:
    engine.kept = Kept("exact", "the same request", "The kept answer.", "claude")
    async with connect() as client:
        (message,) = (await client.get_prompt("ask", {"request": ASKED})).messages
    # One of the agent at the end would be the beginning of its answer, which newer models refuse.
    assert message.role == "user"
    assert isinstance(message.content, types.TextContent)
    assert message.content.text.startswith(f"{REFINED}\n")
    assert message.content.text.endswith("\nThe kept answer.")


async def test_the_roots_of_the_client_are_the_workspaces(
    connect: Connect, engine: PlayedEngine, tmp_path: Path
) -> None:
    root = tmp_path / "a project"
    root.mkdir()
    async with connect(root) as client:
        await client.get_prompt("refine", {"request": ASKED})
        await client.call_tool("refine_prompt", {"request": ASKED})
        await client.read_resource(LAST_URI)
    assert [request.workspace for request in engine.asked] == [str(root), str(root)]


async def test_a_client_without_roots_means_where_it_was_started(
    connect: Connect, engine: PlayedEngine, tmp_path: Path
) -> None:
    async with connect() as client:
        await client.get_prompt("refine", {"request": ASKED})
    async with connect(tmp_path / "gone") as client:
        await client.get_prompt("refine", {"request": ASKED})
    assert [request.workspace for request in engine.asked] == [str(tmp_path), str(tmp_path)]


async def test_its_tools_only_read(connect: Connect) -> None:
    async with connect() as client:
        tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == {"refine_prompt", "prompt_context", "cache_lookup", "prompt_stats"}
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.input_schema["type"] == "object"
        assert tool.output_schema is not None


async def test_a_tool_says_what_was_wrong_to_whoever_used_it(connect: Connect) -> None:
    async with connect() as client:
        found = await client.call_tool("refine_prompt", {"request": ASKED, "workspace": "/etc"})
    assert found.is_error
    assert "must be a folder of the workspaces" in str(found.content)


async def test_resources_show_the_last_refinement_and_the_figures(connect: Connect, engine: PlayedEngine) -> None:
    engine.remembered = Last(result_of(RefineRequest(ASKED, "/w")), "accepted", REFINED)
    async with connect() as client:
        assert [str(item.uri) for item in (await client.list_resources()).resources] == [LAST_URI, STATISTICS_URI]
        (last,) = (await client.read_resource(LAST_URI)).contents
        (figures,) = (await client.read_resource(STATISTICS_URI)).contents
    assert "place named in the task" in str(last)
    assert "hit_rate" in str(figures)


async def test_recent_requests_complete_the_argument(connect: Connect, engine: PlayedEngine) -> None:
    engine.requests = ("fix the bill", "explain it")
    reference = types.PromptReference(name="ask")
    async with connect() as client:
        found = await client.complete(reference, {"name": "request", "value": "fi"})
        other = await client.complete(reference, {"name": "other", "value": "fi"})
    assert found.completion.values == ["fix the bill"]
    assert other.completion.values == []


async def test_how_far_it_is_can_be_followed(connect: Connect, engine: PlayedEngine) -> None:
    said: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        said.append(message)

    async with connect() as client:
        await client.call_tool("refine_prompt", {"request": ASKED}, progress_callback=hear)
    assert said == ["looking"]


async def test_an_error_of_the_core_is_said(connect: Connect, engine: PlayedEngine) -> None:
    engine.error = CoreUnavailable("the core cannot be started: see its log")
    async with connect() as client:
        with pytest.raises(MCPError, match="the core cannot be started: see its log"):
            await client.get_prompt("refine", {"request": ASKED})


async def test_of_a_mistake_of_ours_nothing_is_said_or_logged_but_its_place(
    connect: Connect, engine: PlayedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(workspace: str) -> None:
        raise ValueError(ASKED)

    engine.shown = fail  # type: ignore[method-assign]
    async with connect() as client:
        with pytest.raises(MCPError, match=r"OptaFly failed \(ValueError\)") as raised:
            await client.get_prompt("refine", {"request": ASKED})
    assert ASKED not in str(raised.value)
    assert ASKED not in caplog.text
    assert [record.levelno for record in caplog.records if record.name.startswith("optafly")] == [logging.ERROR]
