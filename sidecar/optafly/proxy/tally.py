"""What is noted of one request while it is answered."""

import time

from optafly.cache.entries import Entry
from optafly.cache.policy import Unasked
from optafly.proxy.asgi import Message, Send
from optafly.proxy.outcome import Outcome, Path, Reason
from optafly.proxy.recording import Recorded
from optafly.routing.usage import Usage, usage_of


class Tally:
    """One request's figures; `outcome` puts them together at its end."""

    def __init__(self, model: str) -> None:
        self.path: Path = "miss"
        self.reason: Reason = ""
        self.sent = False
        """Whether it went to Anthropic, where it may have used something."""
        self._complete = False
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

    def unasked(self, kind: Unasked) -> None:
        """Nothing is looked for."""
        self.path, self.reason = "not-looked-up", kind

    def gone(self) -> None:
        """The client went away; where all of the answer was there it may."""
        if not self._complete:
            self._usage = self._usage if self.sent else None
            self.fail("client_gone", "stopped")

    def hit(self, path: Path, entry: Entry) -> float:
        """A kept answer is given; returns how many milliseconds that saved."""
        self.path = path
        self._saved_ms = entry.took_ms - self.elapsed_ms()
        self._usage, self._saved_usage = Usage(), usage_of(entry.usage)
        return max(0.0, self._saved_ms)

    def answered(self, recorded: Recorded) -> None:
        """What was read of Anthropic's answer."""
        self._usage = usage_of(recorded.usage) if recorded.usage else None
        self._complete = recorded.complete
        if recorded.error:
            self.fail("upstream_error")
        elif recorded.message is not None and not recorded.complete:
            self.fail("broke_off")

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
            sent=self.sent,
            reason=self.reason,
        )
