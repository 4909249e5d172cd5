"""The core over HTTP: routes, each of which reads words of the protocol, calls a plain function and answers."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from optafly import __version__
from optafly.core.agent_routes import agent_routes
from optafly.core.agents import Agents
from optafly.core.dashboard_routes import Dashboard
from optafly.core.decide_routes import decide_routes
from optafly.core.front_ends import FrontEnds
from optafly.core.mcp_host import McpHost, OwnEngine
from optafly.core.own_settings import OwnSettings
from optafly.core.proof import PROVE_PATH, proof_of
from optafly.core.proxy_host import ProxyHost
from optafly.core.recording import Recording
from optafly.core.replies import body_of, http_error, reply, safe
from optafly.core.security import App, Guard
from optafly.core.sending import Sending
from optafly.core.sending_routes import sending_routes
from optafly.core.service import Service
from optafly.core.streams import EventStream
from optafly.core.wire import (
    PROTOCOL_VERSION,
    ApprovalAnswer,
    ApprovalCall,
    Attach,
    DecisionCall,
    EditorState,
    Handover,
    Proof,
    ProveCall,
    RefineCall,
    Status,
    WarmCall,
)
from optafly.errors import InputError
from optafly.paths import Paths
from optafly.proxy.asgi import unless_gone
from optafly.stats.store import stats_file

_JOIN_S: Final = 3.0


class Core:
    """Everything a running core owns; ``stop`` asks its process to end."""

    def __init__(self, paths: Paths, *, port: int, token: str, idle_exit_s: float, stop: Callable[[str], None]) -> None:
        self.recording = Recording(paths, memory_mb=_memory_mb)
        self.service = Service(paths, self.recording)
        self.sending = Sending(paths, self.service.decisions, self.recording)
        self.front_ends = FrontEnds(self.service.cancel)
        self.agents = Agents(
            paths,
            self.service.decisions,
            lambda decision: self.service.count(decision, by_setting=True),
            self.recording.answered,
        )
        self._port = port
        self._token = token
        self._idle_exit_s = idle_exit_s
        self._started = time.monotonic()
        self._stop = stop
        self._used = False
        self.dashboard = Dashboard(
            stats_file(paths), self.service.decisions.answers, port=port, note_use=self._note_use
        )
        engine = OwnEngine(self.service, self.front_ends, self.agents, OwnSettings(paths, os.environ))
        self.proxy = ProxyHost(
            paths, self.service.decisions, self.recording.answered, self._note_use, mcp=McpHost(engine)
        )
        self.app: App = Guard(self._routes(), token=token, port=port, pages=self.dashboard.app)

    @property
    def busy(self) -> bool:
        """Whether anybody is attached, or anything is being done."""
        working = self.service.working + self.sending.working + self.proxy.working
        return bool(self.front_ends.names or working or self.front_ends.asking)

    def used(self) -> bool:
        """Whether a front-end asked for something since this was last asked."""
        used, self._used = self._used, False
        return used

    def close(self) -> None:
        """Cancel all work and end all streams; answers that are still given are kept until `join`."""
        self.sending.close()
        self.service.close()
        self.dashboard.close()
        self.front_ends.close()

    def join(self) -> None:
        """Keep no more, and wait, not for long, until what is kept is written."""
        self.service.decisions.close()
        self.service.decisions.join(_JOIN_S)
        self.recording.close(_JOIN_S)

    def _note_use(self) -> None:
        self._used = True

    def _is_attached(self) -> bool:
        return bool(self.front_ends.names)

    def _routes(self) -> App:
        return Starlette(
            routes=[
                Route(PROVE_PATH, safe(self._prove), methods=["POST"]),
                Route("/v1/status", safe(self._status), methods=["GET"]),
                Route("/v1/front-ends", safe(self._attach), methods=["POST"]),
                Route("/v1/front-ends/{id}/state", safe(self._publish), methods=["PUT"]),
                Route("/v1/front-ends/{id}/wanted", safe(self._wanted), methods=["POST"]),
                Route("/v1/state", safe(self._state), methods=["GET"]),
                Route("/v1/refine", safe(self._refine), methods=["POST"]),
                Route("/v1/warm", safe(self._warm), methods=["POST"]),
                Route("/v1/approvals", safe(self._approve), methods=["POST"]),
                Route("/v1/approvals/{id}", safe(self._answer), methods=["POST"]),
                Route("/v1/handovers", safe(self._hand_over), methods=["POST"]),
                Route("/v1/decisions", safe(self._decided), methods=["POST"]),
                Route("/v1/models/{name}", safe(self._model), methods=["GET"]),
                Route("/v1/models/{name}/pull", safe(self._pull), methods=["POST"]),
                *decide_routes(self.service.decisions, self._note_use),
                Route("/v1/dashboard", safe(self.dashboard.link), methods=["POST"]),
                *sending_routes(self.sending, self._note_use),
                *agent_routes(self.agents, self._note_use),
                Route("/v1/shutdown", safe(self._shutdown), methods=["POST"]),
            ],
            exception_handlers={HTTPException: http_error},
        )

    async def _prove(self, request: Request) -> Response:
        call = await body_of(request, ProveCall)
        return reply(Proof(proof_of(self._token, call.nonce, self._port, os.getpid())))

    async def _status(self, _: Request) -> Response:
        status = Status(
            version=__version__,
            protocol=PROTOCOL_VERSION,
            pid=os.getpid(),
            port=self._port,
            uptime_s=round(time.monotonic() - self._started, 3),
            front_ends=self.front_ends.names,
            working=self.service.working + self.sending.working + self.proxy.working,
            model=self.service.model,
            memory_mb=_memory_mb(),
            idle_exit_s=self._idle_exit_s,
            counts=self.service.counts,
            networks=self.service.decisions.loaded,
            proxy=self.proxy.state,
        )
        return reply(status)

    async def _attach(self, request: Request) -> Response:
        words = await body_of(request, Attach)
        self.service.expect(self._is_attached)
        return EventStream(self.front_ends.attach(words))

    async def _publish(self, request: Request) -> Response:
        self.front_ends.publish(request.path_params["id"], await body_of(request, EditorState))
        return reply({})

    async def _state(self, request: Request) -> Response:
        workspace = request.query_params.get("workspace", "")
        if not Path(workspace).is_absolute():
            raise InputError("workspace must be an absolute path: /v1/state?workspace=/path/of/the/project")
        return reply(await self.service.share(self.front_ends.state_for(workspace)))

    async def _refine(self, request: Request) -> Response:
        call = await body_of(request, RefineCall)
        self._used = True
        if not Path(call.request.workspace).is_absolute():
            raise InputError("request.workspace must be an absolute path")
        self.front_ends.check(call.front_end)
        self.service.expect(self._is_attached)
        return EventStream(self.agents.noting(call, self.service.refine(call)))

    async def _wanted(self, request: Request) -> Response:
        self.front_ends.check(request.path_params["id"])
        self.service.wanted(request.path_params["id"])
        return reply({})

    async def _warm(self, request: Request) -> Response:
        self._used = True
        self.service.warm((await body_of(request, WarmCall)).settings)
        return reply({})

    async def _approve(self, request: Request) -> Response:
        call = await body_of(request, ApprovalCall)
        answer = await unless_gone(self.front_ends.ask(call), request.receive)
        self.service.count(answer.decision, by_setting=answer.by_setting)
        return reply(answer)

    async def _answer(self, request: Request) -> Response:
        self.front_ends.answer(request.path_params["id"], await body_of(request, ApprovalAnswer))
        return reply({})

    async def _hand_over(self, request: Request) -> Response:
        self.front_ends.hand_over(await body_of(request, Handover))
        return reply({})

    async def _decided(self, request: Request) -> Response:
        call = await body_of(request, DecisionCall)
        self.service.count(call.decision, by_setting=call.by_setting)
        return reply({})

    async def _model(self, request: Request) -> Response:
        return reply(self.service.model_state(request.path_params["name"]))

    async def _pull(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.service.model_state(name)  # an unknown name is refused before a stream begins
        return EventStream(self.service.pull(name))

    async def _shutdown(self, _: Request) -> Response:
        self._stop("asked to")
        return reply({})


def _memory_mb() -> float:
    return round(psutil.Process().memory_info().rss / 1e6, 1)
