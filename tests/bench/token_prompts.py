"""Requests about real code, for prompts that OptaFly assembles: packages, a small service, the example."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from optafly.context.document import Document
from optafly.context.symbols import Parsed, Symbol
from optafly.protocol import Diagnostic, Hunk, Position, Range, RefineRequest, Selection
from tests.eval.cases import git

ROOT: Final = Path(__file__).resolve().parents[2]
# Dependencies of OptaFly with permissive licences, as workspaces of real code.
PACKAGES: Final = ("click", "rich", "starlette", "httpx", "pygls", "uvicorn")
_LEAST_LINES: Final = 120
_SEED: Final = 11
_OF_EACH: Final = 6

_ASKED: Final = (
    "fix this", "explain this", "make this faster", "this returns the wrong value, fix it", "why does this fail?",
    "refactor this", "what is wrong here", "handle None here",
)  # fmt: skip
_OF_NAMES: Final = (
    "{} is too slow, fix it", "refactor {}", "write tests for {}", "{} returns the wrong value, fix it", "explain {}",
)  # fmt: skip
_OF_ERRORS: Final = ("why does this happen?", "fix this", "this came up in production, what is wrong?")
_MESSAGES: Final = (
    ("mypy", "arg-type", 'Argument 1 has incompatible type "str"; expected "int"'),
    ("ruff", "F841", "Local variable `result` is assigned to but never used"),
    ("pyright", "reportOptionalMemberAccess", '"get" is not a known attribute of "None"'),
)
_SERVICE: Final[Mapping[str, str]] = {
    "service/__init__.py": "",
    "service/orders.py": '''"""Orders and what they cost."""

PRICES = {"tea": 250, "cake": 475}


def price_of(order):
    """The price of an order in cents, each item by its name."""
    total = 0
    for item in order["items"]:
        total += PRICES[item["name"]] * int(item["count"])
    return total


def shares(order):
    """What each guest pays."""
    total = price_of(order)
    return [total // order["guests"]] * order["guests"]


def parts(item):
    """All items that an item is made of."""
    return [item, *(part for inner in item["parts"] for part in parts(inner))]
''',
    "service/web.py": '''"""The service."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from service.orders import shares


async def bill(request):
    """The bill of an order that is sent as JSON."""
    order = await request.json()
    return JSONResponse({"shares": shares(order)})


app = Starlette(routes=[Route("/bill", bill, methods=["POST"])])
''',
    "service/client.py": '''"""Asks for bills."""

import asyncio
import traceback

import httpx

from service.web import app


