"""A synthetic workspace of many files, the same every time."""

import random
from pathlib import Path

from tests.eval.cases import git

_NOUNS = ("invoice", "order", "price", "cache", "token", "session", "report", "parcel", "ticket", "ledger")
_VERBS = ("load", "save", "parse", "merge", "split", "render", "retry", "check", "build", "format")


def build_large_workspace(folder: Path, files: int = 10_000) -> Path:
    """Write ``files`` Python modules of a dozen functions in folders of 25, committed, with one uncommitted edit."""
    choose = random.Random(7)
    for number in range(files):
        path = folder / f"area{number // 500}" / f"pkg{number // 25}" / f"module_{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(module(number, choose), "utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "large"\n\n[tool.pytest.ini_options]\n', "utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "start")
    edited = folder / "area0/pkg0/module_3.py"
    edited.write_text(edited.read_text("utf-8").replace("x = a + b", "x = a - b", 1), "utf-8")
    return folder


def module(number: int, choose: random.Random) -> str:
    """Twelve small functions; the first one's name tells the module's number."""
    parts = ['"""One of many."""\n\n']
    for index in range(12):
        name = f"{choose.choice(_VERBS)}_{choose.choice(_NOUNS)}_{index}"
        parts.append(
            f"def {name}(a, b):\n    x = a + b\n    if x > {index}:\n        return x\n"
            f"    return helper_{number}(x)\n\n\n"
        )
    parts.append(f"def helper_{number}(x):\n    return x * {number}\n")
    return "".join(parts)
