"""MCP over standard input and output, for one client."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from optafly.core.client import CoreClient
from optafly.errors import OptaFlyError
from optafly.log_file import start_front_end_log
from optafly.mcp.lines import serve_lines
from optafly.mcp.server import build_server
from optafly.mcp.workspaces import started_in
from optafly.mcp_stdio.engine import CoreEngine
from optafly.paths import Paths, resolve_paths

AGAIN_AFTER_S: Final = 30.0
CLOSE_S: Final = 2.0

_log = logging.getLogger(__name__)


def serve(environ: Mapping[str, str] = os.environ) -> int:
    """Serve the client of this process until it closes its end; returns the exit status."""
    paths = resolve_paths(environ)
    start_front_end_log(paths, "mcp.log")
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed does no harm on standard error
    asyncio.run(_serve(paths, environ, source, sink))
    return 0


async def _serve(paths: Paths, environ: Mapping[str, str], source: BinaryIO, sink: BinaryIO) -> None:
    async with _client(paths, environ) as attached, _client(paths, environ) as client:
        server = build_server(CoreEngine(paths, environ, client), await asyncio.to_thread(_here))
        staying = asyncio.create_task(_stay(attached), name="optafly-mcp-attach")
        try:
            await serve_lines(server, source, sink)
        finally:
            staying.cancel()
            await asyncio.wait({staying})


@contextlib.asynccontextmanager
async def _client(paths: Paths, environ: Mapping[str, str]) -> AsyncGenerator[CoreClient]:
    client = CoreClient(paths, environ)
    try:
        yield client
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await client.close()


async def _stay(client: CoreClient) -> None:
    """Keep the core there for as long as somebody may ask; whoever asks hears why where it cannot be had."""
    while True:
        try:
            async with contextlib.aclosing(await client.attach("mcp")) as requests:
                async for _ in requests:
                    pass
            return
        except OptaFlyError as error:
            _log.warning("the core cannot be reached: %s", error)
        await asyncio.sleep(AGAIN_AFTER_S)


def _here() -> tuple[str, ...]:
    try:
        return started_in(Path.cwd(), Path.home())
    except (OSError, RuntimeError):  # the folder is gone, or there is no home
        return ()
