"""The core over HTTP: routes, each of which reads words of the protocol, calls a plain function and answers."""

import os
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

import msgspec
import psutil
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from optafly import __version__
from optafly.core.failures import failure_of, log_unexpected, status_of
from optafly.core.front_ends import FrontEnds
from optafly.core.proof import PROVE_PATH, proof_of
from optafly.core.security import App, Guard
from optafly.core.service import Service
from optafly.core.streams import EventStream, unless_gone
from optafly.core.wire import (
    PROTOCOL_VERSION,
    ApprovalAnswer,
    ApprovalCall,
    Attach,
    DecisionCall,
    EditorState,
    ErrorAnswer,
    Failure,
    Handover,
    Proof,
    ProveCall,
    RefineCall,
    SendCall,
    Status,
    WarmCall,
    decode,
    encode,
)
from optafly.errors import InputError, NotSetUp, OptaFlyError
from optafly.paths import Paths

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class Core:
    """Everything a running core owns; ``stop`` asks its process to end."""

    def __init__(self, paths: Paths, *, port: int, token: str, idle_exit_s: float, stop: Callable[[str], None]) -> None:
        self.service = Service(paths)
        self.front_ends = FrontEnds(self.service.cancel)
        self._port = port
        self._token = token
        self._idle_exit_s = idle_exit_s
        self._started = time.monotonic()
        self._stop = stop
        self._used = False
        self.app: App = Guard(self._routes(), token=token, port=port)

    @property
    def busy(self) -> bool:
        """Whether anybody is attached, or anything is being done."""
        return bool(self.front_ends.names or self.service.working or self.front_ends.asking)

    def used(self) -> bool:
        """Whether a front-end asked for something since this was last asked."""
        used, self._used = self._used, False
        return used

    def close(self) -> None:
        """Cancel all work and end all streams."""
        self.service.close()
        self.front_ends.close()

    def _routes(self) -> App:
        return Starlette(
            routes=[
                Route(PROVE_PATH, _safe(self._prove), methods=["POST"]),
                Route("/v1/status", _safe(self._status), methods=["GET"]),
                Route("/v1/front-ends", _safe(self._attach), methods=["POST"]),
                Route("/v1/front-ends/{id}/state", _safe(self._publish), methods=["PUT"]),
                Route("/v1/state", _safe(self._state), methods=["GET"]),
                Route("/v1/refine", _safe(self._refine), methods=["POST"]),
                Route("/v1/warm", _safe(self._warm), methods=["POST"]),
                Route("/v1/approvals", _safe(self._approve), methods=["POST"]),
                Route("/v1/approvals/{id}", _safe(self._answer), methods=["POST"]),
                Route("/v1/handovers", _safe(self._hand_over), methods=["POST"]),
                Route("/v1/decisions", _safe(self._decided), methods=["POST"]),
                Route("/v1/models/{name}", _safe(self._model), methods=["GET"]),
                Route("/v1/models/{name}/pull", _safe(self._pull), methods=["POST"]),
                Route("/v1/send", _safe(_send), methods=["POST"]),
                Route("/v1/shutdown", _safe(self._shutdown), methods=["POST"]),
            ],
            exception_handlers={HTTPException: _http_error},
        )

    async def _prove(self, request: Request) -> Response:
        call = await _body(request, ProveCall)
        return _json(Proof(proof_of(self._token, call.nonce, self._port, os.getpid())))

    async def _status(self, _: Request) -> Response:
        status = Status(
            version=__version__,
            protocol=PROTOCOL_VERSION,
            pid=os.getpid(),
            port=self._port,
            uptime_s=round(time.monotonic() - self._started, 3),
            front_ends=self.front_ends.names,
            working=self.service.working,
            model=self.service.model,
            memory_mb=round(psutil.Process().memory_info().rss / 1e6, 1),
            idle_exit_s=self._idle_exit_s,
            counts=self.service.counts,
        )
        return _json(status)

    async def _attach(self, request: Request) -> Response:
        return EventStream(self.front_ends.attach(await _body(request, Attach)))

    async def _publish(self, request: Request) -> Response:
        self.front_ends.publish(request.path_params["id"], await _body(request, EditorState))
        return _json({})

    async def _state(self, request: Request) -> Response:
        workspace = request.query_params.get("workspace", "")
        if not Path(workspace).is_absolute():
            raise InputError("workspace must be an absolute path: /v1/state?workspace=/path/of/the/project")
        return _json(await self.service.share(self.front_ends.state_for(workspace)))

    async def _refine(self, request: Request) -> Response:
        call = await _body(request, RefineCall)
        self._used = True
        if not Path(call.request.workspace).is_absolute():
            raise InputError("request.workspace must be an absolute path")
        self.front_ends.check(call.front_end)
        return EventStream(self.service.refine(call))

    async def _warm(self, request: Request) -> Response:
        self._used = True
        self.service.warm((await _body(request, WarmCall)).settings)
        return _json({})

    async def _approve(self, request: Request) -> Response:
        call = await _body(request, ApprovalCall)
        answer = await unless_gone(self.front_ends.ask(call), request.receive)
        self.service.count(answer.decision)
        return _json(answer)

    async def _answer(self, request: Request) -> Response:
        self.front_ends.answer(request.path_params["id"], await _body(request, ApprovalAnswer))
        return _json({})

    async def _hand_over(self, request: Request) -> Response:
        self.front_ends.hand_over(await _body(request, Handover))
        return _json({})

    async def _decided(self, request: Request) -> Response:
        self.service.count((await _body(request, DecisionCall)).decision)
        return _json({})

    async def _model(self, request: Request) -> Response:
        return _json(self.service.model_state(request.path_params["name"]))

    async def _pull(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.service.model_state(name)  # an unknown name is refused before a stream begins
        return EventStream(self.service.pull(name))

    async def _shutdown(self, _: Request) -> Response:
        self._stop("asked to")
        return _json({})


async def _send(request: Request) -> Response:
    await _body(request, SendCall)
    raise NotSetUp(
        "sending is not set up in this version; the approved prompt is kept, and can be copied from its document"
    )


def _safe(handler: Handler) -> Handler:
    """Errors become answers; what is logged of an unexpected one is where it happened, not what it says."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except HTTPException:
            raise
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except OptaFlyError as error:
            return _json(ErrorAnswer(failure_of(error)), status_of(error))
        except Exception as error:
            log_unexpected(error)
            return _json(ErrorAnswer(failure_of(error)), status_of(error))

    return answer


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _json(ErrorAnswer(Failure("InputError", error.detail)), error.status_code)
    kind = "NotFound" if error.status_code == HTTPStatus.NOT_FOUND else "InputError"
    message = f"no such route or method ({error.detail}); the routes are those of /v1"
    return _json(ErrorAnswer(Failure(kind, message)), error.status_code)


async def _body(request: Request, kind: type[T]) -> T:
    try:
        return decode(await request.body(), kind)
    except msgspec.DecodeError as error:
        raise InputError(f"the body is not what {request.url.path} takes: {error}") from None


def _json(value: object, status: int = 200) -> Response:
    return Response(encode(value), status, media_type="application/json")
