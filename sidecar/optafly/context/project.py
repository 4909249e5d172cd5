"""Facts about the project that really exist: languages, manifests and the commands they define."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Final

import msgspec

from optafly.context.document import Document
from optafly.context.languages import language_of
from optafly.context.workspace import Unreadable, Workspace

MAX_MANIFESTS = 40
_TEST_FILE = re.compile(r"(?:test_.*|.*_test)\.py")


class Command(msgspec.Struct, frozen=True):
    """A command the project defines, for a ``purpose``: ``test``, ``typecheck`` or ``lint``.

    ``source`` is ``path:line``; ``folder`` is where it holds; without ``languages`` it holds for all of them.
    """

    purpose: str
    text: str
    source: str
    folder: str
    languages: tuple[str, ...]


class Project(msgspec.Struct, frozen=True):
    """Languages by number of files, most first, and the commands found, nearest manifest first."""

    languages: tuple[str, ...]
    manifests: tuple[str, ...]
    commands: tuple[Command, ...]

    def command(self, purpose: str, path: str | None) -> Command | None:
        """The command of that purpose that fits a file best: its language, then the nearest folder above it."""
        language = language_of(path) if path else None
        if path is not None and language is None:
            # Tests of code say nothing about prose and data.
            return None
        fitting = [
            item
            for item in self.commands
            if item.purpose == purpose
            and (not item.folder or path is None or path.startswith(item.folder + "/"))
            and (not item.languages or language is None or language.name in item.languages)
        ]
        # A command of the language itself says more than a catch-all such as `make test`.
        return max(fitting, key=lambda item: (len(item.folder), bool(item.languages)), default=None)


_JS = ("javascript", "typescript", "tsx")
_C = ("c", "cpp")


def project_facts(workspace: Workspace) -> Project:
    """Read the manifests among the workspace's files; unreadable ones are passed over."""
    listing = workspace.listing
    counted = Counter(listing.sources.values())
    languages = tuple(name for name, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0])))
    found = (path for base in _READERS for path in listing.by_base.get(base, ()))
    manifests = sorted(found, key=lambda path: (path.count("/"), path))[:MAX_MANIFESTS]
    commands: list[Command] = []
    for path in manifests:
        try:
            document = workspace.read(path)
        except Unreadable:
            continue
        commands.extend(_READERS[_base(path)](document, listing.names))
    if not any("python" in item.languages and item.purpose == "test" and not item.folder for item in commands):
        commands.extend(_python_tests(workspace))
    return Project(languages, tuple(manifests), tuple(commands))


