"""``make bench``: speed and memory, as tables with p50 and p95; with --write, docs/benchmarks.md."""

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import psutil

from optafly.cli.wiring import read_config
from optafly.core.compose import build_refiner
from optafly.engines.mistral import MistralEngine
from optafly.engines.ready import ready_model
from optafly.engines.registry import DEFAULT_MODEL
from optafly.paths import resolve_paths
from optafly.protocol import Diagnostic, Position, Range, RefinedPrompt, RefineRequest, Selection
from optafly.refine.refiner import Refiner
from tests.bench.document import write_part
from tests.bench.editor import editor_rows, memory_table
from tests.bench.machine import machine
from tests.bench.proxy import proxy_section
from tests.bench.rows import Row, row
from tests.bench.workspace import build_large_workspace
from tests.eval.run import markdown

ROOT = Path(__file__).resolve().parents[2]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def request(workspace: Path, number: int, prompt: str = "fix this") -> RefineRequest:
    """A request with a selection and a diagnostic in one of the many files."""
    path = f"area{number // 500}/pkg{number // 25}/module_{number}.py"
    diagnostic = Diagnostic(
        path,
        Range(Position(6, 11), Position(6, 17)),
        f"Undefined name `helper_{number}` in value {number}",
        1,
        "F821",
        "ruff",
    )
    return RefineRequest(prompt, str(workspace), path, Selection(3, 1, 7, 10), (diagnostic,))


def without_model(workspace: Path, refiner: Callable[[], Refiner]) -> list[Row]:
    """The whole refinement without the model."""
    first_calls = []
    for number in range(7):
        fresh = refiner()
        first_calls.append(timed(lambda r=fresh, n=number: r.refine(request(workspace, 100 + n))))  # type: ignore[misc]
    warm = refiner()
    warm.refine(request(workspace, 50))
    later = [timed(lambda n=n: warm.refine(request(workspace, 1000 + 37 * n))) for n in range(60)]  # type: ignore[misc]
    named = [
        timed(lambda n=n: warm.refine(RefineRequest(f"helper_{n} returns the wrong value, fix it", str(workspace))))  # type: ignore[misc]
        for n in range(2000, 2020)
    ]
    words = [
        timed(lambda w=w: warm.refine(RefineRequest(f"the {w} code is broken", str(workspace))))  # type: ignore[misc]
        for w in ("retry", "ledger", "parcel", "merge ticket", "split order", "render report")
    ]
    return [
        row("no model, first call of a process", first_processes(workspace), "< 150", 150),
        row("no model, first call of a refiner", first_calls, "–", None),
        row("no model, selection and diagnostic", later, "< 30", 30),
        row("no model, a name to look up in every file", named, "–", None),
        row("no model, plain words to look up in every file", words, "–", None),
    ]


_FIRST = """
import sys, time
from pathlib import Path
from tests.bench.run import request, build_refiner, read_config, resolve_paths
refiner = build_refiner(read_config(resolve_paths()), None)
began = time.perf_counter()
refiner.refine(request(Path(sys.argv[1]), 77))
print((time.perf_counter() - began) * 1000)
"""


def first_processes(workspace: Path) -> list[float]:
    """The very first refinement of a process, tree-sitter and the secret scanner not yet imported."""
    return [
        float(
            subprocess.run(
                [sys.executable, "-c", _FIRST, str(workspace)], cwd=ROOT, check=True, capture_output=True
            ).stdout
        )
        for _ in range(9)
    ]


def with_model(workspace: Path, refiner: Refiner) -> tuple[list[Row], list[RefinedPrompt]]:
    """The whole refinement with the model, warm, in contexts it has not seen; then the same requests again."""
    prompts = (
        "fix this",
        "make this faster",
        "whats wrong here",
        "explain this pls",
        "this returns garbage for 0, fix it",
    )
    requests = [request(workspace, 3000 + 41 * n, prompts[n % len(prompts)]) for n in range(40)]
    results: list[RefinedPrompt] = []
    fresh, again = [], []
    for asked in requests:
        fresh.append(timed(lambda r=asked: results.append(refiner.refine(r))))  # type: ignore[misc]
        again.append(timed(lambda r=asked: refiner.refine(r)))  # type: ignore[misc]
    alone = [item.timings_ms.model for item in results]
    return [
        row("model, warm, context not seen before", fresh, "< 900", 900),
        row("of that, the model alone", alone, "–", None),
        row("the same request again (kept result)", again, "< 5", 5),
    ], results


