"""``python -m tests.soak.upstream``: the stand-in, with answers that name their request, and a line for each call."""

import argparse
import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from tests.soak.words import NAME_HEADER, SLOW_HEADER, Mark, answer_words, key_digest
from tests.standin import Answer, Chance, Delay, Failure, Raw, Recorded, Reply, Standin, prompt_digest, tool_use
from tests.standin.messages import default_answer
from tests.standin.models import MODELS, find_model

WELL: Final = ""
HUNG_UP: Final = "hung up"
ERROR_EVENT: Final = "error event"
BROKEN: Final = "broken off"
_MANY_PIECES: Final = 40


class Call(msgspec.Struct, frozen=True):
    """A call that reached the upstream: the name of its request, and how it was made to fail (empty: not at all)."""

    name: str
    failed: str = WELL


class Upstream:
    """Replies to messages, and writes each call down before it is answered."""

    def __init__(self, chance: Chance, calls: BinaryIO) -> None:
        self._chance = chance
        self._calls = calls

    def reply(self, recorded: Recorded) -> Reply:
        """The answer made for this request, or a failure in its place."""
        body = recorded.json
        name = recorded.headers.get(NAME_HEADER, "")
        usual = _answer(body, Mark(name, prompt_digest(body), key_digest(recorded.key)))
        if SLOW_HEADER in recorded.headers:
            usual = msgspec.structs.replace(usual, pieces=_MANY_PIECES)
        reply = self._chance.reply(usual) or usual
        call = Call(name, failure_of(reply, streamed=bool(body.get("stream"))))
        self._calls.write(msgspec.json.encode(call) + b"\n")
        self._calls.flush()
        return reply


def failure_of(reply: Reply, *, streamed: bool) -> str:
    """How this reply fails, as a client can tell: a status, or one of the words above."""
    match reply:
        case Failure(status=status):
            return str(status)
        case Raw():
            return HUNG_UP
        case Answer(breaks=breaks) if breaks is not None:
            return BROKEN
        case Answer(error_after=after) if after is not None and streamed:
            return ERROR_EVENT
    return WELL


def read_calls(file: Path) -> Iterator[Call]:
    """The calls that were written down, in their order."""
    with file.open("rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=Call)


def _answer(body: dict[str, object], mark: Mark) -> Answer:
    usual = default_answer(body, find_model(str(body["model"])) or MODELS[0])
    if usual.stop_reason == "tool_use":
        assert not isinstance(usual.content, str)
        called = tool_use(usual.content[0]["name"], msgspec.to_builtins(mark), f"toolu_{mark.body}")
        return msgspec.structs.replace(usual, content=(called,))
    return msgspec.structs.replace(usual, content=answer_words(mark))


async def _serve(standin: Standin) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await standin.serve(lambda: print(standin.url, flush=True), stop)


def main() -> None:
    """Serve until interrupted; the first line on standard output is the address."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.upstream", description=__doc__)
    parser.add_argument("--fail-rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--calls", type=Path, required=True, help="where each call is written down")
    parser.add_argument("--first-byte-ms", type=float, default=0.0)
    parser.add_argument("--event-ms", type=float, default=0.0)
    options = parser.parse_args()
    with options.calls.open("ab") as calls:
        standin = Standin(keep=0, delay=Delay(options.first_byte_ms / 1000, options.event_ms / 1000))
        standin.answer_with(Upstream(Chance(options.fail_rate, options.seed), calls).reply)
        asyncio.run(_serve(standin))
        if standin.problems:
            raise standin.problems[0]


if __name__ == "__main__":
    main()