def _base(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _folder(path: str) -> str:
    return path.rsplit("/", 1)[0] if "/" in path else ""


def _find(document: Document, pattern: str, begin: int = 1) -> int | None:
    """The first line that the pattern is found in, from line ``begin`` on."""
    wanted = re.compile(pattern)
    rows = enumerate(document.lines[begin - 1 :], start=begin)
    return next((number for number, line in rows if wanted.search(line)), None)


def _command(document: Document, line: int, purpose: str, text: str, languages: Sequence[str] = ()) -> Command:
    return Command(purpose, text, f"{document.path}:{line}", _folder(document.path), tuple(languages))


def _package_json(document: Document, files: frozenset[str]) -> Iterable[Command]:
    try:
        manifest = msgspec.json.decode(document.text.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        return
    scripts = manifest.get("scripts") if isinstance(manifest, dict) else None
    if not isinstance(scripts, dict):
        return
    runner = _runner(manifest, document, files)
    begin = _find(document, r'"scripts"\s*:') or 1
    for purpose, names in _SCRIPTS:
        name = next((name for name in names if _is_script(scripts.get(name))), None)
        if name is not None:
            line = _find(document, rf'"{re.escape(name)}"\s*:', begin) or begin
            yield _command(document, line, purpose, f"{runner} {_RUN.get((runner, name), f'run {name}')}", _JS)


def _is_script(body: object) -> bool:
    # What `npm init` writes is not a test.
    return isinstance(body, str) and bool(body.strip()) and "no test specified" not in body


def _runner(manifest: dict[str, object], document: Document, files: frozenset[str]) -> str:
    """The program that runs scripts: the one the manifest names, else the one the nearest lock file belongs to."""
    named = str(manifest.get("packageManager", "")).split("@")[0]
    if named in _LOCKS.values():
        return named
    found = (tool for above in _above(document.path) for lock, tool in _LOCKS.items() if above + lock in files)
    return next(found, "npm")


def _above(path: str) -> list[str]:
    """The folders that a file is in, nearest first, each with its slash; packages share what lies above them."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) + "/" for count in range(len(parts), 0, -1)] + [""]


_LOCKS: Final[Mapping[str, str]] = MappingProxyType(
    {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun", "package-lock.json": "npm",
     "npm-shrinkwrap.json": "npm"}
)  # fmt: skip
# `bun test` is something else than the script of that name.
_RUN: Final = {(runner, "test"): "test" for runner in ("npm", "pnpm", "yarn")}
_SCRIPTS = (
    ("test", ("test", "test:unit", "unit")),
    ("typecheck", ("typecheck", "type-check", "tsc", "check-types")),
    ("lint", ("lint",)),
)


def _pyproject(document: Document, _: frozenset[str]) -> Iterable[Command]:
    if line := _find(document, r"^\s*\[tool\.pytest|^[^#]*[\"']pytest\b|^\s*pytest\s*="):
        yield _command(document, line, "test", "pytest", ("python",))
    if line := _find(document, r"^\s*\[tool\.mypy"):
        yield _command(document, line, "typecheck", "mypy", ("python",))
    if line := _find(document, r"^\s*\[tool\.ruff"):
        yield _command(document, line, "lint", "ruff check", ("python",))


def _pytest_file(document: Document, _: frozenset[str]) -> Iterable[Command]:
    folder = _folder(document.path)
    # A conftest.py below tests/ speaks for the folder that holds tests/.
    if _base(folder) in {"tests", "test"}:
        folder = _folder(folder)
    yield Command("test", "pytest", f"{document.path}:1", folder, ("python",))


def _ini(document: Document, _: frozenset[str]) -> Iterable[Command]:
    if line := _find(document, r"^\s*\[(?:tool:)?pytest\]"):
        yield _command(document, line, "test", "pytest", ("python",))


def _requirements(document: Document, _: frozenset[str]) -> Iterable[Command]:
    if line := _find(document, r"^\s*pytest(?![\w-])"):
        yield _command(document, line, "test", "pytest", ("python",))


def _makefile(document: Document, _: frozenset[str]) -> Iterable[Command]:
    for purpose, target in (("test", "test"), ("test", "check"), ("lint", "lint"), ("typecheck", "typecheck")):
        if line := _find(document, rf"^{target}\s*:(?!=)"):
            yield _command(document, line, purpose, f"make {target}")


def _justfile(document: Document, _: frozenset[str]) -> Iterable[Command]:
    if line := _find(document, r"^@?test(?:\s[^:]*)?:(?!=)"):
        yield _command(document, line, "test", "just test")


def _cargo(document: Document, _: frozenset[str]) -> Iterable[Command]:
    yield _command(document, 1, "test", "cargo test", ("rust",))


def _go(document: Document, files: frozenset[str]) -> Iterable[Command]:
    folder = _folder(document.path)
    if any(path.endswith("_test.go") and (not folder or path.startswith(folder + "/")) for path in files):
        yield _command(document, 1, "test", "go test ./...", ("go",))


def _cmake(document: Document, _: frozenset[str]) -> Iterable[Command]:
    if line := _find(document, r"^\s*(?:enable_testing|add_test)\s*\("):
        yield _command(document, line, "test", "ctest", _C)


def _maven(document: Document, files: frozenset[str]) -> Iterable[Command]:
    yield _command(document, 1, "test", f"{_wrapper(document, 'mvnw', files) or 'mvn'} test", ("java",))


def _gradle(document: Document, files: frozenset[str]) -> Iterable[Command]:
    yield _command(document, 1, "test", f"{_wrapper(document, 'gradlew', files) or 'gradle'} test", ("java",))


def _wrapper(document: Document, name: str, files: frozenset[str]) -> str:
    """The script that brings the build tool along, where the project or one around it has it."""
    return f"./{name}" if any(above + name in files for above in _above(document.path)) else ""


def _python_tests(workspace: Workspace) -> Iterable[Command]:
    tests = (path for path in workspace.files() if path.endswith(".py") and _TEST_FILE.fullmatch(_base(path)))
    for path in islice(tests, 5):
        try:
            document = workspace.read(path)
        except Unreadable:
            continue
        if line := _find(document, r"^\s*(?:import|from) unittest\b"):
            yield Command("test", "python -m unittest", f"{path}:{line}", "", ("python",))
            return
        if line := _find(document, r"^\s*(?:import pytest\b|from pytest\b|def test_)"):
            yield Command("test", "pytest", f"{path}:{line}", "", ("python",))
            return


_READERS: Final[Mapping[str, Callable[[Document, frozenset[str]], Iterable[Command]]]] = MappingProxyType({
    "package.json": _package_json,
    "pyproject.toml": _pyproject,
    "pytest.ini": _pytest_file,
    ".pytest.ini": _pytest_file,
    "conftest.py": _pytest_file,
    "tox.ini": _ini,
    "setup.cfg": _ini,
    "requirements.txt": _requirements,
    "requirements-dev.txt": _requirements,
    "requirements-test.txt": _requirements,
    "test-requirements.txt": _requirements,
    "dev-requirements.txt": _requirements,
    "Makefile": _makefile,
    "makefile": _makefile,
    "GNUmakefile": _makefile,
    "justfile": _justfile,
    "Justfile": _justfile,
    "Cargo.toml": _cargo,
    "go.mod": _go,
    "CMakeLists.txt": _cmake,
    "pom.xml": _maven,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
})  # fmt: skip
