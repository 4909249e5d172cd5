"""Routes of routing and of the cache."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from optafly.core.decisions import Decisions
from optafly.core.replies import body_of, reply, safe_and_noted
from optafly.core.streams import EventStream
from optafly.core.wire_decide import Cleared, ExplainCall, ForgetCall, ReuseCall, RouteCall
from optafly.errors import InputError

MOST_ROWS: Final = 100_000


def decide_routes(decisions: Decisions, note_use: Callable[[], None]) -> list[Route]:
    """The routes; ``note_use`` is told of each request that keeps the core alive."""
    answers = decisions.answers

    async def route(request: Request) -> Response:
        return EventStream(decisions.route(await body_of(request, RouteCall)))

    async def reuse(request: Request) -> Response:
        return EventStream(decisions.reuse(await body_of(request, ReuseCall)))

    async def explain(request: Request) -> Response:
        return EventStream(decisions.explain(await body_of(request, ExplainCall)))

    async def stats(_: Request) -> Response:
        return reply(await answers.stats())

    async def rows(request: Request) -> Response:
        return reply(await answers.rows(_limit(request)))

    async def entry(request: Request) -> Response:
        return reply(await answers.entry(request.path_params["id"]))

    async def forget(request: Request) -> Response:
        return reply(await answers.forget((await body_of(request, ForgetCall)).ids))

    async def clear(_: Request) -> Response:
        return reply(Cleared(await answers.clear()))

    async def export(_: Request) -> Response:
        return EventStream(answers.export())

    noted = safe_and_noted(note_use)
    return [
        Route("/v1/route", noted(route), methods=["POST"]),
        Route("/v1/reuse", noted(reuse), methods=["POST"]),
        Route("/v1/cache/explain", noted(explain), methods=["POST"]),
        Route("/v1/cache/stats", noted(stats), methods=["GET"]),
        Route("/v1/cache/entries", noted(rows), methods=["GET"]),
        Route("/v1/cache/entries/{id}", noted(entry), methods=["GET"]),
        Route("/v1/cache/forget", noted(forget), methods=["POST"]),
        Route("/v1/cache/clear", noted(clear), methods=["POST"]),
        Route("/v1/cache/export", noted(export), methods=["POST"]),
    ]


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", "100")
    if not given.isdecimal() or not 1 <= int(given) <= MOST_ROWS:
        raise InputError(f"limit must be a whole number from 1 to {MOST_ROWS}")
    return int(given)
