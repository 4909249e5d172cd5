"""What is noted of one request while it is answered."""

import time

from optafly.cache.entries import Entry
from optafly.proxy.asgi import Message, Send
from optafly.proxy.outcome import Outcome, Path, Reason
from optafly.proxy.recording import Recorded
from optafly.routing.usage import Usage, usage_of


class Tally:
    """One request's figures; `outcome` puts them together at its end."""

    def __init__(self, model: str) -> None:
        self.path: Path = "miss"
        self.reason: Reason = ""
        self._model = model
        self._when = time.time()
        self._began = time.perf_counter()
        self._status = 0
        self._first_byte_ms: float | None = None
        self._saved_ms = 0.0
        self._usage: Usage | None = None
        self._saved_usage: Usage | None = None

    def elapsed_ms(self) -> float:
        """Since the request was let in."""
        return (time.perf_counter() - self._began) * 1000

    def watch(self, send: Send) -> Send:
        """The same, noting status and first byte."""

        async def watched(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                self._status = message["status"]
            elif self._first_byte_ms is None:
                self._first_byte_ms = self.elapsed_ms()

        return watched

    def fail(self, reason: Reason, path: Path = "failed") -> None:
        """It came to no good end."""
        self.path, self.reason = path, reason

    def hit(self, path: Path, entry: Entry) -> float:
        """A kept answer is given; returns how many milliseconds that saved."""
        self.path = path
        self._saved_ms = max(0.0, entry.took_ms - self.elapsed_ms())
        self._usage, self._saved_usage = Usage(), usage_of(entry.usage)
        return self._saved_ms

    def answered(self, recorded: Recorded) -> None:
        """What was read of Anthropic's answer."""
        self._usage = usage_of(recorded.usage) if recorded.usage else None
        if recorded.error:
            self.fail("upstream_error")

    def outcome(self) -> Outcome:
        """All of it, now that it is over."""
        return Outcome(
            when=self._when,
            path=self.path,
            model=self._model,
            status=self._status,
            latency_ms=self.elapsed_ms(),
            first_byte_ms=self._first_byte_ms,
            saved_ms=self._saved_ms,
            usage=self._usage,
            saved_usage=self._saved_usage,
            reason=self.reason,
        )
