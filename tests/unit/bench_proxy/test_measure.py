import itertools
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from tests.bench.proxy_line import Line, Target
from tests.bench.proxy_measure import Refused, at_once, in_turn, one_by_one
from tests.bench.proxy_requests import question
from tests.standin import Answer, Break, Failure, Gate, running_standin

BOUND_S = 10.0
BODIES = [question(f"Question {number}?", stream=bool(number % 2)) for number in range(12)]


def test_one_connection_is_kept_for_all_requests() -> None:
    with running_standin() as standin, Line(Target(standin.url, "any")) as line:
        answers = [line.ask(body) for body in BODIES]
        assert [answer.status for answer in answers] == [200] * len(BODIES)
        assert standin.counts.connections == 1
        assert all(0 < answer.first_ms <= answer.whole_ms for answer in answers)


def test_a_connection_that_the_server_closed_is_opened_again() -> None:
    with running_standin() as standin, Line(Target(standin.url, "any")) as line:
        standin.script(Answer("the last", then_close=True))
        assert [line.ask(body).status for body in BODIES[:2]] == [200, 200]
        assert standin.counts.connections == 2


def test_the_first_byte_is_that_of_the_body_not_of_the_head() -> None:
    gate, ticks, count = Gate(), SimpleQueue[int](), itertools.count()

    def clock() -> float:
        now = next(count)
        ticks.put(now)
        return float(now)

    def tick() -> int:
        return ticks.get(timeout=BOUND_S)

    with running_standin() as standin, Line(Target(standin.url, "any"), clock) as line, ThreadPoolExecutor(1) as pool:
        standin.script(Answer("some words", gate=gate))
        answer = pool.submit(line.ask, BODIES[1])
        assert [tick(), tick()] == [0, 1]  # sent, and the head has come
        gate.release()
        assert tick() == 2
        gate.open()
        assert answer.result(BOUND_S).first_ms == 2000.0
        assert answer.result(BOUND_S).whole_ms >= 3000.0


def test_every_server_is_asked_everything_in_changing_order() -> None:
    with running_standin() as one, running_standin() as other:
        answers = in_turn({"one": Target(one.url, "1"), "other": Target(other.url, "2")}, BODIES)
        assert [set(each) for each in answers] == [{"one", "other"}] * len(BODIES)
        assert [next(iter(each)) for each in answers[:4]] == ["one", "other", "one", "other"]
        for standin in (one, other):
            assert [recorded.body for recorded in standin.requests] == BODIES


def test_what_a_server_refuses_is_no_figure() -> None:
    with running_standin() as standin:
        standin.script(Failure(529))
        with pytest.raises(Refused, match="ours answered with 529"):
            one_by_one("ours", Target(standin.url, "any"), BODIES[:1])


def test_many_at_once_are_all_answered_and_failures_counted() -> None:
    with running_standin() as standin:
        standin.script(Failure(529), Answer("half", breaks=Break("close", after=1)))
        crowd = at_once(Target(standin.url, "any"), BODIES, many=4)
        assert (len(crowd.answers), crowd.failed) == (10, 2)
        assert crowd.per_second > 0
        assert {recorded.body for recorded in standin.requests} == set(BODIES)
