"""Those who ask in the soak: over httpx and over Anthropic's own SDK; both repeat what found no connection."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import anthropic
import httpx
import httpx2
import msgspec

from tests.soak.ledger import Ledger, Try, name_of
from tests.soak.lives import Lives
from tests.soak.load import Planned
from tests.soak.received import Received, Stream, Wrong, mark_of, read_error, read_message
from tests.soak.words import NAME_HEADER, SLOW_HEADER
from tests.standin.models import MODELS, find_model
from tests.standin.prompt import count_tokens, read_blocks
from tests.standin.prompt_cache import OVERHEAD

ANSWER_S: Final = 90.0
"""Who has heard nothing for so long has lost the answer."""

_OWN: Final = "x-optafly-"
_PATHS: Final = {"messages": "/v1/messages", "count_tokens": "/v1/messages/count_tokens", "models": "/v1/models"}
_VERSION: Final = {"anthropic-version": "2023-06-01"}
_MOST_TRIES: Final = 12
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 4.0
_SDK_REPEATS: Final = 6


class Clients:
    """Asks what was planned and notes what came; ``keys`` as in `Load`."""

    def __init__(self, lives: Lives, keys: tuple[str, str], ledger: Ledger, at_once: int) -> None:
        self._lives = lives
        self._ledger = ledger
        url = f"http://127.0.0.1:{lives.port}"
        # With the key of the settings, and with a key of the client's own beside the token.
        self._let_in: tuple[Mapping[str, str], ...] = (
            {"x-api-key": lives.token},
            {"x-optafly-token": lives.token, "x-api-key": keys[1]},
        )
        limits = httpx.Limits(max_connections=2 * at_once, max_keepalive_connections=at_once)
        self._http = httpx.AsyncClient(base_url=url, timeout=ANSWER_S, limits=limits, trust_env=False)
        self._sdks = tuple(
            anthropic.AsyncAnthropic(
                base_url=url,
                api_key=headers["x-api-key"],
                default_headers={name: value for name, value in headers.items() if name != "x-api-key"},
                max_retries=_SDK_REPEATS,
                timeout=ANSWER_S,
            )
            for headers in self._let_in
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        for sdk in self._sdks:
            await sdk.close()

    async def ask(self, planned: Planned) -> None:
        """Ask until there is an answer or an error that is no connection's."""
        self._ledger.ask(planned.asked)
        for attempt in range(_MOST_TRIES):
            began = time.monotonic()
            name = name_of(planned.asked.number, attempt)
            received = await (self._over_sdk if planned.by_sdk else self._over_http)(planned, name)
            again = self._is_worth_another(received, began) and attempt + 1 < _MOST_TRIES
            done = Try(name, planned.asked, began, time.monotonic(), received, not again, planned.by_sdk)
            self._ledger.note(done)
            if not again:
                return
            await asyncio.sleep(min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S))

    def _is_worth_another(self, received: Received, began: float) -> bool:
        return received.end in {"no connection", "broken off"} and self._lives.was_down(began)

    def _headers(self, planned: Planned, name: str) -> dict[str, str]:
        bypass = {"x-optafly-bypass": "1"} if planned.asked.bypass else {}
        slow = {SLOW_HEADER: "1"} if planned.leaves else {}
        return {"x-optafly-project": planned.project, NAME_HEADER: name, **bypass, **slow}

    async def _over_http(self, planned: Planned, name: str) -> Received:
        route = planned.asked.route
        headers = {**_VERSION, **self._let_in[planned.key], **self._headers(planned, name)}
        body = None if planned.body is None else msgspec.json.encode(planned.body)
        if body is not None:
            headers["content-type"] = "application/json"
        reader = Stream()
        method = "GET" if route == "models" else "POST"
        begun = False
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                self._http.stream(method, _PATHS[route], content=body, headers=headers) as response,
            ):
                begun = True
                return await _read(response, planned, reader)
        except (TimeoutError, httpx.TimeoutException):
            return Received("no answer in time")
        except Wrong as wrong:
            return Received("wrong", problem=str(wrong))
        except httpx.TransportError:
            if reader.ended == "error event":
                return Received("error event", 200)
            return Received("broken off" if begun else "no connection")

    async def _over_sdk(self, planned: Planned, name: str) -> Received:
        assert planned.body is not None
        messages = self._sdks[planned.key].messages
        extra = self._headers(planned, name)
        begun = False
        try:
            async with asyncio.timeout(ANSWER_S):
                if not planned.streams:
                    raw = await messages.with_raw_response.create(**planned.body, extra_headers=extra)
                    message = await raw.parse()
                    whole = message.to_dict()
                    blocks: Any = whole["content"]
                    return Received("whole", 200, _said(raw.headers), mark_of(blocks))
                stream: Any = await messages.create(**planned.body, extra_headers=extra)
                begun = True
                return await _read_events(stream)
        except (TimeoutError, anthropic.APITimeoutError):
            return Received("no answer in time")
        except anthropic.APIConnectionError:
            return Received("broken off" if begun else "no connection")
        except anthropic.APIStatusError as error:
            in_stream = error.status_code == 200
            return Received("error event" if in_stream else "status", error.status_code)
        except httpx2.TransportError:
            return Received("broken off")


async def _read(response: httpx.Response, planned: Planned, reader: Stream) -> Received:
    status, said = response.status_code, _said(response.headers)
    if status != 200:
        read_error(await response.aread())
        return Received("status", status, said)
    if planned.asked.route != "messages":
        _check_other(await response.aread(), planned)
        return Received("whole", status, said)
    if not planned.streams:
        return Received("whole", status, said, read_message(await response.aread()))
    async for chunk in response.aiter_bytes():
        reader.feed(chunk)
        # Who has seen its end cannot leave before it.
        if planned.leaves and reader.has_content and not reader.ended:
            return Received("left", status, said)
    if not reader.ended:
        raise Wrong("the stream ended in order, but without its last event")
    return Received(reader.ended, status, said, reader.mark() if reader.ended == "whole" else None)


async def _read_events(stream: Any) -> Received:
    """The events that the SDK gives, as one message."""
    kinds: list[str] = []
    parts: list[str] = []
    ended = False
    async for event in stream:
        if event.type == "content_block_start":
            kinds.append(event.content_block.type)
        elif event.type == "content_block_delta":
            parts.append(str(getattr(event.delta, "text", "") or getattr(event.delta, "partial_json", "")))
        ended = ended or event.type == "message_stop"
    if not ended:
        return Received("wrong", problem="the SDK saw the stream end without its last event")
    words = "".join(parts)
    blocks = [{"type": kind, "text": words, "input": words} for kind in kinds]
    return Received("whole", 200, _said(stream.response.headers), mark_of(blocks))


def _check_other(body: bytes, planned: Planned) -> None:
    """Raise `Wrong` unless this is the answer of that route to this request."""
    found = msgspec.json.decode(body)
    if planned.asked.route == "models":
        if [model["id"] for model in found["data"]] != [model.id for model in MODELS]:
            raise Wrong("not the list of models")
        return
    assert planned.body is not None
    model = find_model(planned.body["model"])
    assert model is not None
    if found["input_tokens"] != count_tokens(read_blocks(planned.body), model.chars_per_token) + OVERHEAD:
        raise Wrong("the count of another request")


def _said(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower()[len(_OWN) :]: value for name, value in headers.items() if name.lower().startswith(_OWN)}
