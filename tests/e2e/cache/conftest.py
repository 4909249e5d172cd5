"""Processes that use a cache folder, ended with their test."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
BOUND_S = 200


class Child:
    """A process of `tests.e2e.cache.child`; ``line`` is the next thing it says."""

    def __init__(
        self, arguments: Sequence[str], prefix: Sequence[str], cwd: Path, environ: Mapping[str, str], umask: int
    ) -> None:
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.e2e.cache.child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **environ},
            umask=umask,
        )

    def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        text = self.process.stdout.readline()
        assert text, f"it ended with {self.process.wait(BOUND_S)}"
        said: dict[str, Any] = json.loads(text)
        return said

    def kill(self) -> list[dict[str, Any]]:
        """Kill it at once; what it had said before."""
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait(BOUND_S)
        rest = self.process.stdout.read()
        # The last line may have been cut.
        return [json.loads(line) for line in rest.split(b"\n")[:-1]]

    def end(self) -> int:
        """Let it end by itself."""
        self.process.communicate(timeout=BOUND_S)
        return self.process.returncode


Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    children: list[Child] = []

    def run(
        *arguments: object,
        prefix: Sequence[str] = (),
        cwd: Path = tmp_path,
        environ: Mapping[str, str] | None = None,
        umask: int = -1,
    ) -> Child:
        child = Child([str(argument) for argument in arguments], prefix, cwd, environ or {}, umask)
        children.append(child)
        return child

    yield run
    for child in children:
        with child.process as process:
            process.kill()
