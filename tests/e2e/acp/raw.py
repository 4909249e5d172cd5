"""A client that sees lines as they are."""

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.e2e.acp.panel import ROOT
from tests.e2e.conftest import COMMAND

BOUND_S: Final = 60.0
Message = dict[str, Any]


class RawClient:
    """A process that speaks ACP."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.errors = b""
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def send(self, *messages: Message | bytes) -> None:
        assert self.process.stdin is not None
        for message in messages:
            data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def hear(self) -> bytes:
        """The next line; empty when no more comes."""
        return self._lines.get(timeout=BOUND_S)

    def answer(self, number: object) -> Message:
        """The answer to a request; what comes before it is passed over."""
        while said := self.hear():
            message: Message = json.loads(said)
            if "method" not in message and message.get("id") == number:
                return message
        raise AssertionError(f"no answer to {number}; on standard error: {self.errors.decode()}")

    def ask(self, method: str, params: Mapping[str, Any], number: object) -> Message:
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return self.answer(number)

    def leave(self) -> int:
        """Close its standard input; its exit status."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(BOUND_S)
        for thread in self._threads:
            thread.join(BOUND_S)
        return status

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors = self.process.stderr.read()


@contextlib.contextmanager
def talking(environ: Mapping[str, str], *command: str) -> Iterator[RawClient]:
    """A client of this program; it is killed in the end."""
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield RawClient(process)
        finally:
            process.kill()


def before(agent: Sequence[str]) -> tuple[str, ...]:
    """The command of OptaFly in front of an agent."""
    return (*COMMAND, "acp", "--", *agent)
