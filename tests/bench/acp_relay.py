"""The part of ``make bench`` about ACP: what OptaFly adds between a client and its agent, and its memory."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psutil

from tests.bench.rows import Row, row
from tests.e2e.acp.panel import environment
from tests.e2e.lsp.conftest import end_core, write_project
from tests.eval.run import markdown

ROUNDS: Final = 300
PROMPTS: Final = 25
_WARM: Final = 20
_MEMORY_MB: Final = 80.0
_AGENT: Final = (sys.executable, "-m", "tests.bench.acp_agent")
_INTRO: Final = (
    "An agent that answers at once, asked by the same client directly and through `optafly acp`, in turn; what a "
    "message takes longer is half of what a round takes longer. Prompts are refined without the model and approved at "
    "once in a form; the time counts from the approval on. A prompt is cancelled while its form is open; the time "
    "counts until the agent has read it."
)

Say = Callable[[str], None]


class Line:
    """A client that waits for every answer."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self._count = 0

    def send(self, **message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is wanted."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message: dict[str, Any] = json.loads(line)
            if wanted(message):
                return message
        raise RuntimeError("the process has ended")

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        number = self._count
        self.send(id=number, method=method, params=params)
        return self.until(lambda message: message.get("id") == number and "method" not in message)

    def begin(self, folder: Path) -> str:
        capabilities: dict[str, Any] = {"elicitation": {"form": {}}}
        self.ask("initialize", {"protocolVersion": 1, "clientCapabilities": capabilities})
        return str(self.ask("session/new", {"cwd": str(folder), "mcpServers": []})["result"]["sessionId"])

    def round_ms(self, text: str) -> float:
        """A request that the agent answers with what it was asked."""
        began = time.perf_counter()
        self.ask("_echo", {"text": text})
        return (time.perf_counter() - began) * 1000

    def update_ms(self) -> float:
        """A notification for a piece of an answer."""
        began = time.perf_counter()
        self.send(method="_update", params={})
        self.until(_is_chunk)
        return (time.perf_counter() - began) * 1000

    def approved_ms(self, session: str, number: int) -> float:
        """From an approval to the first piece of the answer."""
        form = self._prompt(session, number)
        fields = form["params"]["requestedSchema"]["properties"]
        content = {name: field["default"] for name, field in fields.items() if "default" in field}
        began = time.perf_counter()
        self.send(id=form["id"], result={"action": "accept", "content": content})
        self.until(lambda message: _is_chunk(message) and "word word" in json.dumps(message))
        took = (time.perf_counter() - began) * 1000
        self.until(lambda message: message.get("id") == f"prompt-{number}")
        return took

    def cancelled_ms(self, session: str, number: int) -> float:
        """From cancelling, while the form is open, to the agent."""
        self._prompt(session, number)
        began = time.monotonic()
        self.send(method="session/cancel", params={"sessionId": session})
        heard = self.until(lambda message: message.get("method") == "_cancelled")
        return float((heard["params"]["at"] - began) * 1000)

    def memory_mb(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 1e6

    def _prompt(self, session: str, number: int) -> dict[str, Any]:
        blocks = [{"type": "text", "text": f"/refine fix this bug in split_evenly, ticket {number}"}]
        self.send(id=f"prompt-{number}", method="session/prompt", params={"sessionId": session, "prompt": blocks})
        return self.until(lambda message: message.get("method") == "elicitation/create")


def acp_section(say: Say) -> list[str]:
    """The lines of the section; less than a minute."""
    with tempfile.TemporaryDirectory(prefix="optafly-bench-") as name:
        folder = Path(name)
        project, home = write_project(folder / "project"), folder / "home"
        try:
            rows, memory = _measured(home, project, say)
        finally:
            end_core(home)
    head = ["what", "runs", "p50 ms", "p95 ms", "target ms", "met"]
    memory_head = ["memory of `optafly acp`", "MB resident", "target", "met"]
    return ["### Agent panel (ACP)", "", _INTRO, "", markdown([head, *rows]), "", markdown([memory_head, *memory])]


def _measured(home: Path, project: Path, say: Say) -> tuple[list[Row], list[Row]]:
    optafly = (sys.executable, "-m", "optafly", "acp")
    memory: dict[str, float] = {}
    with _line(home, *_AGENT) as direct, _line(home, *optafly, "--", *_AGENT) as through:
        direct.begin(project)
        session = through.begin(project)
        say("acp: what a message takes longer")
        rows = [
            _added("a message, added", direct, through, lambda line: line.round_ms("short"), 2.0),
            _added("a message of 100 kB, added", direct, through, lambda line: line.round_ms("x" * 100_000), None),
            _added("a piece of an answer, there and back, added", direct, through, Line.update_ms, None),
        ]
        memory["in front of an agent, messages only"] = through.memory_mb()
        say("acp: prompts")
        approved = [through.approved_ms(session, number) for number in range(PROMPTS)]
        cancelled = [through.cancelled_ms(session, PROMPTS + number) for number in range(PROMPTS)]
        rows += [
            row("approved, to the first byte of the answer", approved, "< 30", 30),
            row("cancelled, to the agent", cancelled, "< 100", 100),
        ]
        memory[f"in front of an agent, after {2 * PROMPTS} prompts"] = through.memory_mb()
    with _line(home, *optafly) as alone:
        alone.begin(project)
        memory["alone, a session open"] = alone.memory_mb()
    return rows, [
        [name, f"{value:.0f}", f"< {_MEMORY_MB:.0f}", "yes" if value < _MEMORY_MB else "**no**"]
        for name, value in memory.items()
    ]


def _added(name: str, direct: Line, through: Line, measure: Callable[[Line], float], limit: float | None) -> Row:
    """Half of what a round takes longer than the same round just before it."""
    for _ in range(_WARM):
        measure(direct)
        measure(through)
    values = [_half_of_the_difference(measure, direct, through) for _ in range(ROUNDS)]
    return row(name, values, "–" if limit is None else f"< {limit:g}", limit)


def _half_of_the_difference(measure: Callable[[Line], float], direct: Line, through: Line) -> float:
    alone = measure(direct)
    return (measure(through) - alone) / 2


def _is_chunk(message: dict[str, Any]) -> bool:
    update = message.get("params", {}).get("update", {})
    return bool(update.get("sessionUpdate") == "agent_message_chunk")


@contextlib.contextmanager
def _line(home: Path, *command: str) -> Iterator[Line]:
    with subprocess.Popen(
        command, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield Line(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)
