"""Routes of what agent panels ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from optafly.core.agents import Agents
from optafly.core.replies import body_of, reply, safe_and_noted
from optafly.core.wire_agents import LookUpCall, NoteCall, Requests, Text, TextCall
from optafly.errors import InputError

MOST_DAYS: Final = 3650


def agent_routes(agents: Agents, note_use: Callable[[], None]) -> list[Route]:
    """The routes; ``note_use`` is told of each request that keeps the core alive."""

    async def recent(request: Request) -> Response:
        return reply(Requests(await agents.recent(_workspace(request))))

    async def last(request: Request) -> Response:
        return reply(await agents.last(_workspace(request)))

    async def note(request: Request) -> Response:
        agents.note(await body_of(request, NoteCall))
        return reply({})

    async def without_secrets(request: Request) -> Response:
        return reply(Text(await agents.without_secrets((await body_of(request, TextCall)).text)))

    async def look_up(request: Request) -> Response:
        return reply(await agents.look_up(await body_of(request, LookUpCall)))

    async def report(request: Request) -> Response:
        return reply(await agents.report(_days(request)))

    noted = safe_and_noted(note_use)
    return [
        Route("/v1/requests", noted(recent), methods=["GET"]),
        Route("/v1/last", noted(last), methods=["GET"]),
        Route("/v1/last", noted(note), methods=["POST"]),
        Route("/v1/without-secrets", noted(without_secrets), methods=["POST"]),
        Route("/v1/look-up", noted(look_up), methods=["POST"]),
        Route("/v1/report", noted(report), methods=["GET"]),
    ]


def _workspace(request: Request) -> str:
    workspace = request.query_params.get("workspace", "")
    if not Path(workspace).is_absolute():
        raise InputError("workspace must be an absolute path")
    return workspace


def _days(request: Request) -> int:
    given = request.query_params.get("days", "30")
    if not given.isdecimal() or len(given) > 4 or not 1 <= int(given) <= MOST_DAYS:
        raise InputError(f"days must be a whole number from 1 to {MOST_DAYS}")
    return int(given)
