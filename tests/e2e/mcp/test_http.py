"""MCP over HTTP in the core: beside the proxy, behind its token, and only where the settings ask for it."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.client.session import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from pydantic import FileUrl

from tests.e2e.core.conftest import no_core_left, until
from tests.e2e.lsp.conftest import NO_MODEL, eventually
from tests.e2e.mcp.conftest import BOUND_S, PROMPT, text_of
from tests.e2e.proxy.conftest import Running, proxy_environment
from tests.standin import running_standin
from tests.unit.proxy.played import Reply, ask

OPENING = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "played", "version": "1"}},
}
ACCEPT = {"accept": "application/json, text/event-stream"}


@contextlib.contextmanager
def serving(home: Path, **more: str) -> Iterator[Running]:
    with running_standin() as standin, no_core_left(home):
        environment = proxy_environment(home, standin.url, **NO_MODEL, **more)
        command = [sys.executable, "-m", "optafly", "core", "run"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            yield Running(environment, process, standin)
            process.kill()


@pytest.fixture(scope="module")
def core(home: Path) -> Iterator[Running]:
    with serving(home, OPTAFLY_MCP_HTTP="true") as running:
        yield running


@contextlib.asynccontextmanager
async def connected(core: Running, *roots: Path, mode: str = "legacy", **headers: str) -> AsyncIterator[Client]:
    async def named(context: ClientRequestContext) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=FileUrl(root.as_uri())) for root in roots])

    fields = {"authorization": f"Bearer {core.token}"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    async with asyncio.timeout(BOUND_S), httpx2.AsyncClient(headers=fields, timeout=BOUND_S) as http:
        transport = streamable_http_client(f"{core.url}/mcp", http_client=http)
        async with Client(transport, mode=mode, list_roots_callback=named if roots else None) as client:
            yield client


def post(core: Running, value: object = OPENING, **options: Any) -> Reply:
    headers = {"x-api-key": core.token, **ACCEPT} | options.pop("headers", {})
    return ask(core.url, value, path="/mcp", headers=headers, **options)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_it_is_the_same_server(core: Running, folder: Path, mode: str) -> None:
    async with connected(core, folder, mode=mode) as client:
        text = text_of(await client.get_prompt("refine", {"request": PROMPT}))
        last = text_of(await client.get_prompt("refine"))
        context = await client.call_tool("prompt_context", {"request": PROMPT})
        lookup = await client.call_tool("cache_lookup", {"request": PROMPT})

        async def counted() -> bool:
            return bool((await client.call_tool("prompt_stats", {})).structured_content["refinements"] > 0)

        await eventually(counted, "what was counted is written")
        figures = await client.read_resource("optafly://statistics")
    assert text.startswith("<context>\nshop/bill.py")
    assert text in last
    assert context.structured_content["workspace"] == str(folder)
    assert lookup.structured_content["hit"] is False
    assert figures.contents


async def test_a_client_without_roots_names_its_folder_in_a_header(core: Running, tmp_path: Path) -> None:
    folder = tmp_path / "100%25 #1"
    folder.mkdir()
    for named in (str(folder), folder.as_uri()):
        async with connected(core, x_optafly_workspace=named) as client:
            found = await client.call_tool("prompt_context", {})
        assert found.structured_content["workspace"] == str(folder)
    async with connected(core) as client:
        found = await client.call_tool("prompt_context", {})
    assert "no workspace is known" in str(found.content)


async def test_requests_of_one_client_are_offered_to_another(core: Running, folder: Path) -> None:
    async with connected(core, folder) as client:
        await client.get_prompt("refine", {"request": PROMPT})
    async with connected(core, folder) as client:
        found = await client.complete(types.PromptReference(name="refine"), {"name": "request", "value": ""})
    assert found.completion.values == [PROMPT]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-api-key": "wrong"}, 401),
        ({"x-api-key": ""}, 401),
        ({"host": "evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"accept": "text/html"}, 406),
    ],
)
def test_nobody_else_is_let_in(core: Running, headers: dict[str, str], status: int) -> None:
    assert post(core, headers=headers).status == status
    for method in ("GET", "DELETE", "OPTIONS"):
        assert post(core, None, method=method, headers=headers).status in {status, 400, 404, 405, 406}


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[" * 100_000, b"null", b"[]", b'{"jsonrpc":"2.0","id":1}', b'{"id":{}}', b"\xff"]
)
def test_what_is_no_message_is_refused(core: Running, raw: bytes) -> None:
    assert 400 <= post(core, raw=raw).status < 500
    assert post(core).status == 200


def test_a_huge_message_is_refused(core: Running) -> None:
    assert post(core, raw=b"x" * 5_000_000).status == 413
    assert post(core).status == 200


def test_a_session_nobody_began_is_not_there(core: Running) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert post(core, asked, headers={"mcp-session-id": "deadbeef"}).status == 404


def test_where_the_settings_do_not_ask_for_it_there_is_no_such_route(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as running:
        reply = post(running)
    assert reply.status == 404
    assert b"no such route" in reply.content


async def test_the_core_ends_while_a_client_is_connected(tmp_path: Path, folder: Path) -> None:
    with serving(tmp_path / "home", OPTAFLY_MCP_HTTP="true") as running:
        with contextlib.suppress(Exception):  # the client loses its connection, whatever it says of that
            async with connected(running, folder) as client:
                await client.list_tools()
                running.process.terminate()
                await asyncio.to_thread(until, lambda: running.process.poll() is not None, "the core has ended")
        assert running.process.wait(BOUND_S) == 0
    log = (tmp_path / "home" / "log" / "core.log").read_text()
    assert "unexpected" not in log
