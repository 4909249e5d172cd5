"""Several threads at one refiner."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from optafly.context.secrets import Redacted, SecretScanner
from optafly.errors import Cancelled, InputError, Superseded
from optafly.protocol import RefinedPrompt, RefineRequest
from optafly.refine.engine import CancelToken, ModelReply, ModelRequest
from optafly.refine.refiner import Refiner, RefinerSettings
from optafly.refine.turns import Turns
from tests.unit.refine.fakes import FakeEngine, make_refiner, refine, reply_with, request_of, write_files

VALUE = "return value + value * rate"
BOUND_S = 30


class SupersedingEngine(FakeEngine):
    """As the real one: a newer request of a document supersedes an unfinished older one."""

    def submit(self, request: ModelRequest, cancel: CancelToken) -> Future[ModelReply]:
        for older, future in zip(self.requests, self.futures, strict=True):
            if older.document == request.document and not future.done():
                future.set_exception(Superseded("a newer request took its place"))
        return super().submit(request, cancel)


class SlowScanner(SecretScanner):
    """Stops in the middle of the first refinement until it is let go."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def redact_all(self, texts: Sequence[str]) -> list[Redacted]:
        self.reached.set()
        assert self.go_on.wait(BOUND_S)
        return super().redact_all(texts)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_files(tmp_path)


def selected(shop: Path, prompt: str = "fix this") -> RefineRequest:
    return request_of(shop, prompt, file="shop/bill.py", select=VALUE)


@contextmanager
def waiting(
    refiner: Refiner, engine: FakeEngine, request: RefineRequest, owner: str = ""
) -> Iterator["Future[RefinedPrompt]"]:
    """A refinement in a thread of its own that has asked the model and has no answer yet."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(refiner.refine, request, owner=owner)
        try:
            assert engine.asked.wait(BOUND_S)
            yield running
        finally:
            engine.close()


def answer(engine: FakeEngine, sentence: str) -> None:
    engine.futures[0].set_result(reply_with(engine.requests[0], sentence))


def test_nobody_waits_for_the_model_of_another(shop: Path) -> None:
    engine = FakeEngine()
    refiner = make_refiner(engine)
    with waiting(refiner, engine, selected(shop)) as first:
        drafts: list[RefinedPrompt] = []
        engine.queue("Fix slugify in titles.py.")
        assert refiner.refine(request_of(shop, "thanks")).outcome == "unchanged"
        second = refiner.refine(request_of(shop, "fix this", file="shop/titles.py"), on_draft=drafts.append)
        assert second.outcome == "refined"
        assert len(drafts) == 1
        assert not first.done()
        answer(engine, "Fix the problem in total_price.")
        assert first.result(BOUND_S).engine.used


def test_a_newer_request_of_the_same_owner_and_document_takes_the_place(shop: Path) -> None:
    engine = SupersedingEngine()
    refiner = make_refiner(engine)
    with waiting(refiner, engine, selected(shop), "zed") as older:
        engine.queue("Fix total_price.")
        assert refiner.refine(selected(shop, "fix this please"), owner="zed").outcome == "refined"
        with pytest.raises(Superseded):
            older.result(BOUND_S)


@pytest.mark.parametrize(("owner", "file"), [("other", "shop/bill.py"), ("zed", "shop/names.py")])
def test_another_owner_or_document_does_not(shop: Path, owner: str, file: str) -> None:
    engine = SupersedingEngine()
    refiner = make_refiner(engine)
    with waiting(refiner, engine, selected(shop), "zed") as older:
        engine.queue("Fix the problem here.")
        assert refiner.refine(request_of(shop, "fix this please", file=file), owner=owner).outcome == "refined"
        assert not older.done()
        answer(engine, "Fix the problem in total_price.")
        assert older.result(BOUND_S).engine.used


def test_an_older_request_that_comes_late_to_the_model_does_not_ask_it(shop: Path) -> None:
    engine = FakeEngine().queue("Fix total_price.")
    refiner = make_refiner(engine)
    newer: list[RefinedPrompt] = []
    with pytest.raises(Superseded):
        refiner.refine(
            selected(shop), on_draft=lambda _: newer.append(refiner.refine(selected(shop, "fix this please")))
        )
    assert len(engine.requests) == len(newer) == 1


def test_cancelled_while_another_works(shop: Path) -> None:
    scanner, token = SlowScanner(), CancelToken()
    refiner = Refiner(RefinerSettings(), None, scanner)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(refiner.refine, selected(shop))
        try:
            assert scanner.reached.wait(BOUND_S)
            second = pool.submit(refiner.refine, selected(shop, "fix this please"), cancel=token)
            token.cancel()
            with pytest.raises(Cancelled):
                second.result(BOUND_S)
            assert not first.done()
        finally:
            scanner.go_on.set()
        assert first.result(BOUND_S).outcome == "refined"


def test_an_error_ends_the_turn(shop: Path) -> None:
    refiner = make_refiner()
    with pytest.raises(InputError):
        refiner.refine(request_of(shop, "fix", file="no/such.py"))
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(refiner.refine, selected(shop)).result(BOUND_S).outcome == "refined"


def test_nothing_is_remembered_of_requests_that_are_over() -> None:
    turns = Turns()
    with turns.newest("a") as first:
        with turns.newest("a") as second:
            assert (first(), second()) == (False, True)
        assert not first()
        with turns.newest("a") as third:
            assert third()
    assert not turns._newest


def test_kept_results_are_right_whichever_thread_asks(shop: Path) -> None:
    requests = [
        selected(shop),
        request_of(shop, "explain this", file="shop/prices.py"),
        request_of(shop, "slugify drops umlauts, fix"),
        request_of(shop, "make `Cart.merge` faster"),
    ]
    expected = [refine(request).refined for request in requests]
    refiner = make_refiner()

    def ask(number: int) -> tuple[int, RefinedPrompt]:
        at = number % len(requests)
        return at, refiner.refine(msgspec.structs.replace(requests[at]), owner=str(number))

    with ThreadPoolExecutor(6) as pool:
        for at, result in pool.map(ask, range(40)):
            assert result.refined == expected[at]
            assert result.original == requests[at].prompt


def test_a_result_that_another_thread_waited_for_is_given_again(shop: Path) -> None:
    engine = FakeEngine()
    refiner = make_refiner(engine)
    with waiting(refiner, engine, selected(shop)) as first:
        answer(engine, "Fix the problem in total_price.")
        made = first.result(BOUND_S)
    assert refiner.refine(selected(shop), owner="other").refined == made.refined
    assert len(engine.requests) == 1


def test_what_changes_while_a_thread_waits_makes_its_result_old(shop: Path) -> None:
    engine = FakeEngine()
    refiner = make_refiner(engine)
    with waiting(refiner, engine, selected(shop)) as first:
        write_files(shop, {"shop/new.py": "x = 1\n"})
        answer(engine, "Fix the problem in total_price.")
        first.result(BOUND_S)
    engine.queue("Fix total_price.")
    refiner.refine(selected(shop))
    assert len(engine.requests) == 2
