"""Evaluation cases: small workspaces with planted facts, made real in a folder with a git repository."""

import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import yaml

from optafly.context.document import parse_selection
from optafly.protocol import Diagnostic, RefineRequest, Selection

CASES = Path(__file__).parent / "cases"


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a fair reader requires of the refined prompt."""

    outcome: str
    target: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    forbidden_outside_context: tuple[str, ...] = ()
    question: bool = False
    candidates: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case; ``select`` is text that stands once in ``file``, an alternative to ``selection``."""

    id: str
    language: str
    kind: str
    draft: str
    files: dict[str, str]
    expect: Expectation
    why: str
    edits: dict[str, str] = {}
    file: str | None = None
    selection: str | None = None
    select: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    def request(self, workspace: Path) -> RefineRequest:
        """The request a front-end would send."""
        return RefineRequest(self.draft, str(workspace), self.file, self._selected(), self.diagnostics)

    def _selected(self) -> Selection | None:
        if self.selection is not None:
            return parse_selection(self.selection)
        if self.select is None:
            return None
        text = (self.files | self.edits)[self.file or ""]
        start = text.index(self.select)
        end = start + len(self.select)
        return Selection(*_place(text, start), *_place(text, end))

    def corpus(self) -> str:
        """Everything the refiner could know: the draft, every file with its name, every diagnostic."""
        parts = [self.draft]
        for path, text in (self.files | self.edits).items():
            parts += [path, text]
        parts += self.files.values()
        parts += [f"{item.source} {item.code} {item.message}" for item in self.diagnostics]
        return "\n".join(parts)


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def load_cases() -> list[Case]:
    """Every case, by name."""
    return [read_case(path) for path in sorted(CASES.glob("*.yaml"))]


def read_case(path: Path) -> Case:
    """One case; raises `msgspec.ValidationError` when it has another form."""
    content: Any = yaml.safe_load(path.read_text("utf-8"))
    return msgspec.convert(content, Case)


def build_workspace(case: Case, folder: Path) -> Path:
    """Write the case's files, commit them, and write its edits on top."""
    _write(folder, case.files)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "start")
    _write(folder, case.edits)
    return folder


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def git(folder: Path, *args: str) -> None:
    """Run git in a folder with a fixed identity and no configuration of the machine."""
    environ = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ("-c", "user.name=Case", "-c", "user.email=case@example.invalid", "-c", "init.defaultBranch=main",
                "-c", "core.autocrlf=false", "-c", "commit.gpgsign=false")  # fmt: skip
    subprocess.run(["git", *identity, *args], cwd=folder, env=environ, check=True, capture_output=True)
