"""Lower layers import no higher ones, each heavy package has one importer, and nothing heavy is loaded at start."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

import optafly

PACKAGE = Path(optafly.__file__).parent
HEAVY = frozenset(
    {"acp", "anthropic", "chromadb", "detect_secrets", "gguf", "keyring", "mistralrs", "numpy", "safetensors",
     "sentence_transformers", "sklearn", "tokenizers", "torch", "transformers", "tree_sitter"}
)  # fmt: skip
BASE = frozenset({"errors", "markdown", "protocol", "paths", "private_files", "programs", "sse"})
# What each part may import of the package besides itself, lower parts first. A name with a dot is one module of a part.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "errors": frozenset(),
    "protocol": frozenset(),
    "markdown": frozenset(),
    "paths": frozenset(),
    "log_file": frozenset({"paths"}),
    "private_files": frozenset(),
    "programs": frozenset(),
    # Reading events, for front-ends and for the proxy.
    "sse": frozenset(),
    "context": BASE,
    "approval": BASE,
    "refine": BASE | {"context"},
    # Adapters of the local model lie where the other trained weights do.
    "engines": BASE | {"refine.engine", "neural.weights"},
    # The networks that run in torch; the router and the cache are above them and know nothing of each other.
    "neural": BASE,
    "routing": BASE | {"neural", "context"},
    "cache": BASE | {"neural"},
    # Between a client of the Messages API and Anthropic; what it needs of routing and cache is handed in.
    "proxy": BASE | {"routing", "cache"},
    # From an approved text to its answer; what it needs of routing and cache is handed in.
    "sending": BASE | {"routing", "cache"},
    # Beside routing and cache, and knows nothing of them.
    "stats": BASE,
    # The server for agent panels; what it needs of the core is handed in.
    "mcp": BASE | {"stats.report"},
    # What a setting may be, those that know say.
    "settings": BASE | {"context.private", "engines.device", "engines.models", "routing.key_entries"},
    "config_file": BASE,
    "config": BASE | {"config_file", "settings", "routing.key_entries"},
    # `core.wire`, `core.discovery`, `core.launcher` and `core.client` are the front-ends' side of it.
    "core": BASE
    | {"log_file", "context", "refine", "engines", "neural", "routing", "cache", "proxy", "sending", "stats", "mcp"}
    | {"settings", "config"},
    # Taking a change out of a text is for front-ends: it needs nothing of the refinement. What is private must not
    # leave the process that has it open.
    "lsp": BASE
    | {"log_file", "approval", "settings", "config", "core.wire", "core.wire_send", "core.client", "refine.takeout"}
    | {"context.private", "sending.next_question"},
    # As `lsp`; the last line of what a program printed is shown without its secrets.
    "acp": BASE
    | {"log_file", "approval", "settings", "config", "core.wire", "core.wire_send", "core.client", "refine.takeout"}
    | {"context.private", "context.secrets", "sending.next_question", "stats.report", "stats.words"},
    "mcp_stdio": BASE
    | {"log_file", "settings", "config", "core.wire", "core.wire_agents", "core.wire_send", "core.client", "mcp"}
    | {"stats.report"},
    "cli": BASE
    | {"context", "refine", "approval", "engines", "neural", "routing", "cache", "sending", "stats"}
    | {"settings", "config", "core", "lsp", "acp", "mcp_stdio", "proxy.token"},
    "__main__": frozenset({"cli"}),
}
IMPORTERS: Mapping[str, frozenset[str]] = {
    "acp": frozenset({"acp.own_agent"}),
    "anthropic": frozenset({"sending.claude"}),
    "mistralrs": frozenset({"engines.mistral"}),
    "torch": frozenset({"neural.runtime"}),
    "sentence_transformers": frozenset({"neural.encoder"}),
    "tokenizers": frozenset({"neural.encoder"}),
    "tree_sitter": frozenset({"context.symbols"}),
    "detect_secrets": frozenset({"context.secrets"}),
    "gguf": frozenset({"engines.merge"}),
    "httpx": frozenset({"engines.hub", "proxy.upstream"}),
    "httpcore": frozenset({"core.link"}),
    "filelock": frozenset({"engines.download", "core.launcher", "core.run", "sending.unsent"}),
    "psutil": frozenset({"engines.mistral", "core.app"}),
    "starlette": frozenset(
        {"core.app", "core.dashboard_routes", "core.decide_routes", "core.replies", "core.security", "core.streams"}
        | {"core.sending_routes", "core.agent_routes"}
    ),
    "mcp": frozenset({"mcp.server", "mcp.lines", "mcp.http"}),
    "uvicorn": frozenset({"core.serving", "core.strangers"}),
    "keyring": frozenset({"routing.keys"}),
    "chromadb": frozenset({"cache.chroma_collection"}),
    "safetensors": frozenset({"neural.weights"}),
    "yaml": frozenset({"config_file"}),
    "platformdirs": frozenset({"paths"}),
    # The rules of .gitignore files, and our own list written in the same form.
    "pathspec": frozenset({"context.listing", "context.private"}),
}
# Only the command line talks to people.
OF_THE_COMMAND_LINE = frozenset({"click", "rich"})


class Import(msgspec.Struct, frozen=True):
    """One import: the module it stands in, what it names, and whether it is done when its module is loaded."""

    module: str
    name: str
    line: int
    at_load: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def named(node: ast.AST) -> Iterator[str]:
    """The modules that a node imports; also the beginning of a name that is put together at run time."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports name the whole path"
        assert node.module is not None
        if node.module == "optafly":
            yield from (f"optafly.{alias.name}" for alias in node.names)
        else:
            yield node.module
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")) and node.args:
        first = node.args[0]
        if isinstance(first, ast.JoinedStr):
            first = first.values[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def imports_of(path: Path) -> Iterator[Import]:
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(path.read_text("utf-8")), True)]
    while waiting:
        node, at_load = waiting.pop()
        for name in named(node):
            yield Import(module_name(path), name, getattr(node, "lineno", 0), at_load)
        lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        waiting += [(child, at_load and not lazy and not guarded) for child in ast.iter_child_nodes(node)]


