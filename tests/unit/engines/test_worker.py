"""The worker thread, over a model that needs no weights."""

import threading
from collections.abc import Generator, Iterator

import msgspec
import pytest

from optafly.engines.worker import Chunk, ModelWorker, Recycling
from optafly.errors import EngineFailed
from optafly.refine.engine import CancelToken, ModelReply, ModelRequest

BOUND_S = 20
NEVER = Recycling(soft=1000, hard=1000, pause_s=1000)


class Panic(BaseException):
    """What a panic in Rust looks like from Python."""


class FakeModel:
    device = "fake"

    def __init__(self, log: list[str]) -> None:
        self.log = log
        log.append("loaded")

    def stream(self, request: ModelRequest) -> Generator[Chunk]:
        self.log.append(request.user)
        if request.user == "panic":
            raise Panic("index out of bounds\nstack backtrace: ...")
        try:
            yield Chunk("a")
            yield Chunk("b", 3, 2)
        finally:
            self.log.append("closed")


def request(user: str = "fix") -> ModelRequest:
    return ModelRequest("system", user, None, None, 5, BOUND_S, "document")


@pytest.fixture
def log() -> list[str]:
    return []


def make(log: list[str], recycling: Recycling = NEVER, idle: float = 1000.0) -> ModelWorker:
    return ModelWorker(lambda: FakeModel(log), "fake", idle_unload_s=idle, recycling=recycling)


@pytest.fixture
def worker(log: list[str]) -> Iterator[ModelWorker]:
    made = make(log)
    yield made
    made.close()


def ask(worker: ModelWorker, user: str = "fix") -> ModelReply:
    return worker.submit(request(user), CancelToken()).result(BOUND_S)


def test_the_pieces_are_put_together(worker: ModelWorker) -> None:
    assert ask(worker) == ModelReply("ab", 3, 2)
    assert worker.info.device == "fake"


def test_nothing_is_loaded_before_the_first_request(worker: ModelWorker, log: list[str]) -> None:
    assert log == []
    ask(worker)
    ask(worker)
    assert log.count("loaded") == 1


def test_warming_reads_the_system_prompt_once(worker: ModelWorker, log: list[str]) -> None:
    worker.warm("system")
    ask(worker)
    worker.warm("system")
    ask(worker, "again")
    assert log.count("request:") == 1


def test_a_panic_fails_the_request_in_one_line_and_the_next_gets_a_fresh_model(
    worker: ModelWorker, log: list[str]
) -> None:
    with pytest.raises(EngineFailed, match=r"^fake failed: index out of bounds$"):
        ask(worker, "panic")
    assert ask(worker).text == "ab"
    assert log.count("loaded") == 2


def test_a_time_limit_closes_the_stream(worker: ModelWorker, log: list[str]) -> None:
    future = worker.submit(msgspec.structs.replace(request(), time_limit_s=-1.0), CancelToken())
    assert "longer" in str(future.exception(BOUND_S))
    ask(worker)
    assert log.count("closed") == 2


def test_a_token_cancelled_before_the_start_never_reaches_the_model(worker: ModelWorker, log: list[str]) -> None:
    token = CancelToken()
    token.cancel()
    assert worker.submit(request("never"), token).exception(BOUND_S) is not None
    ask(worker)
    assert "never" not in log


def test_after_many_requests_the_model_is_loaded_anew(log: list[str]) -> None:
    worker = make(log, Recycling(soft=1000, hard=3, pause_s=1000))
    try:
        for number in range(7):
            ask(worker, str(number))
        assert log.count("loaded") == 3
    finally:
        worker.close()


def test_in_a_pause_the_model_is_loaded_anew_and_warm(log: list[str]) -> None:
    warmed = threading.Event()

    class Watched(FakeModel):
        def stream(self, request: ModelRequest) -> Generator[Chunk]:
            yield from super().stream(request)
            if request.user == "request:":
                warmed.set()

    worker = ModelWorker(
        lambda: Watched(log), "fake", idle_unload_s=1000, recycling=Recycling(soft=2, hard=1000, pause_s=0.01)
    )
    try:
        ask(worker, "one")
        ask(worker, "two")
        assert warmed.wait(BOUND_S)
        assert log.count("loaded") == 2
        assert log[-1] in {"request:", "closed"}
    finally:
        worker.close()


def test_an_idle_model_is_unloaded_and_stays_so(log: list[str]) -> None:
    worker = make(log, Recycling(soft=1, hard=1000, pause_s=1000), idle=0.01)
    try:
        ask(worker)
        assert worker.unloaded.wait(BOUND_S)
        assert not worker.loaded
        assert log.count("loaded") == 1
    finally:
        worker.close()
