"""The thread that owns what decides: in order, cancellable, unloaded when idle, written when closed."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from optafly.core.deciding import THREAD_NAME, Deciding
from optafly.errors import Cancelled, NotSetUp, OptaFlyError
from optafly.refine.engine import CancelToken

BOUND_S = 20.0


class FakeParts:
    """Parts that note what is done with them, and by which thread."""

    def __init__(
        self, failure: Exception | None = None, idle_unload_s: float = 600.0, put_off: int = 0, held: bool = False
    ) -> None:
        self.idle_unload_s = idle_unload_s
        self.loaded = False
        self.loads = 0
        self.loading = threading.Event()
        self.may_load = threading.Event()
        if not held:
            self.may_load.set()
        self.closed = threading.Event()
        self.maintained = threading.Event()
        self.threads: set[str] = set()
        self._failure = failure
        self._put_off = put_off

    def load(self) -> None:
        self._note()
        self.loads += 1
        self.loading.set()
        assert self.may_load.wait(BOUND_S)
        if self._failure is not None:
            raise self._failure
        self.loaded = True

    def maintain(self) -> bool:
        self._note()
        self._put_off -= 1
        if self._put_off <= 0:
            self.maintained.set()
        return self._put_off > 0

    def close(self) -> None:
        self._note()
        self.loaded = False
        self.closed.set()

    def _note(self) -> None:
        self.threads.add(threading.current_thread().name)


class Bench:
    """A deciding thread with its fakes."""

    def __init__(self, **parts: Any) -> None:
        self.made: list[FakeParts] = []
        self._parts = parts
        self.deciding = Deciding(self._make)  # type: ignore[arg-type]

    def _make(self) -> FakeParts:
        self.made.append(FakeParts(**self._parts))
        return self.made[-1]

    def do(self, work: Callable[[Any], Any], **how: Any) -> Any:
        return self.deciding.submit(work, **how).result(BOUND_S)

    def hold(self) -> tuple["Future[None]", threading.Event]:
        """Work that keeps the thread busy until the event."""
        began, go_on = threading.Event(), threading.Event()

        def wait(_: Any) -> None:
            began.set()
            assert go_on.wait(BOUND_S)

        held = self.deciding.submit(wait)
        assert began.wait(BOUND_S)
        return held, go_on


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.deciding.close()
    assert bench.deciding.join(BOUND_S)


def closing(bench: Bench) -> None:
    bench.deciding.close()
    assert bench.deciding.join(BOUND_S)


def test_nothing_is_made_before_it_is_needed(bench: Bench) -> None:
    assert not bench.deciding.loaded
    assert THREAD_NAME not in {thread.name for thread in threading.enumerate()}
    assert bench.made == []


def test_everything_happens_in_one_named_thread_and_in_order(bench: Bench) -> None:
    seen: list[tuple[int, str]] = []
    work = [
        bench.deciding.submit(lambda _, number=number: seen.append((number, threading.current_thread().name)))  # type: ignore[misc]
        for number in range(50)
    ]
    for future in work:
        future.result(BOUND_S)
    assert seen == [(number, THREAD_NAME) for number in range(50)]
    assert len(bench.made) == 1
    closing(bench)
    assert bench.made[0].threads == {THREAD_NAME}


def test_networks_are_loaded_only_for_what_needs_them(bench: Bench) -> None:
    assert bench.do(lambda parts: parts.loads) == 0
    assert not bench.deciding.loaded
    assert bench.do(lambda parts: parts.loaded, networks=True) is True
    assert bench.deciding.loaded


def test_warming_returns_at_once_and_loads(bench: Bench) -> None:
    _, go_on = bench.hold()
    bench.deciding.warm()
    assert not bench.deciding.loaded
    go_on.set()
    assert bench.do(lambda parts: parts.loads, networks=True) == 1


def test_what_needs_no_networks_is_done_while_they_are_loaded(bench: Bench) -> None:
    parts = bench.do(lambda parts: parts)
    parts.may_load.clear()
    order: list[str] = []
    first = bench.deciding.submit(lambda _: order.append("first"), networks=True)
    second = bench.deciding.submit(lambda _: order.append("second"), networks=True)
    assert parts.loading.wait(BOUND_S)
    bench.do(lambda _: order.append("between"))
    parts.may_load.set()
    first.result(BOUND_S)
    second.result(BOUND_S)
    assert order == ["between", "first", "second"]
    assert parts.loads == 1


def test_what_fails_while_networks_are_loaded_does_not_lose_what_waits_for_them(bench: Bench) -> None:
    parts = bench.do(lambda parts: parts)
    parts.may_load.clear()
    waiting = bench.deciding.submit(lambda parts: parts.loaded, networks=True)
    assert parts.loading.wait(BOUND_S)
    with pytest.raises(OptaFlyError, match="ZeroDivisionError"):
        bench.do(lambda _: 1 / 0)
    parts.may_load.set()
    assert waiting.result(BOUND_S) is True
    assert bench.do(lambda now: now is not parts)


def test_networks_are_not_let_go_while_they_are_loaded() -> None:
    bench = Bench(idle_unload_s=0.0, held=True)
    waiting = bench.deciding.submit(lambda _: None, networks=True)
    bench.do(lambda parts: parts.loading.wait(BOUND_S))
    bench.made[0].may_load.set()
    waiting.result(BOUND_S)
    assert len(bench.made) == 1
    closing(bench)


def test_networks_that_cannot_be_had_are_an_error_of_what_needs_them() -> None:
    bench = Bench(failure=NotSetUp("torch is not installed"))
    with pytest.raises(NotSetUp):
        bench.do(lambda _: 1, networks=True)
    assert bench.do(lambda _: 2) == 2
    closing(bench)


def test_our_own_errors_come_out_as_they_are_and_others_without_their_text(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def ours(_: Any) -> None:
        raise NotSetUp("nothing there")

    def foreign(_: Any) -> None:
        raise RuntimeError("a prompt")

    with pytest.raises(NotSetUp, match="nothing there"):
        bench.do(ours)
    first = bench.made[0]
    assert not first.closed.is_set()
    with pytest.raises(OptaFlyError, match="RuntimeError") as raised:
        bench.do(foreign)
    assert "a prompt" not in str(raised.value) + caplog.text
    # Nobody knows what state the parts were left in.
    assert bench.do(lambda parts: parts is not first)
    assert first.closed.is_set()


def test_a_panic_of_native_code_does_not_end_the_thread(bench: Bench) -> None:
    class Panic(BaseException):
        pass

    def panic(_: Any) -> None:
        raise Panic

    with pytest.raises(OptaFlyError, match="Panic"):
        bench.do(panic)
    assert bench.do(lambda _: 3) == 3


def test_cancelled_work_is_released_at_once_and_not_begun(bench: Bench) -> None:
    _, go_on = bench.hold()
    cancel, done = CancelToken(), []
    waiting = bench.deciding.submit(lambda _: done.append(1), cancel=cancel)
    assert bench.deciding.working == 2
    cancel.cancel()
    with pytest.raises(Cancelled):
        waiting.result(0)
    assert bench.deciding.working == 1
    go_on.set()
    assert bench.do(lambda _: 1) == 1
    assert done == []


def test_closing_cancels_what_waits_and_writes_what_is_there(bench: Bench) -> None:
    held, go_on = bench.hold()
    waiting = bench.deciding.submit(lambda _: None)
    bench.deciding.close()
    for future in (held, waiting, bench.deciding.submit(lambda _: None)):
        with pytest.raises(Cancelled):
            future.result(0)
    assert not bench.deciding.join(0.01)  # bounded: the thread is still busy
    go_on.set()
    assert bench.deciding.join(BOUND_S)
    assert bench.made[0].closed.is_set()
    bench.deciding.close()


def test_it_is_unloaded_when_idle_and_made_anew_when_needed() -> None:
    bench = Bench(idle_unload_s=0.05)
    bench.do(lambda _: None, networks=True)
    assert bench.made[0].closed.wait(BOUND_S)
    assert bench.deciding.unloaded.wait(BOUND_S)
    assert not bench.deciding.loaded
    assert bench.do(lambda parts: parts.loads, networks=True) == 1
    assert len(bench.made) == 2
    closing(bench)


def test_what_was_put_off_is_done_in_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optafly.core.deciding._PAUSE_S", 0.01)
    bench = Bench(put_off=3)
    bench.do(lambda _: None)
    assert bench.made[0].maintained.wait(BOUND_S)
    assert not bench.made[0].closed.is_set()
    closing(bench)