def megabytes() -> float:
    """Resident memory of this process."""
    return psutil.Process().memory_info().rss / 1e6


def version_times() -> list[float]:
    """How long ``optafly --version`` takes, from start to end of the process."""
    command = [str(Path(sys.executable).parent / "optafly"), "--version"]
    return [timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(15)]


def one_shot(workspace: Path) -> list[float]:
    """The whole command with the model, from nothing: import, load, read the system prompt, refine."""
    program = str(Path(sys.executable).parent / "optafly")
    command = [program, "refine", "fix this", "--json", "--workspace", str(workspace),
               "--file", "area0/pkg1/module_30.py", "--selection", "3:1-7:10"]  # fmt: skip
    return [timed(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(5)]


def memory_rows(refiner_memory: dict[str, float]) -> list[Row]:
    """Memory figures as rows."""
    limits = {"with the default model, after 40 requests": 700.0, "after idle unload": 300.0}
    return [
        [name, f"{value:.0f}", f"< {limits[name]:.0f}" if name in limits else "–",
         ("yes" if value < limits[name] else "**no**") if name in limits else "–"]
        for name, value in refiner_memory.items()
    ]  # fmt: skip


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _acp_section() -> list[str]:
    # The SDK takes 20 MB, and this process measures what it takes itself.
    from tests.bench.acp_relay import acp_section

    return acp_section(_say)


_SECTIONS: Mapping[str, Callable[[Path], list[str]]] = MappingProxyType(
    {"proxy": lambda cache_dir: proxy_section(cache_dir, _say), "acp": lambda cache_dir: _acp_section()}
)


def main(argv: Sequence[str]) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Measure speed and memory of the refinement.")
    parser.add_argument("--no-model", action="store_true", help="only what needs no model")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--only", choices=tuple(_SECTIONS), help="this section alone, printed")
    parser.add_argument("--files", type=int, default=10_000, help="files in the workspace")
    options = parser.parse_args(argv)
    if options.write and options.only:
        parser.error("only a whole run is written")
    paths = resolve_paths()
    if options.only:
        print("\n".join([f"{machine()}.", "", *_SECTIONS[options.only](paths.cache_dir)]))
        return 0
    config = read_config(paths)
    memory = {"before anything is loaded": megabytes()}
    head = ["what", "runs", "p50 ms", "p95 ms", "target ms", "met"]
    with tempfile.TemporaryDirectory(prefix="optafly-bench-") as folder:
        workspace = build_large_workspace(Path(folder), options.files)
        rows = [row("`optafly --version`, whole process", version_times(), "< 400", 400)]
        rows += without_model(workspace, lambda: build_refiner(config, None))
        memory["without a model, 10,000 files seen"] = megabytes()
        report = [f"{machine()}. Workspace: {options.files:,} files.", ""]
        if not options.no_model:
            engine = MistralEngine(
                lambda: ready_model(DEFAULT_MODEL, paths), DEFAULT_MODEL, idle_unload_s=3.0, decides=True
            )
            try:
                refiner = build_refiner(config, engine)
                refiner.warm()
                refiner.refine(request(workspace, 10))
                measured, results = with_model(workspace, refiner)
                rows += measured
                memory["with the default model, after 40 requests"] = megabytes()
                gc.collect()
                engine.unloaded.wait(timeout=60)
                memory["after idle unload"] = megabytes()
                prompt = statistics.median(item.engine.prompt_tokens for item in results)
                written = statistics.median(item.engine.completion_tokens for item in results)
                device = results[0].engine.device
                counts = f"prompt {prompt:.0f} tokens (most of them kept from before), {written:.0f} written, medians"
                report += [f"Model {DEFAULT_MODEL} on {device}: {counts}.", ""]
            finally:
                engine.close()
            rows.append(row("`optafly refine`, whole command with a cold model", one_shot(workspace), "–", None))
        in_editor, editor_memory = editor_rows(workspace, Path(folder) / "home", model=not options.no_model)
        report += [
            markdown([head, *rows]),
            "",
            "### In the editor",
            "",
            markdown([head, *in_editor]),
            "",
            "### Memory",
            "",
        ]
        memories = [*memory_rows(memory), *memory_table(editor_memory)]
        report.append(markdown([["memory", "MB resident", "target", "met"], *memories]))
    report += ["", *_acp_section(), "", *proxy_section(paths.cache_dir, _say)]
    print("\n".join(report))
    if options.write:
        write_part("make bench", "\n".join(["## Refining", "", "Made by `make bench`.", "", *report]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
