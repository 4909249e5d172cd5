"""What is recorded of the work of a process: refinements, decisions, answers, and its memory while it works."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Final

from optafly.config import load_config
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt
from optafly.routing.prices import model_facts
from optafly.stats.events import Answered, Decided, Decision, Rates, Refined, Sampled, refined_event
from optafly.stats.recorder import Recorder
from optafly.stats.store import stats_file

SAMPLE_EVERY_S: Final = 60.0


class Recording:
    """Records in the background, from any thread; nothing here waits but `close`, and nothing fails.

    ``memory_mb`` says how much memory the process has, in millions of bytes; without it that is not recorded.
    """

    def __init__(
        self,
        paths: Paths,
        environ: Mapping[str, str] = os.environ,
        *,
        memory_mb: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        def keep_days() -> int:
            return int(load_config(paths.config_file, environ).get("stats.keep_days"))

        self._recorder = Recorder(stats_file(paths), keep_days, clock=clock)
        self._memory_mb = memory_mb
        self._clock = clock
        self._sampled: float | None = None

    def refined(self, result: RefinedPrompt, *, answers: int) -> None:
        """A refinement was done that a person asked for; ``answers`` to earlier questions came with it."""
        self.noted(refined_event(result, at=self._clock(), answers=answers))

    def noted(self, event: Refined) -> None:
        """A person was given a refinement."""
        self._recorder.note(event)
        self._sample()

    def decided(self, decision: Decision) -> None:
        """A person decided about a refinement, a setting did, or nobody."""
        self._recorder.note(Decided(self._clock(), decision))

    def answered(self, event: Answered) -> None:
        """A request was answered, or was not."""
        self._recorder.note(event)
        self._sample()

    def flush(self, wait_s: float) -> bool:
        """Wait until what was recorded is written, or cannot be; whether that was in time."""
        return self._recorder.flush(wait_s)

    def close(self, wait_s: float) -> bool:
        """Write what was recorded and end; whether that was in time."""
        return self._recorder.close(wait_s)

    def _sample(self) -> None:
        """Note the memory, once a minute at most, and only here: after some work."""
        now = time.monotonic()
        if self._memory_mb is None or (self._sampled is not None and now - self._sampled < SAMPLE_EVERY_S):
            return
        self._sampled = now
        self._recorder.note(Sampled(self._clock(), self._memory_mb()))


def rates_of(model: str, prompt_tokens: int) -> Rates | None:
    """What a model costs today for a prompt of that length; None where that is not known."""
    facts = model_facts(model)
    price = facts.price(prompt_tokens)
    if price is None:
        return None
    rates = facts.rates
    return Rates(
        input=price.input,
        output=price.output,
        cache_read=price.input * rates.read,
        cache_write=price.input * rates.write_5m,
        cache_write_1h=price.input * rates.write_1h,
    )
