"""Real editors with the configuration that docs/editors.md shows, and a scripted person in front of them."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import msgspec
import psutil
import pytest

from tests.e2e.lsp.conftest import NO_MODEL

HERE = Path(__file__).parent
GUIDE = HERE.parents[2] / "docs" / "editors.md"
INSTALL = "tests/e2e/editors/install.sh (or: make editors)"
WAIT_S = 60  # for one thing, in the editor
BOUND_S = 150  # for the editor as a whole
GONE_S = 10.0  # for a server after its editor

NOTES = "# Plan\n\nfix this bug in split_evenly\n\nSomething else to do later.\n"
BILL = (
    "def split_evenly(total, people):\n"
    "    # AI: make the shares add up to the total\n"
    "    share = total / people\n"
    "    return [share] * people\n"
)
# Characters of one, two and four bytes before the prompt on its line, and the line ends of another system.
WINDOWS = "# Plan 🚀\r\n\r\n- 🐛🐛 déjà vu\r\n- 🚀 é fix this bug in split_evenly\r\n\r\nLater: 😀.\r\n"


class Seen(msgspec.Struct):
    """What the person saw: values by name, files as they would be saved, and all that was printed."""

    values: dict[str, Any]
    folder: Path
    output: str

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def bytes_of(self, name: str) -> bytes:
        """What saving would have written."""
        return (self.folder / name).read_bytes()


class RealEditor:
    """Runs one editor with scenarios."""

    def __init__(self, name: str, home: Path, folder: Path, result: Path) -> None:
        self.name = name
        self.home = home
        self.folder = folder
        self.result = result

    def run(self, scenario: str, *files: str, answers: Sequence[str] = ()) -> Seen:
        """Open the files and do what the scenario says; ``answers`` are typed where Emacs asks."""
        suffix = ".lua" if self.name == "neovim" else ".el"
        configuration, script = self.result / f"configuration{suffix}", self.result / f"scenario{suffix}"
        configuration.write_text(snippet("lua" if suffix == ".lua" else "elisp"), "utf-8")
        script.write_text(dedent(scenario), "utf-8")
        command = self._neovim(configuration, files) if suffix == ".lua" else self._emacs(configuration)
        try:
            ended = subprocess.run(
                command,
                input="".join(f"{answer}\n" for answer in answers).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self._environ(script),
                timeout=BOUND_S,
                check=False,
            )
            status, output = str(ended.returncode), ended.stdout.decode("utf-8", "replace")
        except subprocess.TimeoutExpired as late:
            status, output = f"none within {BOUND_S} s", (late.stdout or b"").decode("utf-8", "replace")
        written = self.result / "seen.json"
        values = (
            json.loads(written.read_bytes())
            if written.exists()
            else {"failed": f"no report; is all that it needs installed? Run {INSTALL}"}
        )
        if status != "0" or "failed" in values:
            pytest.fail(self._report(status, output, values), pytrace=False)
        return Seen(values, self.result, output)

    def left_behind(self) -> list[psutil.Process]:
        """Processes of this home, besides the core, that are still there after a while."""
        mine = [item for item in _of_home(self.home) if "core" not in item.cmdline()]
        _, alive = psutil.wait_procs(mine, timeout=GONE_S)
        # Where nobody collects orphans, one that has ended stays in the table.
        return [item for item in alive if item.status() != psutil.STATUS_ZOMBIE]

    def _neovim(self, configuration: Path, files: Sequence[str]) -> list[str]:
        program = found("nvim")
        begin = [program, "--headless", "-u", str(configuration), "-i", "NONE", "-n"]
        return [*begin, *files, "-S", str(HERE / "person.lua")]

    def _emacs(self, configuration: Path) -> list[str]:
        program = found("emacs")
        begin = [program, "--batch", "--no-init-file", "--funcall", "package-activate-all"]
        return [*begin, "--load", str(configuration), "--load", str(HERE / "person.el")]

    def _environ(self, script: Path) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPTAFLY_", "XDG_", "NVIM"))}
        own = self.result / "user"
        own.mkdir(exist_ok=True)
        path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
        return kept | NO_MODEL | {
            "HOME": str(own), "PATH": path, "LC_ALL": "C.UTF-8", "TERM": "dumb",
            "OPTAFLY_HOME": str(self.home), "EDITOR_RESULT": str(self.result), "EDITOR_SCENARIO": str(script),
            "EDITOR_BOUND_S": str(WAIT_S),
        }  # fmt: skip

    def _report(self, status: str, output: str, values: dict[str, Any]) -> str:
        logs = [f"--- {log.name}\n{log.read_text('utf-8', 'replace')}" for log in sorted(self.home.glob("log/*"))]
        seen = "\n".join(f"{name}: {value}" for name, value in values.items())
        return "\n".join([f"{self.name} ended with {status}", seen, "--- output", output, *logs])


def snippet(language: str) -> str:
    """The configuration in the guide that the tests run."""
    pattern = rf"<!-- run by tests/e2e/editors -->\n```{language}\n(.*?)\n```\n"
    (text,) = re.findall(pattern, GUIDE.read_text("utf-8"), re.DOTALL)
    return str(text) + "\n"


def found(program: str) -> str:
    """A program that the tests need; without it they fail and say how to get it."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is not installed; run {INSTALL}", pytrace=False)
    return path


def _of_home(home: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("OPTAFLY_HOME") == str(home):
                yield process


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Where OptaFly keeps its things; the core that serves it ends with the test."""
    made = tmp_path / "home"
    yield made
    # Not only the core that can be found: an editor may have quit while its core was still starting.
    while left := list(_of_home(made)):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _, alive = psutil.wait_procs(left, timeout=GONE_S)
        assert not [item for item in alive if item.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small project under git."""
    made = tmp_path / "my project"
    (made / "shop").mkdir(parents=True)
    (made / "notes.md").write_bytes(NOTES.encode())
    (made / "windows.md").write_bytes(WINDOWS.encode())
    (made / "shop" / "bill.py").write_bytes(BILL.encode())
    subprocess.run(["git", "init", "--quiet", str(made)], check=True, timeout=30)
    return made


@pytest.fixture
def result(tmp_path: Path) -> Path:
    made = tmp_path / "result"
    made.mkdir()
    return made


@pytest.fixture
def neovim(home: Path, folder: Path, result: Path) -> RealEditor:
    found("nvim")
    return RealEditor("neovim", home, folder, result)


@pytest.fixture
def emacs(home: Path, folder: Path, result: Path) -> RealEditor:
    found("emacs")
    return RealEditor("emacs", home, folder, result)