IMPORTS = [item for path in sorted(PACKAGE.rglob("*.py")) for item in imports_of(path)]


def of_package(item: Import) -> str | None:
    """The module of this package that is imported, without the package's name."""
    if item.name == "optafly" or not item.name.startswith("optafly."):
        return None
    name = item.name.removeprefix("optafly.")
    return None if name == "__version__" else name


def test_every_part_is_judged() -> None:
    assert len(IMPORTS) > 300
    parts = {module_name(path).partition(".")[0] for path in PACKAGE.rglob("*.py")}
    assert parts - {""} == set(MAY_IMPORT)


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_is_below_it(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}
    for item in IMPORTS:
        name = of_package(item)
        if name is None or item.module.partition(".")[0] != part:
            continue
        fine = name in allowed or name.partition(".")[0] in allowed
        assert fine, f"{item.module}:{item.line} imports {item.name}"


@pytest.mark.parametrize("package", IMPORTERS)
def test_a_package_is_imported_by_its_own_module_only(package: str) -> None:
    found = {item.module for item in IMPORTS if item.name.partition(".")[0] == package}
    assert found == IMPORTERS[package]


def test_only_the_command_line_prints() -> None:
    found = {item.module for item in IMPORTS if item.name.partition(".")[0] in OF_THE_COMMAND_LINE}
    assert {module.partition(".")[0] for module in found} == {"cli"}


@pytest.mark.parametrize("package", sorted(HEAVY))
def test_heavy_packages_are_imported_when_they_are_needed(package: str) -> None:
    early = [
        f"{item.module}:{item.line}" for item in IMPORTS if item.name.partition(".")[0] == package and item.at_load
    ]
    assert early == []


def loaded(code: str) -> set[str]:
    """The heavy packages that are loaded after running some code in a fresh interpreter."""
    script = f"{code}\nimport sys\nprint()\nprint(*(set({sorted(HEAVY)!r}) & sys.modules.keys()))"
    environ = os.environ | {"PYTHONWARNINGS": "error"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environ)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.argv = ['optafly', '--version']; from optafly.__main__ import main; main()",
        "from optafly.cli.main import run; run(['refine', '--help'])",
        "from optafly.refine.refiner import Refiner, RefinerSettings\n"
        "from optafly.context.secrets import SecretScanner\n"
        "Refiner(RefinerSettings(), None, SecretScanner())",
        "import optafly.engines.mistral",
    ],
    ids=["the version", "the help of refine", "a refiner", "the engine"],
)
def test_starting_loads_nothing_heavy(code: str) -> None:
    assert loaded(code) == set()
