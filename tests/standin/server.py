"""The stand-in for the Anthropic API: who is let in, what is replied, what is recorded."""

import asyncio
import hashlib
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import cast
from urllib.parse import parse_qsl

import msgspec

from tests.standin.chance import Chance
from tests.standin.connection import Connection, Request
from tests.standin.messages import default_answer, event_stream, whole_message
from tests.standin.models import Model, find_model, list_models
from tests.standin.prompt import count_tokens, prompt_digest, read_blocks
from tests.standin.prompt_cache import OVERHEAD, PromptCache
from tests.standin.recorded import Recorded
from tests.standin.refusals import (
    MAX_BODY,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    read_body,
    refuse_body,
    refuse_headers,
)
from tests.standin.replies import Answer, Failure, JsonObject, Raw, Reply
from tests.standin.scripts import Function, Script, Scripted
from tests.standin.sending import Pace, Sender

MESSAGES = "/v1/messages"
COUNT_TOKENS = "/v1/messages/count_tokens"
MODELS = "/v1/models"
COUNTS = "/standin/counts"

Route = Callable[[Recorded, Sender], Awaitable[None]]


class Counts(msgspec.Struct):
    """How much came in, and how it ended; ``peak`` is how many requests were being answered at once."""

    connections: int = 0
    requests: int = 0
    messages: int = 0
    answered: int = 0
    broken: int = 0
    client_gone: int = 0
    failed: int = 0
    now: int = 0
    peak: int = 0


class Delay(msgspec.Struct, frozen=True):
    """A pace for benchmarks, in seconds: before the head, and before each event."""

    first_byte_s: float = 0.0
    event_s: float = 0.0

    async def passed(self) -> None:
        await asyncio.sleep(self.event_s)