async def ask(order):
    """The bill of one order."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.post("/bill", json=order)
        return answer.json()


def bill(order, attempts=1):
    """The bill, asked for again where that fails."""
    for _ in range(attempts):
        try:
            return asyncio.run(ask(order))
        except (ArithmeticError, LookupError, ValueError):
            traceback.print_exc()
    return None
''',
    "service/command.py": '''"""The command line."""

import click

from service.client import ask
from service.orders import price_of


@click.group()
def main():
    """Bills."""


@main.command()
@click.argument("name")
@click.option("--count", default="1")
def price(name, count):
    """What an item costs."""
    click.echo(price_of({"items": [{"name": name, "count": count}]}))
''',
}
# What is run in the service, and fails.
_RUNS: Final = (
    'from service.client import bill; bill({"items": [{"name": "tea", "count": "2"}], "guests": 0})',
    'from service.client import bill; bill({"items": [{"name": "coffee", "count": "2"}], "guests": 2})',
    'from service.client import bill; bill({"items": [{"name": "tea", "count": "two"}], "guests": 2}, attempts=3)',
    'from service.client import bill; bill({"items": [], "guests": 0}, attempts=8)',
    'from service.command import main; main(["price", "coffee"])',
    'from service.command import main; main(["price", "tea", "--count", "some"])',
    'from service.orders import parts; item = {"parts": []}; item["parts"].append(item); parts(item)',
    'from service.orders import price_of; price_of({"items": [{"name": "tea"}]})',
)
_EXAMPLE_RUNS: Final = (("-m", "unittest"), ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"))


# Requests that mean part of what is quoted for them; the others mean all of it.
MEANS_PART: Final = frozenset({"a problem", "a few lines selected", "a line named", "recent edits", "a pasted error"})


class Asked(NamedTuple):
    """A request with the kind it counts for."""

    kind: str
    request: RefineRequest


class _Source(NamedTuple):
    """A file of a workspace."""

    path: str
    lines: list[str]
    symbols: tuple[Symbol, ...]

    def a_line(self, choose: random.Random) -> int:
        """The number of a line that holds something."""
        return choose.choice([number for number, line in enumerate(self.lines, 1) if line.strip()])


def build_workspaces(folder: Path) -> dict[str, Path]:
    """Copies of installed packages, of the example, and a small service that uses them; each a repository."""
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyc")
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        shutil.copytree(Path(spec.origin).parent, folder / package / package, ignore=ignored)
    shutil.copytree(ROOT / "docs" / "example", folder / "example", ignore=ignored)
    for path, text in _SERVICE.items():
        file = folder / "service" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    places = {place.name: place for place in sorted(folder.iterdir())}
    for place in places.values():
        git(place, "init", "--quiet")
        git(place, "add", "--all")
        git(place, "commit", "--quiet", "--message", "start")
    return places


def requests(workspaces: Mapping[str, Path]) -> Iterator[Asked]:
    """The same requests every time: some of each kind in every package, and errors that running the service gives."""
    for package in PACKAGES:
        yield from _in_package(workspaces[package], random.Random(f"{_SEED} {package}"))
    yield from _pasted(workspaces)


def _in_package(workspace: Path, choose: random.Random) -> Iterator[Asked]:
    sources = [source for source in _sources(workspace) if len(source.lines) >= _LEAST_LINES]
    for _ in range(_OF_EACH):
        source = choose.choice(sources)
        yield from _in_editor(workspace, source, choose)
        yield from _named(workspace, source, choose)
        yield _after_edits(workspace, source, choose)


def _sources(workspace: Path) -> Iterator[_Source]:
    for file in sorted(workspace.rglob("*.py")):
        text = file.read_text("utf-8")
        path = file.relative_to(workspace).as_posix()
        yield _Source(path, text.split("\n")[:-1], Parsed(Document(path, text)).outline.symbols)


def _in_editor(workspace: Path, source: _Source, choose: random.Random) -> Iterator[Asked]:
    """A problem, a cursor, a few lines selected, many lines selected."""
    last = len(source.lines)

    def asked(kind: str, first: int, more: int, found: tuple[Diagnostic, ...] = ()) -> Asked:
        selection = Selection(first, 1, min(first + more, last), 1)
        return Asked(kind, RefineRequest(choose.choice(_ASKED), str(workspace), source.path, selection, found))

    line = source.a_line(choose)
    yield asked("a problem", line, 0, (_problem(source.path, line, choose),))
    yield asked("a cursor", source.a_line(choose), 0)
    yield asked("a few lines selected", source.a_line(choose), choose.randint(2, 15))
    yield asked("many lines selected", source.a_line(choose), choose.randint(30, 120))


def _named(workspace: Path, source: _Source, choose: random.Random) -> Iterator[Asked]:
    """A function, a class, a file, a line of a file, each named and nothing selected."""
    functions = [item for item in source.symbols if item.kind in {"function", "method"}]
    classes = [item for item in source.symbols if item.kind == "class"]
    names = [("a function named", choose.choice(functions).qualified)] if functions else []
    names += [("a class named", choose.choice(classes).name)] if classes else []
    names += [("a file named", source.path), ("a line named", f"{source.path}:{source.a_line(choose)}")]
    for kind, name in names:
        yield Asked(kind, RefineRequest(choose.choice(_OF_NAMES).format(name), str(workspace)))


def _problem(path: str, line: int, choose: random.Random) -> Diagnostic:
    tool, code, message = choose.choice(_MESSAGES)
    return Diagnostic(path, Range(Position(line - 1, 4), Position(line - 1, 9)), message, 1, code, tool)


def _after_edits(workspace: Path, source: _Source, choose: random.Random) -> Asked:
    """Two lines that the editor says were changed a moment ago."""
    hunks = tuple(_hunk(source, source.a_line(choose)) for _ in range(2))
    return Asked("recent edits", RefineRequest("my last change broke it", str(workspace), source.path, edits=hunks))


def _hunk(source: _Source, line: int) -> Hunk:
    first, last = max(1, line - 3), min(len(source.lines), line + 3)
    rows = [f" {text}" for text in source.lines[first - 1 : last]]
    now = rows[line - first]
    rows[line - first : line - first + 1] = [f"-{now[1:]}  # as it was", f"+{now[1:]}"]
    size = last - first + 1
    text = "\n".join((f"@@ -{first},{size} +{first},{size} @@", *rows))
    return Hunk(source.path, first, last, (line,), text)


def _pasted(workspaces: Mapping[str, Path]) -> Iterator[Asked]:
    """Each error with different words, and two of them together as a log has them."""
    service, example = str(workspaces["service"]), str(workspaces["example"])
    errors = [_printed(workspaces["service"], ("-c", run)) for run in _RUNS]
    texts = [(service, text) for text in errors]
    texts += [(service, f"{one}\n{two}") for one, two in pairwise(errors)]
    texts += [(example, _printed(workspaces["example"], run)) for run in _EXAMPLE_RUNS]
    for number, (workspace, text) in enumerate(texts):
        for words in (_OF_ERRORS[number % 3], _OF_ERRORS[(number + 1) % 3]):
            yield Asked("a pasted error", RefineRequest(f"{words}\n\n{text}", workspace))


def _printed(folder: Path, arguments: tuple[str, ...]) -> str:
    """What Python prints when it runs something in a folder."""
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "PYTHONPATH": str(folder)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    printed = (done.stdout + done.stderr).strip()
    assert "Error" in printed, command
    return printed
