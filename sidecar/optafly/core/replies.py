"""Requests read and answered: bodies, JSON, errors."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from optafly.core.failures import failure_of, log_unexpected, status_of
from optafly.core.wire import ErrorAnswer, Failure, decode, encode
from optafly.errors import InputError, OptaFlyError
from optafly.proxy.asgi import ClientGone

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


def safe(handler: Handler) -> Handler:
    """Errors become answers; what is logged of an unexpected one is where it happened, not what it says."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except HTTPException:
            raise
        except (ClientDisconnect, ClientGone):
            return Response(status_code=499)  # nobody reads it
        except OptaFlyError as error:
            return reply(ErrorAnswer(failure_of(error)), status_of(error))
        except Exception as error:
            log_unexpected(error)
            return reply(ErrorAnswer(failure_of(error)), status_of(error))

    return answer


def safe_and_noted(note_use: Callable[[], None]) -> Callable[[Handler], Handler]:
    """As `safe`, for handlers whose every request is told to ``note_use`` first."""

    def noted(handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            note_use()
            return await handler(request)

        return safe(answer)

    return noted


async def http_error(_: Request, error: Exception) -> Response:
    """What is said of a route or method that is not there."""
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return reply(ErrorAnswer(Failure("InputError", error.detail)), error.status_code)
    kind = "NotFound" if error.status_code == HTTPStatus.NOT_FOUND else "InputError"
    message = f"no such route or method ({error.detail}); the routes are those of /v1"
    return reply(ErrorAnswer(Failure(kind, message)), error.status_code)


async def body_of(request: Request, kind: type[T]) -> T:
    """The body of a request; raises `InputError`."""
    try:
        return decode(await request.body(), kind)
    except msgspec.DecodeError as error:
        raise InputError(f"the body is not what {request.url.path} takes: {error}") from None


def reply(value: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(encode(value), status, media_type="application/json")
