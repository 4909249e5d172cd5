"""Routes of sending."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from optafly.core.compose import effective
from optafly.core.gathering import in_own_words
from optafly.core.replies import body_of, reply, safe
from optafly.core.sending import Sending
from optafly.core.streams import EventStream
from optafly.core.wire_send import DropCall, OwnWordsCall, SendCall
from optafly.errors import InputError


def sending_routes(sending: Sending, note_use: Callable[[], None]) -> list[Route]:
    """The routes; ``note_use`` is told of each request that keeps the core alive."""

    async def send(request: Request) -> Response:
        note_use()
        return EventStream(sending.send(await body_of(request, SendCall)))

    async def drop(request: Request) -> Response:
        note_use()
        await sending.drop((await body_of(request, DropCall)).id)
        return reply({})

    async def own_words(request: Request) -> Response:
        note_use()
        call = await body_of(request, OwnWordsCall)
        if not Path(call.request.workspace).is_absolute():
            raise InputError("request.workspace must be an absolute path")
        return reply(await asyncio.to_thread(in_own_words, call.request, effective(call.settings)))

    return [
        Route("/v1/own-words", safe(own_words), methods=["POST"]),
        Route("/v1/send", safe(send), methods=["POST"]),
        Route("/v1/send/drop", safe(drop), methods=["POST"]),
    ]