class Standin:
    """A stand-in that serves on a port of the loopback interface.

    ``keys``: the keys it takes, any where None. ``keep``: how many requests are remembered. ``compress``: gzip where
    the client takes it. ``repeatable``: ids follow from the request, so that the same request gets the same bytes.
    ``chance`` makes some messages fail.
    """

    def __init__(
        self,
        *,
        keys: Collection[str] | None = None,
        keep: int = 1000,
        compress: bool = False,
        repeatable: bool = False,
        sentences: int = 4,
        delay: Delay | None = None,
        chance: Chance | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = ""
        self.counts = Counts()
        self._keys = None if keys is None else frozenset(keys)
        self._compress, self._repeatable, self._sentences = compress, repeatable, sentences
        self._delay, self._chance = delay or Delay(), chance
        self._cache = PromptCache(clock)
        self._kept: deque[Recorded] = deque(maxlen=keep)
        self._script = Script()
        self._changed = threading.Condition()
        self._open: set[Connection] = set()

    # What tests call

    @property
    def problems(self) -> list[Exception]:
        """What went wrong in functions of the test, and in the stand-in itself."""
        return self._script.problems

    @property
    def requests(self) -> list[Recorded]:
        """The last requests, oldest first."""
        with self._changed:
            return list(self._kept)

    def script(self, *replies: Scripted, path: str = MESSAGES) -> None:
        """Queue replies, one for each request that comes to this path and is valid; a function is asked for its reply.

        A function that gives None, and an empty queue, leave the request to `answer_with` and then to the default.
        """
        self._script.queue(path, replies)

    def answer_with(self, function: Function | None, path: str = MESSAGES) -> None:
        """Ask this function for every request that no queued reply is for; None takes it away."""
        self._script.stand(path, function)

    def wait_requests(self, count: int, timeout: float = 10.0) -> list[Recorded]:
        """Wait until so many requests have come in all; TimeoutError after ``timeout`` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.counts.requests >= count, timeout):
                raise TimeoutError(f"{self.counts.requests} requests came, {count} were waited for")
            return list(self._kept)

    # What runs in the stand-in's loop

    async def serve(self, started: Callable[[], None], stop: asyncio.Event, port: int = 0) -> None:
        """Serve until ``stop`` is set, then close everything."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connect, "127.0.0.1", port, backlog=512)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started()
        await stop.wait()
        server.close()
        left = list(self._open)
        for connection in left:
            connection.abort()
        await asyncio.gather(*(connection.closed.wait() for connection in left))
        await server.wait_closed()

    def _connect(self) -> Connection:
        self.counts.connections += 1
        return Connection(self._serve_one, MAX_BODY, self._open)

    async def _serve_one(self, connection: Connection, request: Request) -> None:
        recorded = self._record(request)
        sender = Sender(connection, recorded, self._compress)
        try:
            await self._route(request, recorded, sender)
        except asyncio.CancelledError:
            if recorded.outcome == "open":
                recorded.finish("client_gone")
            raise
        except Exception as problem:
            self.problems.append(problem)
        finally:
            self._end(recorded)

    def _record(self, request: Request) -> Recorded:
        with self._changed:
            self.counts.requests += 1
            recorded = Recorded(self.counts.requests, request.method, request.target, request.headers, request.body)
            recorded.request_id = "req_011C" + self._id(recorded)
            self._kept.append(recorded)
            self.counts.now += 1
            self.counts.peak = max(self.counts.peak, self.counts.now)
            self.counts.messages += recorded.path == MESSAGES
            self._changed.notify_all()
        return recorded

    def _end(self, recorded: Recorded) -> None:
        with self._changed:
            if recorded.outcome == "open":
                recorded.finish("broken")
            self.counts.now -= 1
            self.counts.failed += recorded.status >= 400
            self.counts.answered += recorded.outcome == "answered"
            self.counts.broken += recorded.outcome == "broken"
            self.counts.client_gone += recorded.outcome == "client_gone"
            self._changed.notify_all()

    def _id(self, recorded: Recorded) -> str:
        seed = recorded.body if self._repeatable else f"{self.url} {recorded.number}".encode()
        return hashlib.sha256(seed).hexdigest()[:20]

    async def _route(self, request: Request, recorded: Recorded, sender: Sender) -> None:
        route = self._find(request.method, recorded.path)
        if isinstance(route, Failure):
            refused: Failure | None = route
        else:
            refused = refuse_headers(recorded.headers, recorded.key, self._keys)
            if refused is None and request.too_large:
                refused = TOO_LARGE
        if refused is None and not isinstance(route, Failure):
            await route(recorded, sender)
        elif recorded.path == COUNTS:
            await sender.json(200, msgspec.to_builtins(self.counts))
        else:
            await sender.failure(refused or NOT_FOUND)

    def _find(self, method: str, path: str) -> Route | Failure:
        routes: dict[str, tuple[str, Route]] = {
            MESSAGES: ("POST", self._messages),
            COUNT_TOKENS: ("POST", self._count_tokens),
            MODELS: ("GET", self._models),
        }
        one_model = ("GET", self._model) if path.startswith(MODELS + "/") else None
        found = routes.get(path, one_model)
        if found is None:
            return NOT_FOUND
        allowed, route = found
        return route if method == allowed else NOT_ALLOWED

    async def _messages(self, recorded: Recorded, sender: Sender) -> None:
        checked = _checked(recorded, counting=False)
        if isinstance(checked, Failure):
            await sender.failure(checked)
            return
        body, model = checked
        if self._delay.first_byte_s:
            await asyncio.sleep(self._delay.first_byte_s)
        reply = self._script.reply(recorded)
        if reply is None:
            usual = default_answer(body, model, self._sentences)
            reply = (self._chance.reply(usual) if self._chance is not None else None) or usual
        await self._send(reply, body, model, recorded, sender)

    async def _send(self, reply: Reply, body: JsonObject, model: Model, recorded: Recorded, sender: Sender) -> None:
        if isinstance(reply, Failure):
            await sender.failure(reply)
        elif isinstance(reply, Raw):
            await sender.raw(reply)
        else:
            counted = self._cache.use(recorded.key.encode(), model, read_blocks(body))
            message_id = "msg_01" + (prompt_digest(body) if self._repeatable else self._id(recorded))
            message = whole_message(reply, model, counted, message_id)
            events = event_stream(reply, message, recorded.request_id) if body.get("stream") else None
            pace: Pace | None = self._delay if self._delay.event_s else None
            await sender.answer(reply, message, events, pace)

    async def _count_tokens(self, recorded: Recorded, sender: Sender) -> None:
        checked = _checked(recorded, counting=True)
        if isinstance(checked, Failure):
            await sender.failure(checked)
            return
        body, model = checked
        total = count_tokens(read_blocks(body), model.chars_per_token) + OVERHEAD
        await self._plain({"input_tokens": total}, recorded, sender)

    async def _models(self, recorded: Recorded, sender: Sender) -> None:
        page = list_models(dict(parse_qsl(recorded.query)))
        await self._plain(Failure(400, message=page) if isinstance(page, str) else page, recorded, sender)

    async def _model(self, recorded: Recorded, sender: Sender) -> None:
        name = recorded.path.removeprefix(MODELS + "/")
        model = find_model(name)
        known = model.listed() if model is not None else Failure(404, message=f"model: {name}")
        await self._plain(known, recorded, sender)

    async def _plain(self, usual: JsonObject | Failure, recorded: Recorded, sender: Sender) -> None:
        reply = self._script.reply(recorded)
        if isinstance(reply, Raw):
            await sender.raw(reply)
        elif isinstance(reply, Answer):
            raise TypeError(f"{recorded.path} answers no message: script a Failure or Raw")
        elif isinstance(reply or usual, Failure):
            await sender.failure(cast(Failure, reply or usual))
        else:
            await sender.json(200, cast(JsonObject, usual))


def _checked(recorded: Recorded, *, counting: bool) -> tuple[JsonObject, Model] | Failure:
    body = read_body(recorded.body)
    if isinstance(body, Failure):
        return body
    refused = refuse_body(body, counting=counting)
    model = None if refused is not None else find_model(body["model"])
    return (body, model) if model is not None else refused or NOT_FOUND
