"""Asks the proxies and what stands behind them, in turn or many at once, and notes how long it took."""

import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import h11

from tests.bench.proxy_line import Line, Target, Timed

OK: Final = 200
AT_ONCE: Final = 50


class Refused(Exception):
    """A server did not answer as it must, so that there is nothing to compare."""


class Crowd(NamedTuple):
    """Many requests at once: the answers, how many failed, and how long all of them took."""

    answers: tuple[Timed, ...]
    failed: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.answers) / self.seconds


def in_turn(targets: Mapping[str, Target], bodies: Sequence[bytes]) -> list[dict[str, Timed]]:
    """Each request to each server, by its name; raises `Refused`.

    The order changes from one request to the next, so that what one server does after its answer disturbs all alike.
    """
    lines = {name: Line(target) for name, target in targets.items()}
    orders = itertools.cycle(itertools.permutations(targets))
    try:
        return [
            {name: _answered(name, lines[name], body) for name in order}
            for body, order in zip(bodies, orders, strict=False)
        ]
    finally:
        for line in lines.values():
            line.close()


def one_by_one(name: str, target: Target, bodies: Sequence[bytes]) -> list[Timed]:
    """Each request to one server; raises `Refused`."""
    return [answers[name] for answers in in_turn({name: target}, bodies)]


def at_once(target: Target, bodies: Sequence[bytes], many: int = AT_ONCE) -> Crowd:
    """So many connections, each with its share of the requests one after the other; nothing raises."""
    shares = [bodies[number::many] for number in range(many)]
    ready = threading.Barrier(many + 1)
    with ThreadPoolExecutor(many) as pool:
        under_way = [pool.submit(_share, target, share, ready.wait) for share in shares]
        ready.wait()
        began = time.perf_counter()
        answers = [answer for work in under_way for answer in work.result()]
        seconds = time.perf_counter() - began
    good = tuple(answer for answer in answers if answer is not None)
    return Crowd(good, len(answers) - len(good), seconds)


def _share(target: Target, bodies: Sequence[bytes], wait: Callable[[], int]) -> list[Timed | None]:
    answers: list[Timed | None] = []
    with Line(target) as line:
        wait()
        for body in bodies:
            try:
                answer = line.ask(body)
            except (OSError, h11.ProtocolError):
                line.close()
                answers.append(None)
            else:
                answers.append(answer if answer.status == OK else None)
    return answers


def _answered(name: str, line: Line, body: bytes) -> Timed:
    answer = line.ask(body)
    if answer.status != OK:
        raise Refused(f"{name} answered with {answer.status}")
    return answer
