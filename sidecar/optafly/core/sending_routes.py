"""Routes of sending."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from optafly.core.replies import body_of, reply, safe
from optafly.core.sending import Sending
from optafly.core.streams import EventStream
from optafly.core.wire_send import DropCall, SendCall


def sending_routes(sending: Sending, note_use: Callable[[], None]) -> list[Route]:
    """The routes; ``note_use`` is told of each request that keeps the core alive."""

    async def send(request: Request) -> Response:
        note_use()
        return EventStream(sending.send(await body_of(request, SendCall)))

    async def drop(request: Request) -> Response:
        note_use()
        await sending.drop((await body_of(request, DropCall)).id)
        return reply({})

    return [
        Route("/v1/send", safe(send), methods=["POST"]),
        Route("/v1/send/drop", safe(drop), methods=["POST"]),
    ]
