"""The language server as an editor meets it: start, listing of code actions, the refined prompt on screen, memory."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from optafly.core.client import CoreClient
from optafly.core.discovery import read_discovery
from optafly.core.launcher import ensure_core, stop_core
from optafly.paths import Paths, resolve_paths
from tests.bench.rows import Row, at, row
from tests.e2e.lsp.played import COMMAND, PlayedEditor, Text

LINES = 5_000
STARTS = 15
LISTINGS = 300
PROMPTS = 12
QUIET_S = 60.0


def editor_rows(workspace: Path, home: Path, *, model: bool) -> tuple[list[Row], dict[str, float]]:
    """Rows of milliseconds, and memory in MB."""
    rows = [row("`initialize` answered, from process start", _initialize_times(home), "< 400", 400)]
    rows += [row("core started and listening", _core_starts(home), "–", None)]
    try:
        more, memory = asyncio.run(_in_editor(workspace, home, model=model))
    finally:
        _end(home)
    return rows + more, memory


def _paths(home: Path) -> Paths:
    return resolve_paths({"OPTAFLY_HOME": str(home)})


def _environ(home: Path) -> dict[str, str]:
    return {**_clean(), "OPTAFLY_HOME": str(home)}


def _clean() -> dict[str, str]:
    import os

    return {key: value for key, value in os.environ.items() if not key.startswith("OPTAFLY_")}


def _initialize_times(home: Path) -> list[float]:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
    body = json.dumps(asked).encode()
    times = []
    for _ in range(STARTS):
        began = time.perf_counter()
        with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environ(home)) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            server.stdin.flush()
            length = int(server.stdout.readline().split(b":")[1])
            server.stdout.readline()
            server.stdout.read(length)
            times.append((time.perf_counter() - began) * 1000)
            server.stdin.close()
    return times


def _core_starts(home: Path) -> list[float]:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        found = ensure_core(_paths(home), _environ(home))
        times.append((time.perf_counter() - began) * 1000)
        stop_core(_paths(home), found)
    return times


async def _in_editor(workspace: Path, home: Path, *, model: bool) -> tuple[list[Row], dict[str, float]]:
    source = workspace / "area0" / "long_module.py"
    notes = workspace / "notes.md"
    await asyncio.to_thread(_write_documents, source, notes)
    settings: dict[str, Any] = {"editor": {"work_ahead": True, "offer_model": False}}
    if not model:
        settings["model"] = "tinyllama-q4"
    quiet = await PlayedEditor.start(home, [workspace])
    rows = await _listings(quiet, quiet.open(source, "python"), quiet.open(notes, "markdown"))
    memory = {"language server, two documents open": _megabytes(quiet)}
    await quiet.stop()
    ahead = await PlayedEditor.start(home, [workspace], options=settings)
    ahead.open(source, "python")
    text = ahead.open(notes, "markdown")
    client = CoreClient(_paths(home))
    shown = await _shown(ahead, text, client)
    name = "refined prompt shown, work begun ahead" + ("" if model else " (no model)")
    rows.append(row(name, shown, "< 50", 50))
    memory["language server, after that work"] = _megabytes(ahead)
    memory["core, with the default model" if model else "core, without a model"] = (await client.status()).memory_mb
    await client.close()
    await ahead.stop()
    return rows, memory


def _write_documents(source: Path, notes: Path) -> None:
    functions = (
        f"def step_{n}(value):\n    # Adds {n} to the value it is given.\n    return value + {n}\n\n\n"
        for n in range(LINES // 5)
    )
    source.write_text("".join(functions), "utf-8")
    notes.write_text("\n\n".join(f"step_{n * 7} is broken, fix it" for n in range(PROMPTS)) + "\n", "utf-8")


async def _listings(editor: PlayedEditor, code: Text, prose: Text) -> list[Row]:
    rows = []
    for name, held, stretch in (
        ("cursor on a comment", code, 0),
        ("selection of code", code, 40),
        ("cursor in prose", prose, 0),
    ):
        lines = [number for number, line in enumerate(held.text.splitlines()) if _fits(line, name)]
        starts = [sum(len(line) + 1 for line in held.text.splitlines()[:number]) for number in lines[-20:]]
        times = await _times(LISTINGS, lambda n, h=held, s=starts, w=stretch: _list(editor, h, s[n % len(s)], w))  # type: ignore[misc]
        rows.append(row(f"code actions listed, {LINES:,} lines, {name}", times, "< 10", 10))
        rows.append(
            [
                "the same, p99",
                str(len(times)),
                f"{at(times, 0.99):.1f}",
                "–",
                "< 50",
                "yes" if at(times, 0.99) < 50 else "**no**",
            ]
        )
    at_end = len(code.text) - 1

    async def typed(n: int) -> None:
        editor.change(code, at_end, at_end, "x")
        await _list(editor, code, at_end - 30 - n % 3, 0)

    rows.append(row(f"an edit and code actions listed, {LINES:,} lines", await _times(LISTINGS, typed), "< 10", 10))
    return rows


def _fits(line: str, name: str) -> bool:
    return line.strip().startswith("#") if "comment" in name else line.startswith(("def", "step"))


async def _list(editor: PlayedEditor, held: Text, start: int, length: int) -> None:
    await editor.actions(held, start + 6, start + 6 + length)


async def _times(count: int, work: Callable[[int], Awaitable[None]]) -> list[float]:
    times = []
    for number in range(count):
        began = time.perf_counter()
        await work(number)
        times.append((time.perf_counter() - began) * 1000)
    return times


async def _shown(editor: PlayedEditor, notes: Text, client: CoreClient) -> list[float]:
    """From choosing the action to the question, each for a prompt whose refinement began with the listing."""
    times = []
    for number in range(PROMPTS):
        where = notes.text.index(f"step_{number * 7} is") + 4
        done = await _done(client)
        (action,) = await editor.actions(notes, where)
        await _until_refined(client, done)
        began = time.perf_counter()
        await editor.choose(action)
        question = await editor.question()
        times.append((time.perf_counter() - began) * 1000)
        question.answer("Use Original")
    return times


async def _until_refined(client: CoreClient, done: int) -> None:
    deadline = time.monotonic() + QUIET_S
    while await _done(client) <= done:
        assert time.monotonic() < deadline, "nothing was refined ahead"
        await asyncio.sleep(0.02)


async def _done(client: CoreClient) -> int:
    counts = (await client.status()).counts
    return counts.refined + counts.unchanged + counts.failed + counts.ahead


def _megabytes(editor: PlayedEditor) -> float:
    server = editor.client._server
    assert isinstance(server, asyncio.subprocess.Process)
    return psutil.Process(server.pid).memory_info().rss / 1e6


def _end(home: Path) -> None:
    found = read_discovery(_paths(home))
    if found is not None:
        stop_core(_paths(home), found)


def memory_table(memory: dict[str, float]) -> list[Row]:
    """Memory as rows; the language server has a limit."""
    rows = []
    for name, value in memory.items():
        limit = 80.0 if name.startswith("language server") else None
        met = "–" if limit is None else "yes" if value < limit else "**no**"
        rows.append([name, f"{value:.0f}", f"< {limit:.0f}" if limit else "–", met])
    return rows


def main(arguments: Sequence[str]) -> int:
    """Only this part, in a workspace of its own, for work on it."""
    import tempfile

    from tests.bench.workspace import build_large_workspace

    with tempfile.TemporaryDirectory() as folder:
        workspace = build_large_workspace(Path(folder) / "workspace", 2_000)
        rows, memory = editor_rows(workspace, Path(folder) / "home", model="--no-model" not in arguments)
    for item in [*rows, *memory_table(memory)]:
        print(" | ".join(item))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
