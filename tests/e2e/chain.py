"""A core with its networks before the stand-in, and what commands say of it."""

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from optafly.core.discovery import read_discovery
from optafly.core.wire import Discovery
from optafly.paths import resolve_paths
from tests.e2e.conftest import COMMAND
from tests.e2e.core.conftest import clean_environment, no_core_left, status_of, until
from tests.standin import Delay, Standin, answer_text, running_standin

KEY = "sk-ant-zebra-quagga-0123456789"
BOUND_S = 120
# What is given again has something to save where the first answer took its time.
_SLOW = Delay(first_byte_s=1.5)


class Chain(msgspec.Struct, frozen=True):
    """A core with its networks and the stand-in behind it; no other process knows the key."""

    environment: dict[str, str]
    core: Discovery
    standin: Standin

    @property
    def home(self) -> Path:
        return Path(self.environment["OPTAFLY_HOME"])

    @property
    def sent(self) -> int:
        """How many requests came to the stand-in."""
        return len(self.standin.requests)

    @property
    def last_answer(self) -> str:
        """What the stand-in answered last: it carries a digest of what was asked."""
        return answer_text(self.standin.requests[-1].json)

    def optafly(self, *words: str) -> str:
        """What a command prints that succeeds."""
        done = subprocess.run(
            [*COMMAND, *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=BOUND_S, check=False, start_new_session=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kept(self) -> list[dict[str, Any]]:
        """The answers that are kept, the last used first."""
        found: list[dict[str, Any]] = json.loads(self.optafly("cache", "list", "--json"))
        return found

    def until_kept(self, count: int) -> list[dict[str, Any]]:
        """The same once there are so many: answers are kept after they were given."""
        return until(lambda: found if len(found := self.kept()) == count else None, f"{count} answers are kept")

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.optafly("stats", "--json"))
        return found


class Count:
    """What has been added to the figures since they were looked at first."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._before = chain.stats()

    def until(self, **requests: int) -> dict[str, Any]:
        """The figures once just these requests were added, by how they were answered (``hit_exact``)."""
        wanted = {name.replace("_", "-"): count for name, count in requests.items()}
        before = self._before["requests"]

        def look() -> dict[str, Any] | None:
            found = self._chain.stats()
            more = {path: count - before.get(path, 0) for path, count in found["requests"].items()}
            return found if {path: count for path, count in more.items() if count} == wanted else None

        return until(look, f"counted: {wanted}")

    def more(self, now: dict[str, Any], look: Callable[[dict[str, Any]], float | None]) -> float:
        """By how much one figure has grown; what was no data before was nothing."""
        return (look(now) or 0.0) - (look(self._before) or 0.0)


@contextlib.contextmanager
def running_chain(home: Path) -> Iterator[Chain]:
    """Start both; the networks are loaded."""
    alone = clean_environment(home) | {"TERM": "xterm-256color"}
    with running_standin(keys={KEY}, delay=_SLOW) as standin, no_core_left(home):
        more = {
            "ANTHROPIC_API_KEY": KEY,
            "OPTAFLY_SENDING_BASE_URL": standin.url,
            "OPTAFLY_PROXY_PORT": "0",
            "OPTAFLY_PROXY_UPSTREAM": standin.url,
        }
        command = [*COMMAND, "core", "run"]
        with subprocess.Popen(command, env=alone | more, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as core:
            found = until(lambda: read_discovery(resolve_paths(alone)), "the core listens")
            chain = Chain(alone, found, standin)
            # The first request has them loaded, and waits for them.
            chain.optafly("ask", "What is a zebra?", "--no-refine")
            until(lambda: status_of(found).networks, "the networks are loaded")
            try:
                yield chain
            finally:
                core.kill()
