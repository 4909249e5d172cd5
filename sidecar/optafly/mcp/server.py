"""The MCP server: what the SDK hands in, what it is given back; all else is in the modules beside this one."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

import mcp_types as types
import msgspec
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from pydantic import ValidationError

from optafly import __version__
from optafly.errors import InputError, OptaFlyError
from optafly.mcp.ports import Engine
from optafly.mcp.prompts import ARGUMENT, NO_WORKSPACE, Name, Prompts
from optafly.mcp.tools import Tools, schema_of
from optafly.mcp.words import last_as_text
from optafly.mcp.workspaces import folders_of, look

WORKSPACE_HEADER: Final = "x-optafly-workspace"
"""Over HTTP a client without roots names its folder so."""
LAST_URI: Final = "optafly://last-refinement"
STATISTICS_URI: Final = "optafly://statistics"
STATISTICS_DAYS: Final = 30
ROOTS_S: Final = 5.0
"""How long a client may take to name its folders."""
INSTRUCTIONS: Final = (
    "OptaFly words rough coding requests with what the person's editor and workspace know. The prompts `refine` and "
    "`ask` are for the person; the tools read, and change and send nothing."
)
_ROOTS: Final = "roots"
_PROMPTS: Final[Mapping[Name, tuple[str, str]]] = {
    "refine": (
        "Refine a request with what your editor knows; alone, show what was changed last",
        "The request, for example: fix this bug",
    ),
    "ask": (
        "Refine a request and answer it from the cache where an answer is kept",
        "The request, for example: what does split_evenly return?",
    ),
}

Context = ServerRequestContext[Any, Any]
P = TypeVar("P")
R = TypeVar("R")

_log = logging.getLogger(__name__)


def build_server(engine: Engine, started_in: Sequence[str]) -> "Server[Any]":
    """The server; ``started_in`` are the folders meant where a client names none."""
    # It logs what clients send, requests and texts of files included.
    logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)
    handlers = _Handlers(engine, started_in)
    return Server(
        "optafly",
        version=__version__,
        title="OptaFly",
        instructions=INSTRUCTIONS,
        on_list_prompts=_guarded(handlers.list_prompts),
        on_get_prompt=_guarded(handlers.get_prompt),
        on_completion=_guarded(handlers.complete),
        on_list_tools=_guarded(handlers.list_tools),
        on_call_tool=_guarded(handlers.call_tool),
        on_list_resources=_guarded(handlers.list_resources),
        on_read_resource=_guarded(handlers.read_resource),
    )


class _Handlers:
    def __init__(self, engine: Engine, started_in: Sequence[str]) -> None:
        self._engine = engine
        self._started_in = tuple(started_in)
        self._prompts = Prompts(engine)
        self._tools = Tools(engine)

    async def list_prompts(self, _: Context, __: object) -> types.ListPromptsResult:
        prompts = [
            types.Prompt(
                name=name,
                description=about,
                # Not required: alone it shows the last refinement. Zed lists prompts with one argument and no others.
                arguments=[types.PromptArgument(name=ARGUMENT, description=hint, required=False)],
            )
            for name, (about, hint) in _PROMPTS.items()
        ]
        return types.ListPromptsResult(prompts=prompts)

    async def get_prompt(
        self, context: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult | types.InputRequiredResult:
        name = _prompt_name(params.name)
        given = params.arguments or {}
        if other := sorted(set(given) - {ARGUMENT}):
            raise InputError(f"{name} takes one argument, {ARGUMENT}; not {other[0][:60]!r}")
        folders = await self._folders(context, params)
        if isinstance(folders, types.InputRequiredResult):
            return folders
        answered = await self._prompts.answer(name, given.get(ARGUMENT, ""), folders, _teller(context))
        message = types.PromptMessage(role="user", content=_text(answered.text))
        return types.GetPromptResult(description=answered.description, messages=[message])

    async def complete(self, context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        ref = params.ref
        if not isinstance(ref, types.PromptReference) or ref.name not in _PROMPTS or params.argument.name != ARGUMENT:
            return types.CompleteResult(completion=types.Completion(values=[], total=0, has_more=False))
        folders = await self._folders(context, None)
        assert not isinstance(folders, types.InputRequiredResult)  # noqa: S101
        values, total = await self._prompts.offer(params.argument.value, folders)
        completion = types.Completion(values=values, total=total, has_more=total > len(values))
        return types.CompleteResult(completion=completion)

    async def list_tools(self, _: Context, __: object) -> types.ListToolsResult:
        tools = [
            types.Tool(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                input_schema=schema_of(tool.takes),
                output_schema=schema_of(tool.gives),
                annotations=types.ToolAnnotations(
                    title=tool.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True,
                    open_world_hint=False,
                ),
            )
            for tool in self._tools.all.values()
        ]  # fmt: skip
        return types.ListToolsResult(tools=tools)

    async def call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        if params.name not in self._tools.all:
            raise InputError(f"there is no such tool; those there are: {', '.join(self._tools.all)}")
        folders = await self._folders(context, params)
        if isinstance(folders, types.InputRequiredResult):
            return folders
        try:
            done = await self._tools.call(params.name, params.arguments or {}, folders, _teller(context))
        except OptaFlyError as error:  # for the model to read, and to do better
            return types.CallToolResult(content=[_text(str(error))], is_error=True)
        return types.CallToolResult(content=[_text(done.text)], structured_content=msgspec.to_builtins(done.data))

    async def list_resources(self, _: Context, __: object) -> types.ListResourcesResult:
        return types.ListResourcesResult(
            resources=[
                types.Resource(
                    uri=LAST_URI, name="last-refinement", title="Last refinement", mime_type="text/markdown",
                    description="What OptaFly changed last in this workspace, and what became of it.",
                ),
                types.Resource(
                    uri=STATISTICS_URI, name="statistics", title="Statistics", mime_type="application/json",
                    description=f"The figures of the last {STATISTICS_DAYS} days, counted without any text.",
                ),
            ]
        )  # fmt: skip

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        match params.uri:
            case _ if params.uri == STATISTICS_URI:
                report = await self._engine.report(STATISTICS_DAYS)
                text, kind = msgspec.json.encode(report).decode(), "application/json"
            case _ if params.uri == LAST_URI:
                folders = await self._folders(context, params)
                if isinstance(folders, types.InputRequiredResult):
                    return folders
                if not folders:
                    raise InputError(NO_WORKSPACE)
                workspace, _ = await look(self._engine, folders)
                last = await self._engine.last(workspace)
                text = last_as_text(last) if last is not None else "Nothing was refined in this workspace yet."
                kind = "text/markdown"
            case _:
                raise InputError(f"there is no such resource; those there are: {LAST_URI}, {STATISTICS_URI}")
        content = types.TextResourceContents(uri=params.uri, mime_type=kind, text=text)
        return types.ReadResourceResult(contents=[content])

    async def _folders(
        self, context: Context, params: types.InputResponseRequestParams | None
    ) -> tuple[str, ...] | types.InputRequiredResult:
        """The workspaces of the client; a client of the newer protocol is asked by the answer it gets."""
        capabilities = context.session.client_capabilities
        if capabilities is not None and capabilities.roots is not None:
            if context.session.can_send_request:
                if found := await _folders_of(await _roots(context)):
                    return found
            elif params is not None:
                given = (params.input_responses or {}).get(_ROOTS)
                if given is None:
                    return types.InputRequiredResult(input_requests={_ROOTS: types.ListRootsRequest()})
                if isinstance(given, types.ListRootsResult) and (found := await _folders_of(_uris(given))):
                    return found
        named = context.request.headers.get(WORKSPACE_HEADER, "") if context.request is not None else ""
        return await _folders_of([_as_uri(named)]) or self._started_in


async def _roots(context: Context) -> list[str]:
    """What the client names in time; nothing where it does not."""
    try:
        found = await context.session.send_request(
            types.ListRootsRequest(),
            types.ListRootsResult,
            request_read_timeout_seconds=ROOTS_S,
            metadata=ServerMessageMetadata(related_request_id=context.request_id),
        )
    except (MCPError, ValidationError):
        return []
    return _uris(found)


def _uris(found: types.ListRootsResult) -> list[str]:
    return [str(root.uri) for root in found.roots]


async def _folders_of(uris: Sequence[str]) -> tuple[str, ...]:
    return await asyncio.to_thread(folders_of, uris, _home())


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # there is none
        return Path("/")


def _as_uri(named: str) -> str:
    return f"file://{quote(named)}" if named.startswith("/") else named


def _prompt_name(name: str) -> Name:
    for known in _PROMPTS:
        if known == name:
            return known
    raise InputError(f"there is no such prompt; those there are: {', '.join(_PROMPTS)}")


def _teller(context: Context) -> Callable[[str], Awaitable[None]]:
    """Tells the client how far it is, where that asked to be told."""
    told = 0

    async def say(text: str) -> None:
        nonlocal told
        told += 1
        await context.session.report_progress(told, message=text)

    return say


def _text(text: str) -> types.TextContent:
    # Bytes of a file that are no UTF-8 have no place in JSON.
    return types.TextContent(type="text", text=text.encode("utf-8", "replace").decode())


def _guarded(handler: Callable[[Context, P], Awaitable[R]]) -> Callable[[Context, P], Awaitable[R]]:
    """Errors as the protocol has them; of one that is not ours only where it happened is logged."""

    async def answer(context: Context, params: P) -> R:
        try:
            return await handler(context, params)
        except MCPError:
            raise
        except OptaFlyError as error:
            code = types.INVALID_PARAMS if isinstance(error, InputError) else types.INTERNAL_ERROR
            raise MCPError(code, str(error)) from None
        except Exception as error:
            places = [f"{item.filename}:{item.lineno}" for item in traceback.extract_tb(error.__traceback__)]
            _log.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(places[-8:])))
            said = f"OptaFly failed ({type(error).__name__}); its log says where"
            raise MCPError(types.INTERNAL_ERROR, said) from None

    return answer
