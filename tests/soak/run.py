"""``make soak``: mixed load on a real core with its proxy, an upstream that fails, and the core killed in between."""

import argparse
import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.bench.document import write_part
from tests.bench.machine import machine
from tests.e2e.core.conftest import clean_environment
from tests.soak.afterwards import Check, look_when_it_is_over, look_while_it_runs
from tests.soak.clients import Clients
from tests.soak.ledger import Ledger
from tests.soak.lives import Lives, free_port
from tests.soak.load import Load
from tests.soak.memory import growth_of
from tests.soak.report import Life, Report, in_words
from tests.soak.upstream import read_calls

ROOT: Final = Path(__file__).resolve().parents[2]
KEYS: Final = ("sk-ant-api03-soak-settings-0123456789abcdef", "sk-ant-api03-soak-clients-0123456789abcdef")
_PROGRESS_S: Final = 10.0
_START_S: Final = 30.0


class Soak:
    """One run: the load, its workers, and what kills the core."""

    def __init__(self, options: argparse.Namespace, lives: Lives) -> None:
        self.ledger = Ledger()
        self.lives = lives
        self.stopped = ""
        self.took_s = 0.0
        self._options = options
        self._load = Load(options.seed, KEYS)
        self._begun = self._done = 0
        self._killing: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Ask everything; ends early when the time is over or somebody interrupts."""
        await self.lives.begin()
        clients = Clients(self.lives, KEYS, self.ledger, self._options.at_once)
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._options.limit_s), _beside(self.lives.look(), self._progress(began)):
                async with asyncio.TaskGroup() as group:
                    for _ in range(self._options.at_once):
                        group.create_task(self._work(clients))
                await asyncio.gather(*self._killing)
        except TimeoutError:
            self.stopped = f"not done within {self._options.limit_s:g} s"
        except asyncio.CancelledError:
            self.stopped = "interrupted"
        finally:
            for task in self._killing:
                task.cancel()
            await asyncio.gather(*self._killing, return_exceptions=True)
            self.took_s = time.monotonic() - began
            await clients.close()

    async def _work(self, clients: Clients) -> None:
        while self._begun < self._options.requests:
            self._begun += 1
            await clients.ask(self._load.draw())
            self._done += 1
            if len(self._killing) < self._options.kills and self._done >= self._next_kill():
                self._killing.append(asyncio.create_task(self.lives.kill()))

    def _next_kill(self) -> float:
        return float(self._options.requests * (len(self._killing) + 1) / (self._options.kills + 1))

    async def _progress(self, began: float) -> None:
        while True:
            await asyncio.sleep(_PROGRESS_S)
            sampled = self.lives.samples[-1]
            memory = sampled[-1].rss / 1e6 if sampled else 0.0
            took = time.monotonic() - began
            line = f"{took:5.0f} s  {self._done:6,} of {self._options.requests:,}  {self._done / took:5.1f}/s"
            print(f"{line}  core {len(self.lives.samples)}, {memory:.0f} MB", file=sys.stderr, flush=True)


@contextlib.asynccontextmanager
async def _beside(*work: object) -> AsyncIterator[None]:
    """Runs these as long as the block lasts."""
    tasks = [asyncio.ensure_future(item) for item in work]  # type: ignore[call-overload]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def upstream(options: argparse.Namespace, calls: Path) -> Iterator[str]:
    """The upstream in a process of its own; gives its address."""
    chosen = {"fail-rate": options.fail_rate, "seed": options.seed, "calls": calls,
              "first-byte-ms": options.first_byte_ms, "event-ms": options.event_ms}  # fmt: skip
    words = [word for name, value in chosen.items() for word in (f"--{name}", str(value))]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.soak.upstream", *words],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,  # Ctrl-C is for the one who asked
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError("the upstream did not start")
            yield url
        finally:
            process.terminate()
            process.wait(_START_S)
    if process.returncode:
        raise RuntimeError("something went wrong in the upstream; it said what")


async def _interruptible(soak: Soak) -> None:
    task = asyncio.ensure_future(soak.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    await task


def run(options: argparse.Namespace) -> Report:
    """The whole soak."""
    with tempfile.TemporaryDirectory(prefix="optafly-soak-") as folder:
        home, calls = Path(folder) / "home", Path(folder) / "calls.jsonl"
        calls.touch()
        port = free_port()
        with upstream(options, calls) as url:
            environment = clean_environment(home) | {
                "ANTHROPIC_API_KEY": KEYS[0], "OPTAFLY_PROXY_PORT": str(port), "OPTAFLY_PROXY_UPSTREAM": url,
            }  # fmt: skip
            soak = Soak(options, Lives(environment, port))
            try:
                asyncio.run(_interruptible(soak))
                checks = [] if soak.stopped else look_while_it_runs(environment, url, soak.ledger)
                if not soak.stopped:
                    called = list(read_calls(calls))
                    checks += look_when_it_is_over(soak.lives, home, KEYS, soak.ledger, called)
            finally:
                soak.lives.end()
        return _report(options, soak, calls, checks)


def _report(options: argparse.Namespace, soak: Soak, calls: Path, checks: Sequence[Check]) -> Report:
    called = list(read_calls(calls))
    last = len(soak.lives.samples) - 1
    lives = [
        Life(samples[-1].at_s if samples else 0.0, number < last, growth_of(samples))
        for number, samples in enumerate(soak.lives.samples)
    ]
    outcomes = soak.ledger.outcomes()
    return Report(
        machine=machine(),
        planned=options.requests,
        at_once=options.at_once,
        seed=options.seed,
        fail_rate=options.fail_rate,
        took_s=soak.took_s,
        done=outcomes.total(),
        tries=len(soak.ledger.tries),
        calls=Counter(call.failed for call in called),
        outcomes=outcomes,
        reasons=soak.ledger.reasons(),
        kinds=Counter(asked.kind for asked in soak.ledger.asked.values()),
        problems=soak.ledger.problems(called, soak.lives.outages, interrupted=bool(soak.stopped)),
        lives=lives,
        checks=checks,
        stopped=soak.stopped,
    )


def main(argv: Sequence[str]) -> int:
    """Run it; 0 where nothing was found, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.run", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--fail-rate", type=float, default=0.1, help="share of the upstream's messages that fail")
    parser.add_argument("--kills", type=int, default=2, help="how often the core is killed, evenly spread")
    # A real model takes seconds; with these, each of three lives of the core lasts longer than two minutes.
    parser.add_argument("--first-byte-ms", type=float, default=1000.0, help="how long the upstream thinks")
    parser.add_argument("--event-ms", type=float, default=80.0, help="and waits before each event")
    parser.add_argument("--limit-s", type=float, default=1500.0, help="ended after so many seconds")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args(argv)
    report = run(options)
    text = "\n".join(in_words(report))
    print(msgspec.json.format(msgspec.json.encode(report)).decode() if options.json else text)
    if options.write and not report.stopped:
        made = "Made by `make soak`. What is asked, and what counts as lost or crossed: `tests/soak`."
        head = ["## Soak", "", made, ""]
        write_part("make soak", "\n".join([*head, text]))
    return 0 if report.is_fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
