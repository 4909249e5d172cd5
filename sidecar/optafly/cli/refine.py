"""``optafly refine``."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from rich.console import Console

from optafly.approval import Proposal, is_safe
from optafly.cli.decide import decide
from optafly.cli.output import deliver, to_json
from optafly.cli.view import show
from optafly.cli.wiring import build_engine, build_refiner, read_config
from optafly.config import Config
from optafly.context.document import parse_selection
from optafly.errors import InputError
from optafly.paths import resolve_paths
from optafly.protocol import Diagnostic, RefinedPrompt, RefineRequest
from optafly.refine.engine import Engine
from optafly.refine.refiner import Progress, Refiner

QUIT = 1
_EPILOG = """\b
Examples:
  optafly refine 'Fix this bug' --file src/app.py --selection 12:1-18:5
  pytest 2>&1 | optafly refine - --json
  optafly refine 'explain parse_duration' --no-llm > prompt.txt

\b
Exit status: 0 approved (or printed), 1 nothing approved, 2 bad input.
"""


@click.command(epilog=_EPILOG)
@click.argument("prompt")
@click.option("--workspace", default=".", metavar="DIR", help="The project's folder (default: this one).")
@click.option("--file", "file", metavar="PATH", help="The active file, relative to the workspace.")
@click.option("--selection", metavar="L1:C1-L2:C2", help="The selection in it: 1-based, end column exclusive.")
@click.option("--diagnostics", metavar="FILE|-", help='LSP diagnostics as JSON, each with a "path".')
@click.option("--model", metavar="NAME|PATH", help="A model of `optafly models list`, or a GGUF file.")
@click.option("--no-llm", is_flag=True, help="Refine without the local model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and ask nothing.")
@click.option("--output", metavar="FILE", help="Write to this file instead of standard output.")
def refine(
    prompt: str,
    workspace: str,
    file: str | None,
    selection: str | None,
    diagnostics: str | None,
    model: str | None,
    no_llm: bool,
    as_json: bool,
    output: str | None,
) -> int:
    """Refine PROMPT (or - for standard input) and print the text you approve."""
    request = _request(prompt, workspace, file, selection, diagnostics)
    target = Path(output) if output is not None else None
    if target is not None and (target.is_dir() or not target.absolute().parent.is_dir()):
        raise InputError(f"--output {output} is not a file in an existing folder; give a path like prompt.md")
    paths = resolve_paths()
    config = read_config(paths, {"model": model} if model is not None else None)
    console = Console(stderr=True, highlight=False)
    for message in config.messages:
        console.print(f"warning: {message}", markup=False, style="yellow")
    engine = None if no_llm else build_engine(config, paths)
    try:
        refiner = build_refiner(config, engine)
        if as_json:
            deliver(to_json(refiner.refine(request)), target)
            return 0
        return _with_person(console, refiner, request, config, target)
    finally:
        _stop(engine)


def _stop(engine: Engine | None) -> None:
    # The process is about to end: waiting for a model that still reads a prompt would only keep the person waiting.
    if engine is not None:
        engine.close(wait=False)


def _with_person(
    console: Console, refiner: Refiner, request: RefineRequest, config: Config, target: Path | None
) -> int:
    asks = console.is_terminal and _can_ask()
    result = _refine_shown(console, refiner, request, patient=not asks)
    while True:
        show(console, result)
        if not asks or result.outcome == "unchanged":
            if result.outcome != "unchanged":
                console.print("No terminal to ask in: the refined text is printed as it is.", style="dim")
            deliver(result.refined, target)
            return 0
        proposal = Proposal(result)
        if config.get("auto_approve_safe_refinements") and is_safe(result):
            decision: Proposal | str = proposal.accept()
        else:
            decision = decide(console, proposal)
        if isinstance(decision, str):
            # An answered question: the request is refined again with it.
            request = msgspec.structs.replace(request, answers=(*request.answers, decision))
            result = _refine_shown(console, refiner, request, patient=False)
            continue
        if decision.approved is None:
            return QUIT
        deliver(decision.approved, target)
        return 0


def _refine_shown(console: Console, refiner: Refiner, request: RefineRequest, *, patient: bool) -> RefinedPrompt:
    drafts: list[RefinedPrompt] = []
    with _progress(console) as say:
        try:
            return refiner.refine(request, progress=say, on_draft=drafts.append)
        except KeyboardInterrupt:
            if patient or not drafts:
                raise
    console.print("Going on without the model.", style="yellow")
    return drafts[-1]


@contextlib.contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("reading the workspace") as status:
        yield lambda text: status.update(f"{text} (Ctrl-C goes on without it)")


def _can_ask() -> bool:
    if sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def _request(
    prompt: str, workspace: str, file: str | None, selection: str | None, diagnostics: str | None
) -> RefineRequest:
    if prompt == "-" and diagnostics == "-":
        raise InputError("PROMPT and --diagnostics cannot both be -; standard input can be read only once")
    if prompt == "-":
        prompt = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        prompt = prompt.removesuffix("\n").removesuffix("\r")
    folder = Path(workspace)
    if not folder.is_dir():
        raise InputError(f"--workspace {workspace} is not a folder; give an existing folder")
    return RefineRequest(
        prompt=prompt,
        workspace=str(folder.resolve()),
        file=file,
        selection=parse_selection(selection) if selection is not None else None,
        diagnostics=_read_diagnostics(diagnostics) if diagnostics is not None else (),
    )


def _read_diagnostics(source: str) -> tuple[Diagnostic, ...]:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"--diagnostics {source} cannot be read ({error.strerror}); give a JSON file or -") from None
    form = 'give a JSON list of {"path", "range", "severity", "code", "source", "message"}'
    try:
        return msgspec.json.decode(data, type=tuple[Diagnostic, ...])
    except msgspec.ValidationError as error:
        raise InputError(f"--diagnostics {source} has another form ({error}); {form}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"--diagnostics {source} is not JSON ({error}); {form}") from None
