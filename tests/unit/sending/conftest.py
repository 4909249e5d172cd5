"""Sending in this process: the real sender, router and cache with fake networks, and the stand-in for the API."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from optafly.core import decisions
from optafly.core.decisions import Decisions
from optafly.core.recording import Recording
from optafly.core.sending import Result, Sending
from optafly.core.wire import Failure, Progress
from optafly.core.wire_send import SendCall
from optafly.paths import Paths, resolve_paths
from optafly.sending.order import Answer, Piece
from tests.standin import Standin, running_standin
from tests.unit.core.decide_parts import FakeParts

BOUND_S = 60.0
KEY = "sk-ant-zebra-quagga-0123456789"


class Outcome:
    """What came of a call: the text as it came, what was told besides, and how it ended."""

    def __init__(self, events: Sequence[tuple[str, Any]]) -> None:
        self.text = "".join(value.text for _, value in events if isinstance(value, Piece))
        self.retries = [value.text for name, value in events if name == "retry" and isinstance(value, Progress)]
        self.end = events[-1][1]

    @property
    def answer(self) -> Answer:
        assert isinstance(self.end, Result), self.end
        return self.end.answer

    @property
    def failure(self) -> Failure:
        assert isinstance(self.end, Failure), self.end
        return self.end


class Bench:
    """A process that sends, its networks fakes, its API the stand-in."""

    def __init__(self, home: Path, url: str) -> None:
        self.off = False
        """Whether the cache is."""
        self.paths = resolve_paths({"OPTAFLY_HOME": str(home)})
        self.environ = {"ANTHROPIC_API_KEY": KEY, "OPTAFLY_SENDING_BASE_URL": url}
        self.decisions = Decisions(self.paths, self.environ)
        self.recording = Recording(self.paths, self.environ)
        self.sending = Sending(self.paths, self.decisions, self.recording, self.environ)

    async def send(self, text: str, **more: Any) -> Outcome:
        events = self.sending.send(SendCall(text, **more))
        async with contextlib.aclosing(events):
            return Outcome([event async for event in events])

    @property
    def waiting(self) -> list[str]:
        """The texts that wait to be sent."""
        return [kept.order.text for kept in self.sending.outbox.all()]

    async def kept(self) -> int:
        """How many answers the cache holds."""
        return (await self.decisions.answers.stats()).entries

    async def close(self) -> None:
        await self.sending.join()
        self.decisions.close()
        assert self.decisions.join(BOUND_S)
        assert self.recording.close(BOUND_S)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running_standin(keys={KEY}) as running:
        yield running


@pytest.fixture
async def bench(tmp_path: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    def parts(_: Any, paths: Paths) -> FakeParts:
        return FakeParts(paths.cache_dir / "answers", uses_cache=not made.off)

    monkeypatch.setattr(decisions, "Parts", parts)
    made = Bench(tmp_path, standin.url)
    yield made
    await made.close()
