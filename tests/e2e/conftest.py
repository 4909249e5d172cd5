"""The command as its own process, with a home of its own for every test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from tests.small_model import SMALL_MODEL

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "example"
COMMAND = (sys.executable, "-m", "optafly")
BOUND_S = 120
# What a developer's own machine may have set, and what would change what is printed.
_PERSONAL = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "TTY_COMPATIBLE",
    "EDITOR",
    "VISUAL",
    "COLUMNS",
    "LINES",
    "PYTHONIOENCODING",
)
Environment = dict[str, str]


class Run(Protocol):
    """Runs ``optafly`` with these arguments and without a terminal."""

    def __call__(
        self, *arguments: str | bytes, stdin: bytes = b"", prefix: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[bytes]: ...


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPTAFLY_", "ANTHROPIC_", "GIT_")) and name not in _PERSONAL
    }
    return (
        kept
        | SMALL_MODEL
        | {"OPTAFLY_HOME": str(tmp_path / "home"), "PYTHONWARNINGS": "error", "TERM": "xterm-256color"}
    )


@pytest.fixture
def optafly(environment: Environment, tmp_path: Path) -> Run:
    def run(
        *arguments: str | bytes, stdin: bytes = b"", prefix: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*prefix, *COMMAND, *arguments],
            cwd=tmp_path,
            env=environment,
            input=stdin,
            capture_output=True,
            timeout=BOUND_S,
            check=False,
            start_new_session=True,  # without a controlling terminal, as when an editor starts it
        )

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the example workspace, outside any repository."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "shop"))


@pytest.fixture
def tied(tmp_path: Path) -> Path:
    """A workspace with two functions of one name."""
    folder = tmp_path / "tied"
    for name, what in (("blog", "title"), ("market", "name")):
        (folder / name).mkdir(parents=True)
        (folder / name / "text.py").write_text(f"def slugify({what}):\n    return {what}.lower()\n", "utf-8")
    return folder
